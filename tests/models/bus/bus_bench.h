// The bench of the bus tests: one initiator with a memory and a port socket, two equal RAMs, targets
// that answer as a test says, and a bus that denies direct memory pointers.
//
// Clock 1 ns; hop 2, beat 3; RAM reads 3, writes 5; port window 4.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "bus/bus.h"
#include "bus/port_window.h"
#include "memory/memory.h"
#include "support/test_initiator.h"
#include "support/test_target.h"

namespace memio::test {

inline sc_core::sc_time ns(double count) { return {count, sc_core::SC_NS}; }

struct BusBench {
  BusBench();

  Settler settler{"settler"};
  Bus bus;
  Bus closed;  ///< a bus without direct memory pointers
  Memory ram, twin, closed_ram;
  TestTarget device{"device"}, absolute{"absolute"}, twice{"twice"}, port{"port"};
  PortWindow window;
  TestInitiator cpu{"cpu"}, cpu_ports{"cpu_ports"}, outsider{"outsider"};
  std::string overlap, two_sockets, two_initiators;  ///< texts of what the bus refused
};

/// Each test begins at a time when every target is idle.
class BusTest : public ::testing::Test {
 protected:
  BusTest();

  const Route& route(const std::string& target) const {
    return *bench.bus.route(Space::memory, "cpu0", target);
  }

  /// Number of the current cycle.
  static Cycles now() { return static_cast<Cycles>(sc_core::sc_time_stamp() / ns(1)); }

  BusBench& bench;
  std::uint8_t data[256] = {};
};

}  // namespace memio::test
