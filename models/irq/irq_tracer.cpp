// Interrupt-line observer; see irq_tracer.h.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "irq/irq_tracer.h"

namespace memio {

IrqTracer::IrqTracer(const sc_core::sc_module_name& name, const Clock& clock, TraceSink& sink)
    : sc_module(name), clock_(clock), sink_(sink) {}

void IrqTracer::add(const std::string& name, const sc_core::sc_signal_in_if<bool>& line) {
  if (!sink_.wants(TraceTopic::irq)) return;
  lines_.push_back({name, &line});
  const Line* const added = &lines_.back();
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&line.value_changed_event());
  sc_core::sc_spawn(
      [this, added] {
        sink_.irq({clock_.cycles_up(sc_core::sc_time_stamp()), &added->name, added->signal->read()});
      },
      sc_core::sc_gen_unique_name("line"), &options);
}

}  // namespace memio
