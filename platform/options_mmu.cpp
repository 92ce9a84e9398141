// Options of TLBs, walk cache and walker.
#include "platform/option_groups.h"

namespace memio {

void add_tlb_options(OptionGroup& table, const std::string& key, const std::string& name, const char* entries,
                     const char* ways, const char* hit_latency, const char* seed, bool may_be_absent,
                     const std::string& entries_alias) {
  table.push_back({key + ".entries",
                   OptionType::number,
                   entries,
                   "entries",
                   name + ": number of entries" + (may_be_absent ? "; 0: none" : ""),
                   {},
                   may_be_absent ? 0u : 1u,
                   65536,
                   entries_alias});
  table.push_back({key + ".ways",
                   OptionType::number,
                   ways,
                   "ways",
                   name + ": ways of a set, a divisor of the entries; 0: fully associative",
                   {},
                   0,
                   65536});
  table.push_back({key + ".policy",
                   OptionType::choice,
                   "lru",
                   "",
                   name + ": replacement policy",
                   {"lru", "plru", "fifo", "nru", "random"}});
  table.push_back(latency_option(key + ".hit-latency", hit_latency, name + ": cycles of a look-up"));
  if (!may_be_absent)
    table.push_back(
        latency_option(key + ".miss-latency", "0",
                       name + ": cycles from a look-up that misses to the second level or the walk"));
  table.push_back({key + ".seed", OptionType::number, seed, "", name + ": seed of the random policy"});
}

OptionGroup mmu_options() {
  OptionGroup table;
  add_tlb_options(table, "mmu.itlb", "Instruction TLB", "32", "0", "0", "1", false, "itlb-entries");
  add_tlb_options(table, "mmu.dtlb", "Data TLB", "32", "0", "0", "2", false, "dtlb-entries");
  add_tlb_options(table, "mmu.l2tlb", "Unified second-level TLB", "512", "4", "4", "3", true,
                  "l2tlb-entries");
  table.push_back({"mmu.ad",
                   OptionType::choice,
                   "isa",
                   "",
                   "Accessed and dirty bits: as cpu.isa says (isa), or, whatever it says, by page faults "
                   "(svade) or by the "
                   "walker (svadu)",
                   {"isa", "svade", "svadu"}});
  table.push_back({"mmu.pwc.entries",
                   OptionType::number,
                   "0",
                   "entries",
                   "Page-walk cache: number of entries; 0: none",
                   {},
                   0,
                   65536});
  table.push_back(needing({"mmu.pwc.entries"},
                          latency_option("mmu.pwc.hit-latency", "1", "Page-walk cache: cycles of a hit")));
  table.push_back(
      latency_option("mmu.walk-step-latency", "1", "Walker: cycles of a level, beside the PTE read"));
  return table;
}

}  // namespace memio
