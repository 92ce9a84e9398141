// Debug triggers of a hart (debug specification 0.13.2, chapter 5): address and data match (type 2, mcontrol)
// on fetches, loads and stores, with a breakpoint exception as the action.
//
// Compared is the virtual address: of fetches the pc, of loads and stores each byte. Match is equal, at
// least, or below. Not modelled: data values, chains, debug mode, sizes (each access matches whatever its
// size), types other than 2 (a trigger that is to be of another one does nothing), tcontrol. A trigger does
// not fire in M mode while mstatus.MIE is clear, nor in S mode while medeleg has breakpoints and sstatus.SIE
// is clear, so that handlers are safe.
#pragma once

#include <cstdint>
#include <vector>

#include "core/access.h"

namespace memio::riscv {

class Triggers {
 public:
  Triggers(unsigned count, unsigned xlen) : triggers_(count), xlen_(xlen) {}

  unsigned count() const { return static_cast<unsigned>(triggers_.size()); }
  /// True if there is a kind of access and a mode in which one could fire.
  bool armed() const { return armed_; }
  /// True if an access of `size` bytes at `address` in `mode` fires one; sets `hit` of those that do.
  bool fires(AccessKind kind, std::uint64_t address, unsigned size, Privilege mode);

  /// The registers tselect, tdata1, tdata2, tdata3 and tinfo by their distance from tselect, 0 to 4.
  std::uint64_t read(unsigned index) const;
  void write(unsigned index, std::uint64_t value);
  void reset();

 private:
  struct Trigger {
    std::uint64_t control = 0;  ///< tdata1 without its type
    std::uint64_t address = 0;
  };
  static constexpr unsigned mcontrol = 2;  ///< the type that there is
  unsigned type_shift() const { return xlen_ - 4; }
  std::uint64_t type() const { return std::uint64_t{mcontrol} << type_shift(); }

  std::vector<Trigger> triggers_;
  unsigned xlen_;
  unsigned selected_ = 0;
  bool armed_ = false;
};

}  // namespace memio::riscv
