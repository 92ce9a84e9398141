// Options of a run: mode, limits, images, outputs.
#include "platform/option_groups.h"

namespace memio {
OptionGroup run_options() {
  const char* const dump = "dump-dtb";  // with which nothing is run
  return {
      {"timing",
       OptionType::choice,
       "lt",
       "",
       "Timing mode: functional (an instruction is a cycle, no TLB objects), loosely timed, or approximately "
       "timed (every bus access is a four-phase transaction)",
       {"functional", "lt", "at"}},
      {"quantum",
       OptionType::time,
       "10us",
       "time",
       "Longest time a hart runs ahead of the rest, at most 1,000,000 cycles; with one hart no figure "
       "depends "
       "on it",
       {},
       1,
       one_second},
      {"max-instructions", OptionType::number, "0", "instructions",
       "The run ends with status 124 after so many instructions of one hart; 0: no limit"},
      {"max-sim-time",
       OptionType::time,
       "0ns",
       "time",
       "The run ends with status 124 once this modelled time is reached; 0: no limit",
       {},
       0,
       any_number / one_second * one_second},  // in whole seconds what 64 bits of picoseconds hold
      {"on-reset",
       OptionType::choice,
       "restart",
       "",
       "What a reset that the guest asks for does: start the machine anew, or end the run with status 123",
       {"restart", "end"}},
      unless(dump, text_option("console", "stdio",
                               "Console of the first serial port: stdio, none or file:OUT[,IN]")),
      {"console.eof",
       OptionType::choice,
       "eot",
       "",
       "What the guest reads once the console's input has ended: one EOT character (Ctrl-D), or nothing",
       {"eot", "none"}},
      file_option(
          "bios", {"default", "none"},
          "Firmware, an ELF file or a raw image for the start of RAM; default: built with memio; none: enter "
          "the kernel at reset"),
      file_option("kernel", {"default", "none"},
                  "Kernel, an ELF file or a raw image; default: built with memio, or none if bios names a "
                  "file; none"),
      file_option("initrd", {"default", "none"},
                  "Initial RAM disk; default: built with memio if the kernel is; none"),
      text_option("append", "", "Command line given to the kernel"),
      file_option("dump-dtb", {"none", "-"},
                  "File for the device tree that the guest would get (- is standard output); nothing is run"),
      unless(dump, file_option("stats", {"none", "-"},
                               "File for the statistics (JSON); docs/statistics.md has the schema")),
      unless(dump, file_option("report", {"none", "-"}, "File for the text report; - is standard output")),
      unless(dump, file_option("memory-image", {"none"},
                               "File for the contents of RAM at the end of the run, however it ends: raw, "
                               "with holes for pages of "
                               "zeroes; its first byte is that at ram.base")),
      unless(dump,
             file_option(
                 "signature", {"none", "-"},
                 "File for what a test program leaves between its symbols begin_signature and end_signature: "
                 "lines of hexadecimal digits")),
      needing({"signature"}, {"signature.granularity",
                              OptionType::choice,
                              "4",
                              "bytes",
                              "Bytes in a line of the signature",
                              {"4", "8", "16"},
                              0,
                              any_number,
                              "signature-granularity"}),
  };
}

}  // namespace memio
