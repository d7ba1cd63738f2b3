#include "io/cli/cohort/own_process.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "io/cli/ends/stop_signals.h"
#include "io/cli/ends/sudden_end.h"
#include "io/cli/run/out_of_memory.h"
#include "io/system/own_process.h"

// The result's way from one process to the other: CBOR, in which every double stays what it is.
namespace nlohmann {

template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& j, const std::optional<T>& value) {
    if (value) {
      j = *value;
    } else {
      j = nullptr;
    }
  }
  static void from_json(const json& j, std::optional<T>& value) {
    if (j.is_null()) {
      value.reset();
    } else {
      value = j.get<T>();
    }
  }
};

}  // namespace nlohmann

namespace ytterby::validation {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Estimate, value, error)

}  // namespace ytterby::validation

namespace ytterby::io {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Warning, code, kind, text, numbers)

}  // namespace ytterby::io

namespace ytterby::cli {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Known, low, high)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Own, gray, percent)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CohortDoses, method, mean, known, own, histories, seed)

namespace {

/// Of rulings, what tables are made of.
nlohmann::json packed(const validation::Ruling& r) {
  return {r.id,        r.method,     r.structure, r.session, r.value,  r.unit,
          r.limit_low, r.limit_high, r.margin,    r.verdict, r.reason, r.probability};
}

validation::Ruling unpacked(const nlohmann::json& j) {
  validation::Ruling r;
  std::size_t i = 0;
  const auto next = [&](auto& field) { j.at(i++).get_to(field); };
  next(r.id), next(r.method), next(r.structure), next(r.session), next(r.value), next(r.unit);
  next(r.limit_low), next(r.limit_high), next(r.margin), next(r.verdict), next(r.reason), next(r.probability);
  return r;
}

std::vector<std::uint8_t> packed(const PatientResult& r, int stop) {
  nlohmann::json rulings = nlohmann::json::array();
  for (const validation::Ruling& ruling : r.rulings) rulings.push_back(packed(ruling));
  return nlohmann::json::to_cbor({{"stop", stop},
                                  {"status", r.status},
                                  {"exit_status", r.exit_status},
                                  {"message", r.message},
                                  {"judge", r.judge},
                                  {"normal_structure", r.normal_structure},
                                  {"doses", r.doses},
                                  {"rulings", std::move(rulings)},
                                  {"warnings", r.warnings},
                                  {"probability_by_method", r.probability_by_method},
                                  {"samples", r.samples}});
}

PatientResult unpacked(const CohortPatient& patient, const std::vector<std::uint8_t>& bytes, int& stop) {
  const nlohmann::json j = nlohmann::json::from_cbor(bytes);
  PatientResult r;
  r.patient = patient;
  j.at("stop").get_to(stop);
  j.at("status").get_to(r.status);
  j.at("exit_status").get_to(r.exit_status);
  j.at("message").get_to(r.message);
  j.at("judge").get_to(r.judge);
  j.at("normal_structure").get_to(r.normal_structure);
  j.at("doses").get_to(r.doses);
  j.at("warnings").get_to(r.warnings);
  j.at("probability_by_method").get_to(r.probability_by_method);
  j.at("samples").get_to(r.samples);
  for (const nlohmann::json& ruling : j.at("rulings")) r.rulings.push_back(unpacked(ruling));
  return r;
}

[[noreturn]] void in_child(const PatientRun& run, int to_parent, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody goes on for a cohort that is gone
  if (::getppid() != parent) ::_exit(1);
  end_at_stop_signals_of_parent();
  be_ready_for_sudden_ends();
  int status = 1;
  try {
    int stop = 0;
    const PatientResult result = run(stop);
    const std::vector<std::uint8_t> bytes = packed(result, stop);
    std::size_t at = 0;
    while (at < bytes.size()) {
      const ssize_t n = ::write(to_parent, bytes.data() + at, bytes.size() - at);
      if (n < 0 && errno != EINTR) break;
      if (n > 0) at += static_cast<std::size_t>(n);
    }
    if (at == bytes.size()) status = 0;
  } catch (const std::exception& error) {
    spdlog::error("internal error: {}", error.what());
  }
  std::cout.flush();
  std::cerr.flush();
  ::_exit(status);
}

/// All that the child says, while signals are passed on.
std::vector<std::uint8_t> listen(int from_child, pid_t child) {
  std::vector<std::uint8_t> bytes;
  std::array<std::uint8_t, 1 << 14> block;
  for (int passed = 0;;) {
    // By one that no terminal sends: the child may still have the terminal's own before it, and two of a kind are one.
    for (; passed < StopSignals::count(); ++passed) ::kill(child, SIGUSR1);
    pollfd waiting{from_child, POLLIN, 0};
    constexpr int milliseconds = 200;
    if (::poll(&waiting, 1, milliseconds) <= 0) continue;
    const ssize_t n = ::read(from_child, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return bytes;
    bytes.insert(bytes.end(), block.begin(), block.begin() + n);
  }
}

PatientResult died(const CohortPatient& patient, int status) {
  PatientResult r;
  r.patient = patient;
  r.status = PatientStatus::failed;
  r.exit_status = 1;
  r.message = "its process ended without a result";
  if (WIFEXITED(status) && WEXITSTATUS(status) == io::out_of_memory_status) {
    r.status = PatientStatus::broken;
    r.exit_status = 3;
    r.message = out_of_memory;
  }
  if (WIFSIGNALED(status)) {
    r.message = "its process died by signal " + std::to_string(WTERMSIG(status)) + " (" +
                ::strsignal(WTERMSIG(status)) + (WTERMSIG(status) == SIGKILL ? "; was memory short?)" : ")");
  }
  spdlog::error("{}: {}", patient.name, r.message);
  return r;
}

}  // namespace

PatientResult in_own_process(const CohortPatient& patient, const PatientRun& run, int& stop) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw Error(Fault::input, std::string("no pipe to be had: ") + std::strerror(errno));
  const StopSignals signals(StopSignals::all);
  std::cout.flush();
  const pid_t parent = ::getpid(), child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    in_child(run, pipe[1], parent);
  }
  ::close(pipe[1]);
  if (child < 0) {
    ::close(pipe[0]);
    throw Error(Fault::input, std::string("no process to be had: ") + std::strerror(errno));
  }
  const std::vector<std::uint8_t> bytes = listen(pipe[0], child);
  ::close(pipe[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    PatientResult result = unpacked(patient, bytes, stop);
    if (stop != 0 && StopSignals::received() != 0) stop = StopSignals::received();
    return result;
  }
  stop = StopSignals::received();  // before its run could note it
  return stop != 0 ? PatientResult{} : died(patient, status);
}

}  // namespace ytterby::cli
