#pragma once
// What a step refuses, in its own words.

#include <gtest/gtest.h>

#include <string>

#include "engine/base/error.h"

namespace ytterby::test {

/// The message of the Fault::input that a step throws, which has to be one line; "accepted" where it throws none.
template <class Step>
std::string refusal(const Step& step) {
  try {
    step();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "accepted";
}

}  // namespace ytterby::test
