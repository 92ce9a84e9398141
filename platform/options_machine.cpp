// Options of the machine around hart and memories, and of the host.
#include <fmt/format.h>

#include "platform/device_kinds.h"
#include "platform/option_groups.h"

namespace memio {
OptionGroup machine_options() {
  return {
      toggle_option("machine.port-space", "on",
                    "Whether the machine has port space, its devices and the window"),
      {"rtc.epoch",
       OptionType::number,
       "1735689600",
       "seconds",
       "Time of day at the start of the run, since 1970 (default: 2025-01-01 00:00:00 UTC)",
       {},
       0,
       4102444800},
      toggle_option("host.dmi", "on", "Move data by direct memory access; no figure depends on it"),
      {"host.drop-caches",
       OptionType::number,
       "0",
       "instructions",
       "Mean distance of random drops of the host's caches, for tests; 0: never; no figure depends on it",
       {},
       0,
       1'000'000'000},
      {"host.drop-caches-seed", OptionType::number, "1", "", "Seed of the drops"},
  };
}

}  // namespace memio
