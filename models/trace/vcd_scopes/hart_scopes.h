// VCD scopes of a hart: cpu<h>, cpu<h>.mmu. Enumerations as in the header's comment (vcd_trace.cpp).
#pragma once

#include "core/trace.h"
#include "trace/vcd_recorder.h"

namespace memio {

/// pc, privilege, trap*, trap_cause, trap_interrupt, trap_epc, trap_tval
class VcdCpuScope {
 public:
  VcdCpuScope(VcdRecorder& recorder, unsigned hart);
  void add(const InstructionEvent& event);
  void add(const TrapEvent& event);

 private:
  VcdRecorder& recorder_;
  TraceSource source_;
  VcdRecorder::Var pc_, privilege_, trap_, cause_, interrupt_, epc_, tval_;
};

/// itlb_miss*, dtlb_miss*, l2_miss*, miss_address, walk_active, walk_level, pte_address
class VcdMmuScope {
 public:
  VcdMmuScope(VcdRecorder& recorder, unsigned hart);
  void add(const TlbMissEvent& event);
  void add(const WalkEvent& event);

 private:
  VcdRecorder& recorder_;
  TraceSource source_;
  VcdRecorder::Var miss_[3], miss_address_, walk_active_, walk_level_, pte_address_;
};

}  // namespace memio
