// Options of the virtio-mmio slots and of what is in them.
#include <fmt/format.h>

#include "platform/option_groups.h"
#include "platform/virtio_setup.h"

namespace memio {

OptionGroup virtio_options() {
  OptionGroup table{
      file_option("disk", {"none"},
                  "File that is the virtio disk: raw, a regular file of whole sectors of 512 bytes"),
      needing({"disk"}, toggle_option("disk.read-only", "off",
                                      "The disk cannot be written, and its file is opened for reading")),
      needing({"disk"}, {"disk.latency",
                         OptionType::time,
                         "20us",
                         "time",
                         "Time that each request of the disk takes, beside the transfer of its data",
                         {},
                         0,
                         one_second}),
      needing({"disk"}, {"disk.sector-time",
                         OptionType::time,
                         "250ns",
                         "time",
                         "Further time for each sector of 512 bytes that is read or written",
                         {},
                         0,
                         one_second / 1'000'000}),
      {"virtio.version",
       OptionType::choice,
       "legacy",
       "",
       "Interface of the slots: legacy (version 1, QEMU's default) or modern (version 2)",
       {"legacy", "modern"}},
      toggle_option(
          "virtio.console", "off",
          "A virtio console, which shares the machine's console with the serial port and alone has its "
          "input"),
      toggle_option("virtio.rng", "off", "A virtio source of random numbers, the same in every run"),
      needing({"virtio.rng"}, {"virtio.rng-seed", OptionType::number, "1", "", "Seed of the random numbers"}),
      power_of_two({"virtio.burst",
                    OptionType::number,
                    "64",
                    "bytes",
                    "Most bytes of a bus transaction of a virtio device",
                    {},
                    8,
                    4096}),
  };
  for (unsigned slot = 0; slot < virtio_slots; ++slot)
    table.push_back({fmt::format("virtio.slot{}", slot),
                     OptionType::choice,
                     "auto",
                     "",
                     "What is in the slot; auto: devices that are asked for take the highest free slots",
                     {"auto", "none", "block", "console", "rng"}});
  return table;
}

}  // namespace memio
