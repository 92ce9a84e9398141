// Triggers and the ring buffer: which window a gate opens in front of a file. Times in cycles of 1 ns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trace/trace_gate.h"

namespace memio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A file that remembers its last window and which instructions lay in it, as a file would write them.
class Window : public TraceOutput {
 public:
  struct Seen {
    Cycles start = 0, stop = never, told = 0;
    std::vector<Cycles> times;
    std::vector<std::uint64_t> inside() const {
      std::vector<std::uint64_t> found;
      for (const Cycles time : times)
        if (time >= start && time < stop) found.push_back(time);
      return found;
    }
  };
  explicit Window(Seen& seen, std::uint32_t topics) : seen_(seen), topics_(topics) {}
  void declare(const TraceSources&) override {}
  void set_window(Cycles start, Cycles stop) override {
    EXPECT_TRUE(start == seen_.start || start == never || start >= seen_.told)
        << "the window's start has passed";
    seen_.start = start;
    seen_.stop = stop;
  }
  void finish(Cycles) override {}
  const std::string& error() const override { return none_; }
  bool wants(TraceTopic topic) const override { return (topics_ & static_cast<std::uint32_t>(topic)) != 0; }
  void instruction(const InstructionEvent& event) override {
    EXPECT_GE(event.at, seen_.told) << "an event came after the time had passed";
    seen_.times.push_back(event.at);
  }
  void advance(Cycles now) override { seen_.told = std::max(seen_.told, now); }

 private:
  Seen& seen_;
  std::uint32_t topics_;
  std::string none_;
};

TriggerNames names() {
  TriggerNames known;
  known.symbol = [](const std::string& name) -> std::optional<std::uint64_t> {
    if (name == "main") return 0x8000'1000;
    return {};
  };
  known.time = [](const std::string& text) -> std::optional<Cycles> {
    if (text == "25ns") return 25;
    return {};
  };
  return known;
}

struct Setup {
  std::string start, stop;
  Cycles ring = 0;
  std::size_t ring_events = 1'000'000;
};

