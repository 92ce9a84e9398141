// Core-local interruptor; see clint.h.
#include "irq/clint.h"

#include <algorithm>

namespace memio {

namespace {

constexpr std::uint64_t disarmed = ~std::uint64_t{0};

}  // namespace

Clint::Clint(const sc_core::sc_module_name& name, const ClintConfig& config)
    : RegisterTarget(name, config.latency),
      msip("msip", config.harts),
      mtip("mtip", config.harts),
      stip("stip", config.harts),
      rate_(config.timebase),
      stimecmp_(config.harts, disarmed) {
  registers_.ignore_elsewhere();
  for (unsigned hart = 0; hart < config.harts; ++hart) {
    const std::string suffix = std::to_string(hart);
    msip_.push_back(
        std::make_unique<Register>(registers_, RegisterSpec{"msip" + suffix, 0x0 + 4ull * hart, 4, 0, 1}));
    msip_.back()->on_write([this, hart](std::uint64_t value) {
      msip_[hart]->set(value);
      msip[hart].set(value != 0);
    });
    mtimecmp_.push_back(std::make_unique<Register>(
        registers_, RegisterSpec{"mtimecmp" + suffix, 0x4000 + 8ull * hart, 8, disarmed, disarmed, 4 | 8}));
    mtimecmp_.back()->on_write([this, hart](std::uint64_t value) {
      mtimecmp_[hart]->set(value);
      compare();
    });
  }
  mtime_.on_peek([this] { return mtime_at(now()); }).on_write([this](std::uint64_t v) { write_mtime(v); });

  SC_HAS_PROCESS(Clint);
  SC_METHOD(on_deadline);
  dont_initialize();
  sensitive << deadline_;
}

void Clint::reset() {
  RegisterTarget::reset();
  for (auto& line : msip) line.set(false);
  write_mtime(0);
}

void Clint::write_mtime(std::uint64_t value) {
  offset_ = value - rate_.tick_at(now());
  compare();
}

void Clint::on_deadline() { compare(); }

void Clint::compare() {
  const std::uint64_t tick = rate_.tick_at(now());
  const std::uint64_t time = tick + offset_;
  std::uint64_t next = TickRate::never;
  const auto update = [&](IrqOutput& line, std::uint64_t compare) {
    line.set(time >= compare);
    if (time >= compare) return;
    const std::uint64_t wait = compare - time;
    if (wait <= ~tick) next = std::min(next, rate_.begin_of(tick + wait));
  };
  for (std::size_t hart = 0; hart < mtimecmp_.size(); ++hart) {
    update(mtip[hart], mtimecmp_[hart]->value());
    update(stip[hart], stimecmp_[hart]);
  }
  notify_at(deadline_, next);
}

}  // namespace memio
