// Two sessions of one patient: sources of their own, doses that add up.

#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/error.h"
#include "engine/methods/local_deposition.h"
#include "engine/simulation.h"
#include "io/case/case_file.h"
#include "io/prepare/dose_of_case.h"
#include "io/results/dose_file.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using test::SmallCase;

constexpr const char* relative = "quantity = \"relative\"\nadministered_GBq = 1.0\nlung_shunt_fraction = 0.1\n";

const std::string two_sessions = std::string(SmallCase::structures) + SmallCase::lungs +
                                 "[[session]]\nname = \"first\"\n"
                                 "[[session]]\nname = \"second\"\n"
                                 "activity = { administered_GBq = 0.5, lung_shunt_fraction = 0.2 }\n";

DoseMap deposit(const Phantom& phantom, const Source& source, std::span<const Structure> structures, int) {
  return local_deposition(phantom, source.voxels->activity, source.nuclide, structures);
}

const StructureDose& dose_in(const DoseMap& map, const std::string& name) {
  for (const StructureDose& s : map.structures) {
    if (s.name == name) return s;
  }
  throw std::runtime_error("no structure " + name);
}

TEST(Sessions, AddUpInTheFile) {
  const SmallCase small;
  const DoseFile file = dose_by(deposit, prepare(read_case(small.write(relative, two_sessions))));
  ASSERT_EQ(file.sessions.size(), 2u);
  const double first = dose_in(file.sessions[0].dose.map, "tumour").mean;
  const double second = dose_in(file.sessions[1].dose.map, "tumour").mean;
  EXPECT_NEAR(second / first, 0.5 * 0.8 / 0.9, 1e-6);
  EXPECT_NEAR(dose_in(file.map, "tumour").mean, first + second, 1e-6 * first);
  EXPECT_NEAR(dose_in(file.sessions[1].dose.map, "lungs").mean / dose_in(file.sessions[0].dose.map, "lungs").mean, 1.0,
              1e-6);  // 0.5 * 0.2 against 1 * 0.1
  EXPECT_NEAR(file.account.administered, 1.5e9, 1);
  EXPECT_NEAR(file.map.decays, file.sessions[0].dose.map.decays + file.sessions[1].dose.map.decays, 1);

  write_dose(small.folder / "dose.h5", file);
  const DoseFile back = read_dose(small.folder / "dose.h5");
  ASSERT_EQ(back.sessions.size(), 2u);
  EXPECT_EQ(back.sessions[1].dose.name, "second");
  EXPECT_EQ(back.sessions[1].dose.map.dose, file.sessions[1].dose.map.dose);
  EXPECT_EQ(back.sessions[1].activity, file.sessions[1].activity);
  EXPECT_DOUBLE_EQ(dose_in(back.sessions[1].dose.map, "lungs").mean, dose_in(file.sessions[1].dose.map, "lungs").mean);
  EXPECT_DOUBLE_EQ(*back.sessions[1].account.lung_shunt_fraction, 0.2);
}

TEST(Sessions, HaveRandomNumbersOfTheirOwn) {
  const SmallCase small;
  const std::string same = std::string(SmallCase::structures) + SmallCase::lungs +
                           "[[session]]\nname = \"first\"\n[[session]]\nname = \"second\"\n";
  const auto transport = [](const Phantom& phantom, const Source& source, std::span<const Structure> structures,
                            int session) {
    RunOptions run;
    run.histories = 6400;
    run.seed = 1 + (static_cast<std::uint64_t>(session) << 32);
    return simulate(phantom, source, run, structures);
  };
  const DoseFile file = dose_by(transport, prepare(read_case(small.write(relative, same))));
  const StructureDose a = dose_in(file.sessions[0].dose.map, "tumour"),
                      b = dose_in(file.sessions[1].dose.map, "tumour");
  EXPECT_NE(a.mean, b.mean);
  EXPECT_LT(std::abs(a.mean - b.mean), 6 * std::hypot(a.mean_error, b.mean_error));
  EXPECT_NEAR(dose_in(file.map, "tumour").mean_error, std::hypot(a.mean_error, b.mean_error), 1e-9 * a.mean);
  EXPECT_TRUE(file.map.ledger.balanced());
  EXPECT_EQ(file.map.histories, 12800u);
}

TEST(Sessions, MayHaveStructuresOfTheirOwn) {
  const SmallCase small;
  const std::string own = std::string(SmallCase::structures) +
                          "[[session]]\nname = \"first\"\n"
                          "[[session]]\nname = \"second\"\n"
                          "[[session.structure]]\nname = \"lobe\"\nrole = \"liver\"\nmask = \"tumour.nii.gz\"\n";
  const std::string keys = "quantity = \"relative\"\nadministered_GBq = 1.0\nlung_shunt_fraction = 0.0\n";
  const DoseFile file = dose_by(deposit, prepare(read_case(small.write(keys, own))));
  ASSERT_EQ(file.sessions.size(), 2u);
  EXPECT_TRUE(file.sessions[0].structures.empty());
  ASSERT_FALSE(file.sessions[1].structures.empty());
  EXPECT_EQ(file.sessions[1].structures[0].name, "lobe");
  EXPECT_GT(dose_in(file.sessions[1].dose.map, "lobe").mean, 0);
  write_dose(small.folder / "dose.h5", file);
  EXPECT_EQ(read_dose(small.folder / "dose.h5").sessions[1].structures[0].fraction,
            file.sessions[1].structures[0].fraction);
}

TEST(Sessions, AreRefusedWhereTheyCannotBe) {
  const SmallCase small;
  const auto message = [&](const std::string& rest) -> std::string {
    try {
      read_case(small.write(relative, std::string(SmallCase::structures) + rest));
    } catch (const Error& error) {
      return error.fault() == Fault::input ? error.what() : "";
    }
    return "";
  };
  EXPECT_NE(message("[[session]]\nname = \"a\"\n[[session]]\nname = \"a\"\n").find("twice"), std::string::npos);
  EXPECT_NE(message("[[session]]\nname = \"a\"\n[[session.structure]]\nname = \"x\"\nmask = \"liver.nii.gz\"\n"
                    "density_g_cm3 = 1.0\n")
                .find("density_g_cm3"),
            std::string::npos);
}

}  // namespace
}  // namespace ytterby::io
