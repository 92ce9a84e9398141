// Options of traces: the waveform. docs/waveforms.md describes them.
#include "platform/option_groups.h"

namespace memio {
OptionGroup trace_options() {
  return {
      text_option("vcd", "", "File for the waveform (VCD)"),
      text_option("vcd-scope", "all",
                  "What goes into the waveform: all, or some of cpu,mmu,bus,irq,cache,dram,dma,kernel"),
      {"vcd-start", OptionType::time, "0ns", "time", "Modelled time at which the waveform begins"},
      {"vcd-stop", OptionType::time, "0ns", "time", "Modelled time at which the waveform ends; 0: never"},
  };
}

}  // namespace memio
