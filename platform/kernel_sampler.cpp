// Looks at the guest kernel; see kernel_sampler.h.
#include "platform/kernel_sampler.h"

namespace memio {

KernelSampler::KernelSampler(const sc_core::sc_module_name& name, const KernelSamplerConfig& config,
                             const std::vector<KernelNumber>& numbers, TraceSink& sink)
    : sc_core::sc_module(name), config_(config), numbers_(numbers), sink_(sink), values_(numbers.size()) {
  SC_HAS_PROCESS(KernelSampler);
  SC_METHOD(look);
  sensitive << next_;
  dont_initialize();
  next_.notify(config_.interval);
}

void KernelSampler::look() {
  if (!sink_.wants(TraceTopic::kernel)) return;
  const Cycles now = config_.clock.cycles_up(sc_core::sc_time_stamp());
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    std::uint8_t bytes[8] = {};
    if (!config_.read(numbers_[i].address, bytes, numbers_[i].size)) continue;
    std::uint64_t value = 0;
    for (unsigned byte = numbers_[i].size; byte-- > 0;) value = value << 8 | bytes[byte];
    if (value == values_[i]) continue;
    values_[i] = value;
    sink_.kernel({now, &numbers_[i].name, value});
  }
  if (!config_.idle()) next_.notify(config_.interval);
}

}  // namespace memio
