#pragma once
// A record under way.

#include <chrono>
#include <initializer_list>
#include <string>
#include <utility>

#include "engine/run/device_choice.h"
#include "record.h"
#include "stages.h"

namespace ytterby::gpu_check {

/// Shown as it grows, and kept on disk: what a process that is killed has found so far is there.
class Stage {
 public:
  Stage(const Settings& settings, const CudaStatus& status);

  void show(Finding found);
  template <class Check>
  void check(const std::string& what, Check made) {
    show(finding(what, made));
  }
  void skip(std::initializer_list<const char*> what, const std::string& why);
  /// 0, or 5 where something is wrong.
  int finish();

  Record record;

 private:
  [[nodiscard]] std::string path() const;
  void save();

  const Settings& settings_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace ytterby::gpu_check
