// DMA controller: channels that work through chains of descriptors in memory, in both address spaces.
//
// memio's own device ("memio,dma"); docs/devices.md is its data sheet. One engine serves the channels, a
// turn at a time, so reads and writes of different channels do not overlap. Its transactions are made with
// bus masters, the memory master's through an IOMMU if the machine has one. Not modelled: direct transfers
// from registers, byte lanes, several outstanding transactions.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/bus_master.h"
#include "core/irq_ports.h"
#include "core/register_target.h"
#include "core/trace.h"
#include "dma/dma_channel.h"

namespace memio {

struct DmaConfig {
  Clock clock{sc_core::sc_time(1, sc_core::SC_NS)};
  unsigned channels = 4;  ///< 1 to dma::max_channels
  DmaLimits limits;
  std::optional<std::uint64_t> base;  ///< where its own registers lie in memory space, if it can reach them
  bool at = false;                    ///< four-phase transactions in memory space; port space follows
  bool behind_iommu = false;          ///< an IOMMU takes the memory master's transactions, which block
  sc_core::sc_time latency = sc_core::SC_ZERO_TIME;  ///< of a register access
};

class DmaController : public RegisterTarget, private DmaHost {
 public:
  IrqOutput irq{"irq"};
  sc_core::sc_vector<IrqInput> requests{"requests", dma::request_lines};
  BusMaster memory, ports;

  /// Throws std::invalid_argument for an impossible number of channels or a burst that is not a multiple
  /// of 8.
  DmaController(const sc_core::sc_module_name& name, const DmaConfig& config);

  unsigned channels() const { return config_.channels; }

  void reset() override;
  /// A group for each channel beside the counts of accesses.
  void register_stats(StatGroup& group) override;
  void set_trace(TraceSink* sink) { trace_ = sink; }

 private:
  // DmaHost
  Cycles now() const override { return config_.clock.cycles_up(sc_core::sc_time_stamp()); }
  Cycles arrival() const override { return config_.clock.cycles_up(time_of(RegisterTarget::now())); }
  Status access(const Access& access) override;
  void spend(Cycles cycles) override;
  bool requested(unsigned line) const override { return requests[line].level(); }
  void wake() override;
  void update_irq() override;
  bool is_own(std::uint64_t address, std::uint64_t size) const override;

  void run();
  DmaChannel* choose();
  void trace(unsigned number);

  /// What was last told of a channel.
  struct Told {
    dma::State state = dma::State::idle;
    std::uint64_t descriptor = 0;
  };

  DmaConfig config_;
  std::string name_;
  Register capabilities_{registers_, {"CAPABILITIES", dma::reg_capabilities, 4, 0, 0}};
  Register interrupts_{registers_, {"INTERRUPTS", dma::reg_interrupts, 4, 0, 0}};
  Register busy_{registers_, {"BUSY", dma::reg_busy, 4, 0, 0}};
  std::vector<std::unique_ptr<DmaChannel>> channels_;
  std::vector<Told> told_;
  unsigned last_ = 0;  ///< the channel of the last turn
  sc_core::sc_event_queue wake_{"wake"};
  sc_core::sc_event_or_list asleep_;
  TraceSink* trace_ = nullptr;
};

}  // namespace memio
