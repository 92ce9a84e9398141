// Events in a random order of arrival give the file that the sorted events give.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "trace/vcd_trace.h"
#include "unit/trace/vcd_reader.h"

namespace memio {
namespace {

constexpr unsigned harts = 3;
const std::string initiators[] = {"cpu0", "cpu1", "cpu2", "dma0"};

struct Events {
  std::vector<InstructionEvent> instructions[harts];
  std::vector<BusEvent> transactions[4];
};

Events random_run(std::mt19937& generator) {
  const auto below = [&](unsigned limit) { return generator() % limit; };
  Events run;
  for (unsigned h = 0; h < harts; ++h)
    for (Cycles at = below(3); at < 2000; at += 1 + below(5))
      run.instructions[h].push_back({at, h, 0x80000000 + 4 * below(1000), Privilege::machine});
  for (unsigned i = 0; i < 4; ++i)
    for (Cycles start = below(20); start < 2000;) {
      const Cycles done = start + below(30);
      run.transactions[i].push_back({start, done, &initiators[i], nullptr, Space::memory, AccessKind::load,
                                     below(2) != 0, 8 * below(100000), 8, Status::ok});
      start = done + below(10);
    }
  return run;
}

// Tells the run to a trace, one source after the other in each quantum, in an order that `generator`
// shuffles, as harts under temporal decoupling would.
void tell(const Events& run, Cycles quantum, std::mt19937& generator, VcdTrace& trace) {
  std::vector<unsigned> sources = {0, 1, 2, 3, 4, 5, 6};
  TraceSources all;
  all.harts = harts;
  all.initiators.assign(std::begin(initiators), std::end(initiators));
  trace.declare(all);
  std::map<unsigned, std::size_t> next;
  for (Cycles begin = 0; begin < 2000; begin += quantum) {
    std::shuffle(sources.begin(), sources.end(), generator);
    for (const unsigned source : sources) {
      auto& at = next[source];
      if (source < harts) {
        const auto& list = run.instructions[source];
        for (; at < list.size() && list[at].at < begin + quantum; ++at) trace.instruction(list[at]);
      } else {
        const auto& list = run.transactions[source - harts];
        for (; at < list.size() && list[at].start < begin + quantum; ++at) trace.bus(list[at]);
      }
    }
    trace.advance(begin + quantum);
  }
  trace.finish(2000);
}

// Name and value of each change of `pc`, `begin` and `address`, in the order required.
std::vector<test::VcdChange> expected(const Events& run) {
  struct Entry {
    unsigned source;
    test::VcdChange change;
  };
  const auto binary = [](std::uint64_t value) {
    std::string digits;
    do digits.insert(digits.begin(), static_cast<char>('0' + (value & 1)));
    while ((value >>= 1) != 0);
    return digits;
  };
  std::vector<Entry> entries;
  const auto add_if_new = [&](unsigned source, Cycles at, const std::string& name, std::uint64_t value,
                              std::optional<std::uint64_t>& last) {
    if (last != value) entries.push_back({source, {at * 1000, name, binary(value)}});
    last = value;
  };
  for (unsigned h = 0; h < harts; ++h) {
    std::optional<std::uint64_t> pc;
    for (const auto& event : run.instructions[h])
      add_if_new(h, event.at, "cpu" + std::to_string(h) + ".pc", event.pc, pc);
  }
  for (unsigned i = 0; i < 4; ++i) {
    std::optional<std::uint64_t> address;
    for (const auto& event : run.transactions[i]) {
      entries.push_back({harts + i, {event.start * 1000, "bus." + initiators[i] + ".begin", "1"}});
      add_if_new(harts + i, event.start, "bus." + initiators[i] + ".address", event.address, address);
    }
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.change.time != b.change.time ? a.change.time < b.change.time : a.source < b.source;
  });
  std::vector<test::VcdChange> changes;
  for (const auto& entry : entries) changes.push_back(entry.change);
  return changes;
}

bool compared(const test::VcdChange& change) {
  const std::string leaf = change.name.substr(change.name.rfind('.') + 1);
  return leaf == "pc" || leaf == "begin" || leaf == "address";
}

TEST(VcdOrder, records_sort_by_cycle_source_and_sequence) {
  std::mt19937 generator(1);
  for (int round = 0; round < 20; ++round) {
    const Events run = random_run(generator);
    std::string first;
    for (const Cycles quantum : {1, 7, 100, 2000}) {
      VcdOptions options;
      options.path = ::testing::TempDir() + "memio_order.vcd";
      VcdTrace trace(options);
      tell(run, quantum, generator, trace);
      ASSERT_EQ(trace.error(), "");
      const std::string text = test::read_text(options.path);
      if (first.empty()) first = text;
      ASSERT_TRUE(text == first) << "quantum " << quantum << " gives another file";
    }
    auto vcd = test::read_vcd(first);
    std::vector<test::VcdChange> changes;
    std::copy_if(vcd.changes.begin(), vcd.changes.end(), std::back_inserter(changes), compared);
    ASSERT_TRUE(changes == expected(run)) << "round " << round;
  }
}

}  // namespace
}  // namespace memio
