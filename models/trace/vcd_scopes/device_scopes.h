// VCD scopes of DMA and of single numbers: dma.<device>.channel<n>, iommu.<name>, alarm, irq.<line>,
// kernel.<number>.
#pragma once

#include "core/trace.h"
#include "trace/vcd_recorder.h"

namespace memio {

/// state, descriptor, remaining (bytes)
class VcdChannelScope {
 public:
  VcdChannelScope(VcdRecorder& recorder, const std::string& device, unsigned channel);
  void add(const DmaEvent& event);

 private:
  VcdRecorder& recorder_;
  TraceSource source_;
  VcdRecorder::Var state_, descriptor_, remaining_;
};

/// miss*, walk*, fault*, busy, device, address
class VcdIommuScope {
 public:
  VcdIommuScope(VcdRecorder& recorder, const std::string& name);
  void add(const IommuEvent& event);

 private:
  VcdRecorder& recorder_;
  TraceSource source_;
  VcdRecorder::Var happened_[3], busy_, device_, address_;
};

/// stale*, dma_error*, address
class VcdAlarmScope {
 public:
  explicit VcdAlarmScope(VcdRecorder& recorder)
      : recorder_(recorder),
        source_(recorder.add_source()),
        happened_{recorder.event("alarm.stale"), recorder.event("alarm.dma_error")},
        address_(recorder.wire("alarm.address", 64)) {}
  void add(const AlarmEvent& event) {
    recorder_.record(event.at, source_,
                     {VcdRecorder::fire(happened_[static_cast<unsigned>(event.kind)]),
                      VcdRecorder::set(address_, event.address)});
  }

 private:
  VcdRecorder& recorder_;
  TraceSource source_;
  VcdRecorder::Var happened_[2], address_;
};

/// One wire: the level of an interrupt line, a number of the kernel.
class VcdValueScope {
 public:
  VcdValueScope(VcdRecorder& recorder, const std::string& path, unsigned width)
      : recorder_(recorder), source_(recorder.add_source()), value_(recorder.wire(path, width, 0)) {}
  void add(Cycles at, std::uint64_t value) {
    recorder_.record(at, source_, {VcdRecorder::set(value_, value)});
  }

 private:
  VcdRecorder& recorder_;
  TraceSource source_;
  VcdRecorder::Var value_;
};

}  // namespace memio
