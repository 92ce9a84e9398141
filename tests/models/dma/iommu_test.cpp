// Translation of a DMA controller's transactions by tables in RAM: what is mapped, what it costs, what is
// refused. A level of a walk is 1 of the walker and 1 + 3 of the bus.
#include "models/dma/dma_bench.h"

namespace memio::test {
namespace {

constexpr std::uint64_t from = ram_base + 0x10000, to = ram_base + 0x20000;
constexpr std::uint64_t tables = ram_base + 0x80000;
constexpr std::uint64_t v = 1, r = 2, w = 4, u = 16, g = 32, a = 64, d = 128;
constexpr std::uint64_t all = v | r | w | u | a | d;

class IommuTest : public DmaTest {
 protected:
  IommuTest() {
    // Sv39: one table of each level; device addresses 0 to 0x1FFFFF in pages of 4 KiB.
    pte64(tables, 0, tables + 0x1000, v);
    pte64(tables + 0x1000, 0, tables + 0x2000, v);
    context(3, 7, tables);
  }

  void pte64(std::uint64_t table, unsigned index, std::uint64_t physical, std::uint64_t flags) {
    const std::uint64_t value = physical >> 12 << 10 | flags;
    std::memcpy(b.memory(table) + 8 * index, &value, 8);
  }
  void page(unsigned number, std::uint64_t physical, std::uint64_t flags = all) {
    pte64(tables + 0x2000, number, physical, flags);
  }
  void context(unsigned mode, unsigned domain, std::uint64_t root) {
    b.write_iommu(0x04, 3);
    b.write_iommu(0x100, mode);
    b.write_iommu(0x104, domain);
    b.write_iommu(0x108, root >> 12, 8);
  }
  std::uint64_t tlb(const char* name) { return b.stat(b.iommu, std::string("tlb.") + name); }

