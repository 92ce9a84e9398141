// Options of the devices: what they are and their places in the map.
#include <fmt/format.h>

#include "platform/device_kinds.h"
#include "platform/machine_description.h"
#include "platform/option_groups.h"

namespace memio {
namespace {

void add_device(OptionGroup& table, const DefaultDevice& device) {
  const std::string prefix = "map." + device.name + ".";
  const std::string what = fmt::format("{}, {}", device.name, info(device.kind).text);
  table.push_back(toggle_option(
      prefix + "enable", "on",
      what + (gives_way(device.kind) ? "; unless set, it gives way to what is placed over it or "
                                       "over its interrupts, and goes without a PLIC"
                                     : "")));
  table.push_back({prefix + "base", OptionType::number, fmt::format("{:#x}", device.base), "",
                   device.space == Space::port ? "Its first port" : "Its physical address"});
  if (const unsigned interrupts = info(device.kind).interrupts)
    table.push_back(
        {prefix + "irq",
         OptionType::number,
         std::to_string(device.irq),
         "",
         interrupts == 1
             ? "Its interrupt source at the PLIC; 0: none"
             : fmt::format("The first of its {} interrupt sources at the PLIC; 0: none", interrupts),
         {},
         0,
         plic_sources - (interrupts - 1)});
  if (device.kind != DeviceKind::boot_rom && device.kind != DeviceKind::port_window)
    table.push_back(latency_option(prefix + "latency", "10", "Its access latency"));
}

}  // namespace

OptionGroup accelerator_options() {
  return {
      latency_option("accel.word-cycles", "1", "Accelerator: cycles of the CRC of 4 bytes"),
      latency_option("accel.multiply-cycles", "1", "Accelerator: cycles of a multiplication and addition"),
      latency_option("example.work-cycles", "100", "Example device: cycles of a multiplication"),
  };
}

OptionGroup pcie_options() {
  return {
      text_option(
          "pcie.serial", "off",
          "A 16550 as PCI device 00:01.0, its registers in port space, and where it leads: off (there is "
          "none), none, file:OUT[,IN]; with dump-dtb the tree has it, and OUT is not made"),
  };
}

OptionGroup map_options() {
  OptionGroup table;
  for (const auto& device : default_devices()) add_device(table, device);
  table.push_back(
      latency_option("map.ports.latency", "4", "Access latency of the window, beside the port's"));
  table.push_back(
      {"map.<device>.kind", OptionType::choice, "", "", "A further device: its kind", device_kind_names()});
  table.push_back({"map.<device>.space",
                   OptionType::choice,
                   "memory",
                   "",
                   "The space a further device is attached in",
                   {"memory", "port"}});
  table.push_back({"map.<device>.base", OptionType::number, "", "", "Its first address or port"});
  table.push_back({"map.<device>.irq",
                   OptionType::number,
                   "0",
                   "",
                   "Its interrupt source at the PLIC; 0: none",
                   {},
                   0,
                   plic_sources});
  table.push_back(latency_option("map.<device>.latency", "10", "Its access latency"));
  table.push_back(toggle_option("map.<device>.enable", "on", "Whether it is there"));
  return table;
}

}  // namespace memio
