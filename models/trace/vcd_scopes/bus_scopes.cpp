// VCD scopes of the bus; see bus_scopes.h.
#include "trace/vcd_scopes/bus_scopes.h"

namespace memio {

VcdInitiatorScope::VcdInitiatorScope(VcdRecorder& recorder, const std::string& name)
    : recorder_(recorder), source_(recorder.add_source()) {
  const std::string scope = "bus." + name + ".";
  begin_ = recorder.event(scope + "begin");
  active_ = recorder.wire(scope + "active", 1, 0);
  space_ = recorder.wire(scope + "space", 1);
  kind_ = recorder.wire(scope + "kind", 3);
  write_ = recorder.wire(scope + "write", 1);
  address_ = recorder.wire(scope + "address", 64);
  size_ = recorder.wire(scope + "size", 32);
  latency_ = recorder.wire(scope + "latency", 64);
  status_ = recorder.wire(scope + "status", 3);
  memory_type_ = recorder.wire(scope + "memory_type", 2);
}

void VcdInitiatorScope::add(const BusEvent& event) {
  recorder_.record(
      event.start, source_,
      {VcdRecorder::fire(begin_), VcdRecorder::raise(active_), VcdRecorder::set_enum(space_, event.space),
       VcdRecorder::set_enum(kind_, event.kind), VcdRecorder::set(write_, event.write ? 1 : 0),
       VcdRecorder::set(address_, event.address), VcdRecorder::set(size_, event.size),
       VcdRecorder::set(latency_, event.done - event.start), VcdRecorder::set_enum(status_, event.status),
       VcdRecorder::set_enum(memory_type_, event.memory_type)});
  recorder_.record(event.done, source_, {VcdRecorder::lower(active_)});
}

}  // namespace memio
