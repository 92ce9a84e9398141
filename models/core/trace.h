// Trace events and the sink that takes them.
//
// Models emit typed events stamped with modelled time (cycles), also under temporal decoupling; a
// sink declares which topics it wants and turns events into a VCD or another format. A model asks
// `wants` before it does any work, so that tracing costs nothing when off. Events of one source
// arrive in program order, but an event that spans time is emitted at its end: a sink sorts by
// (cycle, source, sequence) and may write what lies before `advance`.
#pragma once

#include <cstdint>
#include <string>

#include "core/access.h"

namespace memio {

enum class TraceTopic : std::uint32_t {
  cpu = 1,       ///< every instruction: pc and privilege
  mmu = 2,       ///< TLB misses and page-table walks
  bus = 4,       ///< every bus transaction
  irq = 8,       ///< interrupt lines
  cache = 16,    ///< misses, fills, write-backs
  dram = 32,     ///< banks and rows; queues at the targets of the bus
  dma = 64,      ///< channels of DMA controllers, accelerators
  kernel = 128,  ///< allocator state of the guest kernel, sampled
  trap = 256,    ///< traps, interrupts included
  access = 512   ///< every load and store of a hart, also those that hit in a cache
};

/// An instruction of hart `hart` begins at `at`.
struct InstructionEvent {
  Cycles at;
  unsigned hart;
  std::uint64_t pc;
  Privilege privilege;
};

/// A trap is taken at `at`; `cause` without its interrupt bit.
struct TrapEvent {
  Cycles at;
  unsigned hart;
  std::uint64_t cause;
  bool interrupt;
  std::uint64_t epc;
  std::uint64_t tval;
};

/// A hart's load or store (an atomic is both) reaches the caches, or the bus if there are none.
struct AccessEvent {
  Cycles at;
  unsigned hart;
  bool write;
  std::uint64_t address;  ///< physical
  std::uint32_t size;
};

enum class TlbId : std::uint8_t { itlb, dtlb, l2tlb };

struct TlbMissEvent {
  Cycles at;
  unsigned hart;
  TlbId tlb;
  std::uint64_t address;  ///< virtual
};

/// One level of a page-table walk: the PTE at `pte_address` is read from `start` to `done`.
/// `level` counts as in the specification: 0 is the last. `last` marks the end of the walk.
struct WalkEvent {
  Cycles start;
  Cycles done;
  unsigned hart;
  unsigned level;
  std::uint64_t pte_address;
  bool last;
};

struct BusEvent {
  Cycles start;  ///< the request
  Cycles done;
  const std::string* initiator;
  const std::string* target;  ///< null if nobody owns the address
  Space space;
  AccessKind kind;
  bool write;
  std::uint64_t address;
  std::uint32_t size;
  Status status;
  MemoryType memory_type = MemoryType::pma;
};

/// Interrupt line `line` (a name such as "plic.seip0" or "uart0.irq") changes to `level`.
struct IrqEvent {
  Cycles at;
  const std::string* line;
  bool level;
};

/// What happens in the cache `cache` ("cpu0.l1d") to the line at physical `address`.
struct CacheEvent {
  enum class Kind : std::uint8_t { miss, fill, write_back, prefetch, clean, invalidate };
  Cycles start;
  Cycles done;  ///< of a miss: the access goes on; else the line has moved; `start` if it does not move
  const std::string* cache;
  Kind kind;
  AccessKind cause;
  std::uint64_t address;
};

/// A transfer in a bank of the memory `target`.
struct DramEvent {
  enum class Row : std::uint8_t { hit, closed, conflict };
  Cycles start;
  Cycles done;
  const std::string* target;
  unsigned bank;
  std::uint64_t row;
  Row outcome;
  Cycles refresh;  ///< of these, cycles that waited for a refresh
};

/// How many requests wait at `target` from `at` on.
struct QueueEvent {
  Cycles at;
  const std::string* target;
  unsigned waiting;
};

/// Channel `channel` of the device `device` changes its state, or moves on to another descriptor.
struct DmaEvent {
  Cycles at;
  const std::string* device;
  unsigned channel;
  unsigned state;            ///< as its status register shows it
  std::uint64_t descriptor;  ///< address of the descriptor in hand, 0: none
  std::uint64_t remaining;   ///< bytes of it that are still to be moved
};

/// A device's translation that missed, was refused or is walked: `hart` of a TLB or walk event counts CPUs
/// only, so an IOMMU names itself.
struct IommuEvent {
  enum class Kind : std::uint8_t { miss, walk, fault };
  Cycles start;
  Cycles done;
  const std::string* iommu;
  Kind kind;
  unsigned device;        ///< its number at the IOMMU
  std::uint64_t address;  ///< as the device gave it
};

/// A report that a user may want a trace to begin or end at. Topics: `cache` for stale data, `dma` for a
/// transfer that failed.
struct AlarmEvent {
  enum class Kind : std::uint8_t { stale, dma_error };
  Cycles at;
  Kind kind;
  const std::string* source;  ///< the device or cache
  std::uint64_t address;
};

/// A number of the guest kernel named `name` ("free.Normal.order3") has the value `value` from `at` on.
struct KernelEvent {
  Cycles at;
  const std::string* name;
  std::uint64_t value;
};

class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual bool wants(TraceTopic topic) const = 0;
  virtual void instruction(const InstructionEvent&) {}
  virtual void trap(const TrapEvent&) {}
  virtual void access(const AccessEvent&) {}
  virtual void tlb_miss(const TlbMissEvent&) {}
  virtual void walk(const WalkEvent&) {}
  virtual void bus(const BusEvent&) {}
  virtual void irq(const IrqEvent&) {}
  virtual void cache(const CacheEvent&) {}
  virtual void dram(const DramEvent&) {}
  virtual void queue(const QueueEvent&) {}
  virtual void dma(const DmaEvent&) {}
  virtual void iommu(const IommuEvent&) {}
  virtual void alarm(const AlarmEvent&) {}
  virtual void kernel(const KernelEvent&) {}
  /// No further event will begin before `now`.
  virtual void advance(Cycles now) { static_cast<void>(now); }
};

}  // namespace memio
