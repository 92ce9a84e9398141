// Bus and RAM from options; see memory_setup.h.
#include "platform/memory_setup.h"

#include <fmt/format.h>

#include "platform/errors.h"

namespace memio {
namespace {

DramConfig configure_dram(const Options& options) {
  DramConfig dram;
  dram.banks = options.small_number("dram.banks");
  dram.row_bytes = options.small_number("dram.row");
  dram.burst_bytes = options.small_number("dram.burst");
  if (dram.burst_bytes > dram.row_bytes)
    throw ConfigError(bad_value(options.value("dram.burst"),
                                fmt::format("at most dram.row, which is {}", format_size(dram.row_bytes))));
  if (options.number("dram.interleave")) {
    dram.interleave = options.small_number("dram.interleave");
    if (dram.interleave < dram.burst_bytes || dram.interleave > dram.row_bytes)
      throw ConfigError(bad_value(options.value("dram.interleave"),
                                  fmt::format("0, or a power of two from dram.burst ({}) to dram.row ({})",
                                              format_size(dram.burst_bytes), format_size(dram.row_bytes))));
  }
  dram.policy = options.text("dram.policy") == "open" ? RowPolicy::open : RowPolicy::closed;
  dram.burst_cycles = options.number("dram.tburst");
  dram.trcd = options.number("dram.trcd");
  dram.trp = options.number("dram.trp");
  dram.tcas = options.number("dram.tcas");
  dram.tras = options.number("dram.tras");
  dram.trc = options.number("dram.trc");
  dram.twr = options.number("dram.twr");
  dram.trfc = options.number("dram.trfc");
  dram.trefi = options.number("dram.trefi");
  if (dram.trefi && dram.trfc >= dram.trefi)
    throw ConfigError(
        bad_value(options.value("dram.trfc"), fmt::format("less than dram.trefi, which is {}", dram.trefi)));
  dram.queue = options.small_number("dram.queue");
  return dram;
}

}  // namespace

void check_memories(const Options& options) { configure_dram(options); }

BusConfig configure_bus(const Options& options, const Clock& clock, Settler& settler) {
  BusConfig config;
  config.clock = clock;
  config.hop = options.latency("bus.hop");
  config.beat = options.latency("bus.beat");
  config.width = options.small_number("bus.width");
  config.arbitration =
      options.text("bus.arbitration") == "fixed" ? Arbitration::fixed : Arbitration::round_robin;
  config.at = options.text("timing") == "at";
  config.accept = options.number("bus.accept");
  config.queue = options.small_number("bus.queue");
  config.settler = &settler;
  return config;
}

Ram make_ram(const MachineDescription& machine, const Options& options, const Clock& clock) {
  Ram ram;
  MemoryConfig config;
  config.size = machine.ram_size;
  config.clock = clock;
  if (options.text("ram.kind") == "dram") {
    const DramConfig dram = configure_dram(options);
    if (options.text("timing") != "functional") ram.dram = std::make_unique<Dram>(dram, "ram");
  } else {
    config.read_latency = options.latency("ram.read-latency");
    config.write_latency = options.latency("ram.write-latency");
  }
  try {
    ram.memory = std::make_unique<Memory>("ram", config);
  } catch (const std::runtime_error& error) {
    throw ConfigError(
        bad_value(options.value("ram.size"), std::string("what the host can map; ") + error.what()));
  }
  return ram;
}

void map_ram(const MachineDescription& machine, const Options& options, const Ram& ram, Bus& bus) {
  auto& socket = ram.memory->socket;
  const std::uint64_t first_uncached = machine.ram_base + (machine.ram_size - machine.ram_uncached);
  if (machine.ram_uncached < machine.ram_size)
    bus.map(Space::memory, machine.ram_base, first_uncached - 1, "ram", socket, {machine.ram_base, true});
  if (machine.ram_uncached)
    bus.map(Space::memory, first_uncached, machine.ram_last(), "ram", socket, {machine.ram_base, false});
  if (machine.ram_alias)
    bus.map(Space::memory, *machine.ram_alias, *machine.ram_alias + (machine.ram_size - 1), "ram", socket,
            {*machine.ram_alias, false});
  TargetTraits traits;
  traits.service = ram.dram.get();
  traits.interval = ram.dram ? 0 : options.latency("ram.interval");
  traits.independent = options.text("ram.ports") == "independent";
  bus.set_traits(Space::memory, "ram", traits);
}

}  // namespace memio
