#include "io/cli/verbs.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/nearest_name.h"

namespace ytterby::cli {

std::span<const Verb> verbs() {
  static constexpr std::array table{
      Verb{"demo", "run the whole chain on the built-in patient", "ytterby demo -o demo", add_demo},
      Verb{"init", "propose a case file for what lies in DICOM folders or among image files",
           "ytterby init patient-07/ -o case.toml\n\n"
           "Lists what it finds, chooses a CT, an activity image and structures by their names, and writes a case file "
           "in\n"
           "which the lines marked CHECK wait for you: activity and lung shunt are never made up. Then: ytterby run",
           add_init},
      Verb{"run", "the whole chain on a case: plan, doses by every method, verdict, one page",
           "ytterby run case.toml -o results --uncertainty 0.5%", add_run},
      Verb{"plan", "activity and doses by the partition model, within the protocol's limits",
           "ytterby plan case.toml -o plan.json", add_plan},
      Verb{"simulate", "Monte Carlo dose of a case", "ytterby simulate case.toml -o dose.h5 --histories 2e7 --seed 1",
           add_simulate},
      Verb{"convolve", "dose of a case by voxel kernel or local deposition",
           "ytterby convolve case.toml -o kernel-dose.h5 --method kernel", add_convolve},
      Verb{"kernel", "write a voxel dose kernel", "ytterby kernel -o kernel.h5 --spacing 3x3x3 --material water",
           add_kernel},
      Verb{"report", "one page with verdict, slices, histograms and tables",
           "ytterby report case.toml dose.h5 kernel-dose.h5 -o report.html", add_report},
      Verb{"validate", "every protocol rule for every method, and the methods against each other",
           "ytterby validate case.toml dose.h5 local.h5 -o verdict.json", add_validate},
      Verb{"verify", "plan against delivery: doses, uptake, isodoses and the protocol, side by side",
           "ytterby verify plan.toml delivered.toml -o verify.json --doses plan.h5 delivered.h5 --report verify.html",
           add_verify},
      Verb{"ensemble", "what a dose is known to: all uncertainties, one probability for the verdict",
           "ytterby ensemble case.toml dose.h5 -o ensemble.json\n"
           "  ytterby validate case.toml dose.h5 --ensemble ensemble.json",
           add_ensemble},
      Verb{"cohort", "many patients: every method and rule for each, one table, agreement over all",
           "ytterby cohort list.toml -o cohort --histories 2e7\n"
           "  ytterby cohort list.toml -o cohort --index $SLURM_ARRAY_TASK_ID\n\n"
           "Steps that are complete are kept; a broken case does not stop the others. Exit status: 3 if a case is\n"
           "broken (4 by the device, 1 by our bug), else 5 if a patient breaks a judged rule, else 0.",
           add_cohort},
      Verb{"compare", "two doses: voxels, gamma index, structures",
           "ytterby compare a.h5 b.h5 --gamma 2%/2mm --pass-rate 95%", add_compare},
      Verb{"export", "dose as RTDOSE, NIfTI, NRRD or MetaImage; histograms as CSV",
           "ytterby export dose.h5 -o dose.dcm", add_export},
      Verb{"check", "is a dose, kernel or checkpoint as it was written? Exit status 5 if not", "ytterby check dose.h5",
           add_check},
      Verb{"phantom", "write an analytic phantom as a case folder", "ytterby phantom rescue -o rescue", add_phantom},
      Verb{"replay", "the events of one history", "ytterby replay case.toml --history 12345", add_replay},
      Verb{"validate-physics", "run the reference cases, with table and plots", "ytterby validate-physics -o physics",
           add_validate_physics},
      Verb{"completion", "completion for bash and zsh, and man pages", "ytterby completion bash >>~/.bashrc",
           add_completion},
      Verb{"info", "version, build, devices and physics data", "ytterby info --json", add_info},
  };
  return table;
}

void check_verb(const std::string& name) {
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) names.emplace_back(verb.name);
  if (std::find(names.begin(), names.end(), name) == names.end())
    throw Error(Fault::usage, "there is no verb \"" + name + "\", did you mean \"" + nearest_name(name, names) + "\"?");
}

}  // namespace ytterby::cli
