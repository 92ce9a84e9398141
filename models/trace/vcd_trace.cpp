// Trace events as a VCD; see vcd_trace.h.
#include "trace/vcd_trace.h"

#include <algorithm>

namespace memio {
namespace {

constexpr const char* legend =
    "  privilege  0 user, 1 supervisor, 3 machine\n"
    "  space      0 memory, 1 port\n"
    "  kind       0 fetch, 1 load, 2 store, 3 walk, 4 dma; also the cause of what a cache does\n"
    "  status     0 ok, 1 address error, 2 command error, 3 size error, 4 target error\n"
    "  memory_type  of the page: 0 as the address has it, 1 NC, 2 IO\n"
    "  outcome    of a DRAM row: 0 hit, 1 closed, 2 conflict\n"
    "  latency    cycles; walk_level: 0 is the last level\n";

std::string text_of(const std::string& name) { return name; }
std::string text_of(unsigned number) { return std::to_string(number); }

}  // namespace

VcdTrace::VcdTrace(const VcdOptions& options)
    : options_(options), recorder_(options.path, legend, options.period_ps) {
  recorder_.set_window(options.start, options.stop);
}

VcdTrace::~VcdTrace() { recorder_.finish(recorder_.now()); }

void VcdTrace::declare(const TraceSources& sources) {
  for (unsigned hart = 0; hart < sources.harts; ++hart) {
    if (selected(TraceTopic::cpu)) cpus_.try_emplace(hart, recorder_, hart);
    if (selected(TraceTopic::mmu)) mmus_.try_emplace(hart, recorder_, hart);
  }
  if (selected(TraceTopic::cache))
    for (const auto& name : sources.caches) caches_.try_emplace(name, recorder_, name);
  if (selected(TraceTopic::bus))
    for (const auto& name : sources.initiators) initiators_.try_emplace(name, recorder_, name);
  if (selected(TraceTopic::dram)) {
    for (const auto& [name, count] : sources.memories)
      for (unsigned bank = 0; bank < count; ++bank) banks_[name].emplace_back(recorder_, name, bank);
    for (const auto& name : sources.queues) queues_.try_emplace(name, recorder_, name);
  }
  if (selected(TraceTopic::dma)) {
    for (const auto& [name, count] : sources.dmas)
      for (unsigned channel = 0; channel < count; ++channel)
        channels_[name].emplace_back(recorder_, name, channel);
    for (const auto& name : sources.iommus) iommus_.try_emplace(name, recorder_, name);
  }
  if (!caches_.empty() || !channels_.empty()) alarms_.emplace(recorder_);
  if (selected(TraceTopic::irq))
    for (const auto& name : sources.interrupt_lines) lines_.try_emplace(name, recorder_, "irq." + name, 1u);
  if (selected(TraceTopic::kernel))
    for (const auto& name : sources.kernel_numbers)
      numbers_.try_emplace(name, recorder_, "kernel." + name, 32u);
}

void VcdTrace::set_window(Cycles start, Cycles stop) {
  recorder_.set_window(std::max(start, options_.start), std::min(stop, options_.stop));
}

void VcdTrace::finish(Cycles end) { recorder_.finish(end); }

bool VcdTrace::wants(TraceTopic topic) const {
  return selected(topic == TraceTopic::trap ? TraceTopic::cpu : topic) && recorder_.writes();
}

// The scope of an event that begins at `time`; null, and noted as misuse, if it is not declared or late.
template <class Scopes, class Key>
auto* VcdTrace::find(Scopes& scopes, const Key& key, const char* what, Cycles time) {
  const auto found = scopes.find(key);
  if (found != scopes.end()) return recorder_.in_time(time) ? &found->second : nullptr;
  recorder_.note_misuse(what + (" " + text_of(key)) + " is not declared");
  return static_cast<decltype(&found->second)>(nullptr);
}

template <class Scope>
Scope* VcdTrace::find_part(Parts<Scope>& scopes, const std::string& name, unsigned part, const char* what,
                           Cycles time) {
  auto* const parts = find(scopes, name, what, time);
  if (!parts) return nullptr;
  if (part < parts->size()) return &(*parts)[part];
  recorder_.note_misuse(what + (" " + name) + " has no part " + text_of(part));
  return nullptr;
}

void VcdTrace::instruction(const InstructionEvent& event) {
  if (auto* cpu = find(cpus_, event.hart, "hart", event.at)) cpu->add(event);
}

void VcdTrace::trap(const TrapEvent& event) {
  if (auto* cpu = find(cpus_, event.hart, "hart", event.at)) cpu->add(event);
}

void VcdTrace::tlb_miss(const TlbMissEvent& event) {
  if (auto* mmu = find(mmus_, event.hart, "hart", event.at)) mmu->add(event);
}

void VcdTrace::walk(const WalkEvent& event) {
  if (auto* mmu = find(mmus_, event.hart, "hart", event.start)) mmu->add(event);
}

void VcdTrace::bus(const BusEvent& event) {
  if (auto* initiator = find(initiators_, *event.initiator, "initiator", event.start)) initiator->add(event);
}

void VcdTrace::irq(const IrqEvent& event) {
  if (auto* line = find(lines_, *event.line, "interrupt line", event.at))
    line->add(event.at, event.level ? 1 : 0);
}

void VcdTrace::cache(const CacheEvent& event) {
  if (auto* cache = find(caches_, *event.cache, "cache", event.start)) cache->add(event);
}

void VcdTrace::dram(const DramEvent& event) {
  if (auto* bank = find_part(banks_, *event.target, event.bank, "memory", event.start)) bank->add(event);
}

void VcdTrace::queue(const QueueEvent& event) {
  if (auto* queue = find(queues_, *event.target, "queue", event.at)) queue->add(event);
}

void VcdTrace::dma(const DmaEvent& event) {
  if (auto* channel = find_part(channels_, *event.device, event.channel, "DMA controller", event.at))
    channel->add(event);
}

void VcdTrace::iommu(const IommuEvent& event) {
  if (auto* iommu = find(iommus_, *event.iommu, "IOMMU", event.start)) iommu->add(event);
}

void VcdTrace::alarm(const AlarmEvent& event) {
  if (alarms_ && recorder_.in_time(event.at)) alarms_->add(event);
}

void VcdTrace::kernel(const KernelEvent& event) {
  if (auto* number = find(numbers_, *event.name, "number", event.at)) number->add(event.at, event.value);
}

}  // namespace memio
