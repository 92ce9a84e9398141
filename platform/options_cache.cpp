// Options of the caches and buffers between a hart and the bus.
#include "platform/option_groups.h"

namespace memio {
namespace {

void add_cache(OptionGroup& table, const std::string& key, const std::string& name, const char* ways,
               const char* hit, const char* seed) {
  const std::string prefix = "cache." + key + ".";
  const bool data = key == "l1d";
  table.push_back({prefix + "size",
                   OptionType::size,
                   "0",
                   "bytes",
                   name + ": size; 0: none",
                   {},
                   0,
                   1ull << 30,
                   key + "-size"});
  table.push_back({prefix + "ways",
                   OptionType::number,
                   ways,
                   "ways",
                   name + ": ways of a set, a divisor of the lines; 0: fully associative",
                   {},
                   0,
                   65536});
  table.push_back({prefix + "line",
                   OptionType::choice,
                   "64",
                   "bytes",
                   name + ": bytes of a line",
                   {"16", "32", "64", "128", "256"}});
  table.push_back({prefix + "policy",
                   OptionType::choice,
                   "lru",
                   "",
                   name + ": replacement policy",
                   {"lru", "plru", "fifo", "nru", "random"}});
  table.push_back({prefix + "seed", OptionType::number, seed, "", name + ": seed of the random policy"});
  table.push_back(latency_option(prefix + "hit-latency", hit, name + ": cycles of a look-up"));
  table.push_back(latency_option(prefix + "miss-latency", "1",
                                 name + ": cycles from a look-up that misses to the request below"));
  if (key == "l2") return;
  table.push_back(latency_option(prefix + "replay-latency", "0",
                                 name + ": cycles from the data of a miss to the access that goes on"));
  table.push_back(
      {prefix + "restart",
       OptionType::choice,
       "line",
       "",
       name + ": an access that misses goes on with the whole line, with its word in order (early), or "
              "with its word, which comes first (critical)",
       {"line", "early", "critical"}});
  if (!data) {
    table.push_back({prefix + "prefetch",
                     OptionType::choice,
                     "off",
                     "",
                     name + ": what a miss also fills",
                     {"off", "next-line"}});
    return;
  }
  table.push_back({prefix + "write",
                   OptionType::choice,
                   "back",
                   "",
                   name + ": where stores go: to the line (back) or to memory as well (through)",
                   {"back", "through"}});
  table.push_back(
      toggle_option(prefix + "write-allocate", "on", name + ": whether a store that misses fills its line"));
  table.push_back({prefix + "mshrs",
                   OptionType::number,
                   "0",
                   "misses",
                   name + ": outstanding load misses that the hart does not wait for; 0: it waits for each",
                   {},
                   0,
                   64});
  table.push_back({prefix + "store-buffer",
                   OptionType::number,
                   "0",
                   "stores",
                   name + ": stores that wait for their line while the hart goes on; 0: it waits",
                   {},
                   0,
                   64});
  table.push_back({prefix + "collision-window",
                   OptionType::number,
                   "0",
                   "cycles",
                   name + ": a load that hits what a store that hit wrote so many cycles before, or less, is "
                          "made again; 0: none is",
                   {},
                   0,
                   8});
  table.push_back(
      latency_option(prefix + "collision-latency", "5", name + ": what making a load again takes"));
}

}  // namespace

OptionGroup cache_options() {
  OptionGroup table;
  add_cache(table, "l1i", "Instruction cache", "4", "0", "4");
  add_cache(table, "l1d", "Data cache", "4", "0", "5");
  add_cache(table, "l2", "Unified second-level cache", "8", "10", "6");
  const std::vector<std::string> data_cache{"cache.l1d.size"};
  table.push_back(
      needing(data_cache, {"cache.write-buffer.entries",
                           OptionType::number,
                           "4",
                           "writes",
                           "Write buffer of the data cache: writes on their way; 0: the hart waits for each",
                           {},
                           0,
                           64}));
  table.push_back(needing(
      data_cache,
      latency_option("cache.write-buffer.release-latency", "0",
                     "Write buffer: cycles from the end of a write until its entry can be taken again")));
  table.push_back({"cache.walker",
                   OptionType::choice,
                   "l1d",
                   "",
                   "Where the page-table walker reads; where that cache does not exist, from the bus",
                   {"l1d", "l2", "bus"}});
  table.push_back(needing(data_cache, {"cache.dma",
                                       OptionType::choice,
                                       "coherent",
                                       "",
                                       "Whether DMA snoops the data caches, or sees memory behind them",
                                       {"coherent", "noncoherent"}}));
  table.push_back(
      needing(data_cache,
              latency_option("cache.snoop-latency", "0",
                             "Coherent DMA: cycles of an access for each line that it finds in a cache")));
  table.push_back(
      needing(data_cache, toggle_option("check.coherency", "off",
                                        "Tell at the end of reads of stale data, by DMA or by the hart "
                                        "(cache.dma = noncoherent)")));
  for (OptionSpec& spec : table)
    if (const auto end = spec.key.rfind('.');
        spec.key.rfind("cache.l", 0) == 0 && spec.key.substr(end) != ".size")
      spec.needs = {spec.key.substr(0, end) + ".size"};
  return table;
}

}  // namespace memio
