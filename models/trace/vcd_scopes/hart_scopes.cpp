// VCD scopes of a hart; see hart_scopes.h.
#include "trace/vcd_scopes/hart_scopes.h"

namespace memio {

namespace {

constexpr const char* miss_names[] = {"itlb_miss", "dtlb_miss", "l2_miss"};

}  // namespace

VcdCpuScope::VcdCpuScope(VcdRecorder& recorder, unsigned hart)
    : recorder_(recorder), source_(recorder.add_source()) {
  const std::string scope = "cpu" + std::to_string(hart) + ".";
  pc_ = recorder.wire(scope + "pc", 64);
  privilege_ = recorder.wire(scope + "privilege", 2);
  trap_ = recorder.event(scope + "trap");
  cause_ = recorder.wire(scope + "trap_cause", 6);  // the specification designates causes 0..63
  interrupt_ = recorder.wire(scope + "trap_interrupt", 1);
  epc_ = recorder.wire(scope + "trap_epc", 64);
  tval_ = recorder.wire(scope + "trap_tval", 64);
}

void VcdCpuScope::add(const InstructionEvent& event) {
  recorder_.record(event.at, source_,
                   {VcdRecorder::set(pc_, event.pc), VcdRecorder::set_enum(privilege_, event.privilege)});
}

void VcdCpuScope::add(const TrapEvent& event) {
  recorder_.record(event.at, source_,
                   {VcdRecorder::fire(trap_), VcdRecorder::set(cause_, event.cause),
                    VcdRecorder::set(interrupt_, event.interrupt ? 1 : 0), VcdRecorder::set(epc_, event.epc),
                    VcdRecorder::set(tval_, event.tval)});
}

VcdMmuScope::VcdMmuScope(VcdRecorder& recorder, unsigned hart)
    : recorder_(recorder), source_(recorder.add_source()) {
  const std::string scope = "cpu" + std::to_string(hart) + ".mmu.";
  for (unsigned tlb = 0; tlb < 3; ++tlb) miss_[tlb] = recorder.event(scope + miss_names[tlb]);
  miss_address_ = recorder.wire(scope + "miss_address", 64);
  walk_active_ = recorder.wire(scope + "walk_active", 1, 0);
  walk_level_ = recorder.wire(scope + "walk_level", 3);
  pte_address_ = recorder.wire(scope + "pte_address", 64);
}

void VcdMmuScope::add(const TlbMissEvent& event) {
  recorder_.record(event.at, source_,
                   {VcdRecorder::fire(miss_[static_cast<unsigned>(event.tlb)]),
                    VcdRecorder::set(miss_address_, event.address)});
}

void VcdMmuScope::add(const WalkEvent& event) {
  recorder_.record(event.start, source_,
                   {VcdRecorder::set(walk_active_, 1), VcdRecorder::set(walk_level_, event.level),
                    VcdRecorder::set(pte_address_, event.pte_address)});
  if (event.last) recorder_.record(event.done, source_, {VcdRecorder::set(walk_active_, 0)});
}

}  // namespace memio