  // Descriptor, source and destination by device address; the descriptor at page 0.
  Cycles run(std::uint64_t source, std::uint64_t destination, std::uint32_t length) {
    b.put(ram_base, b.copy(source, destination, length));
    b.start(0, 0);
    return b.finish();
  }
  void expect_fault(std::uint64_t address, bool write, unsigned kind, unsigned into = 0) {
    EXPECT_EQ(b.state(), 6u);
    EXPECT_EQ(b.error(), 13u);
    EXPECT_EQ(b.read(b.at(0, 0x30), 8), address - into) << "the transaction began before";
    EXPECT_EQ(b.read_iommu(0x20), 1u | 1 << 8) << "one record";
    EXPECT_EQ(b.read_iommu(0x24), (write ? 0x100u : 0u) | kind << 16);
    EXPECT_EQ(b.read_iommu(0x28, 8), address);
    b.pass(1);
    EXPECT_TRUE(b.iommu_irq.read());
    b.write_iommu(0x20, 1);
    b.pass(1);
    EXPECT_FALSE(b.iommu_irq.read());
    EXPECT_EQ(b.read_iommu(0x20), 0u);
  }
};

TEST_F(IommuTest, TranslatesAndCharges) {
  page(0, ram_base);
  page(1, from);
  page(2, to);
  b.fill(from, 256, 1);
  const std::uint64_t walked = b.stat(b.iommu, "walker.cycles"), reads = b.stat(b.iommu, "walker.reads");
  const Route* route = b.bus.route(Space::memory, "iommu0", "ram");
  const std::uint64_t on_the_bus = route->reads(AccessKind::walk);
  // Descriptor, four reads, four writes and a status are translated, 1 cycle each; three pages are walked.
  EXPECT_EQ(run(0x1000, 0x2000, 256), (11u + 4 + 4 * 23 + 4) + (1 + 8 + 1) * 1 + 3 * 15);
  EXPECT_TRUE(b.same(from, to, 256));
  EXPECT_EQ(b.stat(b.iommu, "walker.cycles") - walked, 45u);
  EXPECT_EQ(b.stat(b.iommu, "walker.reads") - reads, 9u);
  EXPECT_EQ(route->reads(AccessKind::walk) - on_the_bus, 9u);
  // Now the pages are known.
  EXPECT_EQ(run(0x1000, 0x2000, 256), (11u + 4 + 4 * 23 + 4) + 10);
}

TEST_F(IommuTest, BypassesAtNoCost) {
  b.write_iommu(0x100, 0);
  EXPECT_EQ(b.run(b.copy(from, to, 64)), 11u + 4 + 23 + 4);
  b.write_iommu(0x100, 3);
  b.write_iommu(0x04, 0);
  EXPECT_EQ(b.run(b.copy(from, to, 64)), 11u + 4 + 23 + 4);
}

TEST_F(IommuTest, LookUpsAreHitsAndMisses) {
  page(0, ram_base);
  page(1, from);
  page(2, to);
  const std::uint64_t lookups = tlb("lookups"), hits = tlb("hits"), misses = tlb("misses");
  run(0x1000, 0x2000, 640);
  EXPECT_EQ(tlb("lookups") - lookups, 22u);
  EXPECT_EQ(tlb("misses") - misses, 3u);
  EXPECT_EQ(tlb("hits") - hits, 19u);
}

TEST_F(IommuTest, CapacityMissesWalkAgain) {
  for (unsigned i = 0; i < 16; ++i) page(i, ram_base + 0x1000 * i);
  // A row in each of five source pages: with the descriptor and the destination seven pages share four
  // entries.
  auto rows = b.copy(0x1000, 0x8000, 8);
  rows.rows = 5;
  rows.source_stride = 0x1000;
  rows.destination_stride = 8;
  b.put(ram_base, rows);
  b.start(0, 0);
  const std::uint64_t misses = tlb("misses");
  // Misses: descriptor, destination once, five sources, and the descriptor again for the status.
  const Cycles cycles = b.finish();
  EXPECT_EQ(tlb("misses") - misses, 8u);
  EXPECT_EQ(cycles, (11u + 4 + 5 * 9 + 4) + 12 + 8 * 15);
}

TEST_F(IommuTest, TransactionsThatCrossAPageAreSplit) {
  page(0, ram_base);
  page(1, from);
  page(2, from + 0x5000);
  page(3, to);
  b.fill(from + 0xFE0, 32, 1);
  b.fill(from + 0x5000, 32, 2);
  const std::uint64_t split = b.stat(b.iommu, "split");
  // The read is two transactions of four beats, each 1 + 3 + 3; four pages are walked.
  EXPECT_EQ(run(0x1FE0, 0x3000, 64), 11u + 4 + (1 + 7 + 7 + 11) + 4 + (1 + 2 + 1 + 1) + 4 * 15);
  EXPECT_TRUE(b.same(from + 0xFE0, to, 32));
  EXPECT_TRUE(b.same(from + 0x5000, to + 32, 32));
  EXPECT_EQ(b.stat(b.iommu, "split") - split, 1u);
}

TEST_F(IommuTest, ASplitWriteThatFaultsMovesNothing) {
  page(0, ram_base);
  page(1, from);
  page(2, to);
  b.fill(from, 64, 3);
  run(0x1000, 0x2FE0, 64);
  expect_fault(0x3000, true, 1, 0x20);
  EXPECT_EQ(b.memory(to + 0xFE0)[0], 0);
}

TEST_F(IommuTest, HugePagesAndOtherFormats) {
  b.fill(from, 64, 4);
  pte64(tables + 0x1000, 1, ram_base, all);  // 2 MiB at 0x200000
  b.put(ram_base, b.copy(0x210000, 0x220000, 64));
  b.start(0, 0x200000);
  EXPECT_EQ(b.finish(), (11u + 4 + 23 + 4) + 4 + 10);
  EXPECT_TRUE(b.same(from, to, 64));

  const std::uint32_t root = 0x80084 << 10 | 1, leaf = ram_base >> 12 << 10 | static_cast<std::uint32_t>(all);
  std::memcpy(b.memory(tables + 0x3000), &root, 4);
  std::memcpy(b.memory(tables + 0x3000) + 4, &leaf, 4);  // 4 MiB at 0x400000
  context(2, 8, tables + 0x3000);
  b.put(ram_base, b.copy(0x410000, 0x430000, 64));
  b.start(0, 0x400000);
  EXPECT_EQ(b.finish(), (11u + 4 + 23 + 4) + 4 + 5);
  EXPECT_TRUE(b.same(from, to + 0x10000, 64));
}

TEST_F(IommuTest, WhatIsNotGrantedFaults) {
  page(0, ram_base);
  page(1, from);
  page(2, to, v | r | u | a | d);
  run(0x1000, 0x2000, 64);
  expect_fault(0x2000, true, 1);  // not writable
  page(3, from, v | w | r | a | d);
  run(0x3000, 0x1000, 64);
  expect_fault(0x3000, false, 1);  // not the device's
  page(4, from, v | r | w | u);
  run(0x4000, 0x1000, 64);
  expect_fault(0x4000, false, 1);  // A is clear
  run(0x5000, 0x1000, 64);
  expect_fault(0x5000, false, 1);  // not mapped
  run(0x4000000000, 0x1000, 64);
  expect_fault(0x4000000000, false, 1);  // not canonical
}

TEST_F(IommuTest, TablesThatCannotBeRead) {
  page(0, ram_base);
  pte64(tables + 0x1000, 2, nobody, v);
  run(0x400000, 0x1000, 64);
  expect_fault(0x400000, false, 2);
  context(3, 9, nobody);
  b.start(0, 0);
  b.finish();
  expect_fault(0, false, 2);
}

TEST_F(IommuTest, ModesThatTranslateNothing) {
  for (const unsigned mode : {1u, 6u, 7u}) {
    context(mode, 0, tables);
    b.start(0, 0x40);
    EXPECT_EQ(b.finish(), 1u) << "the bench looks once a cycle";
    expect_fault(0x40, false, 3);
  }
}

TEST_F(IommuTest, RecordsAreAQueueOfEight) {
  context(1, 0, tables);
  for (unsigned i = 0; i < 10; ++i) {
    b.start(0, 0x40 * i);
    b.finish();
  }
  EXPECT_EQ(b.read_iommu(0x20), 3u | 8 << 8);
  EXPECT_EQ(b.read_iommu(0x30), 10u);
  for (unsigned i = 0; i < 8; ++i) {
    EXPECT_EQ(b.read_iommu(0x28, 8), 0x40u * i);
    b.write_iommu(0x20, 1);
  }
  EXPECT_EQ(b.read_iommu(0x20), 2u);
  b.write_iommu(0x20, 2);
  EXPECT_EQ(b.read_iommu(0x20), 0u);
}

TEST_F(IommuTest, ATranslationIsHeldUntilItIsInvalidated) {
  page(0, ram_base);
  page(1, from);
  page(2, to);
  b.fill(from, 64, 5);
  b.fill(from + 0x1000, 64, 6);
  run(0x1000, 0x2000, 64);
  page(1, from + 0x1000);
  run(0x1000, 0x2000, 64);
  EXPECT_TRUE(b.same(from, to, 64)) << "the IOTLB holds what it was filled with";

  b.write_iommu(0x18, 2 | 8 << 16);  // another domain
  run(0x1000, 0x2000, 64);
  EXPECT_TRUE(b.same(from, to, 64));
  b.write_iommu(0x10, 0x2000, 8);
  b.write_iommu(0x18, 3 | 7 << 16);  // another page
  run(0x1000, 0x2000, 64);
  EXPECT_TRUE(b.same(from, to, 64));
  b.write_iommu(0x10, 0x1ABC, 8);
  b.write_iommu(0x18, 3 | 7 << 16);
  run(0x1000, 0x2000, 64);
  EXPECT_TRUE(b.same(from + 0x1000, to, 64));

  page(1, from);
  b.write_iommu(0x18, 2 | 7 << 16);
  run(0x1000, 0x2000, 64);
  EXPECT_TRUE(b.same(from, to, 64));

  page(1, from + 0x1000, all | g);
  b.write_iommu(0x18, 1);
  run(0x1000, 0x2000, 64);
  page(1, from, all | g);
  b.write_iommu(0x18, 2 | 7 << 16);
  run(0x1000, 0x2000, 64);
  EXPECT_TRUE(b.same(from + 0x1000, to, 64)) << "a global page stays";
  b.write_iommu(0x18, 1);
  run(0x1000, 0x2000, 64);
  EXPECT_TRUE(b.same(from, to, 64));
}

TEST_F(IommuTest, DomainsKeepTranslationsApart) {
  page(0, ram_base, all | g);  // so that the four entries hold it all
  page(1, from);
  page(2, to, all | g);
  b.fill(from, 64, 7);
  run(0x1000, 0x2000, 64);
  page(1, from + 0x1000);
  b.write_iommu(0x104, 8);
  run(0x1000, 0x2000, 64);
  EXPECT_TRUE(b.same(from + 0x1000, to, 64));
  b.write_iommu(0x104, 7);
  run(0x1000, 0x2000, 64);
  EXPECT_TRUE(b.same(from, to, 64));
}

TEST_F(IommuTest, AnInvalidationWaitsForWhatIsUnderWay) {
  page(0, ram_base);
  b.put(ram_base, b.copy(0, 0, 0));
  b.start(0, 0);
  EXPECT_EQ(b.read_iommu(0x18), 0u);
  b.pass(8);  // in the second level of the walk for the descriptor
  b.write_iommu(0x18, 1);
  EXPECT_EQ(b.read_iommu(0x18), 1u);
  b.pass(8);
  EXPECT_EQ(b.read_iommu(0x18), 1u);
  b.finish();
  EXPECT_EQ(b.read_iommu(0x18), 0u);
  const std::uint64_t misses = tlb("misses");
  b.start(0, 0);
  b.finish();
  EXPECT_EQ(tlb("misses") - misses, 0u) << "the status was walked for after the command";

  b.write_iommu(0x18, 1);
  b.put(ram_base, b.copy(0, 0, 0));
  b.start(0, 0);
  b.pass(8);
  b.write_iommu(0x18, 1);
  page(0, ram_base + 0x1000);
  b.finish();
  EXPECT_EQ(b.get(ram_base).status, 0u) << "what was walked before the command did not stay";
  EXPECT_EQ(b.get(ram_base + 0x1000).status, 2u | 5 << 8);
}

TEST_F(IommuTest, AResetForgetsWhatIsBeingWalkedFor) {
  page(0, ram_base);
  b.put(ram_base, b.copy(0, 0, 0));
  b.start(0, 0);
  b.pass(8);
  b.dma.reset();
  b.iommu.reset();
  EXPECT_EQ(b.read_iommu(0x18), 1u) << "the transaction is still under way";
  b.pass(50);
  EXPECT_EQ(b.read_iommu(0x18), 0u);
  context(3, 7, tables);
  page(0, ram_base + 0x1000);
  b.put(ram_base + 0x1000, b.copy(0, 0, 0));
  b.start(0, 0);
  b.finish();
  EXPECT_EQ(b.get(ram_base).status, 0u);
  EXPECT_EQ(b.get(ram_base + 0x1000).status, 2u | 5 << 8);
}

TEST_F(IommuTest, TellsTheTrace) {
  struct Sink : TraceSink {
    std::vector<IommuEvent> events;
    bool wants(TraceTopic topic) const override { return topic == TraceTopic::dma; }
    void iommu(const IommuEvent& event) override { events.push_back(event); }
  } sink;
  b.iommu.set_trace(&sink);
  const Cycles begin = Clock(sc_core::sc_time(1, sc_core::SC_NS)).cycles_up(sc_core::sc_time_stamp());
  b.start(0, 0x40);
  b.finish();
  b.iommu.set_trace(nullptr);
  ASSERT_EQ(sink.events.size(), 5u) << "a miss, three levels, a fault";
  EXPECT_EQ(sink.events[0].kind, IommuEvent::Kind::miss);
  EXPECT_EQ(sink.events[3].kind, IommuEvent::Kind::walk);
  EXPECT_EQ(sink.events[3].done, begin + 1 + 15);
  EXPECT_EQ(sink.events[4].kind, IommuEvent::Kind::fault);
  EXPECT_EQ(sink.events[4].start, begin + 1 + 15);
  for (const auto& event : sink.events) {
    EXPECT_EQ(event.address, 0x40u);
    EXPECT_EQ(*event.iommu, "iommu0");
  }
}

class Svadu : public IommuTest {
 protected:
  void SetUp() override {
    if (!DmaBench::svadu()) GTEST_SKIP() << "for an IOMMU under Svadu";
  }
  std::uint64_t flags(unsigned number) {
    std::uint64_t entry = 0;
    std::memcpy(&entry, b.memory(tables + 0x2000) + 8 * number, 8);
    return entry & 0x3FF;
  }
};

TEST_F(Svadu, TheWalkerSetsAccessedAndDirty) {
  for (const unsigned number : {0u, 1u, 2u}) page(number, ram_base + 0x10000 * number, v | r | w | u);
  b.fill(from, 64, 1);
  const std::uint64_t faults = b.stat(b.iommu, "faults");
  // Four translations; each walks (the status a second time for its page, to make it dirty), and reads and
  // writes the entry once more, 1 + 3 each.
  EXPECT_EQ(run(0x1000, 0x2000, 64), (11u + 4 + 23 + 4) + 4 + 4 * (15 + 8));
  EXPECT_TRUE(b.same(from, to, 64));
  EXPECT_EQ(flags(0), v | r | w | u | a | d);
  EXPECT_EQ(flags(1), v | r | w | u | a);
  EXPECT_EQ(flags(2), v | r | w | u | a | d);
  EXPECT_EQ(b.stat(b.iommu, "faults") - faults, 0u);
  // Now nothing is to be set.
  EXPECT_EQ(run(0x1000, 0x2000, 64), (11u + 4 + 23 + 4) + 4);
}

}  // namespace
}  // namespace memio::test
