// Events of any type; see any_event.h.
#include "trace/any_event.h"

namespace memio {
namespace {

template <class... Functions>
struct Overload : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overload(Functions...) -> Overload<Functions...>;

struct BeginOf {
  template <class Event>
  auto operator()(const Event& event) const -> decltype(event.at) {
    return event.at;
  }
  template <class Event>
  auto operator()(const Event& event) const -> decltype(event.start) {
    return event.start;
  }
};

}  // namespace

Cycles begin_of(const AnyEvent& event) { return std::visit(BeginOf{}, event); }

TraceTopic topic_of(const AnyEvent& event) {
  return std::visit(Overload{[](const InstructionEvent&) { return TraceTopic::cpu; },
                             [](const TrapEvent&) { return TraceTopic::trap; },
                             [](const AccessEvent&) { return TraceTopic::access; },
                             [](const TlbMissEvent&) { return TraceTopic::mmu; },
                             [](const WalkEvent&) { return TraceTopic::mmu; },
                             [](const BusEvent&) { return TraceTopic::bus; },
                             [](const IrqEvent&) { return TraceTopic::irq; },
                             [](const CacheEvent&) { return TraceTopic::cache; },
                             [](const DramEvent&) { return TraceTopic::dram; },
                             [](const QueueEvent&) { return TraceTopic::dram; },
                             [](const DmaEvent&) { return TraceTopic::dma; },
                             [](const IommuEvent&) { return TraceTopic::dma; },
                             [](const AlarmEvent& e) {
                               return e.kind == AlarmEvent::Kind::stale ? TraceTopic::cache : TraceTopic::dma;
                             },
                             [](const KernelEvent&) { return TraceTopic::kernel; }},
                    event);
}

void tell(TraceSink& sink, const AnyEvent& event) {
  if (!sink.wants(topic_of(event))) return;
  std::visit(
      Overload{[&](const InstructionEvent& e) { sink.instruction(e); },
               [&](const TrapEvent& e) { sink.trap(e); }, [&](const AccessEvent& e) { sink.access(e); },
               [&](const TlbMissEvent& e) { sink.tlb_miss(e); }, [&](const WalkEvent& e) { sink.walk(e); },
               [&](const BusEvent& e) { sink.bus(e); }, [&](const IrqEvent& e) { sink.irq(e); },
               [&](const CacheEvent& e) { sink.cache(e); }, [&](const DramEvent& e) { sink.dram(e); },
               [&](const QueueEvent& e) { sink.queue(e); }, [&](const DmaEvent& e) { sink.dma(e); },
               [&](const IommuEvent& e) { sink.iommu(e); }, [&](const AlarmEvent& e) { sink.alarm(e); },
               [&](const KernelEvent& e) { sink.kernel(e); }},
      event);
}

}  // namespace memio
