// One counter of an 8254 programmable interval timer.
//
// Follows Intel's 8254 data sheet. The counter is a function of the tick (cycle of its clock input)
// and of what was programmed when, so nothing happens per tick. Free of SystemC. The gate is tied
// high: modes 1 and 5, which a gate edge triggers, keep their output high and never count.
#pragma once

#include <cstdint>
#include <optional>

namespace memio {

class PitCounter {
 public:
  /// Ticks are counted from the start of the run and never decrease from call to call.
  using Tick = std::int64_t;
  static constexpr Tick never = INT64_MAX;

  /// A control word without its counter number: access bits 5:4 (not 0), mode 3:1, BCD 0.
  void control(std::uint8_t word, Tick now);
  /// A byte of the count, low or high as the access bits and earlier writes say.
  void write(std::uint8_t byte, Tick now);
  /// A byte of the latched status, latched count or live count, in this order of precedence.
  std::uint8_t read(Tick now);
  /// What `read` would give.
  std::uint8_t peek(Tick now) const;

  /// Latches the count, unless a latched one was not yet read.
  void latch_count(Tick now);
  void latch_status(Tick now);

  bool out(Tick now) const;
  /// A tick after `now` up to which OUT does not change, or `never`.
  Tick next_change(Tick now) const;
  /// The counting element as the guest reads it: binary or BCD, 0 for the largest count.
  std::uint16_t count(Tick now) const { return encode(raw_count(now)); }

 private:
  enum class Mode : std::uint8_t { terminal_count, one_shot, rate, square_wave, soft_strobe, hard_strobe };

  /// A count at work: it takes effect at tick `from`, and its first period (as if) began at `start`.
  struct Load {
    std::int64_t count;  ///< 1 to 65536 (10000 in BCD)
    Tick start;
    Tick from;
  };

  void load(std::uint16_t value, Tick now);
  const Load* active(Tick now) const;
  std::int64_t raw_count(Tick now) const;
  std::uint8_t status(Tick now) const;
  std::uint8_t count_byte(std::uint16_t value) const;
  std::uint16_t encode(std::int64_t value) const;
  std::int64_t decode(std::uint16_t value) const;
  unsigned access() const { return word_ >> 4 & 3; }
  bool bcd() const { return (word_ & 1) != 0; }
  std::int64_t modulus() const { return bcd() ? 10000 : 65536; }
  void settle(Tick now);

  std::uint8_t word_ = 0x30;  ///< after power-on, undefined in the data sheet: mode 0 without a count
  Mode mode_ = Mode::terminal_count;
  std::optional<Load> current_, pending_;
  std::int64_t held_ = 0;  ///< the counting element while no count is at work
  bool second_write_ = false, second_read_ = false;
  std::uint8_t low_byte_ = 0;
  std::optional<std::uint16_t> latched_count_;
  std::optional<std::uint8_t> latched_status_;
};

}  // namespace memio
