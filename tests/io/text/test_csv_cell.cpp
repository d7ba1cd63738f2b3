#include <gtest/gtest.h>

#include "io/text/csv_cell.h"

namespace ytterby::io {
namespace {

TEST(CsvCell, IsQuotedWhereItWouldBeSplit) {
  EXPECT_EQ(csv_cell("liver"), "liver");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("a\"b\nc"), "\"a\"\"b\nc\"");
  EXPECT_EQ(csv_cell(""), "");
}

TEST(CsvCell, IsNoFormula) {
  EXPECT_EQ(csv_cell("=1+1"), "\"'=1+1\"");
  EXPECT_EQ(csv_cell("+cmd"), "\"'+cmd\"");
  EXPECT_EQ(csv_cell("-2+3"), "\"'-2+3\"");
  EXPECT_EQ(csv_cell("@SUM(A1)"), "\"'@SUM(A1)\"");
  EXPECT_EQ(csv_cell("\t=1"), "\"'\t=1\"");
  EXPECT_EQ(csv_cell("-12.5"), "-12.5");
  EXPECT_EQ(csv_cell("+1e-3"), "+1e-3");
  EXPECT_EQ(csv_cell("-"), "-");
}

}  // namespace
}  // namespace ytterby::io
