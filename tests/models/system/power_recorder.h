// Records what a device asks of the platform.
#pragma once

#include <string>
#include <vector>

#include "system/power_control.h"

namespace memio::test {

struct PowerRecorder : PowerControl {
  std::vector<std::string> requests;

  void power_off(std::uint32_t exit_code) override { requests.push_back("off " + std::to_string(exit_code)); }
  void reset(ResetKind kind) override {
    constexpr const char* names[] = {"cold", "warm", "hart"};
    requests.push_back(names[static_cast<unsigned>(kind)]);
  }
};

}  // namespace memio::test
