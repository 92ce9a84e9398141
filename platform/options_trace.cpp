// Options of traces: what is recorded, into which files, from when to when. docs/waveforms.md describes them.
#include "platform/option_groups.h"

namespace memio {
OptionGroup trace_options() {
  return {
      text_option("vcd", "", "File for the waveform (VCD)"),
      text_option("vcd-scope", "all",
                  "What goes into the waveform: all, or some of cpu,mmu,bus,irq,cache,dram,dma,kernel"),
      {"vcd-start", OptionType::time, "0ns", "time", "Modelled time at which the waveform begins"},
      {"vcd-stop", OptionType::time, "0ns", "time", "Modelled time at which the waveform ends; 0: never"},
      text_option("perfetto", "", "File for a trace that Perfetto and Chrome's trace viewer open (JSON)"),
      text_option("perfetto-scope", "all",
                  "What goes into it: all, or some of cpu,mmu,bus,irq,cache,dram,dma,kernel, and functions, "
                  "which all does not include"),
      text_option("trace-start", "",
                  "Condition at which waveform and trace begin: symbol:NAME, address:FIRST..LAST, time:T or "
                  "event:NAME"),
      text_option("trace-stop", "", "Condition, met after the start, at which they end"),
      {"trace-ring", OptionType::time, "0ns", "time",
       "Keeps so much time before the start condition or, without one, before the end; 0: none"},
      {"trace-ring-events",
       OptionType::number,
       "1000000",
       "events",
       "Most events that are kept for it",
       {},
       1000,
       100'000'000},
      {"trace.kernel-interval",
       OptionType::time,
       "10us",
       "time",
       "Modelled time between two looks at the free memory of the guest kernel",
       {},
       1000,
       one_second},
  };
}

}  // namespace memio
