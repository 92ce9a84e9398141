// Platform-level interrupt controller; see plic.h.
#include "irq/plic.h"

namespace memio {

namespace {

constexpr std::uint64_t pending_base = 0x1000;
constexpr std::uint64_t enable_base = 0x2000, enable_stride = 0x80;
constexpr std::uint64_t context_base = 0x200000, context_stride = 0x1000;

}  // namespace

Plic::Plic(const sc_core::sc_module_name& name, const PlicConfig& config)
    : RegisterTarget(name, config.latency),
      sources("sources", config.sources + 1),
      meip("meip", config.harts),
      seip("seip", config.harts),
      gateways_(config.sources + 1) {
  registers_.ignore_elsewhere();
  for (unsigned source : config.edge_triggered) gateways_.at(source).edge = true;
  for (unsigned source = 0; source <= config.sources; ++source) {
    const std::uint32_t mask = source == 0 ? 0 : config.max_priority;
    priorities_.push_back(std::make_unique<Register>(
        registers_, RegisterSpec{"priority" + std::to_string(source), 4ull * source, 4, 0, mask}));
    priorities_.back()->on_write([this, source](std::uint64_t value) {
      priorities_[source]->set(value);
      update_outputs();
    });
  }
  for (unsigned word = 0; word <= config.sources / 32; ++word) {
    pendings_.push_back(std::make_unique<Register>(
        registers_, RegisterSpec{"pending" + std::to_string(word), pending_base + 4ull * word, 4, 0, 0}));
    pendings_.back()->on_peek([this, word] {
      std::uint64_t bits = 0;
      for (unsigned i = 0; i < 32 && 32 * word + i < gateways_.size(); ++i)
        bits |= std::uint64_t{gateways_[32 * word + i].pending} << i;
      return bits;
    });
  }
  contexts_.resize(2ull * config.harts);
  for (unsigned context = 0; context < contexts_.size(); ++context) add_context(context);

  SC_HAS_PROCESS(Plic);
  SC_METHOD(sample_sources);
  for (auto& source : sources) sensitive << source;
}

void Plic::add_context(unsigned number) {
  Context& context = contexts_[number];
  const std::string suffix = std::to_string(number);
  for (unsigned word = 0; word < pendings_.size(); ++word) {
    const std::size_t left = gateways_.size() - 32ull * word;
    std::uint64_t mask = left < 32 ? (std::uint64_t{1} << left) - 1 : 0xFFFF'FFFF;
    if (word == 0) mask &= ~std::uint64_t{1};
    const std::uint64_t offset = enable_base + enable_stride * number + 4ull * word;
    context.enables.push_back(std::make_unique<Register>(
        registers_, RegisterSpec{"enable" + suffix + "_" + std::to_string(word), offset, 4, 0, mask}));
    Register& reg = *context.enables.back();
    reg.on_write([this, &reg](std::uint64_t value) {
      reg.set(value);
      update_outputs();
    });
  }
  const std::uint64_t base = context_base + context_stride * number;
  context.threshold = std::make_unique<Register>(
      registers_, RegisterSpec{"threshold" + suffix, base, 4, 0, priorities_.back()->spec().write_mask});
  context.threshold->on_write([this, &context](std::uint64_t value) {
    context.threshold->set(value);
    update_outputs();
  });
  context.claim = std::make_unique<Register>(registers_, RegisterSpec{"claim" + suffix, base + 4, 4});
  context.claim->on_peek([this, &context] { return best(context); })
      .on_read([this, &context] { return claim(context); })
      .on_write([this, &context](std::uint64_t value) { complete(context, value); });
}

void Plic::reset() {
  RegisterTarget::reset();
  for (Gateway& gateway : gateways_) {
    const bool edge = gateway.edge, level = gateway.level;
    gateway = {};
    gateway.edge = edge;
    gateway.level = level;
    open(gateway);
  }
  update_outputs();
}

void Plic::register_stats(StatGroup& group) {
  RegisterTarget::register_stats(group);
  group.add("claims", "interrupts", "interrupts claimed by all contexts", &claims_);
  group.add("completions", "interrupts", "interrupts completed by all contexts", &completions_);
}

void Plic::sample_sources() {
  for (unsigned source = 1; source < gateways_.size(); ++source) {
    Gateway& gateway = gateways_[source];
    const bool rose = sources[source].level() && !gateway.level;
    gateway.level = sources[source].level();
    if (gateway.edge && rose) gateway.again = true;
    open(gateway);
  }
  update_outputs();
}

/// Passes a request on if there is one and the gateway is free.
void Plic::open(Gateway& gateway) {
  if (gateway.pending || gateway.claimed) return;
  gateway.pending = gateway.edge ? gateway.again : gateway.level;
  gateway.again = false;
}

bool Plic::enabled(const Context& context, unsigned source) const {
  return context.enables[source / 32]->value() >> (source % 32) & 1;
}

unsigned Plic::best(const Context& context) const {
  unsigned found = 0;
  std::uint64_t highest = 0;
  for (unsigned source = 1; source < gateways_.size(); ++source) {
    const std::uint64_t priority = priorities_[source]->value();
    if (!gateways_[source].pending || priority <= highest || !enabled(context, source)) continue;
    found = source;
    highest = priority;
  }
  return found;
}

unsigned Plic::claim(const Context& context) {
  const unsigned source = best(context);
  if (source == 0) return 0;
  ++claims_;
  gateways_[source].pending = false;
  gateways_[source].claimed = true;
  update_outputs();
  return source;
}

void Plic::complete(const Context& context, std::uint64_t source) {
  if (source == 0 || source >= gateways_.size()) return;
  const unsigned number = static_cast<unsigned>(source);
  Gateway& gateway = gateways_[number];
  if (!enabled(context, number) || !gateway.claimed) return;
  ++completions_;
  gateway.claimed = false;
  open(gateway);
  update_outputs();
}

void Plic::update_outputs() {
  for (unsigned number = 0; number < contexts_.size(); ++number) {
    const Context& context = contexts_[number];
    const unsigned source = best(context);
    const bool wanted = source != 0 && priorities_[source]->value() > context.threshold->value();
    (number % 2 == 0 ? meip : seip)[number / 2].set(wanted);
  }
}

}  // namespace memio