// A run of 100 cycles with an instruction in each fifth one, whose pc is 0x80000000 + its time; a page fault
// at 42; a store to 0x90000010 at 61; `main` begins at 30 and 70.
Window::Seen run(const Setup& setup, Cycles quantum = 10) {
  Window::Seen seen;
  TraceGateOptions options;
  options.start = parse_trigger(setup.start, names());
  options.stop = parse_trigger(setup.stop, names());
  options.ring = setup.ring;
  options.ring_events = setup.ring_events;
  TraceGate gate(std::make_unique<Window>(seen, static_cast<std::uint32_t>(TraceTopic::cpu)), options);
  for (Cycles at = 0; at < 100; ++at) {
    if (at % quantum == 0) gate.advance(at);
    const bool in_main = at == 30 || at == 70;
    if (at % 5 == 0 && gate.wants(TraceTopic::cpu))
      gate.instruction({at, 0, in_main ? 0x8000'1000 : 0x8000'0000 + at, Privilege::machine});
    if (at == 42 && gate.wants(TraceTopic::trap)) gate.trap({at, 0, 13, false, 0, 0});
    if (at == 61 && gate.wants(TraceTopic::access)) gate.access({at, 0, true, 0x9000'0010, 4});
  }
  gate.finish(100);
  return seen;
}

TEST(TraceGate, a_start_opens_and_a_stop_closes) {
  for (const Cycles quantum : {1, 7, 10, 1000}) {
    const auto seen = run({"symbol:main", "event:page-fault"}, quantum);
    EXPECT_EQ(seen.start, 30u);
    EXPECT_EQ(seen.stop, 43u);  // what happens in the cycle of the fault is still written
    EXPECT_THAT(seen.inside(), ElementsAre(30, 35, 40));
  }
}

TEST(TraceGate, a_time_ends_before_it) {
  const auto seen = run({"", "time:25ns"});
  EXPECT_EQ(seen.start, 0u);
  EXPECT_THAT(seen.inside(), ElementsAre(0, 5, 10, 15, 20));
  EXPECT_EQ(run({"time:25ns", ""}).start, 25u);
}

TEST(TraceGate, the_nth_time_and_the_first_of_several_count) {
  EXPECT_EQ(run({"symbol:main#2", ""}).start, 70u);
  EXPECT_EQ(run({"symbol:main#2,event:page-fault", ""}).start, 42u);
  EXPECT_EQ(run({"symbol:main+0x10", ""}).start, never);
}

TEST(TraceGate, an_address_is_met_by_what_touches_it) {
  EXPECT_EQ(run({"address:0x90000013", ""}).start, 61u);
  EXPECT_EQ(run({"address:0x90000000..0x90000010", ""}).start, 61u);
  EXPECT_EQ(run({"address:0x90000014", ""}).start, never);
  EXPECT_EQ(run({"address:0x90000000..0x9000000f", ""}).start, never);
}

TEST(TraceGate, a_ring_keeps_what_lies_before_the_start) {
  for (const Cycles quantum : {1, 7, 10, 1000}) {
    const auto seen = run({"event:page-fault", "", 12}, quantum);
    EXPECT_EQ(seen.start, 30u);
    EXPECT_EQ(seen.inside().front(), 30u);
    EXPECT_EQ(seen.inside().back(), 95u);
  }
}

TEST(TraceGate, a_ring_without_a_start_keeps_what_lies_before_the_stop_or_the_end) {
  for (const Cycles quantum : {1, 7, 10, 1000}) {
    EXPECT_THAT(run({"", "event:page-fault", 12}, quantum).inside(), ElementsAre(30, 35, 40));
    EXPECT_THAT(run({"", "", 12}, quantum).inside(), ElementsAre(90, 95));
    EXPECT_THAT(run({"address:0x1", "", 12}, quantum).inside(), ElementsAre(90, 95));
  }
}

TEST(TraceGate, nothing_is_written_if_the_start_is_not_met) {
  const auto seen = run({"address:0x1", ""});
  EXPECT_EQ(seen.start, never);
  EXPECT_THAT(seen.inside(), IsEmpty());
}

TEST(TraceGate, a_ring_holds_no_more_events_than_it_may) {
  for (const Cycles quantum : {1, 5, 10}) {
    const auto seen = run({"", "", 90, 4}, quantum);
    EXPECT_THAT(seen.inside(), ElementsAre(80, 85, 90, 95));
  }
}

TEST(TraceGate, wants_what_a_pending_trigger_looks_at) {
  Window::Seen seen;
  TraceGateOptions options;
  options.start = parse_trigger("address:0x10", names());
  TraceGate gate(std::make_unique<Window>(seen, static_cast<std::uint32_t>(TraceTopic::irq)), options);
  EXPECT_TRUE(gate.wants(TraceTopic::access));
  EXPECT_TRUE(gate.wants(TraceTopic::irq));
  EXPECT_FALSE(gate.wants(TraceTopic::cpu));
  gate.access({5, 0, false, 0x10, 1});
  gate.advance(10);
  EXPECT_FALSE(gate.wants(TraceTopic::access));
  EXPECT_TRUE(gate.wants(TraceTopic::irq));
}

TEST(Trigger, says_what_is_wrong) {
  const auto message = [](const std::string& text) -> std::string {
    try {
      parse_trigger(text, names());
    } catch (const TriggerError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(message(""), "accepted");
  EXPECT_EQ(message("symbol:main+16,event:stale#3,time:25ns,address:16..0x20"), "accepted");
  EXPECT_THAT(message("symbol:mian"), HasSubstr("there is no \"mian\""));
  EXPECT_THAT(message("symbol:main+x"), HasSubstr("a number as offset"));
  EXPECT_THAT(message("event:page_fault"), HasSubstr("page-fault, interrupt, trap, tlb-miss"));
  EXPECT_THAT(message("address:5..4"), HasSubstr("in order"));
  EXPECT_THAT(message("address:"), HasSubstr("address:FIRST"));
  EXPECT_THAT(message("time:soon"), HasSubstr("such as 10us"));
  for (const char* text : {"symbol:", "main", ",", "event:trap,", "time:25ns#2", "pc:1"})
    EXPECT_THAT(message(text), HasSubstr("symbol:NAME[+OFFSET]")) << text;
  EXPECT_THAT(message("event:trap#0"), HasSubstr("from 1"));
}

}  // namespace
}  // namespace memio
