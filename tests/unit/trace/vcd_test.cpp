// The VCD trace: a sample of every event, the window, the topics, errors. Format: IEEE Std 1364-2005,
// chapter 18.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "trace/vcd_trace.h"
#include "unit/trace/vcd_reader.h"

namespace memio {
namespace {

using test::read_text;
using test::read_vcd;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string cpu_name = "cpu0", uart_name = "uart0.irq";

std::string temporary(const std::string& name) { return ::testing::TempDir() + "memio_" + name + ".vcd"; }

VcdOptions options_for(const std::string& name) {
  VcdOptions options;
  options.path = temporary(name);
  return options;
}

BusEvent bus_read(Cycles start, Cycles done, std::uint64_t address) {
  return {start, done, &cpu_name, nullptr, Space::memory, AccessKind::load, false, address, 4, Status::ok};
}

TraceSources some_sources() {
  TraceSources sources;
  sources.harts = 1;
  sources.initiators = {cpu_name};
  sources.interrupt_lines = {uart_name};
  return sources;
}

void declare_all(VcdTrace& trace) { trace.declare(some_sources()); }

// A short run with each kind of event, of a clock of 500 MHz.
void record_sample(VcdTrace& trace) {
  declare_all(trace);
  trace.instruction({0, 0, 0x1000, Privilege::machine});
  trace.instruction({1, 0, 0x80000000, Privilege::supervisor});
  trace.tlb_miss({2, 0, TlbId::dtlb, 0xffffffc000001000});
  trace.tlb_miss({2, 0, TlbId::l2tlb, 0xffffffc000001000});
  trace.walk({3, 8, 0, 1, 0x80001008, false});
  trace.bus({4, 8, &cpu_name, nullptr, Space::memory, AccessKind::walk, false, 0x80001008, 8, Status::ok});
  trace.walk({8, 12, 0, 0, 0x80002010, true});
  trace.bus({8, 12, &cpu_name, nullptr, Space::memory, AccessKind::walk, false, 0x80002010, 8, Status::ok});
  trace.advance(12);
  trace.bus({12, 15, &cpu_name, nullptr, Space::port, AccessKind::store, true, 0x3f8, 1,
             Status::address_error, MemoryType::io});
  trace.irq({14, &uart_name, true});
  trace.trap({15, 0, 9, true, 0x80000004, 0});
  trace.instruction({16, 0, 0x80000100, Privilege::machine});
  trace.finish(20);
}

// Leaves its file for CTest, which compares it with golden.vcd and has GTKWave's converters read it.
TEST(VcdTrace, writes_the_sample) {
  VcdOptions options;
  options.path = "sample.vcd";
  options.period_ps = 2000;
  VcdTrace trace(options);
  record_sample(trace);
  EXPECT_EQ(trace.error(), "");
}

TEST(VcdTrace, variables_have_the_documented_shapes) {
  VcdTrace trace(options_for("shapes"));
  record_sample(trace);
  const auto vcd = read_vcd(read_text(temporary("shapes")));
  EXPECT_EQ(vcd.widths.at("cpu0.pc"), 64u);
  EXPECT_EQ(vcd.widths.at("cpu0.privilege"), 2u);
  EXPECT_EQ(vcd.widths.at("cpu0.mmu.dtlb_miss"), 0u);
  EXPECT_EQ(vcd.widths.at("cpu0.mmu.walk_active"), 1u);
  EXPECT_EQ(vcd.widths.at("bus.cpu0.address"), 64u);
  EXPECT_EQ(vcd.widths.at("irq.uart0.irq"), 1u);
  EXPECT_EQ(vcd.initial.at("cpu0.pc"), "x");
  EXPECT_EQ(vcd.initial.at("bus.cpu0.active"), "0");
  EXPECT_EQ(vcd.initial.at("irq.uart0.irq"), "0");
  EXPECT_EQ(vcd.last_time, 20000u);
}

TEST(VcdTrace, a_walk_is_active_from_its_first_read_to_its_end) {
  VcdTrace trace(options_for("walk"));
  record_sample(trace);
  const auto vcd = read_vcd(read_text(temporary("walk")));
  EXPECT_THAT(vcd.of("cpu0.mmu.walk_active"), ElementsAre("3000=1", "12000=0"));
  EXPECT_THAT(vcd.of("cpu0.mmu.walk_level"), ElementsAre("3000=1", "8000=0"));
  EXPECT_THAT(vcd.of("cpu0.mmu.itlb_miss"), IsEmpty());
  EXPECT_THAT(vcd.of("cpu0.mmu.dtlb_miss"), ElementsAre("2000=1"));
  EXPECT_THAT(vcd.of("cpu0.mmu.l2_miss"), ElementsAre("2000=1"));
}

TEST(VcdTrace, overlapping_transactions_keep_their_initiator_active) {
  VcdTrace trace(options_for("overlap"));
  declare_all(trace);
  trace.bus(bus_read(20, 25, 0x80000040));  // ends first, so it is told first
  trace.bus(bus_read(10, 30, 0x80000000));
  trace.finish(40);
  const auto vcd = read_vcd(read_text(temporary("overlap")));
  EXPECT_THAT(vcd.of("bus.cpu0.active"), ElementsAre("10000=1", "30000=0"));
  EXPECT_THAT(vcd.of("bus.cpu0.begin"), ElementsAre("10000=1", "20000=1"));
  EXPECT_THAT(vcd.of("bus.cpu0.latency"), ElementsAre("10000=10100", "20000=101"));
}

TEST(VcdTrace, a_transaction_that_takes_no_time_still_begins) {
  VcdTrace trace(options_for("instant"));
  declare_all(trace);
  trace.bus(bus_read(5, 5, 0x80000000));
  trace.bus(bus_read(5, 5, 0x80000004));
  trace.finish(6);
  const auto vcd = read_vcd(read_text(temporary("instant")));
  EXPECT_THAT(vcd.of("bus.cpu0.begin"), ElementsAre("5000=1", "5000=1"));
  EXPECT_EQ(vcd.of("bus.cpu0.active").back(), "5000=0");
}

TEST(VcdTrace, the_window_opens_with_the_state_of_its_start) {
  auto options = options_for("window");
  options.start = 100;
  options.stop = 200;
  VcdTrace trace(options);
  declare_all(trace);
  trace.instruction({50, 0, 0x1000, Privilege::machine});
  trace.irq({60, &uart_name, true});
  trace.bus(bus_read(90, 110, 0x80000000));
  trace.instruction({120, 0, 0x1004, Privilege::machine});
  trace.instruction({199, 0, 0x1008, Privilege::machine});
  trace.advance(199);
  EXPECT_TRUE(trace.wants(TraceTopic::cpu));
  trace.bus(bus_read(199, 210, 0x80000004));
  trace.instruction({200, 0, 0x100c, Privilege::machine});
  trace.advance(300);
  EXPECT_FALSE(trace.wants(TraceTopic::cpu));
  trace.finish(300);
  const auto vcd = read_vcd(read_text(temporary("window")));
  EXPECT_EQ(vcd.first_time, 100000u);
  EXPECT_EQ(vcd.last_time, 200000u);
  EXPECT_EQ(vcd.initial.at("cpu0.pc"), "1000000000000");
  EXPECT_EQ(vcd.initial.at("irq.uart0.irq"), "1");
  EXPECT_EQ(vcd.initial.at("bus.cpu0.active"), "1");
  EXPECT_THAT(vcd.of("cpu0.pc"), ElementsAre("120000=1000000000100", "199000=1000000001000"));
  EXPECT_THAT(vcd.of("bus.cpu0.active"), ElementsAre("110000=0", "199000=1"));
}

TEST(VcdTrace, a_window_without_a_change_shows_the_state) {
  auto options = options_for("still");
  options.start = 100;
  VcdTrace trace(options);
  declare_all(trace);
  trace.irq({60, &uart_name, true});
  trace.finish(150);
  const auto vcd = read_vcd(read_text(temporary("still")));
  EXPECT_EQ(vcd.first_time, 100000u);
  EXPECT_EQ(vcd.initial.at("irq.uart0.irq"), "1");
  EXPECT_EQ(vcd.last_time, 150000u);
}

TEST(VcdTrace, only_selected_topics_are_declared_and_wanted) {
  auto options = options_for("topics");
  options.topics = static_cast<std::uint32_t>(TraceTopic::mmu) | static_cast<std::uint32_t>(TraceTopic::irq);
  VcdTrace trace(options);
  declare_all(trace);
  EXPECT_TRUE(trace.wants(TraceTopic::mmu));
  EXPECT_TRUE(trace.wants(TraceTopic::irq));
  EXPECT_FALSE(trace.wants(TraceTopic::cpu));
  EXPECT_FALSE(trace.wants(TraceTopic::bus));
  trace.finish(0);
  const auto vcd = read_vcd(read_text(temporary("topics")));
  EXPECT_EQ(vcd.widths.count("cpu0.mmu.walk_active"), 1u);
  EXPECT_EQ(vcd.widths.count("irq.uart0.irq"), 1u);
  EXPECT_EQ(vcd.widths.count("cpu0.pc"), 0u);
  EXPECT_EQ(vcd.widths.count("bus.cpu0.address"), 0u);
}

TEST(VcdTrace, many_variables_have_codes_of_their_own) {
  VcdTrace trace(options_for("many"));
  TraceSources sources;
  sources.harts = 64;  // of 14 variables
  trace.declare(sources);
  trace.finish(1);
  EXPECT_EQ(read_vcd(read_text(temporary("many"))).widths.size(), 896u);
}

TEST(VcdTrace, the_destructor_writes_what_is_left) {
  {
    VcdTrace trace(options_for("destructor"));
    declare_all(trace);
    trace.instruction({7, 0, 0x1000, Privilege::machine});
  }
  const auto vcd = read_vcd(read_text(temporary("destructor")));
  EXPECT_THAT(vcd.of("cpu0.pc"), ElementsAre("7000=1000000000000"));
}

TEST(VcdTrace, a_full_disk_is_an_error_and_not_an_exception) {
  VcdOptions options;
  options.path = "/dev/full";
  VcdTrace trace(options);
  declare_all(trace);
  EXPECT_TRUE(trace.ok());
  for (Cycles cycle = 0; cycle < 10000; ++cycle) {
    trace.instruction({cycle, 0, 0x80000000 + 4 * cycle, Privilege::machine});
    trace.advance(cycle);
  }
  EXPECT_FALSE(trace.ok());
  EXPECT_FALSE(trace.wants(TraceTopic::cpu));
  trace.finish(10000);
  EXPECT_THAT(trace.error(), HasSubstr("cannot write /dev/full: No space left on device"));
}

TEST(VcdTrace, a_full_disk_is_seen_at_the_latest_when_the_file_is_closed) {
  VcdOptions options;
  options.path = "/dev/full";
  VcdTrace trace(options);
  declare_all(trace);
  trace.finish(0);
  EXPECT_FALSE(trace.ok());
}

TEST(VcdTrace, a_file_that_cannot_be_created_is_an_error) {
  VcdOptions options;
  options.path = ::testing::TempDir() + "memio_no_such_folder/trace.vcd";
  VcdTrace trace(options);
  declare_all(trace);
  EXPECT_THAT(trace.error(), HasSubstr("No such file or directory"));
  EXPECT_FALSE(trace.wants(TraceTopic::cpu));
}

TEST(VcdTrace, an_undeclared_source_or_a_late_event_is_reported) {
  const std::string stranger = "dma9";
  VcdTrace undeclared(options_for("undeclared"));
  undeclared.bus({0, 1, &stranger, nullptr, Space::memory, AccessKind::dma, false, 0, 8, Status::ok});
  EXPECT_THAT(undeclared.error(), HasSubstr("initiator dma9 is not declared"));

  VcdTrace late(options_for("late"));
  declare_all(late);
  late.advance(10);
  late.instruction({10, 0, 0x1000, Privilege::machine});
  EXPECT_TRUE(late.ok());
  late.instruction({9, 0, 0x1000, Privilege::machine});
  EXPECT_THAT(late.error(), HasSubstr("cycle 9 came after cycle 10"));
}

TEST(VcdTrace, nothing_is_declared_after_the_first_change) {
  VcdTrace trace(options_for("declare"));
  declare_all(trace);
  trace.instruction({0, 0, 0x1000, Privilege::machine});
  trace.advance(1);
  TraceSources late;
  late.interrupt_lines = {"late"};
  EXPECT_THROW(trace.declare(late), std::logic_error);
}

}  // namespace
}  // namespace memio
