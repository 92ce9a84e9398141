// Slots and devices of virtio from the options; see virtio_setup.h.
#include "platform/virtio_setup.h"

#include <fmt/format.h>

#include <array>

#include "platform/disk_file.h"
#include "platform/errors.h"
#include "virtio/virtio_console.h"
#include "virtio/virtio_rng.h"

namespace memio {
namespace {

/// Between two looks for input, as the serial ports have it.
constexpr std::uint64_t console_interval_ps = 100'000'000;

/// What is in each slot: "none" or a choice of virtio.slot<n>.
using Slots = std::array<std::string, virtio_slots>;

std::string slot_key(unsigned slot) { return fmt::format("virtio.slot{}", slot); }

struct Wish {
  const char* kind;
  bool wanted;
  const char* how;  ///< to ask for it
};

Slots fill_slots(const Options& options, const MachineDescription& machine) {
  Slots slots;
  const auto exists = [&](unsigned slot) { return machine.find(fmt::format("virtio{}", slot)) != nullptr; };
  for (unsigned slot = 0; slot < virtio_slots; ++slot) slots[slot] = options.text(slot_key(slot));
  for (const Wish& wish : {Wish{"block", !options.file("disk").empty(), "disk names its file"},
                           Wish{"console", options.is_on("virtio.console"), "virtio.console is on"},
                           Wish{"rng", options.is_on("virtio.rng"), "virtio.rng is on"}}) {
    int place = -1;
    for (unsigned slot = 0; slot < virtio_slots; ++slot) {
      if (slots[slot] != wish.kind) continue;
      if (!wish.wanted)
        throw ConfigError(
            bad_value(options.value(slot_key(slot)), fmt::format("{} only if {}", wish.kind, wish.how)));
      if (place >= 0 || !exists(slot))
        throw ConfigError(bad_value(options.value(slot_key(slot)),
                                    fmt::format("{} in one slot that the machine has", wish.kind)));
      place = static_cast<int>(slot);
    }
    if (!wish.wanted || place >= 0) continue;
    for (place = virtio_slots - 1; place >= 0; --place) {
      const unsigned slot = static_cast<unsigned>(place);
      if (slots[slot] == "auto" && exists(slot)) break;
    }
    if (place < 0)
      throw ConfigError(fmt::format("virtio: there is no free slot for the {} device", wish.kind));
    slots[static_cast<unsigned>(place)] = wish.kind;
  }
  return slots;
}

std::unique_ptr<VirtioFunction> make_block(const Options& options, const std::string& name) {
  VirtioBlockConfig block;
  const bool timed = options.text("timing") != "functional";
  block.latency = timed ? options.number("disk.latency") : 0;
  block.sector_time = timed ? options.number("disk.sector-time") : 0;
  block.identifier = "memio-" + name;
  return std::make_unique<VirtioBlock>(
      block, std::make_unique<DiskFile>(options.value("disk"), options.is_on("disk.read-only")));
}

}  // namespace

VirtioMmioConfig configure_virtio(const DeviceSurroundings& around, const DeviceDescription& device) {
  VirtioMmioConfig virtio;
  virtio.clock = around.clock;
  virtio.legacy = around.options.text("virtio.version") == "legacy";
  virtio.burst = static_cast<std::uint32_t>(around.options.number("virtio.burst"));
  virtio.at = around.options.text("timing") == "at";
  virtio.latency = around.clock.time(device.latency);
  return virtio;
}

std::unique_ptr<VirtioFunction> make_virtio_function(const DeviceSurroundings& around,
                                                     const DeviceDescription& device) {
  const Slots slots = fill_slots(around.options, around.machine);
  for (unsigned slot = 0; slot < virtio_slots; ++slot) {
    if (device.name != fmt::format("virtio{}", slot)) continue;
    if (slots[slot] == "block") return make_block(around.options, device.name);
    if (slots[slot] == "console") return std::make_unique<VirtioConsole>(around.console, console_interval_ps);
    if (slots[slot] == "rng") return std::make_unique<VirtioRng>(around.options.number("virtio.rng-seed"));
  }
  return nullptr;
}

}  // namespace memio
