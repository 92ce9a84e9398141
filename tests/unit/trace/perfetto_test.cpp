// The trace for Perfetto, line by line: a small run with a walk, a cache miss, a DRAM, a DMA controller.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trace/perfetto_trace.h"
#include "unit/trace/vcd_reader.h"

namespace memio {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string cpu = "cpu0", dma = "dma0", l1d = "cpu0.l1d", ram = "ram", line = "uart0.irq";

PerfettoOptions options_for(const std::string& name) {
  PerfettoOptions options;
  options.path = ::testing::TempDir() + "memio_" + name + ".json";
  options.period_ps = 2500;  // a fraction of a microsecond with four digits
  options.symbol = [](std::uint64_t pc) { return pc == 0x1000 ? std::string("main") : std::string(); };
  return options;
}

void declare_all(PerfettoTrace& trace) {
  TraceSources sources;
  sources.harts = 1;
  sources.caches = {l1d};
  sources.initiators = {cpu, dma};
  sources.memories = {{ram, 1}};
  sources.dmas = {{dma, 1}};
  sources.interrupt_lines = {line};
  trace.declare(sources);
}

// `main` loads: a DTLB miss, a walk of one level, then a miss of the cache, each over bus and bank.
void load_in_main(PerfettoTrace& trace) {
  trace.instruction({10, 0, 0x1000, Privilege::machine});
  trace.tlb_miss({11, 0, TlbId::dtlb, 0x5000});
  trace.dram({13, 16, &ram, 0, 7, DramEvent::Row::closed, 0});
  trace.bus({12, 16, &cpu, &ram, Space::memory, AccessKind::walk, false, 0x80002000, 8, Status::ok});
  trace.walk({11, 16, 0, 0, 0x80002000, true});
  trace.dram({18, 20, &ram, 0, 7, DramEvent::Row::hit, 0});
  trace.bus({17, 20, &cpu, &ram, Space::memory, AccessKind::load, false, 0x80005000, 64, Status::ok});
  trace.cache({17, 21, &l1d, CacheEvent::Kind::miss, AccessKind::load, 0x80005008});
}

std::string row(const char* phase, const char* name, unsigned process, unsigned thread) {
  return std::string("\"ph\":\"") + phase + "\",\"name\":\"" + name +
         "\",\"pid\":" + std::to_string(process) + ",\"tid\":" + std::to_string(thread);
}

TEST(PerfettoTrace, slices_lie_at_modelled_times_and_flows_lead_from_cause_to_effect) {
  PerfettoTrace trace(options_for("flows"));
  declare_all(trace);
  load_in_main(trace);
  trace.instruction({22, 0, 0x1004, Privilege::machine});
  trace.finish(30);
  ASSERT_EQ(trace.error(), "");
  const std::string text = test::read_text(options_for("flows").path);
  // Tracks in order: instructions, functions, traps, itlb, dtlb, l2tlb, walker, l1d, bus cpu0, bus dma0, bank
  // 0.
  EXPECT_THAT(text,
              HasSubstr(row("X", "main", 1, 1) + ",\"ts\":0.025,\"dur\":0.03,\"args\":{\"pc\":\"0x1000\""));
  EXPECT_THAT(text, HasSubstr(row("X", "dtlb miss", 1, 257) + ",\"ts\":0.0275,\"dur\":0.0125,"));
  EXPECT_THAT(text, HasSubstr(row("X", "level 0", 1, 385) + ",\"ts\":0.0275,\"dur\":0.0125,"));
  EXPECT_THAT(text, HasSubstr(row("X", "miss load", 1, 449) + ",\"ts\":0.0425,\"dur\":0.01,"));
  EXPECT_THAT(text, HasSubstr(row("X", "ram read walk", 2, 513) + ",\"ts\":0.03,\"dur\":0.01,"));
  EXPECT_THAT(text, HasSubstr(row("X", "row closed", 3, 641) + ",\"ts\":0.0325,\"dur\":0.0075,"));
  // Translation: instruction, miss, PTE read, transaction, bank. Data: instruction, miss, transaction, bank.
  const std::string flow = "\"cat\":\"cause\",\"name\":\"cause\",\"bp\":\"e\",\"id\":";
  const auto point = [&](const char* phase, int id, const char* where) {
    return std::string("\"ph\":\"") + phase + "\"," + flow + std::to_string(id) + "," + where;
  };
  EXPECT_THAT(text, HasSubstr(point("s", 1, "\"pid\":1,\"tid\":1,\"ts\":0.025}")));
  EXPECT_THAT(text, HasSubstr(point("t", 1, "\"pid\":1,\"tid\":257,\"ts\":0.0275}")));
  EXPECT_THAT(text, HasSubstr(point("t", 1, "\"pid\":1,\"tid\":385,\"ts\":0.0275}")));
  EXPECT_THAT(text, HasSubstr(point("t", 1, "\"pid\":2,\"tid\":513,\"ts\":0.03}")));
  EXPECT_THAT(text, HasSubstr(point("f", 1, "\"pid\":3,\"tid\":641,\"ts\":0.0325}")));
  EXPECT_THAT(text, HasSubstr(point("s", 4, "\"pid\":1,\"tid\":1,\"ts\":0.025}")));
  EXPECT_THAT(text, HasSubstr(point("t", 4, "\"pid\":1,\"tid\":449,\"ts\":0.0425}")));
  EXPECT_THAT(text, HasSubstr(point("t", 4, "\"pid\":2,\"tid\":513,\"ts\":0.0425}")));
  EXPECT_THAT(text, HasSubstr(point("f", 4, "\"pid\":3,\"tid\":641,\"ts\":0.045}")));
  // The second instruction caused nothing.
  EXPECT_THAT(text, Not(HasSubstr("0x1004")));
}

TEST(PerfettoTrace, the_window_cuts_flows_so_that_they_have_both_ends) {
  PerfettoTrace trace(options_for("cut"));
  declare_all(trace);
  trace.set_window(0, 17);
  load_in_main(trace);
  trace.finish(30);
  const std::string text = test::read_text(options_for("cut").path);
  EXPECT_THAT(text, HasSubstr("\"ph\":\"f\",\"cat\":\"cause\",\"name\":\"cause\",\"bp\":\"e\",\"id\":1,"));
  EXPECT_THAT(text, Not(HasSubstr("\"id\":4,")));
  EXPECT_THAT(text, Not(HasSubstr("row hit")));
  EXPECT_THAT(text,
              HasSubstr(row("X", "main", 1, 1) + ",\"ts\":0.025,\"dur\":0.0175,"));  // until the window's end

  PerfettoTrace late(options_for("late"));
  declare_all(late);
  late.set_window(12, never);
  load_in_main(late);
  late.finish(30);
  const std::string rest = test::read_text(options_for("late").path);
  EXPECT_THAT(rest, HasSubstr("row hit"));
  EXPECT_THAT(rest, Not(HasSubstr("\"ph\":\"f\"")));
  EXPECT_THAT(rest, Not(HasSubstr("main")));
}

TEST(PerfettoTrace, overlapping_transactions_take_rows_of_their_own) {
  PerfettoTrace trace(options_for("lanes"));
  declare_all(trace);
  trace.bus({20, 30, &dma, &ram, Space::memory, AccessKind::dma, false, 0x80000000, 64, Status::ok});
  trace.bus({24, 40, &dma, &ram, Space::memory, AccessKind::dma, true, 0x80000040, 64, Status::ok});
  trace.bus({30, 44, &dma, &ram, Space::memory, AccessKind::dma, false, 0x80000080, 64, Status::ok});
  trace.finish(50);
  const std::string text = test::read_text(options_for("lanes").path);
  EXPECT_THAT(text, HasSubstr(row("X", "ram read dma", 2, 577) + ",\"ts\":0.05,"));
  EXPECT_THAT(text, HasSubstr(row("X", "ram write dma", 2, 578) + ",\"ts\":0.06,"));
  EXPECT_THAT(text, HasSubstr(row("X", "ram read dma", 2, 577) + ",\"ts\":0.075,"));
  EXPECT_THAT(text, HasSubstr("\"name\":\"dma0 (2)\""));
}

TEST(PerfettoTrace, a_channel_is_busy_while_it_has_a_descriptor) {
  PerfettoTrace trace(options_for("channel"));
  declare_all(trace);
  trace.dma({4, &dma, 0, 1, 0x80001000, 64});
  trace.dma({8, &dma, 0, 0, 0, 0});
  trace.dma({12, &dma, 0, 1, 0x80001040, 32});
  trace.irq({6, &line, true});
  trace.finish(20);
  const std::string text = test::read_text(options_for("channel").path);
  EXPECT_THAT(text, HasSubstr("\"ph\":\"B\",\"name\":\"descriptor\",\"pid\":4,\"tid\":705,\"ts\":0.01,"));
  EXPECT_THAT(text, HasSubstr("\"ph\":\"E\",\"pid\":4,\"tid\":705,\"ts\":0.02}"));
  EXPECT_THAT(text, HasSubstr("\"ph\":\"E\",\"pid\":4,\"tid\":705,\"ts\":0.05}"));  // where the run ends
  EXPECT_THAT(text, HasSubstr("\"ph\":\"C\",\"name\":\"uart0.irq\",\"pid\":5,\"tid\":0,\"ts\":0.015,"));
}

TEST(PerfettoTrace, names_are_quoted_and_errors_told) {
  auto options = options_for("quoted");
  options.symbol = [](std::uint64_t) { return std::string("a\"b\\c"); };
  PerfettoTrace trace(options);
  declare_all(trace);
  load_in_main(trace);
  trace.finish(30);
  EXPECT_THAT(test::read_text(options.path), HasSubstr("\"name\":\"a\\\"b\\\\c\""));

  options.path = "/dev/full";
  PerfettoTrace full(options);
  declare_all(full);
  full.finish(1);
  EXPECT_THAT(full.error(), HasSubstr("cannot write /dev/full: No space left on device"));
}

}  // namespace
}  // namespace memio
