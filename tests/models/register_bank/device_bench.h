// What the tests of register peripherals share: an initiator at the device's socket with accesses of
// any size, waiting, and a fuzzer. One bench a process, made on first use by the tests of its file.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

#include "core/register_target.h"
#include "support/test_initiator.h"

namespace memio::test {

class DeviceBench {
 public:
  explicit DeviceBench(RegisterTarget& device) : device_(device) { initiator_.socket.bind(device.socket); }

  /// Writes the low `size` bytes of `value`; refusals come back as TLM responses.
  tlm::tlm_response_status try_write(std::uint64_t offset, std::uint64_t value, unsigned size) {
    return initiator_.write(offset, &value, size);
  }
  tlm::tlm_response_status try_read(std::uint64_t offset, unsigned size) {
    std::uint64_t value = 0;
    return initiator_.read(offset, &value, size);
  }

  /// Accesses that must succeed, then what they cause at this time.
  void write(std::uint64_t offset, std::uint64_t value, unsigned size) {
    EXPECT_EQ(try_write(offset, value, size), tlm::TLM_OK_RESPONSE) << "offset " << offset;
    settle();
  }
  std::uint64_t read(std::uint64_t offset, unsigned size) {
    std::uint64_t value = 0;
    EXPECT_EQ(initiator_.read(offset, &value, size), tlm::TLM_OK_RESPONSE) << "offset " << offset;
    settle();
    return value;
  }
  std::uint64_t peek(std::uint64_t offset, unsigned size) {
    std::uint64_t value = 0;
    EXPECT_EQ(initiator_.debug(tlm::TLM_READ_COMMAND, offset, &value, size), size);
    return value;
  }

  void write8(std::uint64_t offset, unsigned value) { write(offset, value, 1); }
  void write32(std::uint64_t offset, std::uint64_t value) { write(offset, value, 4); }
  unsigned read8(std::uint64_t offset) { return static_cast<unsigned>(read(offset, 1)); }
  std::uint64_t read32(std::uint64_t offset) { return read(offset, 4); }

  /// Lets every delta cycle of this time happen.
  static void settle() {
    while (!sc_core::sc_start_of_simulation_invoked() || sc_core::sc_pending_activity_at_current_time())
      sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  /// Lets modelled time pass; the state at its end includes what happens just then.
  static void run(double amount, sc_core::sc_time_unit unit) { run(sc_core::sc_time(amount, unit)); }
  static void run(const sc_core::sc_time& time) {
    settle();
    if (time > sc_core::SC_ZERO_TIME) sc_core::sc_start(time);
    settle();
  }

  /// Resets the device and the initiator's annotated time.
  void restart() {
    initiator_.delay = sc_core::SC_ZERO_TIME;
    device_.reset();
    settle();
  }

  /// Accesses of random place, size, data and direction near the registers, then a reset. Nothing may
  /// crash, and each must end with a definite response.
  void fuzz(std::uint32_t seed, unsigned accesses = 20'000) {
    std::mt19937 random(seed);
    const auto below = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };
    const auto& registers = device_.registers().registers();
    for (unsigned i = 0; i < accesses; ++i) {
      const auto& spec = registers[below(static_cast<unsigned>(registers.size()))]->spec();
      const std::uint64_t offset = spec.offset + below(spec.size + 4) - below(4);
      const unsigned size = below(8) == 0 ? below(9) : 1u << below(4);
      const std::uint64_t value = below(2) == 0 ? below(256) : std::uint64_t{random()} << 32 | random();
      const auto response = below(2) == 0 ? try_write(offset, value, size) : try_read(offset, size);
      ASSERT_NE(response, tlm::TLM_INCOMPLETE_RESPONSE);
      if (i % 16 == 0) run(below(100'000), sc_core::SC_NS);
    }
    restart();
  }

  TestInitiator& initiator() { return initiator_; }

 private:
  TestInitiator initiator_{"initiator"};
  RegisterTarget& device_;
};

}  // namespace memio::test
