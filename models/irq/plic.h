// Platform-level interrupt controller.
//
// Follows the "RISC-V Platform-Level Interrupt Controller Specification" 1.0.0 at SiFive's offsets:
// priority 4 * source, pending 0x1000, enable 0x2000 + 0x80 * context, threshold and claim/complete
// at 0x200000 + 0x1000 * context. Contexts are M and S of hart 0, M and S of hart 1, and so on.
// Gateways are level-triggered, or edge-triggered for chosen sources: such a gateway passes on the
// first rising edge and remembers one more until the completion.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/irq_ports.h"
#include "core/register_target.h"

namespace memio {

struct PlicConfig {
  unsigned sources = 95;                 ///< sources are numbered 1 to this; up to 1023
  unsigned harts = 1;                    ///< two contexts each; up to 256
  std::uint32_t max_priority = 7;        ///< of the form 2^n - 1
  std::vector<unsigned> edge_triggered;  ///< sources whose gateway takes rising edges
  sc_core::sc_time latency = sc_core::SC_ZERO_TIME;
};

class Plic : public RegisterTarget {
 public:
  sc_core::sc_vector<IrqInput> sources;  ///< indexed by source number; 0 stays unbound
  sc_core::sc_vector<IrqOutput> meip;    ///< per hart: machine external interrupt
  sc_core::sc_vector<IrqOutput> seip;    ///< per hart: supervisor external interrupt

  explicit Plic(const sc_core::sc_module_name& name, const PlicConfig& config = {});

  void reset() override;
  void register_stats(StatGroup& group) override;

 private:
  using Registers = std::vector<std::unique_ptr<Register>>;

  /// Between a source's line and its pending bit.
  struct Gateway {
    bool edge = false;   ///< triggered by rising edges
    bool level = false;  ///< of the line when last seen
    bool pending = false;
    bool claimed = false;  ///< awaits its completion; nothing is passed on meanwhile
    bool again = false;    ///< a further edge came while closed
  };

  struct Context {
    Registers enables;  ///< a bit a source, 32 a register
    std::unique_ptr<Register> threshold, claim;
  };

  void add_context(unsigned number);
  void sample_sources();
  void open(Gateway& gateway);
  bool enabled(const Context& context, unsigned source) const;
  /// The pending, enabled source of highest priority, lowest number first; 0 if none.
  unsigned best(const Context& context) const;
  unsigned claim(const Context& context);
  void complete(const Context& context, std::uint64_t source);
  void update_outputs();

  std::vector<Gateway> gateways_;
  Registers priorities_, pendings_;
  std::vector<Context> contexts_;
  std::uint64_t claims_ = 0, completions_ = 0;
};

}  // namespace memio
