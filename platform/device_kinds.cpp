// Device kinds and the default map; see device_kinds.h.
#include "platform/device_kinds.h"

#include <algorithm>

#include "dma/dma_registers.h"
#include "iommu/iommu_registers.h"

namespace memio {

const std::vector<DeviceKindInfo>& device_kinds() {
  static const std::vector<DeviceKindInfo> kinds{
      {DeviceKind::boot_rom,
       "boot-rom",
       0xF000,
       true,
       false,
       true,
       false,
       "reset vector and device tree pointer",
       "rom",
       {}},
      {DeviceKind::test_finisher,
       "test-finisher",
       0x1000,
       true,
       true,
       true,
       false,
       "ends or resets the run",
       "test",
       {"sifive,test1", "sifive,test0", "syscon"}},
      {DeviceKind::goldfish_rtc,
       "goldfish-rtc",
       0x1000,
       true,
       false,
       false,
       true,
       "real-time clock, nanoseconds",
       "rtc",
       {"google,goldfish-rtc"}},
      {DeviceKind::clint,
       "clint",
       0x10000,
       true,
       false,
       true,
       false,
       "machine timer and software interrupts",
       "clint",
       {"sifive,clint0", "riscv,clint0"}},
      {DeviceKind::port_window,
       "port-window",
       0x10000,
       true,
       false,
       true,
       false,
       "port space seen in memory space",
       "port-space",
       {}},
      {DeviceKind::plic,
       "plic",
       0x600000,
       true,
       false,
       true,
       false,
       "platform-level interrupt controller",
       "plic",
       {"sifive,plic-1.0.0", "riscv,plic0"}},
      {DeviceKind::uart16550,
       "uart16550",
       8,
       true,
       true,
       false,
       true,
       "16550A serial port",
       "serial",
       {"ns16550a"}},
      {DeviceKind::gpio,
       "gpio",
       0x1000,
       true,
       false,
       false,
       true,
       "32 general-purpose lines with loopback",
       "gpio",
       {"memio,gpio"}},
      {DeviceKind::dma,
       "dma",
       dma::device_size,
       true,
       false,
       false,
       true,
       "DMA controller",
       "dma-controller",
       {"memio,dma"}},
      {DeviceKind::iommu,
       "iommu",
       iommu::device_size,
       true,
       false,
       true,
       true,
       "address translation for DMA controllers",
       "iommu",
       {"memio,iommu"}},
      {DeviceKind::cmos_rtc,
       "cmos-rtc",
       2,
       true,
       true,
       false,
       true,
       "MC146818 clock and CMOS RAM",
       "rtc",
       {"motorola,mc146818"}},
      {DeviceKind::pit, "pit", 4, true, true, false, true, "8254 interval timer", "timer", {"intel,i8254"}},
      {DeviceKind::debug_port,
       "debug-port",
       1,
       true,
       true,
       false,
       false,
       "power-on debug code",
       "debug",
       {"memio,debug-port"}},
      {DeviceKind::reset_control,
       "reset-control",
       1,
       true,
       true,
       false,
       false,
       "machine reset",
       "reset",
       {"memio,reset-control"}},
      {DeviceKind::accelerator,
       "accelerator",
       0x1000,
       true,
       false,
       false,
       true,
       "CRC-32 and matrix products",
       "accelerator",
       {"memio,accelerator"}},
      {DeviceKind::example,
       "example",
       0x1000,
       true,
       false,
       false,
       true,
       "device to copy: multiplies two numbers",
       "example",
       {"memio,example"}},
  };
  return kinds;
}

const DeviceKindInfo& info(DeviceKind kind) {
  return *std::find_if(device_kinds().begin(), device_kinds().end(),
                       [&](const DeviceKindInfo& candidate) { return candidate.kind == kind; });
}

std::vector<std::string> device_kind_names() {
  std::vector<std::string> names;
  for (const auto& kind : device_kinds()) names.push_back(kind.name);
  return names;
}

const std::vector<DefaultDevice>& default_devices() {
  static const std::vector<DefaultDevice> devices{
      {"rom", DeviceKind::boot_rom, Space::memory, 0x1000, 0},
      {"finisher", DeviceKind::test_finisher, Space::memory, 0x100000, 0},
      {"rtc", DeviceKind::goldfish_rtc, Space::memory, 0x101000, 11},
      {"clint", DeviceKind::clint, Space::memory, 0x2000000, 0},
      {"ports", DeviceKind::port_window, Space::memory, 0x3000000, 0},
      {"plic", DeviceKind::plic, Space::memory, 0xC000000, 0},
      {"uart0", DeviceKind::uart16550, Space::memory, 0x10000000, 10},
      {"gpio0", DeviceKind::gpio, Space::memory, 0x10020000, 12},
      {"dma0", DeviceKind::dma, Space::memory, 0x10021000, 15},
      {"iommu0", DeviceKind::iommu, Space::memory, 0x10022000, 16},
      {"accel0", DeviceKind::accelerator, Space::memory, 0x10023000, 17},
      {"pit", DeviceKind::pit, Space::port, 0x40, 14},
      {"cmos", DeviceKind::cmos_rtc, Space::port, 0x70, 0},
      {"debug", DeviceKind::debug_port, Space::port, 0x80, 0},
      {"uart1", DeviceKind::uart16550, Space::port, 0x3F8, 13},
      {"reset", DeviceKind::reset_control, Space::port, 0xCF9, 0},
  };
  return devices;
}

const std::vector<DmaRequestLine>& dma_request_lines() {
  static const std::vector<DmaRequestLine> lines{{0, "uart0", "rx"},     {1, "uart0", "tx"},
                                                 {2, "uart1", "rx"},     {3, "uart1", "tx"},
                                                 {4, "accel0", "input"}, {5, "accel0", "output"}};
  return lines;
}

const DefaultDevice* default_device(const std::string& name) {
  for (const auto& device : default_devices())
    if (device.name == name) return &device;
  return nullptr;
}

}  // namespace memio
