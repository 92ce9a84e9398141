// VCD scopes of the bus: bus.<initiator>, queue.<target>.
#pragma once

#include "core/trace.h"
#include "trace/vcd_recorder.h"

namespace memio {

/// begin*, active, space, kind, write, address, size, latency (cycles), status, memory_type
class VcdInitiatorScope {
 public:
  VcdInitiatorScope(VcdRecorder& recorder, const std::string& name);
  void add(const BusEvent& event);

 private:
  VcdRecorder& recorder_;
  TraceSource source_;
  VcdRecorder::Var begin_, active_, space_, kind_, write_, address_, size_, latency_, status_, memory_type_;
};

/// waiting: requests that wait at the target
class VcdQueueScope {
 public:
  VcdQueueScope(VcdRecorder& recorder, const std::string& name)
      : recorder_(recorder),
        source_(recorder.add_source()),
        waiting_(recorder.wire("queue." + name + ".waiting", 16, 0)) {}
  void add(const QueueEvent& event) {
    recorder_.record(event.at, source_, {VcdRecorder::set(waiting_, event.waiting)});
  }

 private:
  VcdRecorder& recorder_;
  TraceSource source_;
  VcdRecorder::Var waiting_;
};

}  // namespace memio
