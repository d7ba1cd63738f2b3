// A case's ensemble: from files to ENSEMBLE.json and back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/methods/local_deposition.h"
#include "engine/physics/nuclide.h"
#include "io/evaluation/ensemble.h"
#include "io/images/image_file.h"
#include "io/prepare/dose_of_case.h"
#include "tests/io/refusal.h"
#include "tests/io/small_case.h"
#include "validation/probability.h"

namespace ytterby::io {
namespace {

using test::refusal;
using test::SmallCase;
using testing::HasSubstr;

constexpr const char* relative = SmallCase::relative_activity;
const std::string nothing =
    "[uncertainty]\nactivity_relative = 0\nshunt_relative = 0\nlung_mass_relative = 0\nregistration_mm = 0\n"
    "contour_mm = 0\ndensity_relative = 0\n";

/// Everything stays in its voxel.
VoxelKernel one_voxel() {
  VoxelKernel k;
  k.spacing = {0.5, 0.5, 0.5};
  k.density = 1.05;
  k.dose = {yttrium_90().dose_constant() / yttrium_90().decays_per_becquerel() / 1e9 / (0.125 * 1.05 / 1000)};
  return k;
}

struct Made {
  PreparedCase prepared;
  DoseFile dose;
};

Made made(const SmallCase& small, const std::string& uncertainty, const std::string& activity = relative) {
  const auto path = small.write(activity, std::string(SmallCase::structures) + SmallCase::lungs + uncertainty);
  const CaseFile c = read_case(path);
  return {prepare(c, {}, Keep::images),
          dose_by([](const Phantom& phantom, const Source& source, std::span<const Structure> structures,
                     int) { return local_deposition(phantom, source.voxels->activity, source.nuclide, structures); },
                  prepare(c))};
}

EnsembleResult run(const Made& m, std::uint64_t samples = 60, int threads = 1) {
  EnsembleOptions options;
  options.samples = samples;
  options.threads = threads;
  return run_ensemble(m.prepared, m.dose, "local.h5", one_voxel(), options);
}

const EnsembleMeasure& measure(const EnsembleResult& e, const std::string& structure, const std::string& name) {
  for (const EnsembleStructure& s : e.structures)
    for (const EnsembleMeasure& m : s.measures)
      if (s.name == structure && m.name == name) return m;
  throw std::runtime_error("no " + structure + " " + name);
}

TEST(RunEnsemble, has_the_dose_itself_where_nothing_is_drawn) {
  const SmallCase small;
  const EnsembleResult e = run(made(small, nothing));
  for (const EnsembleStructure& s : e.structures)
    for (const EnsembleMeasure& m : s.measures) {
      EXPECT_EQ(m.spread.standard_deviation, 0) << s.name << " " << m.name;
      EXPECT_EQ(m.spread.low_95, m.value);
      EXPECT_EQ(m.spread.high_95, m.value);
    }
  for (const EnsembleRule& r : e.rules) {
    if (r.probability) {
      EXPECT_TRUE(*r.probability == 0 || *r.probability == 1) << r.id;
    }
  }
}

TEST(RunEnsemble, has_the_same_bits_on_any_number_of_threads) {
  const SmallCase small;
  const Made m = made(small, "[uncertainty]\nnoise_relative = 0.1\npartial_volume = \"yang\"\n");
  const std::string one = ensemble_json(run(m, 50, 1));
  EXPECT_EQ(one, ensemble_json(run(m, 50, 2)));
  EXPECT_EQ(one, ensemble_json(run(m, 50, 3)));
}

/// Tumour doses of both methods follow A alone: probabilities are those of the closed form.
TEST(RunEnsemble, agrees_with_the_closed_form_where_there_is_one) {
  const SmallCase small;
  Made m = made(small, nothing);
  m.prepared.resolved.uncertainty->activity_relative = 0.2;
  m.prepared.resolved.uncertainty->shunt_relative = 0.3;
  const double mean = measure(run(m, 1), "tumours", "mean_Gy").value;
  // Limits about the dose itself, so that the probability is neither 0 nor 1.
  m.prepared.resolved.protocol = ProtocolSection{};
  m.prepared.resolved.protocol->settings = {{"tumour-dose", "low_Gy", 0.9 * mean, ""},
                                            {"tumour-dose", "high_Gy", 1.3 * mean, ""}};
  constexpr std::uint64_t samples = 4000;
  const EnsembleResult e = run(m, samples, 0);
  validation::StatedErrors stated;
  stated.activity = 0.2;
  stated.shunt = 0.3;
  stated.lung_shunt_fraction = 0.1;
  const double expected =
      validation::probability_within({mean, std::nan("")}, validation::liver_errors(stated), 0.9 * mean, 1.3 * mean);
  int found = 0;
  for (const EnsembleRule& r : e.rules) {
    if (r.id != "tumour-dose" || r.structure != "tumours" || r.method != "local-deposition") continue;
    ++found;
    EXPECT_NEAR(r.probability.value(), expected, 5 * std::sqrt(expected * (1 - expected) / samples));
    double activity = 0;
    for (const auto& share : r.shares)
      if (share.source == validation::UncertaintySource::activity) activity = share.value;
    EXPECT_GT(activity, 0.9);
  }
  EXPECT_EQ(found, 1);
}

TEST(RunEnsemble, draws_the_partition_model_too) {
  const SmallCase small;
  Made m = made(small, nothing);
  m.prepared.resolved.uncertainty->tumour_to_normal_relative = 0.3;
  const EnsembleResult e = run(m, 400);
  for (const EnsembleRule& r : e.rules) {
    if (r.id != "tumour-dose" || r.structure != "tumours") continue;
    const double width = std::log(r.quantiles.at(0.975) / r.quantiles.at(0.025));
    if (r.method == "partition") {  // less than 1.15, what T/N itself has: the tumour takes its share
      EXPECT_GT(width, 0.3);
      EXPECT_LT(width, 1.15);
    }
    if (r.method == "local-deposition") {
      EXPECT_EQ(width, 0);
    }
  }
}

TEST(RunEnsemble, takes_the_errors_that_the_case_states_elsewhere) {
  const SmallCase small;
  const auto path = small.write(std::string(relative) + "relative_error = 0.11\nshunt_relative_error = 0.22\n",
                                std::string(SmallCase::structures) + "[protocol]\nlung_mass_relative_error = 0.33\n" +
                                    "[uncertainty]\nactivity_relative = 0.5\ncontour_mm = 4\n");
  const UncertaintySection u = uncertainty_of(read_case(path));
  EXPECT_DOUBLE_EQ(u.activity_relative, 0.11);
  EXPECT_DOUBLE_EQ(u.shunt_relative, 0.22);
  EXPECT_DOUBLE_EQ(u.lung_mass_relative, 0.33);
  EXPECT_DOUBLE_EQ(u.contour_mm, 4);
}

TEST(RunEnsemble, is_read_back_as_it_was_written) {
  const SmallCase small;
  const EnsembleResult e = run(made(small, ""));
  const std::string path = (small.folder / "ensemble.json").string();
  std::ofstream(path) << ensemble_json(e);
  const EnsembleResult back = read_ensemble(path);
  EXPECT_EQ(back.content_hash, e.content_hash);
  EXPECT_EQ(back.samples, e.samples);
  EXPECT_EQ(back.probability_all, e.probability_all);
  EXPECT_EQ(back.probability_by_method, e.probability_by_method);
  ASSERT_EQ(back.rules.size(), e.rules.size());
  for (std::size_t r = 0; r < e.rules.size(); ++r) {
    EXPECT_EQ(back.rules[r].id, e.rules[r].id);
    EXPECT_EQ(back.rules[r].method, e.rules[r].method);
    EXPECT_EQ(back.rules[r].probability, e.rules[r].probability);
    EXPECT_EQ(back.rules[r].quantiles, e.rules[r].quantiles);
    EXPECT_EQ(back.rules[r].shares.size(), e.rules[r].shares.size());
  }
  ASSERT_EQ(back.structures.size(), e.structures.size());
  for (std::size_t s = 0; s < e.structures.size(); ++s) {
    EXPECT_EQ(back.structures[s].low_95, e.structures[s].low_95);
    EXPECT_EQ(back.structures[s].measures.size(), e.structures[s].measures.size());
    EXPECT_EQ(back.structures[s].measures[0].spread.high_95, e.structures[s].measures[0].spread.high_95);
  }
}

/// Replicates that differ in the tumour alone: its mean varies as theirs, and noise is all that decides.
TEST(RunEnsemble, draws_noise_from_replicates) {
  const SmallCase small;
  const Image<float> image = read_image(small.folder / "activity.nii.gz", [](const Warning&) {});
  std::vector<double> of_tumour;
  std::string list;
  for (const float factor : {1.05F, 0.95F, 1.10F, 0.92F}) {
    const std::string name = "b" + std::to_string(of_tumour.size()) + ".nii.gz";
    write_image(small.folder / name, test::with_box(image, {8, 8, 8}, {11, 11, 11}, 3 * factor));
    of_tumour.push_back(static_cast<double>(factor));
    list += (list.empty() ? "\"" : ", \"") + name + "\"";
  }
  double mean = 0, square = 0;
  for (const double f : of_tumour) mean += f / 4;
  for (const double f : of_tumour) square += (f - mean) * (f - mean) / 3;
  const std::string keys = nothing + "replicates = [" + list + "]\n";
  const std::string becquerels = "quantity = \"Bq\"\nlung_shunt_fraction = 0.1\n";
  const Made m = made(small, keys, becquerels);
  constexpr std::uint64_t samples = 1000;
  const EnsembleResult e = run(m, samples, 0);
  const EnsembleMeasure& tumour = measure(e, "tumour", "mean_Gy");
  // The tumour has 3 of every voxel's counts, so that totals differ by little and are not brought to one another's.
  EXPECT_NEAR(tumour.spread.standard_deviation / tumour.value, std::sqrt(square),
              5 * std::sqrt(square / (2 * samples)));
  ASSERT_EQ(tumour.shares.size(), 1u);
  EXPECT_EQ(tumour.shares[0].source, validation::UncertaintySource::noise);
  EXPECT_NEAR(tumour.shares[0].value, 1, 5 * tumour.shares[0].error);
  EXPECT_EQ(ensemble_json(run(m, 40, 1)), ensemble_json(run(m, 40, 2)));
  const auto json = nlohmann::json::parse(ensemble_json(e));
  EXPECT_EQ(json["settings"]["replicates"].size(), 4u);
  EXPECT_EQ(json["settings"]["replicates"][1]["image"], "b1.nii.gz");
  EXPECT_EQ(json["settings"]["replicates"][1]["sha256"].get<std::string>().size(), 64u);
  // Neither the dose nor its case is another with them.
  EXPECT_EQ(m.prepared.content_hash, made(small, nothing, becquerels).prepared.content_hash);
}

TEST(RunEnsemble, refuses_replicates_of_something_else) {
  const SmallCase small;
  const Image<float> image = read_image(small.folder / "activity.nii.gz", [](const Warning&) {});
  write_image(small.folder / "own.nii.gz", image);
  const auto refused = [&](Image<float> other, const std::string& activity = "quantity = \"Bq\"\n") {
    write_image(small.folder / "other.nii.gz", other);
    return refusal([&] { made(small, nothing + "replicates = [\"own.nii.gz\", \"other.nii.gz\"]\n", activity); });
  };
  Image<float> moved = image, coarse = test::filled(test::cube(10, 10), 1), twice = image;
  moved.grid.origin[1] += 0.1;
  for (float& v : twice.values) v *= 2;
  EXPECT_THAT(refused(moved), HasSubstr("other.nii.gz has 20 x 20 x 20 voxels of 5 x 5 x 5 mm in another place"));
  EXPECT_THAT(refused(coarse),
              HasSubstr("10 x 10 x 10 voxels of 10 x 10 x 10 mm, the activity image activity.nii.gz 20"));
  EXPECT_THAT(refused(twice), HasSubstr("other.nii.gz holds 200 % of activity.nii.gz"));
  EXPECT_THAT(refused(twice, relative), HasSubstr("of the replicates' mean total"));
  EXPECT_EQ(refused(image), "accepted");
  EXPECT_THAT(refusal([&] { made(small, nothing + "replicates = [\"own.nii.gz\", \"none.nii.gz\"]\n", relative); }),
              HasSubstr("none.nii.gz"));
}

TEST(RunEnsemble, refuses_what_is_no_ensemble) {
  const SmallCase small;
  const std::string path = (small.folder / "none.json").string();
  EXPECT_THAT(refusal([&] { read_ensemble(path); }), HasSubstr("cannot be read"));
  for (const char* text : {"", "{", "[]", "{\"format\": \"other\"}", "{\"format\": \"ytterby-ensemble\"}"}) {
    std::ofstream(path) << text;
    EXPECT_THAT(refusal([&] { read_ensemble(path); }), HasSubstr("is no ensemble")) << text;
  }
}

TEST(RunEnsemble, refuses_the_dose_of_another_case) {
  const SmallCase small;
  Made m = made(small, "");
  m.prepared.content_hash = "another";
  EXPECT_THAT(refusal([&] { run(m); }), HasSubstr("is the dose of another case"));
}

}  // namespace
}  // namespace ytterby::io
