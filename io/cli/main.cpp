// The program `ytterby`: the only place that prints errors and chooses the exit status.

#ifdef __linux__
#include <malloc.h>
#endif
#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <new>
#include <optional>
#include <streambuf>
#include <string>
#include <thread>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/version.h"
#include "io/cli/ends/stop_signals.h"
#include "io/cli/ends/sudden_end.h"
#include "io/cli/run/out_of_memory.h"
#include "io/cli/run/started_ranks.h"
#include "io/cli/run/verbosity.h"
#include "io/cli/verbs.h"
#include "io/text/printable.h"

namespace {

using ytterby::Error;
using ytterby::Fault;

int exit_status(Fault fault) {
  switch (fault) {
    case Fault::usage:
      return 2;
    case Fault::input:
      return 3;
    case Fault::device:
      return 4;
    case Fault::internal:
      break;
  }
  return 1;
}

/// One line of bounded length, whatever a library or a file put into its message.
std::string one_line(std::string text) {
  constexpr std::size_t most = 4000;
  if (text.size() > most) text = text.substr(0, most) + "...";
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

int fail(int status, const std::string& message) {
  if (ytterby::cli::speaks()) std::cerr << "ytterby: " << one_line(message) << std::endl;
  return status;
}

/// The other ranks learn of it where they next wait for this one; one line in all is printed.
int fail(Fault fault, const std::string& message) {
  if (ytterby::Ranks* ranks = ytterby::cli::ranks()) {
    const ytterby::SharedError error = ranks->fail(fault, message);
    const int status = fail(exit_status(error.fault()), error.what());
    // The first rank to end with it lets mpirun end itself, which on a busy machine forgets lines that it has not
    // passed on.
    if (ytterby::cli::speaks()) std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return status;
  }
  return fail(exit_status(fault), message);
}

/// The message, as a terminal may have it.
class PrintableMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string text = ytterby::io::printable({message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PrintableMessage>();
  }
};

void log_to_stderr() {
  auto logger = spdlog::stderr_color_mt("ytterby");
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<PrintableMessage>('*').set_pattern("%^%l%$: %*");
  logger->set_formatter(std::move(formatter));
  spdlog::set_default_logger(std::move(logger));
}

/// All that goes to standard output and, beside the log, to standard error, for as long as it lives.
class PrintableStreams {
 public:
  PrintableStreams() {
    std::cout.rdbuf(&out_);
    std::cerr.rdbuf(&error_);
  }
  ~PrintableStreams() {
    std::cout.flush();
    std::cout.rdbuf(own_out_);
    std::cerr.rdbuf(own_error_);
  }
  PrintableStreams(const PrintableStreams&) = delete;
  PrintableStreams& operator=(const PrintableStreams&) = delete;

 private:
  std::streambuf *own_out_ = std::cout.rdbuf(), *own_error_ = std::cerr.rdbuf();
  ytterby::io::PrintableBuffer out_{own_out_}, error_{own_error_};
};

/// Arrays of the size of a grid go back to the system when they are let go, so that what a run takes at most is what it
/// holds at most. By default the C library would keep up to 32 MiB of each.
void give_memory_back() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

/// A file that grows beyond a limit (ulimit -f) is then a failed write, which is told and cleaned up after.
void survive_file_limits() {
#ifdef SIGXFSZ
  std::signal(SIGXFSZ, SIG_IGN);
#endif
}

/// A file that is opened would take the place of a stream that was closed, and get what is printed there. Results that
/// nobody gets are an error, a log that nobody gets is none.
void hold_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_RDWR) < 0) return;
  }
}

/// DCMTK looks for its dictionary where it was built for; in a portable folder it lies beside the program.
void find_dicom_dictionary() {
  std::error_code ignored;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const std::filesystem::path dictionary = program.parent_path().parent_path() / "share/ytterby/dicom.dic";
  if (std::filesystem::exists(dictionary, ignored)) ::setenv("DCMDICTPATH", dictionary.c_str(), 0);
}

std::string version_text() {
  return "ytterby " + std::string(ytterby::program_version()) + " (" + std::string(ytterby::git_commit()) + ")";
}

/// Of the verb that was begun, or of the program.
std::string see_help(const CLI::App& app) {
  const auto verbs = app.get_subcommands();
  return " (see `ytterby " + (verbs.empty() ? "" : verbs.front()->get_name() + " ") + "--help`)";
}

/// -q and -v, which all verbs have.
void add_verbosity(CLI::App& sub) {
  using ytterby::cli::set_verbosity;
  using ytterby::cli::Verbosity;
  CLI::Option* quiet = sub.add_flag_callback(
      "-q,--quiet", [] { set_verbosity(Verbosity::quiet); }, "on stderr warnings and errors alone, and no progress");
  sub.add_flag_callback(
         "-v,--verbose", [] { set_verbosity(Verbosity::verbose); }, "on stderr every input's hash, too")
      ->excludes(quiet);
}

int run(int argc, char** argv) {
  CLI::App app{"Ytterby: Monte Carlo absorbed dose of yttrium-90 radioembolization", "ytterby"};
  app.require_subcommand(1);
  app.set_version_flag("--version", version_text());
  ytterby::cli::Action chosen;
  for (const ytterby::cli::Verb& verb : ytterby::cli::verbs()) {
    CLI::App* sub = app.add_subcommand(verb.name, verb.summary);
    sub->footer(std::string("Example:\n  ") + verb.example);
    sub->callback([&chosen, action = verb.add(*sub)] { chosen = action; });
    add_verbosity(*sub);
  }
  int status = 0;
  try {
    if (argc > 1 && argv[1][0] != '-') ytterby::cli::check_verb(argv[1]);
    app.parse(argc, argv);
    if (ytterby::cli::ranks() != nullptr && !app.got_subcommand("simulate"))
      throw Error(Fault::usage, "simulate alone shares its work among ranks: start this once, without mpirun");
    status = chosen();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return ytterby::cli::speaks() ? app.exit(error) : 0;  // --help, --version
    return fail(2, std::string(error.what()) + see_help(app));
  } catch (const ytterby::SharedError&) {
    throw;
  } catch (const Error& error) {
    if (error.fault() != Fault::usage) throw;
    throw Error(Fault::usage, error.what() + see_help(app));
  }
  std::cout.flush();
  if (!std::cout) throw Error(Fault::input, "standard output cannot be written");
  return status;
}

/// All of it; what goes wrong is printed, and the exit status returned.
int program(int argc, char** argv) {
  log_to_stderr();
  const PrintableStreams printable;
  find_dicom_dictionary();
  std::optional<ytterby::cli::StartedRanks> started;
  try {
    started.emplace();
    if (!ytterby::cli::speaks()) spdlog::set_level(spdlog::level::off);
    const int status = run(argc, argv);
    if (ytterby::Ranks* ranks = ytterby::cli::ranks()) ranks->gather({});  // the others may have failed
    return status;
  } catch (const ytterby::cli::Stopped&) {
    return ytterby::cli::stopped_between_steps();
  } catch (const ytterby::SharedError& error) {
    return fail(exit_status(error.fault()), error.what());
  } catch (const Error& error) {
    return fail(error.fault(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(Fault::input, ytterby::cli::out_of_memory);
  } catch (const std::exception& error) {
    return fail(Fault::internal, std::string("internal error: ") + error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  hold_closed_streams();
  ytterby::cli::end_at_stop_signals();
  ytterby::cli::be_ready_for_sudden_ends();
  give_memory_back();
  survive_file_limits();
  const int status = program(argc, argv);
  ytterby::cli::end_is_near();
  return status;
}
