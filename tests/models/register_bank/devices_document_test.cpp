// docs/devices.md has a row for every register of every device, with what the bank really holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <regex>
#include <systemc>

#include "gpio/gpio.h"
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

namespace memio {
namespace {

/// Cells of the register tables by class name ("Gpio") and register name.
using Rows = std::map<std::string, std::map<std::string, std::vector<std::string>>>;

Rows documented() {
  std::ifstream file(MEMIO_DEVICES_MD);
  const std::regex heading("## .*\\(`(\\w+)`.*"), cell(" *\\| *([^|]*[^| ])? *(?=\\|)");
  Rows rows;
  std::string line, device;
  for (std::smatch match; std::getline(file, line);) {
    if (std::regex_match(line, match, heading)) device = match[1];
    std::vector<std::string> cells;
    for (std::sregex_iterator it(line.begin(), line.end(), cell), end; it != end; ++it)
      cells.push_back((*it)[1]);
    if (cells.size() == 7 && std::isdigit(static_cast<unsigned char>(cells[0][0])))
      rows[device][cells[2]] = cells;
  }
  return rows;
}

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
}

}  // namespace
}  // namespace memio
