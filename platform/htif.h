// The host-target interface of RISC-V test programs: stores to the symbol `tohost`.
//
// Follows the convention of riscv-tests and of Spike's front end. A doubleword of device (bits 63:56),
// command (55:48) and payload: an odd payload to device 0 ends the run with code payload >> 1; an even
// one is the address of a system call block {number, arguments...}, of which write (64) to files 1 and 2
// and exit (93) are done; device 1 command 1 prints a character. On RV32 the high word has to be stored
// before the low one. Not modelled: character input, block devices, other system calls (they give -ENOSYS).
#pragma once

#include <cstdint>
#include <optional>

#include "memory/memory.h"
#include "serial/serial_backend.h"

namespace memio {

class Htif {
 public:
  /// `tohost` and `fromhost` are physical addresses in `ram`, which lies at `ram_base`.
  Htif(Memory& ram, std::uint64_t ram_base, std::uint64_t tohost, std::optional<std::uint64_t> fromhost,
       SerialBackend& output);

  /// Acts on what `tohost` holds after a store to it; the exit code if the program ended.
  std::optional<std::uint64_t> serve();

 private:
  std::uint64_t read(std::uint64_t address) const;
  void write(std::uint64_t address, std::uint64_t value);
  bool in_ram(std::uint64_t address, std::uint64_t size) const;
  std::optional<std::uint64_t> system_call(std::uint64_t block);
  void answer(std::uint64_t value);

  Memory& ram_;
  std::uint64_t base_, tohost_;
  std::optional<std::uint64_t> fromhost_;
  SerialBackend& output_;
};

}  // namespace memio
