// Options of the groups bus, ram and dram, as the bus and the memories want them.
#pragma once

#include <memory>

#include "bus/bus.h"
#include "memory/dram.h"
#include "memory/memory.h"
#include "platform/machine_description.h"
#include "platform/options.h"

namespace memio {

/// Throws ConfigError for impossible shapes.
void check_memories(const Options& options);

BusConfig configure_bus(const Options& options, const Clock& clock, Settler& settler);

/// The storage of RAM and the time it takes. `dram` is null for an SRAM, and in functional mode, where
/// memory takes no time.
struct Ram {
  std::unique_ptr<Memory> memory;
  std::unique_ptr<Dram> dram;
};

/// Throws ConfigError for what the host cannot map and for impossible shapes.
Ram make_ram(const MachineDescription& machine, const Options& options, const Clock& clock);

/// Gives RAM its ranges at the bus, and the bus what it must know of its time.
void map_ram(const MachineDescription& machine, const Options& options, const Ram& ram, Bus& bus);

}  // namespace memio
