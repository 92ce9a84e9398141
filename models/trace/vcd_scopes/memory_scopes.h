// VCD scopes of the memory hierarchy: cpu<h>.<cache>, dram.<target>.bank<n>.
#pragma once

#include "core/trace.h"
#include "trace/vcd_recorder.h"

namespace memio {

/// miss*, fill*, write_back*, prefetch*, clean*, invalidate*, busy, address, cause
class VcdCacheScope {
 public:
  VcdCacheScope(VcdRecorder& recorder, const std::string& name);
  void add(const CacheEvent& event);

 private:
  static constexpr unsigned kinds = 6;

  VcdRecorder& recorder_;
  TraceSource source_;
  VcdRecorder::Var happened_[kinds], busy_, address_, cause_;
};

/// active, row, outcome, refresh (cycles)
class VcdBankScope {
 public:
  VcdBankScope(VcdRecorder& recorder, const std::string& target, unsigned bank);
  void add(const DramEvent& event);

 private:
  VcdRecorder& recorder_;
  TraceSource source_;
  VcdRecorder::Var active_, row_, outcome_, refresh_;
};

}  // namespace memio
