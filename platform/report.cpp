// Tables of the text report; see report.h.
#include "platform/report.h"

#include <fmt/format.h>

#include <cstdint>
#include <initializer_list>

namespace memio {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t bar_width = 40;

std::uint64_t count(const ordered_json& group, const char* name) {
  const auto found = group.find(name);
  return found != group.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

const ordered_json* part(const ordered_json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? &*found : nullptr;
}

double ratio(std::uint64_t of, std::uint64_t all) {
  return all == 0 ? 0.0 : static_cast<double>(of) / static_cast<double>(all);
}

std::string percent(std::uint64_t of, std::uint64_t all) {
  return all == 0 ? "-" : fmt::format("{:.2f}%", 100 * ratio(of, all));
}

// 1234567 -> 1,234,567
std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string run_part(const ordered_json& document) {
  std::string out = "memio report\n";
  if (const auto* machine = part(document, "machine"))
    for (const auto& [name, value] : machine->items())
      out += fmt::format("  {:<20} {}\n", name, value.get<std::string>());
  if (const auto* run = part(document, "run"))
    out += fmt::format("  {:<20} {}, exit status {}\n  {:<20} {:.6f} ms\n", "ended by",
                       run->value("reason", ""), run->value("exit", 0), "modelled time",
                       static_cast<double>(count(*run, "sim_time_ps")) / 1e9);
  return out;
}

std::string cycle_part(const ordered_json& cpu) {
  const std::uint64_t cycles = count(cpu, "cycles"), instructions = count(cpu, "instructions");
  std::string out = fmt::format("\nInstructions {}, cycles {}", grouped(instructions), grouped(cycles));
  if (instructions != 0) out += fmt::format(", {:.2f} cycles an instruction", ratio(cycles, instructions));
  out += "\n";
  const auto* stack = part(cpu, "cycle_stack");
  if (!stack) return out;
  out += fmt::format("\nWhere the cycles went\n  {:<14} {:>18} {:>8}\n", "component", "cycles", "share");
  for (const auto& [name, value] : stack->items()) {
    if (!value.is_number_unsigned()) continue;
    const auto own = value.get<std::uint64_t>();
    const auto bar = static_cast<std::size_t>(ratio(own, cycles) * static_cast<double>(bar_width) + 0.5);
    out += fmt::format("  {:<14} {:>18} {:>8}{}\n", name, grouped(own), percent(own, cycles),
                       bar ? " " + std::string(bar, '#') : "");
  }
  return out;
}

// A row for each of `names` that `group` has: look-ups and how they ended.
std::string lookup_table(const ordered_json& group, const char* title, const char* column,
                         std::initializer_list<const char*> names) {
  std::string rows;
  for (const char* name : names) {
    const auto* own = part(group, name);
    if (!own) continue;
    rows += fmt::format("  {:<6} {:>16} {:>16} {:>14} {:>9} {:>14}\n", name, grouped(count(*own, "lookups")),
                        grouped(count(*own, "hits")), grouped(count(*own, "misses")),
                        percent(count(*own, "misses"), count(*own, "lookups")),
                        grouped(count(*own, "evictions")));
  }
  if (rows.empty()) return {};
  return fmt::format("\n{}\n  {:<6} {:>16} {:>16} {:>14} {:>9} {:>14}\n", title, column, "look-ups", "hits",
                     "misses", "miss rate", "evictions") +
         rows;
}

std::string mmu_part(const ordered_json& cpu) {
  const auto* mmu = part(cpu, "mmu");
  if (!mmu) return {};
  std::string out = lookup_table(*mmu, "Translation look-aside buffers", "TLB", {"itlb", "dtlb", "l2tlb"});
  if (const auto* walker = part(*mmu, "walker")) {
    const std::uint64_t walks = count(*walker, "walks"), cycles = count(*walker, "cycles");
    out += fmt::format("\nPage-table walker\n  walks {}, PTE reads {}, faults {}\n", grouped(walks),
                       grouped(count(*walker, "reads")), grouped(count(*walker, "faults")));
    out += fmt::format("  cycles {} ({} of all)", grouped(cycles), percent(cycles, count(cpu, "cycles")));
    if (walks != 0) out += fmt::format(", {:.1f} a walk", ratio(cycles, walks));
    out += "\n";
  }
  return out;
}

std::string cache_part(const ordered_json& cpu) {
  return lookup_table(cpu, "Caches", "cache", {"l1i", "l1d", "l2"});
}

std::string branch_part(const ordered_json& cpu) {
  const auto* branch = part(cpu, "branch");
  if (!branch) return {};
  const std::uint64_t predictions = count(*branch, "predictions"), wrong = count(*branch, "mispredictions");
  return fmt::format("\nBranches\n  predictions {}, wrong {} ({})\n", grouped(predictions), grouped(wrong),
                     percent(wrong, predictions));
}

std::string dram_part(const ordered_json& dram) {
  const std::uint64_t bursts = count(dram, "bursts");
  return fmt::format("\nDRAM\n  bursts {}, in open rows {} ({}), conflicts {}\n", grouped(bursts),
                     grouped(count(dram, "row_hits")), percent(count(dram, "row_hits"), bursts),
                     grouped(count(dram, "row_conflicts")));
}

// bus.SPACE.INITIATOR.TARGET are objects beside counters.
std::string bus_part(const ordered_json& bus) {
  std::string out;
  for (const auto& [space, initiators] : bus.items()) {
    if (!initiators.is_object()) continue;
    for (const auto& [initiator, targets] : initiators.items()) {
      if (!targets.is_object()) continue;
      for (const auto& [target, route] : targets.items()) {
        if (!route.is_object() || count(route, "reads") + count(route, "writes") == 0) continue;
        out += fmt::format("  {:<7} {:<10} {:<10} {:>15} {:>15} {:>17} {:>13} {:>8}\n", space, initiator,
                           target, grouped(count(route, "reads")), grouped(count(route, "writes")),
                           grouped(count(route, "busy_cycles")), grouped(count(route, "wait_cycles")),
                           grouped(count(route, "errors")));
      }
    }
  }
  if (out.empty()) return {};
  return fmt::format("\nBus traffic\n  {:<7} {:<10} {:<10} {:>15} {:>15} {:>17} {:>13} {:>8}\n", "space",
                     "initiator", "target", "reads", "writes", "busy cycles", "wait cycles", "errors") +
         out;
}

}  // namespace

std::string text_report(const ordered_json& document) {
  std::string out = run_part(document);
  for (const auto& [name, object] : document.items()) {
    if (name.rfind("cpu", 0) != 0 || !object.is_object()) continue;
    out += "\n---- " + name + " ----\n" + cycle_part(object) + mmu_part(object) + cache_part(object) +
           branch_part(object);
  }
  if (const auto* bus = part(document, "bus")) out += "\n---- bus ----\n" + bus_part(*bus);
  if (const auto* dram = part(document, "dram")) out += dram_part(*dram);
  if (const auto* host = part(document, "host"))
    out += fmt::format("\nHost: {:.3f} s, {:.1f} million instructions a second\n",
                       host->value("seconds", 0.0), host->value("mips", 0.0));
  return out;
}

}  // namespace memio
