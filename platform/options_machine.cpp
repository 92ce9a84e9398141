// Options of the interconnect, the memories and the machine around them.
#include <fmt/format.h>

#include "platform/device_kinds.h"
#include "platform/option_groups.h"

namespace memio {
OptionGroup bus_options() {
  return {
      latency_option("bus.hop", "1", "Crossing the bus, once a transaction"),
      latency_option("bus.beat", "1", "Each further 8 bytes of a longer transfer"),
      {"bus.arbitration",
       OptionType::choice,
       "fixed",
       "",
       "Order of requests at equal times",
       {"fixed", "round-robin"}},
      latency_option("ram.read-latency", "3", "RAM: cycles of a read"),
      latency_option("ram.write-latency", "3", "RAM: cycles of a write"),
      latency_option("rom.read-latency", "2", "Boot ROM: cycles of a read"),
      {"ram.base", OptionType::number, fmt::format("{:#x}", default_ram_base), "", "RAM: physical address"},
      {"ram.size", OptionType::size, "256M", "bytes", "RAM: size, a multiple of 4K", {}, 4096, 1ull << 50},
  };
}

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
