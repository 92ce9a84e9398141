// Observes interrupt lines and turns their changes into trace events.
//
// One mechanism for all lines: models know nothing of tracing, the platform adds each line by name.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <systemc>

#include "core/clock.h"
#include "core/irq_ports.h"
#include "core/trace.h"

namespace memio {

class IrqTracer : public sc_core::sc_module {
 public:
  /// `clock` stamps the events; `sink` must outlive the run. A sink that does not want the topic costs
  /// nothing.
  IrqTracer(const sc_core::sc_module_name& name, const Clock& clock, TraceSink& sink);

  /// Observes `line` under `name` ("plic.seip0"). Only before elaboration ends.
  void add(const std::string& name, const sc_core::sc_signal_in_if<bool>& line);

 private:
  struct Line {
    std::string name;
    const sc_core::sc_signal_in_if<bool>* signal;
  };

  Clock clock_;
  TraceSink& sink_;
  std::deque<Line> lines_;  // events point at the names: they must not move
};

}  // namespace memio
