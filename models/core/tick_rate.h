// A clock of a given frequency seen from modelled time: which tick is it, and when is a tick.
//
// Devices derive their counters from modelled time instead of being clocked, so a timer costs one
// event per deadline. Tick n of a clock of f Hz begins at n / f seconds. Exact integer arithmetic;
// free of SystemC. Times are picoseconds since the start of the run.
#pragma once

#include <cstdint>

namespace memio {

class TickRate {
 public:
  static constexpr std::uint64_t picoseconds_per_second = 1'000'000'000'000;
  static constexpr std::uint64_t never = ~std::uint64_t{0};
  /// Highest frequency whose products fit 64 bits.
  static constexpr std::uint64_t max_hertz = 18'000'000;

  /// `hertz` is 1 to max_hertz.
  explicit constexpr TickRate(std::uint64_t hertz) : hertz_(hertz) {}

  constexpr std::uint64_t hertz() const { return hertz_; }

  /// The tick in progress at `ps`.
  constexpr std::uint64_t tick_at(std::uint64_t ps) const {
    return ps / picoseconds_per_second * hertz_ +
           ps % picoseconds_per_second * hertz_ / picoseconds_per_second;
  }

  /// The first picosecond of `tick`, or `never` if that lies beyond modelled time.
  constexpr std::uint64_t begin_of(std::uint64_t tick) const {
    const std::uint64_t seconds = tick / hertz_;
    if (seconds >= never / picoseconds_per_second) return never;
    return seconds * picoseconds_per_second + (tick % hertz_ * picoseconds_per_second + hertz_ - 1) / hertz_;
  }

 private:
  std::uint64_t hertz_;
};

}  // namespace memio
