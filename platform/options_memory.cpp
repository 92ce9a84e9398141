// Options of the interconnect and the memories.
#include <fmt/format.h>

#include "platform/device_kinds.h"
#include "platform/option_groups.h"

namespace memio {
namespace {

OptionSpec bytes_option(std::string key, const char* bytes, std::string text, std::uint64_t min,
                        std::uint64_t max) {
  return {std::move(key), OptionType::size, bytes, "bytes", std::move(text), {}, min, max};
}

OptionSpec ram_latency_option(std::string key, std::string text) {
  OptionSpec spec = latency_option(std::move(key), "3", std::move(text));
  spec.follows = "ram.latency";
  return spec;
}

}  // namespace

OptionGroup bus_options() {
  return {
      latency_option("bus.hop", "1", "Crossing the bus, once a transaction"),
      power_of_two(
          {"bus.width", OptionType::number, "8", "bytes", "A beat: what is moved at once", {}, 4, 32}),
      latency_option("bus.beat", "1", "Each further beat of a longer transfer"),
      {"bus.accept",
       OptionType::number,
       "1",
       "cycles",
       "Mode at: from a request's place in the queue of its target until the initiator may make another",
       {},
       1,
       1000000},
      {"bus.queue",
       OptionType::number,
       "8",
       "requests",
       "Mode at: requests that wait at one target; further ones are not accepted until there is room",
       {},
       1,
       1000000},
      {"bus.arbitration",
       OptionType::choice,
       "fixed",
       "",
       "Order of requests at equal times",
       {"fixed", "round-robin"}},
  };
}

OptionGroup memory_options() {
  constexpr std::uint64_t page = 4096;
  OptionGroup table{
      multiple_of(page, {"ram.base", OptionType::number, fmt::format("{:#x}", default_ram_base), "",
                         "RAM: physical address"}),
      multiple_of(page, bytes_option("ram.size", "256M", "RAM: size", page, 1ull << 50)),
      multiple_of(page, {"ram.alias-base", OptionType::number, "0", "",
                         "Address at which RAM is seen a second time, not cacheable; 0: nowhere"}),
      multiple_of(page, bytes_option("ram.uncached-size", "0",
                                     "The last bytes of RAM that are not cacheable; at most ram.size", 0,
                                     1ull << 50)),
      {"ram.kind",
       OptionType::choice,
       "sram",
       "",
       "RAM: a fixed latency (ram.latency), or banks and rows (dram)",
       {"sram", "dram"}},
      latency_option("ram.latency", "3", "SRAM: cycles of an access"),
      ram_latency_option("ram.read-latency", "SRAM: cycles of a read; as ram.latency if not set"),
      ram_latency_option("ram.write-latency", "SRAM: cycles of a write; as ram.latency if not set"),
      latency_option(
          "ram.interval", "0",
          "SRAM: from the start of a transfer of one beat until the next may start; 0: its whole time"),
      {"ram.ports",
       OptionType::choice,
       "shared",
       "",
       "RAM: one port for all, or one for each initiator, so that none waits for another",
       {"shared", "independent"}},
      latency_option("rom.read-latency", "2", "Boot ROM: cycles of a read"),
      power_of_two({"dram.banks", OptionType::number, "8", "banks", "DRAM: banks", {}, 1, 256}),
      power_of_two(bytes_option("dram.row", "8K", "Row of one bank", 64, 1u << 20)),
      power_of_two(bytes_option("dram.interleave", "0",
                                "Consecutive bytes in one bank, from a burst to a row; 0: a row", 0,
                                1u << 20)),
      {"dram.policy",
       OptionType::choice,
       "open",
       "",
       "A row after a transfer: left open or closed",
       {"open", "closed"}},
      power_of_two(bytes_option("dram.burst", "64", "Bytes of a burst, at most a row", 4, 4096)),
      {"dram.tburst", OptionType::number, "5", "cycles", "A burst on the data bus", {}, 1, max_latency},
      latency_option("dram.trcd", "14", "Activation of a row to a read or write"),
      latency_option("dram.trp", "14", "Precharge to activation"),
      latency_option("dram.tcas", "14", "Read or write to its first data"),
      latency_option("dram.tras", "35", "Activation to precharge"),
      latency_option("dram.trc", "49", "Activation to activation in one bank"),
      latency_option("dram.twr", "15", "Last data written to precharge"),
      latency_option("dram.trfc", "260", "A refresh of all banks; less than dram.trefi"),
      latency_option("dram.trefi", "7800", "From refresh to refresh; 0: none"),
      {"dram.queue", OptionType::number, "4", "transfers", "That the controller holds at once", {}, 1, 64},
  };
  for (OptionSpec& spec : table)
    if (spec.key.rfind("dram.", 0) == 0) spec.needs = {"ram.kind"};
  return table;
}

}  // namespace memio
