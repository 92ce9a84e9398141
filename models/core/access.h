// Accesses as plain C++ sees them: what an initiator asks of a bus, and what it gets back.
//
// Free of SystemC, so that instruction-set simulators, walkers and TLBs can be tested without a
// simulator. The TLM modules translate between this and the generic payload. Times are counts of
// system clock cycles since the start of the run; `sc_time` stays in the TLM modules.
#pragma once

#include <cstdint>

namespace memio {

/// A point in time or a duration, in cycles of the system clock.
using Cycles = std::uint64_t;

/// The two address spaces of the machine.
enum class Space : std::uint8_t { memory, port };

/// Why an access is made.
enum class AccessKind : std::uint8_t { fetch, load, store, walk, dma };
inline constexpr unsigned access_kinds = 5;

/// RISC-V privilege levels with their encodings (privileged specification, section 1.2).
enum class Privilege : std::uint8_t { user = 0, supervisor = 1, machine = 3 };

/// What the page tables say of a page's memory attributes (Svpbmt, privileged specification, chapter 6).
enum class MemoryType : std::uint8_t {
  pma,  ///< as the physical address has them
  nc,   ///< main memory, not cached
  io    ///< a device: not cached, not buffered, strongly ordered
};

/// How an access ended; but for the last, the values mirror the TLM-2.0 response status.
enum class Status : std::uint8_t {
  ok,
  address_error,  ///< nobody owns the address
  command_error,  ///< the target does not do this (a store to a ROM, say)
  size_error,     ///< the target refuses this size or alignment
  target_error,   ///< any other error the target reports
  iommu_fault     ///< an IOMMU refused the address; an address error for who does not know of it
};

/// One access to one address space. `address` is physical in memory space, a port number in port space.
struct Access {
  std::uint64_t address = 0;
  std::uint32_t size = 0;  ///< bytes: 1, 2, 4 or 8; a burst (a cache line, say) is any multiple of 8
  AccessKind kind = AccessKind::load;
  bool write = false;
  Space space = Space::memory;
  Privilege privilege = Privilege::machine;
  std::uint8_t* data = nullptr;  ///< `size` bytes, little endian; read into or written from
  MemoryType memory_type = MemoryType::pma;
};

/// A transaction that its initiator does not wait for, from `post` until it is asked for its completion.
using Ticket = std::uint64_t;

/// What became of an access. `done` is the cycle at which the data is there (or the store taken).
struct Completion {
  Status status = Status::ok;
  Cycles done = 0;
  Cycles wait = 0;  ///< of these cycles, those before the target began to serve it; timing mode `at` only
};

}  // namespace memio
