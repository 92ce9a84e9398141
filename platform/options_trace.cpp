// Options of traces: what is recorded, into which files, from when to when. docs/waveforms.md describes them.
#include "platform/option_groups.h"

namespace memio {
OptionGroup trace_options() {
  const std::vector<std::string> vcd{"vcd"}, either{"vcd", "perfetto"};
  return {
      unless("dump-dtb", file_option("vcd", {"none"}, "File for the waveform (VCD)")),
      needing(vcd, text_option("vcd-scope", "all",
                               "What goes into the waveform: all, or some of "
                               "cpu,mmu,bus,irq,cache,dram,dma,kernel")),
      needing(vcd,
              {"vcd-start", OptionType::time, "0ns", "time", "Modelled time at which the waveform begins"}),
      needing(vcd, {"vcd-stop", OptionType::time, "0ns", "time",
                    "Modelled time at which the waveform ends; 0: never"}),
      unless("dump-dtb", file_option("perfetto", {"none"},
                                     "File for a trace that Perfetto and Chrome's trace viewer open (JSON)")),
      needing({"perfetto"}, text_option("perfetto-scope", "all",
                                        "What goes into it: all, or some of "
                                        "cpu,mmu,bus,irq,cache,dram,dma,kernel, and functions, "
                                        "which all does not include")),
      needing(either, text_option("trace-start", "",
                                  "Condition at which waveform and trace begin: symbol:NAME, "
                                  "address:FIRST..LAST, time:T or event:NAME")),
      needing(either, text_option("trace-stop", "", "Condition, met after the start, at which they end")),
      needing(either,
              {"trace-ring", OptionType::time, "0ns", "time",
               "Keeps so much time before the start condition or, without one, before the end; 0: none"}),
      needing({"trace-ring"}, {"trace-ring-events",
                               OptionType::number,
                               "1000000",
                               "events",
                               "Most events that are kept for it",
                               {},
                               1000,
                               100'000'000}),
      needing(either, {"trace.kernel-interval",
                       OptionType::time,
                       "10us",
                       "time",
                       "Modelled time between two looks at the free memory of the guest kernel",
                       {},
                       1000,
                       one_second}),
  };
}

}  // namespace memio
