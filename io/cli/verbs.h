#pragma once
// The program's verbs: one file each, listed in verbs.cpp.

#include <functional>
#include <span>
#include <string>

namespace CLI {
class App;
}

namespace ytterby::cli {

/// What a verb does once the command line is parsed; returns the exit status (0 done, 5 a check failed).
/// Everything else that goes wrong is thrown as ytterby::Error.
using Action = std::function<int()>;

/// A verb of the program. `add` declares its options on the CLI11 subcommand and returns the action; options live in a
/// shared_ptr that the action holds.
struct Verb {
  const char* name;
  const char* summary;
  const char* example;  // one command line, shown at the end of --help
  Action (*add)(CLI::App& app);
};

/// All verbs, in the order of the help page.
std::span<const Verb> verbs();

/// Throws Fault::usage, with the verb that may have been meant, where there is none of that name.
void check_verb(const std::string& name);

Action add_init(CLI::App& app);
Action add_run(CLI::App& app);
Action add_plan(CLI::App& app);
Action add_simulate(CLI::App& app);
Action add_convolve(CLI::App& app);
Action add_kernel(CLI::App& app);
Action add_check(CLI::App& app);
Action add_export(CLI::App& app);
Action add_report(CLI::App& app);
Action add_replay(CLI::App& app);
Action add_validate(CLI::App& app);
Action add_verify(CLI::App& app);
Action add_ensemble(CLI::App& app);
Action add_compare(CLI::App& app);
Action add_info(CLI::App& app);
Action add_validate_physics(CLI::App& app);
Action add_phantom(CLI::App& app);
Action add_cohort(CLI::App& app);
Action add_demo(CLI::App& app);
Action add_completion(CLI::App& app);

}  // namespace ytterby::cli
