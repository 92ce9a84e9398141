// The machine description and its checks, and the device tree made from it.
#include "platform/machine_description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libfdt.h>

#include "platform/device_tree.h"
#include "platform/errors.h"
#include "unit/platform/temporary_file.h"

namespace memio {
namespace {

using test::error_of;
using testing::AllOf;
using testing::HasSubstr;
using Settings = std::vector<std::pair<std::string, std::string>>;

MachineDescription machine_with(const Settings& settings) {
  Options options;
  for (const auto& [key, value] : settings) options.set(key, value, "test.ini:1");
  return describe_machine(options);
}

std::string error_with(const Settings& settings) {
  return error_of<ConfigError>([&] { machine_with(settings); });
}

TEST(MachineDescription, DefaultMapIsVirt) {
  const auto machine = machine_with({});
  EXPECT_EQ(machine.ram_base, 0x80000000u);
  EXPECT_EQ(machine.find(DeviceKind::boot_rom)->base, 0x1000u);
  EXPECT_EQ(machine.find("finisher")->base, 0x100000u);
  EXPECT_EQ(machine.find("rtc")->base, 0x101000u);
  EXPECT_EQ(machine.find("rtc")->irq, 11u);
  EXPECT_EQ(machine.find("clint")->base, 0x2000000u);
  EXPECT_EQ(machine.find("ports")->base, 0x3000000u);
  EXPECT_EQ(machine.find("plic")->base, 0xC000000u);
  EXPECT_EQ(machine.find("uart0")->irq, 10u);
  EXPECT_EQ(machine.find("gpio0")->base, 0x10020000u);
  EXPECT_EQ(machine.find("uart1")->base, 0x3F8u);
  EXPECT_EQ(machine.find("uart1")->space, Space::port);
  EXPECT_EQ(machine.console()->name, "uart0");
  EXPECT_EQ(machine.mmu, "sv57");
  EXPECT_EQ(machine_with({{"cpu.isa", "rv32imac"}}).mmu, "sv32");
}

TEST(MachineDescription, RamIsSeenTwiceOnRequest) {
  const auto machine = machine_with({{"ram.alias-base", "0x100000000"}, {"ram.uncached-size", "1M"}});
  EXPECT_EQ(machine.ram_alias, 0x100000000u);
  EXPECT_EQ(machine.ram_uncached, 0x100000u);
  EXPECT_THAT(format_map(machine),
              HasSubstr("0x00080000000..0x0008fffffff  ram        ram, 256M, the last 1M not "
                        "cacheable\n0x00100000000..0x0010fffffff  ram        alias of ram, "
                        "256M, not cacheable\n"));
  const std::string tree = make_device_tree(machine, {});
  const int memory = fdt_path_offset(tree.data(), "/memory@80000000");
  int length = 0;
  const void* alias = fdt_getprop(tree.data(), memory, "memio,uncached-alias", &length);
  ASSERT_EQ(length, 8);
  EXPECT_EQ(std::string(static_cast<const char*>(alias), 8), std::string("\0\0\0\1\0\0\0\0", 8));
  EXPECT_EQ(machine_with({}).ram_alias, std::nullopt);
}

TEST(MachineDescription, DevicesMoveGoAndCome) {
  const auto machine = machine_with({{"map.uart0.enable", "off"},
                                     {"map.gpio0.base", "0x20000000"},
                                     {"map.second.kind", "uart16550"},
                                     {"map.second.base", "0x2F8"},
                                     {"map.second.space", "port"},
                                     {"map.second.irq", "20"}});
  EXPECT_EQ(machine.find("uart0"), nullptr);
  EXPECT_EQ(machine.find("gpio0")->base, 0x20000000u);
  EXPECT_EQ(machine.find("second")->last(), 0x2FFu);
  EXPECT_EQ(machine.console()->name, "second");
}

TEST(MachineDescription, AMachineMayHaveNoPortSpace) {
  const auto machine = machine_with({{"machine.port-space", "off"}});
  EXPECT_FALSE(machine.port_instructions);
  EXPECT_EQ(machine.find("ports"), nullptr);
  EXPECT_EQ(machine.find("cmos"), nullptr);
  EXPECT_NE(machine.find("uart0"), nullptr);
}

TEST(MachineDescription, PcieGivesWayUnlessItIsAskedFor) {
  const std::pair<std::string, std::string> card{"pcie.serial", "none"};
  const auto machine = machine_with({card});
  EXPECT_EQ(machine.find("pcie")->base, 0x30000000u);
  EXPECT_EQ(machine.find("pcie")->last(), 0x3FFFFFFFu);
  EXPECT_EQ(machine.find("pcie")->irq, 32u);
  EXPECT_EQ(machine.find("pcie-io")->base, 0x1000u);
  EXPECT_EQ(machine.find("pcie-io")->last(), 0xFFFFu);
  EXPECT_TRUE(machine.pci_serial);
  EXPECT_FALSE(machine_with({}).pci_serial);
  EXPECT_EQ(machine.find("pcie-memory")->base, 0x40000000u);
  EXPECT_EQ(machine.find("pcie-memory")->last(), 0x7FFFFFFFu);
  const auto ram_there = machine_with({{"ram.base", "0x30000000"}});
  EXPECT_EQ(ram_there.find("pcie"), nullptr);
  EXPECT_EQ(ram_there.find("pcie-io"), nullptr);
  EXPECT_EQ(ram_there.find("pcie-memory"), nullptr);
  const auto memory_taken = machine_with({{"ram.base", "0x40000000"}});
  EXPECT_EQ(memory_taken.find("pcie-memory"), nullptr);
  EXPECT_NE(memory_taken.find("pcie"), nullptr);
  EXPECT_EQ(machine_with({{"map.uart1.irq", "35"}}).find("pcie"), nullptr);
  const auto port_taken = machine_with({{"map.uart1.base", "0x2000"}});
  EXPECT_EQ(port_taken.find("pcie-io"), nullptr);
  EXPECT_NE(port_taken.find("pcie"), nullptr);
  EXPECT_THAT(error_with({card, {"ram.base", "0x30000000"}}),
              AllOf(HasSubstr("pcie.serial"), HasSubstr("pcie-host")));
  EXPECT_THAT(error_with({card, {"map.uart1.base", "0x2000"}}), HasSubstr("pcie-io"));
  EXPECT_THAT(error_with({{"ram.base", "0x30000000"}, {"map.pcie.enable", "on"}}),
              AllOf(HasSubstr("ram"), HasSubstr("overlaps pcie")));
  EXPECT_THAT(error_with({{"map.pcie.irq", "7"}, {"map.pcie.enable", "on"}}),
              AllOf(HasSubstr("uart0"), HasSubstr("pcie"), HasSubstr("interrupt 10")));
  EXPECT_THAT(error_with({{"map.pcie.enable", "off"}, {"map.pcie-io.enable", "on"}}),
              HasSubstr("pcie-io needs a pcie-host"));
  EXPECT_THAT(error_with({{"map.pcie.enable", "off"}, {"map.pcie-memory.enable", "on"}}),
              HasSubstr("pcie-memory needs a pcie-host"));
}

TEST(MachineDescription, EmptySlotsGiveWay) {
  EXPECT_EQ(machine_with({}).find("virtio7")->base, 0x10008000u);
  const auto placed =
      machine_with({{"map.mine.kind", "gpio"}, {"map.mine.base", "0x10002800"}, {"map.mine.irq", "5"}});
  EXPECT_NE(placed.find("virtio0"), nullptr);
  EXPECT_EQ(placed.find("virtio1"), nullptr) << "its place is taken";
  EXPECT_EQ(placed.find("virtio4"), nullptr) << "its interrupt is taken";
  std::vector<std::pair<std::string, std::string>> without{{"map.plic.enable", "off"}};
  for (const char* device : {"rtc", "uart0", "gpio0", "dma0", "iommu0", "accel0", "pit", "uart1"})
    without.emplace_back(std::string("map.") + device + ".irq", "0");
  EXPECT_EQ(machine_with(without).find("virtio0"), nullptr) << "nothing takes its interrupt";
  EXPECT_EQ(machine_with(without).find("pcie"), nullptr);
  EXPECT_THAT(
      error_with({{"map.mine.kind", "gpio"}, {"map.mine.base", "0x10002800"}, {"map.virtio1.enable", "on"}}),
      AllOf(HasSubstr("mine"), HasSubstr("virtio1")));
}

TEST(MachineDescription, OverlapsNameBoth) {
  EXPECT_THAT(error_with({{"map.uart0.base", "0x80000100"}}), AllOf(HasSubstr("ram"), HasSubstr("uart0")));
  EXPECT_THAT(error_with({{"map.rtc.base", "0x100fff"}}), AllOf(HasSubstr("rtc"), HasSubstr("finisher")));
  EXPECT_THAT(error_with({{"map.pit.base", "0x6e"}}), AllOf(HasSubstr("pit"), HasSubstr("cmos")));
}

TEST(MachineDescription, WhatDoesNotFitIsRefused) {
  EXPECT_THAT(error_with({{"map.uart1.base", "0xfffc"}}), HasSubstr("port space"));
  EXPECT_THAT(error_with({{"map.gpio0.base", "0xfffffffffffffff0"}}), HasSubstr("memory space"));
  EXPECT_EQ(machine_with({{"cpu.isa", "rv32imac"}, {"ram.size", "14G"}}).ram_last(), 0x3ffffffffu);
  EXPECT_THAT(
      error_with({{"cpu.isa", "rv32imac"}, {"ram.size", "16G"}}),
      AllOf(HasSubstr("ram.size"), HasSubstr("up to 14G from ram.base 0x80000000"), HasSubstr("34 bits")));
  EXPECT_THAT(error_with({{"cpu.isa", "rv32imac"}, {"ram.base", "0x400000000"}}),
              AllOf(HasSubstr("ram.base"), HasSubstr("below 0x400000000")));
  EXPECT_THAT(error_with({{"ram.size", "5000"}}), HasSubstr("multiple of 4096"));
  EXPECT_THAT(error_with({{"cpu.frequency", "3GHz"}}), HasSubstr("whole number of picoseconds"));
  EXPECT_THAT(error_with({{"cpu.mmu", "sv32"}}), AllOf(HasSubstr("cpu.mmu"), HasSubstr("sv39")));
  EXPECT_THAT(error_with({{"cpu.isa", "rv64imac_svpbmt"}, {"cpu.mmu", "none"}}),
              AllOf(HasSubstr("cpu.mmu"), HasSubstr("svpbmt")));
  EXPECT_THAT(error_with({{"map.rtc.irq", "10"}}), AllOf(HasSubstr("rtc"), HasSubstr("uart0")));
  EXPECT_THAT(error_with({{"map.plic.enable", "off"}}), HasSubstr("no PLIC"));
  EXPECT_THAT(error_with({{"map.more.base", "0x4000"}}), HasSubstr("map.more.kind"));
  EXPECT_THAT(error_with({{"map.more.kind", "clint"}, {"map.more.base", "0x4000000"}}),
              HasSubstr("one clint"));
  EXPECT_THAT(error_with({{"map.more.kind", "gpio"}, {"map.more.base", "0"}, {"map.more.space", "port"}}),
              HasSubstr("port space"));
}

TEST(MachineDescription, TheMapListsBothSpaces) {
  const std::string map = format_map(machine_with({}));
  EXPECT_THAT(map, HasSubstr("0x00010000000..0x00010000007  uart0      uart16550, irq 10"));
  EXPECT_THAT(map, HasSubstr("0x0cf9..0x0cf9  reset      reset-control"));
  EXPECT_THAT(map, HasSubstr("ram, 256M"));
}

class DeviceTree : public testing::Test {
 protected:
  void make(const Settings& settings) {
    BootArguments boot;
    boot.command_line = "console=ttyS0 quiet";
    boot.initrd_first = 0x8f000000;
    boot.initrd_end = 0x8f123456;
    blob_ = make_device_tree(machine_with(settings), boot);
    ASSERT_EQ(fdt_check_full(blob_.data(), blob_.size()), 0);
  }

