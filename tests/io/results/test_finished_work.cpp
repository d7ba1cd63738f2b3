// What may be written over, and what wants --force.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine/base/error.h"
#include "io/results/dose_file.h"
#include "io/results/finished_work.h"
#include "tests/io/small_dose.h"

namespace ytterby::io {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class FinishedWork : public testing::Test {
 protected:
  void SetUp() override {
    file_ = test::small_dose(small_);
    file_.goal = GoalRecord{"liver", 0.01};
    path_ = small_.folder / "dose.h5";
    write_dose(path_, file_);
    same_ = {file_.content_hash,  "monte-carlo",       "plain", file_.map.seed, file_.electron_cutoff,
             file_.photon_cutoff, file_.map.histories, {}};
  }
  std::string refusal(const std::optional<DoseClaim>& run, Force force = Force::no) const {
    try {
      check_replaced(path_, force, run);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input);
      return error.what();
    }
  }
  test::SmallCase small_;
  DoseFile file_;
  DoseClaim same_;
  std::filesystem::path path_;
};

TEST_F(FinishedWork, the_same_run_with_as_many_histories_takes_its_place) {
  EXPECT_EQ(refusal(same_), "");
  DoseClaim more = same_;
  more.histories *= 2;
  EXPECT_EQ(refusal(more), "");
  more.content_hash.clear();  // before the case is prepared
  EXPECT_EQ(refusal(more), "");
}

TEST_F(FinishedWork, any_other_dose_wants_force) {
  const auto changed = [&](const auto& change) {
    DoseClaim other = same_;
    change(other);
    EXPECT_EQ(refusal(other, Force::yes), "");
    return refusal(other);
  };
  EXPECT_THAT(changed([](DoseClaim& c) { c.histories -= 1; }),
              AllOf(HasSubstr("6400 histories"), HasSubstr("--force")));
  EXPECT_THAT(changed([](DoseClaim& c) { c.seed = 7; }), HasSubstr("another seed"));
  EXPECT_THAT(changed([](DoseClaim& c) { c.content_hash = "0"; }), HasSubstr("another case"));
  EXPECT_THAT(changed([](DoseClaim& c) { c.estimator = "correlated"; }), HasSubstr("estimator is plain"));
  EXPECT_THAT(changed([](DoseClaim& c) { c.electron_cutoff *= 2; }), HasSubstr("another electron cutoff"));
  EXPECT_THAT(changed([](DoseClaim& c) { c.photon_cutoff *= 2; }), HasSubstr("another photon cutoff"));
  EXPECT_THAT(changed([](DoseClaim& c) { c.method = "local-deposition"; }), HasSubstr("method monte-carlo"));
  EXPECT_THAT(refusal({}), HasSubstr("finished dose"));
}

TEST_F(FinishedWork, a_run_that_may_end_early_needs_a_goal_as_near) {
  const auto with_goal = [&](const std::string& structure, double error) {
    DoseClaim run = same_;
    run.histories *= 10;
    run.goal = GoalRecord{structure, error};
    return refusal(run);
  };
  EXPECT_EQ(with_goal("liver", 0.01), "");
  EXPECT_EQ(with_goal("liver", 0.005), "");
  EXPECT_NE(with_goal("liver", 0.02), "");
  EXPECT_NE(with_goal("tumours", 0.01), "");
}

TEST_F(FinishedWork, what_is_no_finished_work_may_go) {
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 2);
  EXPECT_EQ(refusal({}), "") << "a truncated dose is none";
  std::ofstream(path_) << "{}";
  EXPECT_EQ(refusal({}), "");
  std::filesystem::remove(path_);
  EXPECT_EQ(refusal({}), "");
}

TEST_F(FinishedWork, a_fresh_start_leaves_a_checkpoint_alone) {
  const std::filesystem::path checkpoint = small_.folder / "d.h5.checkpoint";
  EXPECT_NO_THROW(check_fresh_start(checkpoint, Force::no));
  std::ofstream(checkpoint) << "precious";
  EXPECT_NO_THROW(check_fresh_start(checkpoint, Force::yes));
  EXPECT_THAT([&] { check_fresh_start(checkpoint, Force::no); },
              testing::ThrowsMessage<Error>(AllOf(HasSubstr("d.h5.checkpoint"), HasSubstr("--resume"))));
}

}  // namespace
}  // namespace ytterby::io
