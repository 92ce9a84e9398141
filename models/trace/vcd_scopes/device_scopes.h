// VCD scopes of DMA and of single numbers: dma.<device>.channel<n>, iommu.<name>, irq.<line>,
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
