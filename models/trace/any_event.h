// A trace event of any type, to be kept and told again.
#pragma once

#include <variant>

#include "core/trace.h"

namespace memio {

using AnyEvent =
    std::variant<InstructionEvent, TrapEvent, AccessEvent, TlbMissEvent, WalkEvent, BusEvent, IrqEvent,
                 CacheEvent, DramEvent, QueueEvent, DmaEvent, IommuEvent, AlarmEvent, KernelEvent>;

/// When the event begins.
Cycles begin_of(const AnyEvent& event);
TraceTopic topic_of(const AnyEvent& event);
/// Tells `sink`, if it wants the event's topic.
void tell(TraceSink& sink, const AnyEvent& event);

/// A sink, or a kind of sink, that takes every event as an `AnyEvent`.
template <class Sink>
class AnyEventSink : public Sink {
 public:
  void instruction(const InstructionEvent& event) override { any(event); }
  void trap(const TrapEvent& event) override { any(event); }
  void access(const AccessEvent& event) override { any(event); }
  void tlb_miss(const TlbMissEvent& event) override { any(event); }
  void walk(const WalkEvent& event) override { any(event); }
  void bus(const BusEvent& event) override { any(event); }
  void irq(const IrqEvent& event) override { any(event); }
  void cache(const CacheEvent& event) override { any(event); }
  void dram(const DramEvent& event) override { any(event); }
  void queue(const QueueEvent& event) override { any(event); }
  void dma(const DmaEvent& event) override { any(event); }
  void iommu(const IommuEvent& event) override { any(event); }
  void alarm(const AlarmEvent& event) override { any(event); }
  void kernel(const KernelEvent& event) override { any(event); }

 protected:
  virtual void any(const AnyEvent& event) = 0;
};

}  // namespace memio
