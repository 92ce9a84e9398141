// VCD scopes of the memory hierarchy; see memory_scopes.h.
#include "trace/vcd_scopes/memory_scopes.h"

namespace memio {

VcdCacheScope::VcdCacheScope(VcdRecorder& recorder, const std::string& name)
    : recorder_(recorder), source_(recorder.add_source()) {
  constexpr const char* names[kinds] = {"miss", "fill", "write_back", "prefetch", "clean", "invalidate"};
  for (unsigned kind = 0; kind < kinds; ++kind) happened_[kind] = recorder.event(name + "." + names[kind]);
  busy_ = recorder.wire(name + ".busy", 1, 0);
  address_ = recorder.wire(name + ".address", 64);
  cause_ = recorder.wire(name + ".cause", 3);
}

void VcdCacheScope::add(const CacheEvent& event) {
  recorder_.record(
      event.start, source_,
      {VcdRecorder::fire(happened_[static_cast<unsigned>(event.kind)]), VcdRecorder::raise(busy_),
       VcdRecorder::set(address_, event.address), VcdRecorder::set_enum(cause_, event.cause)});
  recorder_.record(event.done, source_, {VcdRecorder::lower(busy_)});
}

VcdBankScope::VcdBankScope(VcdRecorder& recorder, const std::string& target, unsigned bank)
    : recorder_(recorder), source_(recorder.add_source()) {
  const std::string scope = "dram." + target + ".bank" + std::to_string(bank) + ".";
  active_ = recorder.wire(scope + "active", 1, 0);
  row_ = recorder.wire(scope + "row", 32);
  outcome_ = recorder.wire(scope + "outcome", 2);
  refresh_ = recorder.wire(scope + "refresh", 32);
}

void VcdBankScope::add(const DramEvent& event) {
  recorder_.record(
      event.start, source_,
      {VcdRecorder::raise(active_), VcdRecorder::set(row_, event.row),
       VcdRecorder::set_enum(outcome_, event.outcome), VcdRecorder::set(refresh_, event.refresh)});
  recorder_.record(event.done, source_, {VcdRecorder::lower(active_)});
}

}  // namespace memio
