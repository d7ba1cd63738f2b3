#include "io/cli/run/verbosity.h"

#include <spdlog/spdlog.h>

#include "io/cli/run/started_ranks.h"

namespace ytterby::cli {
namespace {

Verbosity chosen = Verbosity::normal;

}  // namespace

void set_verbosity(Verbosity verbosity) {
  if (!speaks()) return;  // of several ranks one has a log
  chosen = verbosity;
  const bool quiet = verbosity == Verbosity::quiet;
  spdlog::set_level(quiet                             ? spdlog::level::warn
                    : verbosity == Verbosity::verbose ? spdlog::level::debug
                                                      : spdlog::level::info);
}

Verbosity verbosity() { return chosen; }

LogOff::LogOff() : level_(spdlog::get_level()) {
  if (chosen != Verbosity::verbose) spdlog::set_level(spdlog::level::err);
}
LogOff::~LogOff() { spdlog::set_level(static_cast<spdlog::level::level_enum>(level_)); }

}  // namespace ytterby::cli
