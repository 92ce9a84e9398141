// Records what a device asks of the platform, and a bench for a device that asks.
#pragma once

#include <string>
#include <vector>

#include "models/register_bank/device_bench.h"
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

/// One bench for all tests of an executable, restarted for each: SystemC elaborates once.
template <class Device>
struct PowerBench {
  PowerRecorder power;
  Device device{"device", power};
  DeviceBench bus{device};

  static PowerBench& restarted() {
    static PowerBench* const made = new PowerBench;
    made->bus.restart();
    made->power.requests.clear();
    return *made;
  }
};

using Requests = std::vector<std::string>;

}  // namespace memio::test
