// The engine of the DMA controller, and what its channels need; see dma_controller.h.
#include "dma/dma_controller.h"

#include <stdexcept>

namespace memio {

namespace {

BusMasterConfig master(const DmaConfig& config, const char* initiator, bool at) {
  BusMasterConfig master;
  master.clock = config.clock;
  master.initiator = initiator;
  master.at = at;
  return master;
}

}  // namespace

DmaController::DmaController(const sc_core::sc_module_name& name, const DmaConfig& config)
    : RegisterTarget(name, config.latency),
      memory("memory", master(config, basename(), config.at && !config.behind_iommu)),
      ports("ports", master(config, basename(), config.at)),
      config_(config),
      name_(basename()) {
  if (config.channels < 1 || config.channels > dma::max_channels)
    throw std::invalid_argument("a DMA controller has 1 to 8 channels");
  if (config.limits.burst == 0 || config.limits.burst % 8 != 0 || config.limits.burst > dma::max_burst)
    throw std::invalid_argument("a DMA burst is a multiple of 8 bytes, at most 4096");
  DmaHost& host = *this;
  for (unsigned i = 0; i < config.channels; ++i)
    channels_.push_back(std::make_unique<DmaChannel>(registers_, i, config.limits, host));
  told_.resize(config.channels);
  last_ = config.channels - 1;

  capabilities_.on_peek([this] {
    return config_.channels | std::uint64_t{dma::request_lines} << 8 |
           std::uint64_t{config_.limits.burst} << 16;
  });
  const auto bits = [this](bool (DmaChannel::*is_set)() const) {
    return [this, is_set] {
      std::uint64_t value = 0;
      for (std::size_t i = 0; i < channels_.size(); ++i)
        value |= std::uint64_t{(channels_[i].get()->*is_set)()} << i;
      return value;
    };
  };
  interrupts_.on_peek(bits(&DmaChannel::interrupts));
  busy_.on_peek(bits(&DmaChannel::busy));

  SC_HAS_PROCESS(DmaController);
  SC_THREAD(run);
}

void DmaController::reset() {
  RegisterTarget::reset();
  for (const auto& channel : channels_) channel->reset();
  last_ = config_.channels - 1;
  update_irq();
}

void DmaController::register_stats(StatGroup& group) {
  RegisterTarget::register_stats(group);
  for (std::size_t i = 0; i < channels_.size(); ++i)
    channels_[i]->register_stats(group.child("channel" + std::to_string(i), "channel"));
}

Status DmaController::access(const Access& access) {
  BusMaster& master = access.space == Space::memory ? memory : ports;
  const Completion completion = master.transfer(access, now());
  master.wait_until(completion.done);
  return completion.status;
}

void DmaController::spend(Cycles cycles) {
  if (cycles > 0) wait(config_.clock.time(now() + cycles) - sc_core::sc_time_stamp());
}

void DmaController::wake() {
  const sc_core::sc_time at = config_.clock.time(arrival()), stamp = sc_core::sc_time_stamp();
  wake_.notify(at > stamp ? at - stamp : sc_core::SC_ZERO_TIME);
}

void DmaController::update_irq() {
  bool level = false;
  for (const auto& channel : channels_) level = level || channel->interrupts();
  irq.set(level);
}

bool DmaController::is_own(std::uint64_t address, std::uint64_t size) const {
  if (!config_.base) return false;
  const std::uint64_t base = *config_.base;
  return address - base < dma::device_size || base - address < size;
}

void DmaController::run() {
  asleep_ |= wake_.default_event();
  for (const IrqInput& line : requests)
    if (line.size() > 0) asleep_ |= line->value_changed_event();
  for (;;) {
    // A device lowers its request in the delta cycle after the access that served it.
    bool paced = false;
    for (const auto& channel : channels_) paced = paced || channel->paced();
    if (paced) wait(sc_core::SC_ZERO_TIME);
    for (const auto& channel : channels_) channel->look();
    for (unsigned i = 0; i < config_.channels; ++i) trace(i);
    if (DmaChannel* channel = choose())
      channel->turn();
    else
      wait(asleep_);
  }
}

// The ready channel of the highest priority; among equals, the next after the last one served.
DmaChannel* DmaController::choose() {
  DmaChannel* best = nullptr;
  unsigned chosen = last_;
  for (unsigned i = 1; i <= config_.channels; ++i) {
    const unsigned number = (last_ + i) % config_.channels;
    DmaChannel* channel = channels_[number].get();
    if (!channel->ready() || (best && best->priority() <= channel->priority())) continue;
    best = channel;
    chosen = number;
  }
  last_ = chosen;
  return best;
}

void DmaController::trace(unsigned number) {
  if (!trace_ || !trace_->wants(TraceTopic::dma)) return;
  const DmaChannel& channel = *channels_[number];
  Told& told = told_[number];
  if (told.state == channel.state() && told.descriptor == channel.descriptor()) return;
  told = {channel.state(), channel.descriptor()};
  trace_->dma({now(), &name_, number, static_cast<unsigned>(told.state), channel.busy() ? told.descriptor : 0,
               channel.busy() ? channel.remaining() : 0});
  if (told.state == dma::State::error)
    trace_->alarm({now(), AlarmEvent::Kind::dma_error, &name_, channel.error_address()});
}

}  // namespace memio
