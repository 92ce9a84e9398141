// IOMMU: translates what devices ask of the bus, by the page tables of the RISC-V privileged
// specification, chapter 4. It is the hart's MMU behind TLM sockets: the same formats, walker and TLB, with
// a domain in place of the ASID.
//
// memio's own device ("memio,iommu"); docs/devices.md is its data sheet. Each device has a target socket here
// and a bus master that goes on for it; the PTE reads are transactions of the IOMMU's own master. Blocking
// transport only, no direct memory pointers and no debug accesses: devices need none. Not modelled: the
// second stage, process identifiers, page requests, command and fault queues in memory.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/bus_master.h"
#include "core/irq_ports.h"
#include "core/register_target.h"
#include "core/trace.h"
#include "iommu/iommu_faults.h"
#include "iommu/iommu_registers.h"
#include "mmu/mmu.h"
#include "tlm_utils/simple_target_socket.h"

namespace memio {

struct IommuConfig {
  Clock clock{sc_core::sc_time(1, sc_core::SC_NS)};
  std::vector<std::string> devices;  ///< names of their initiators at the bus, by number; at most 8
  TlbConfig tlb{16, 0, TlbPolicy::lru, 1, 4};
  unsigned pwc_entries = 0;
  Cycles pwc_hit_latency = 1;
  Cycles walk_step_latency = 1;
  AdPolicy ad = AdPolicy::svade;
  bool model_tlb = true;  ///< false in functional mode: every transaction walks, at no cost but the bus's
  bool at = false;        ///< four-phase transactions
  sc_core::sc_time latency = sc_core::SC_ZERO_TIME;  ///< of a register access
};

class Iommu : public RegisterTarget, private WalkMemory {
 public:
  using DeviceSocket = tlm_utils::simple_target_socket_tagged<Iommu>;

  IrqOutput irq{"irq"};
  BusMaster walker;  ///< reads the page tables

  /// Throws std::invalid_argument for too many devices or an impossible TLB.
  Iommu(const sc_core::sc_module_name& name, const IommuConfig& config);
  ~Iommu() override;

  DeviceSocket& device(unsigned number);  ///< to be bound to the memory socket of the device
  BusMaster& master(unsigned number);     ///< to be bound to the bus, in place of the device

  void reset() override;
  /// Its counts, and the groups tlb and walker, beside the counts of register accesses.
  void register_stats(StatGroup& group) override;
  void set_trace(TraceSink* sink) { trace_ = sink; }

  /// When the read of a page table under way began, which is traced at its end, or `now`.
  Cycles oldest_event(Cycles now) const { return std::min(now, reading_since_); }

 private:
  struct Device;
  struct Context;
  /// A part of a transaction inside one page.
  struct Piece {
    std::uint64_t offset, size, physical;
  };
  using Payload = tlm::tlm_generic_payload;

  void b_transport(int number, Payload& payload, sc_core::sc_time& delay);
  bool translate(unsigned number, const Payload& payload, std::vector<Piece>& pieces, Cycles& now);
  bool translate(unsigned number, std::uint64_t address, bool write, const TranslationContext& context,
                 Piece& piece, Cycles& now);
  void trace_miss(Cycles at);
  void refuse(unsigned number, std::uint64_t address, bool write, iommu::FaultKind kind, Cycles now);
  Status transfer(unsigned number, const Payload& payload, const std::vector<Piece>& pieces, Cycles& now);
  void invalidate(std::uint64_t value);
  void outdate();
  void end_transaction(std::uint64_t began);
  void update_irq();
  bool traced() const { return trace_ && trace_->wants(TraceTopic::dma); }

  // WalkMemory
  WalkReply read_pte(std::uint64_t address, unsigned size, Cycles now) override;
  WalkReply update_pte(std::uint64_t address, unsigned size, std::uint64_t expected, std::uint64_t desired,
                       Cycles now) override;
  WalkReply access_pte(bool write, std::uint64_t address, unsigned size, std::uint64_t value, Cycles now);

  IommuConfig config_;
  std::string name_;
  Mmu mmu_;
  sc_core::sc_mutex translating_;  ///< one walker
  Register capabilities_{registers_, {"CAPABILITIES", iommu::reg_capabilities, 4, 0, 0}};
  Register control_{registers_,
                    {"CONTROL", iommu::reg_control, 4, 0, iommu::control_enable | iommu::control_fault_irq}};
  Register invalidate_address_{
      registers_, {"INVALIDATE_ADDRESS", iommu::reg_invalidate_address, 8, 0, ~std::uint64_t{0}, 4 | 8}};
  Register invalidate_{registers_, {"INVALIDATE", iommu::reg_invalidate, 4, 0, 0xFFFF0003}};
  IommuFaults faults_;
  std::vector<std::unique_ptr<Device>> devices_;
  TraceSink* trace_ = nullptr;

  std::uint64_t commands_ = 0;           ///< invalidations so far
  std::uint64_t fresh_ = 0, stale_ = 0;  ///< transactions under way that began after, before the last
  /// The translation under way, for the trace.
  struct Translating {
    unsigned device = 0;
    std::uint64_t address = 0;
    std::uint64_t misses = 0;  ///< of the TLB before it, or since the last was told
  } current_;
  static constexpr Cycles never = ~Cycles{0};
  Cycles reading_since_ = never;
  std::uint64_t transactions_ = 0, bypassed_ = 0, split_ = 0;
};

}  // namespace memio
