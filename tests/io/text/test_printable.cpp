// What a terminal obeys does not reach it; what people write does.

#include <gtest/gtest.h>

#include <ostream>
#include <sstream>
#include <string>

#include "io/text/printable.h"

namespace ytterby::io {
namespace {

TEST(PrintableText, ControlCharactersAreReplaced) {
  EXPECT_EQ(printable("red \x1b[31m, bell \a, back \b\r, delete \x7f, nothing \x01"),
            "red ?[31m, bell ?, back ??, delete ?, nothing ?");
  EXPECT_EQ(printable("CSI of 8 bits \x9b"
                      "31m, in UTF-8 \xc2\x9b"
                      "31m, OSC \xc2\x9d"),
            "CSI of 8 bits ?31m, in UTF-8 ?31m, OSC ?");
  EXPECT_EQ(printable(std::string("zero\0 and half of \xc2", 19)), std::string("zero? and half of "));
}

TEST(PrintableText, TextOfAllLanguagesStays) {
  const std::string text = "Jörg Ångström\t± 3 µm, Ω, 肝臓, \U0001F600, A\u00A0B\n";
  EXPECT_EQ(printable(text), text);
  Printable pieces;
  std::string one_by_one;
  for (const char c : text) one_by_one += pieces({&c, 1});
  EXPECT_EQ(one_by_one, text);
}

TEST(PrintableText, PassesThroughStreams) {
  std::ostringstream to;
  PrintableBuffer buffer(to.rdbuf());
  std::ostream stream(&buffer);
  stream << "a\x1b" << '\b' << 'b' << 1.5 << std::flush;
  EXPECT_EQ(to.str(), "a??b1.5");
}

}  // namespace
}  // namespace ytterby::io