  std::string bytes(const char* path, const char* property) const {
    const int node = fdt_path_offset(blob_.data(), path);
    int size = 0;
    const void* data = node < 0 ? nullptr : fdt_getprop(blob_.data(), node, property, &size);
    return data ? std::string(static_cast<const char*>(data), static_cast<std::size_t>(size)) : "absent";
  }

  std::string text(const char* path, const char* property) const { return bytes(path, property).c_str(); }

  std::vector<unsigned> cells(const char* path, const char* property) const {
    const std::string data = bytes(path, property);
    std::vector<unsigned> values;
    for (std::size_t i = 0; i + 4 <= data.size(); i += 4) {
      unsigned value = 0;
      for (std::size_t j = 0; j < 4; ++j) value = value << 8 | static_cast<unsigned char>(data[i + j]);
      values.push_back(value);
    }
    return values;
  }

  std::string blob_;
};

using Cells = std::vector<unsigned>;

TEST_F(DeviceTree, HasTheNodesOfVirt) {
  make({});
  EXPECT_EQ(text("/chosen", "bootargs"), "console=ttyS0 quiet");
  EXPECT_EQ(text("/chosen", "stdout-path"), "/soc/serial@10000000");
  EXPECT_EQ(cells("/chosen", "linux,initrd-start"), (Cells{0, 0x8f000000}));
  EXPECT_EQ(cells("/chosen", "linux,initrd-end"), (Cells{0, 0x8f123456}));
  EXPECT_EQ(cells("/memory@80000000", "reg"), (Cells{0, 0x80000000, 0, 0x10000000}));
  EXPECT_EQ(cells("/cpus", "timebase-frequency"), Cells{10000000});
  EXPECT_EQ(text("/cpus/cpu@0", "riscv,isa"),
            "rv64imafdc_zicntr_zicsr_zifencei_zihintpause_zihpm_zba_zbb_zbc_zbs_sstc_svadu");
  EXPECT_EQ(text("/cpus/cpu@0", "mmu-type"), "riscv,sv57");
  EXPECT_EQ(text("/soc/serial@10000000", "compatible"), "ns16550a");
  EXPECT_EQ(cells("/soc/serial@10000000", "interrupts"), Cells{10});
  EXPECT_EQ(cells("/soc/serial@10000000", "reg"), (Cells{0, 0x10000000, 0, 0x100}));
  EXPECT_EQ(bytes("/soc/test@100000", "compatible"), std::string("sifive,test1\0sifive,test0\0syscon\0", 33));
  EXPECT_EQ(text("/soc/rtc@101000", "compatible"), "google,goldfish-rtc");
  EXPECT_EQ(bytes("/soc/plic@c000000", "compatible"), std::string("sifive,plic-1.0.0\0riscv,plic0\0", 30));
  EXPECT_EQ(bytes("/soc/clint@2000000", "compatible"), std::string("sifive,clint0\0riscv,clint0\0", 27));
  EXPECT_EQ(text("/soc/gpio@10020000", "compatible"), "memio,gpio");
}

TEST_F(DeviceTree, InterruptsLeadToTheHart) {
  make({});
  const Cells controller = cells("/cpus/cpu@0/interrupt-controller", "phandle");
  ASSERT_EQ(controller.size(), 1u);
  EXPECT_EQ(cells("/soc/plic@c000000", "interrupts-extended"), (Cells{controller[0], 11, controller[0], 9}));
  EXPECT_EQ(cells("/soc/clint@2000000", "interrupts-extended"), (Cells{controller[0], 3, controller[0], 7}));
  EXPECT_EQ(cells("/soc/serial@10000000", "interrupt-parent"), cells("/soc/plic@c000000", "phandle"));
}

TEST_F(DeviceTree, DmaHasItsLinesAndItsIommu) {
  make({});
  EXPECT_EQ(text("/soc/dma-controller@10021000", "compatible"), "memio,dma");
  EXPECT_EQ(cells("/soc/dma-controller@10021000", "interrupts"), Cells{15});
  EXPECT_EQ(cells("/soc/dma-controller@10021000", "dma-channels"), Cells{4});
  EXPECT_EQ(cells("/soc/dma-controller@10021000", "dma-requests"), Cells{16});
  const unsigned dma = cells("/soc/dma-controller@10021000", "phandle").at(0);
  const unsigned iommu = cells("/soc/iommu@10022000", "phandle").at(0);
  EXPECT_EQ(cells("/soc/dma-controller@10021000", "iommus"), (Cells{iommu, 0}));
  EXPECT_EQ(cells("/soc/iommu@10022000", "interrupts"), Cells{16});
  EXPECT_EQ(cells("/soc/serial@10000000", "dmas"), (Cells{dma, 0, dma, 1}));
  EXPECT_EQ(bytes("/soc/serial@10000000", "dma-names"), std::string("rx\0tx\0", 6));
  EXPECT_EQ(cells("/soc/accelerator@10023000", "dmas"), (Cells{dma, 4, dma, 5}));
  EXPECT_EQ(bytes("/soc/accelerator@10023000", "dma-names"), std::string("input\0output\0", 13));
  make({{"map.iommu0.enable", "off"}, {"dma.channels", "8"}});
  EXPECT_EQ(bytes("/soc/dma-controller@10021000", "iommus"), "absent");
  EXPECT_EQ(cells("/soc/dma-controller@10021000", "dma-channels"), Cells{8});
  make({{"map.dma0.enable", "off"}});
  EXPECT_EQ(bytes("/soc/serial@10000000", "dmas"), "absent");
}

TEST_F(DeviceTree, PortSpaceHasItsNode) {
  make({});
  EXPECT_EQ(text("/port-space", "compatible"), "memio,port-space");
  EXPECT_EQ(cells("/port-space", "memio,window"), (Cells{0, 0x3000000, 0, 0x10000}));
  EXPECT_EQ(bytes("/port-space", "memio,native"), "");
  EXPECT_EQ(cells("/port-space", "#address-cells"), Cells{1});
  EXPECT_EQ(cells("/port-space/serial@3f8", "reg"), (Cells{0x3f8, 8}));
  EXPECT_EQ(cells("/port-space/serial@3f8", "interrupts"), Cells{13});
  EXPECT_EQ(text("/port-space/rtc@70", "compatible"), "motorola,mc146818");
  EXPECT_EQ(cells("/port-space/timer@40", "reg"), (Cells{0x40, 4}));
  EXPECT_EQ(text("/port-space/debug@80", "compatible"), "memio,debug-port");
  EXPECT_EQ(text("/port-space/reset@cf9", "compatible"), "memio,reset-control");
}

// As QEMU's `virt` has it, but for I/O, which begins behind the fixed ports.
TEST_F(DeviceTree, PcieHasItsNode) {
  make({});
  EXPECT_EQ(text("/soc/pci@30000000", "compatible"), "pci-host-ecam-generic");
  EXPECT_EQ(text("/soc/pci@30000000", "device_type"), "pci");
  EXPECT_EQ(cells("/soc/pci@30000000", "reg"), (Cells{0, 0x30000000, 0, 0x10000000}));
  EXPECT_EQ(cells("/soc/pci@30000000", "bus-range"), (Cells{0, 255}));
  EXPECT_EQ(cells("/soc/pci@30000000", "ranges"),
            (Cells{0x1000000, 0, 0x1000, 0, 0x3001000, 0, 0xF000,  //
                   0x2000000, 0, 0x40000000, 0, 0x40000000, 0, 0x40000000}));
  EXPECT_EQ(cells("/soc/pci@30000000", "interrupt-map-mask"), (Cells{0x1800, 0, 0, 7}));
  const Cells map = cells("/soc/pci@30000000", "interrupt-map");
  const Cells plic = cells("/soc/plic@c000000", "phandle");
  ASSERT_EQ(map.size(), 96u);
  EXPECT_EQ(Cells(map.begin(), map.begin() + 6), (Cells{0, 0, 0, 1, plic[0], 32}));
  EXPECT_EQ(Cells(map.begin() + 24, map.begin() + 30), (Cells{0x800, 0, 0, 1, plic[0], 33}));
  EXPECT_EQ(Cells(map.begin() + 90, map.end()), (Cells{0x1800, 0, 0, 4, plic[0], 34}));
  EXPECT_EQ(bytes("/soc/pci@30000000", "dma-coherent"), "");
  make({{"map.pcie-io.enable", "off"}, {"ram.base", "0x40000000"}});
  EXPECT_EQ(bytes("/soc/pci@30000000", "ranges"), "");
  // A window below its host.
  make({{"map.pcie-memory.base", "0x100000000"}, {"map.pcie.base", "0x200000000"}});
  EXPECT_EQ(cells("/soc/pci@200000000", "ranges"), (Cells{0x1000000, 0, 0x1000, 0, 0x3001000, 0, 0xF000,  //
                                                          0x2000000, 1, 0, 1, 0, 0, 0x40000000}));
  make({{"map.pcie.enable", "off"}});
  EXPECT_EQ(bytes("/soc/pci@30000000", "compatible"), "absent");
}

TEST_F(DeviceTree, FollowsTheConfiguration) {
  make({{"cpu.isa", "rv32imac"},
        {"map.uart0.enable", "off"},
        {"cpu.port-instructions", "off"},
        {"ram.size", "5G"},
        {"map.ports.enable", "off"}});
  EXPECT_EQ(text("/cpus/cpu@0", "mmu-type"), "riscv,sv32");
  EXPECT_EQ(text("/chosen", "stdout-path"), "/port-space/serial@3f8");
  EXPECT_EQ(bytes("/port-space", "memio,native"), "absent");
  EXPECT_EQ(bytes("/port-space", "memio,window"), "absent");
  EXPECT_EQ(cells("/memory@80000000", "reg"), (Cells{0, 0x80000000, 1, 0x40000000}));
  make({{"machine.port-space", "off"}});
  EXPECT_EQ(bytes("/port-space", "compatible"), "absent");
  make({{"cpu.isa", "rv64imac_svpbmt"}});
  EXPECT_EQ(text("/cpus/cpu@0", "riscv,isa"), "rv64imac_zicntr_zicsr_zifencei_zihpm_svpbmt");
  make({{"cpu.mmu", "none"}});
  EXPECT_EQ(text("/cpus/cpu@0", "mmu-type"), "riscv,none");
  EXPECT_EQ(text("/cpus/cpu@0", "riscv,isa"),
            "rv64imafdc_zicntr_zicsr_zifencei_zihintpause_zihpm_zba_zbb_zbc_zbs_sstc");
}

TEST(MachineDescription, AccessedAndDirtyBitsAreAsTheIsaSaysUnlessTheShortFormSays) {
  for (const std::string name : {"", "_svade", "_svadu"}) {
    const std::string isa = "rv64imac" + name, plain = "rv64imac_zicntr_zicsr_zifencei_zihpm";
    EXPECT_EQ(machine_with({{"cpu.isa", isa}}).isa, plain + name);
    EXPECT_EQ(machine_with({{"cpu.isa", isa}, {"mmu.ad", "isa"}}).isa, plain + name);
    EXPECT_EQ(machine_with({{"cpu.isa", isa}, {"mmu.ad", "svade"}}).isa, plain + "_svade");
    EXPECT_EQ(machine_with({{"cpu.isa", isa}, {"mmu.ad", "svadu"}}).isa, plain + "_svadu");
  }
}

}  // namespace
}  // namespace memio
