// docs/devices.md has a row for every register of every device, with what the bank really holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "accel/accelerator.h"
#include "dma/dma_controller.h"
#include "gpio/gpio.h"
#include "iommu/iommu.h"
#include "irq/clint.h"
#include "irq/plic.h"
#include "models/system/power_recorder.h"
#include "serial/uart16550.h"
#include "system/debug_port.h"
#include "system/reset_control.h"
#include "system/test_finisher.h"
#include "timers/cmos_rtc.h"
#include "timers/goldfish_rtc.h"
#include "timers/pit.h"
#include "virtio/virtio_mmio.h"

namespace memio {
namespace {

/// Cells of the register tables by class name ("Gpio") and register name.
using Rows = std::map<std::string, std::map<std::string, std::vector<std::string>>>;

/// The cells of a table row, without the blanks around them.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t bar = line.find('|'), next; bar != std::string::npos; bar = next) {
    next = line.find('|', bar + 1);
    if (next == std::string::npos) break;
    const std::size_t first = line.find_first_not_of(' ', bar + 1);
    const std::size_t last = line.find_last_not_of(' ', next - 1);
    cells.push_back(first < next ? line.substr(first, last + 1 - first) : "");
  }
  return cells;
}

Rows documented() {
  std::ifstream file(MEMIO_DEVICES_MD);
  Rows rows;
  std::string line, device;
  while (std::getline(file, line)) {
    const std::size_t open = line.find("(`");
    if (line.rfind("## ", 0) == 0 && open != std::string::npos)
      device = line.substr(open + 2, line.find('`', open + 2) - open - 2);
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() == 7 && std::isdigit(static_cast<unsigned char>(cells[0][0])))
      rows[device][cells[2]] = cells;
  }
  return rows;
}

/// What a virtio slot needs to have all its registers.
struct NoFunction : VirtioFunction {
  std::uint32_t id() const override { return 2; }
  unsigned queues() const override { return 1; }
  std::vector<std::uint8_t> config() const override { return {1}; }
  std::optional<std::uint32_t> serve(unsigned, VirtioRequest&) override { return 0; }
};

/// A cell of figures: "all" or hexadecimal.
std::uint64_t figure(const std::string& cell, std::uint64_t all) {
  return cell == "all" ? all : std::stoull(cell, nullptr, 16);
}

std::string sizes_text(const RegisterSpec& spec) {
  std::string text;
  for (unsigned size : {1u, 2u, 4u, 8u})
    if (spec.sizes & size) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return text;
}

void expect_documented(const std::string& name, const RegisterTarget& device) {
  const Rows rows = documented();
  ASSERT_EQ(rows.count(name), 1u) << name;
  EXPECT_EQ(rows.at(name).size(), device.registers().registers().size()) << name;
  for (const Register* reg : device.registers().registers()) {
    const RegisterSpec& spec = reg->spec();
    ASSERT_EQ(rows.at(name).count(spec.name), 1u) << name << "." << spec.name;
    const auto& cells = rows.at(name).at(spec.name);
    const std::uint64_t all = ~std::uint64_t{0} >> (64 - 8 * spec.size);
    EXPECT_EQ(figure(cells[0], 0), spec.offset) << spec.name;
    EXPECT_EQ(cells[1], std::to_string(spec.size)) << spec.name;
    if (cells[3] != "epoch") {
      EXPECT_EQ(figure(cells[3], 0), spec.reset) << spec.name;
    }
    EXPECT_EQ(figure(cells[4], all), spec.write_mask & all) << spec.name;
    EXPECT_EQ(cells[5], sizes_text(spec)) << spec.name;
  }
}

TEST(DevicesDocument, EveryRegisterHasItsRow) {
  test::PowerRecorder power;
  expect_documented("Uart16550", Uart16550("uart"));
  expect_documented("Pit", Pit("pit"));
  expect_documented("CmosRtc", CmosRtc("cmos"));
  expect_documented("GoldfishRtc", GoldfishRtc("goldfish"));
  expect_documented("Gpio", Gpio("gpio"));
  expect_documented("Accelerator", Accelerator("accelerator", {}));
  expect_documented("TestFinisher", TestFinisher("finisher", power));
  expect_documented("ResetControl", ResetControl("reset", power));
  expect_documented("DebugPort", DebugPort("debug"));
}

TEST(DevicesDocument, RegisterArraysHaveOneRowAKind) {
  const Rows rows = documented();
  const auto expect_kinds = [&rows](const std::string& name, const RegisterTarget& device) {
    for (const Register* reg : device.registers().registers()) {
      const std::string kind = reg->spec().name.substr(0, reg->spec().name.find_first_of("0123456789"));
      EXPECT_TRUE(std::any_of(rows.at(name).begin(), rows.at(name).end(), [&](const auto& row) {
        return row.first.rfind(kind, 0) == 0 && row.second[1] == std::to_string(reg->spec().size);
      })) << kind;
    }
  };
  expect_kinds("Clint", Clint("clint"));
  expect_kinds("Plic", Plic("plic"));
  expect_kinds("DmaController", DmaController("dma", {}));
  IommuConfig iommu;
  iommu.devices = {"dma"};
  expect_kinds("Iommu", Iommu("iommu", iommu));
  const auto slot = [](const char* name, bool legacy) {
    VirtioMmioConfig config;
    config.legacy = legacy;
    return std::make_unique<VirtioMmio>(name, config, std::make_unique<NoFunction>());
  };
  const auto modern = slot("modern", false), legacy = slot("legacy", true);
  expect_kinds("VirtioMmio", *modern);
  expect_kinds("VirtioMmio", *legacy);
  for (const auto* device : {modern.get(), legacy.get()})
    for (const Register* reg : device->registers().registers()) {
      const std::string& name = reg->spec().name;
      if (reg->spec().offset >= 0x100) continue;
      const auto& cells = rows.at("VirtioMmio").at(name);
      EXPECT_EQ(figure(cells[0], 0), reg->spec().offset) << name;
      EXPECT_EQ(figure(cells[4], 0xFFFFFFFF), reg->spec().write_mask & 0xFFFFFFFF) << name;
      if (cells[3] != "by option") {
        EXPECT_EQ(figure(cells[3], 0), reg->spec().reset) << name;
      }
    }
}

}  // namespace
}  // namespace memio
