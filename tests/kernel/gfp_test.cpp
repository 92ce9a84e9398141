// What each allocation flag permits: zones, reserve, sleeping, freeing memory, messages.
#include <linux/gfp.h>
#include <linux/preempt.h>
#include <linux/shrinker.h>

#include <functional>

#include "page_bench.h"

namespace memio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// 64 MiB of low memory and 32 MiB of high memory. mem_map takes 336 pages of Normal (24576 * 56 bytes), so
// 16048 pages or 64192 kB of low memory are managed: min is 4 * sqrt(64192) = 1013 kB = 253 pages.
//            managed   min   low   1/2 of min   3/8 of min   3/4 of min
// DMA           4096    64    80           32           24           48
// Normal       11952   188   235           94           71          141
// HighMem       8192    32    64           16           12           24
class Gfp : public testing::Test {
 protected:
  ~Gfp() override {
    for (shrinker* each : registered_) unregister_shrinker(each);
  }

  // Takes single pages until there are none; the number of them.
  size_t exhaust(gfp_t flags) {
    const size_t before = taken_.size();
    while (page* single = alloc_page(flags | __GFP_NOWARN)) taken_.push_back(single);
    return taken_.size() - before;
  }
  void give_back(size_t count) {
    for (; count > 0; count--) {
      __free_page(taken_.back());
      taken_.pop_back();
    }
  }
  static std::array<unsigned long, MAX_NR_ZONES> free_pages() {
    return {nr_free_zone_pages(ZONE_DMA), nr_free_zone_pages(ZONE_NORMAL), nr_free_zone_pages(ZONE_HIGHMEM)};
  }
  void use(shrinker* each) {
    register_shrinker(each);
    registered_.push_back(each);
  }

  PageBench bench_{64 * kMiB, 32 * kMiB};
  FakeMachine& machine_ = bench_.machine;
  std::vector<page*> taken_;
  std::vector<shrinker*> registered_;
};

constexpr gfp_t kKernelOnce = GFP_KERNEL | __GFP_NORETRY;

TEST_F(Gfp, HighUserTakesHighMemoryThenNormalThenDma) {
  exhaust(GFP_HIGHUSER | __GFP_NORETRY);
  EXPECT_THAT(free_pages(), ElementsAre(64, 188, 32));
  // Down to `low` in each zone first, then down to `min`.
  std::vector<std::pair<zone_type, int>> runs;
  for (const page* single : taken_) {
    if (runs.empty() || runs.back().first != page_zonenum(single)) runs.emplace_back(page_zonenum(single), 0);
    runs.back().second++;
  }
  using Run = std::pair<zone_type, int>;
  EXPECT_THAT(runs, ElementsAre(Run{ZONE_HIGHMEM, 8128}, Run{ZONE_NORMAL, 11717}, Run{ZONE_DMA, 4016},
                                Run{ZONE_HIGHMEM, 32}, Run{ZONE_NORMAL, 47}, Run{ZONE_DMA, 16}));
}

TEST_F(Gfp, KernelAndUserLeaveHighMemoryAlone) {
  exhaust(kKernelOnce);
  EXPECT_THAT(free_pages(), ElementsAre(64, 188, 8192));
  exhaust(GFP_USER | __GFP_NORETRY);
  EXPECT_THAT(free_pages(), ElementsAre(64, 188, 8192));
  EXPECT_TRUE(PageHighMem(alloc_page(GFP_USER | __GFP_HIGHMEM)));
}

TEST_F(Gfp, DmaTakesFromItsZoneOnly) {
  EXPECT_EQ(exhaust(GFP_DMA), 4096u - 48u);
  EXPECT_THAT(free_pages(), ElementsAre(48, 11952, 8192));
  for (const page* single : taken_) ASSERT_LT(page_to_phys(single), 0x81000000u);
  EXPECT_EQ(page_zonenum(alloc_page(GFP_KERNEL)), ZONE_NORMAL);
}

TEST_F(Gfp, DmaMayWaitWhenToldSo) {
  exhaust(GFP_DMA);
  machine_.on_sleep = [&] { give_back(20); };
  const page* single = alloc_page(GFP_DMA | GFP_KERNEL);
  ASSERT_NE(single, nullptr);
  EXPECT_EQ(page_zonenum(single), ZONE_DMA);
}

TEST_F(Gfp, OtherSpellings) {
  EXPECT_EQ(_GFP_DMA, __GFP_DMA);
  EXPECT_EQ(_GFP_HIGHMEM, __GFP_HIGHMEM);
  EXPECT_EQ(page_zonenum(alloc_page(_GFP_NORMAL)), ZONE_NORMAL);
}

TEST_F(Gfp, HighPriorityTakesHalfOfTheReserve) {
  exhaust(kKernelOnce);
  exhaust(kKernelOnce | __GFP_HIGH);
  EXPECT_THAT(free_pages(), ElementsAre(32, 94, 8192));
}

TEST_F(Gfp, AtomicTakesMoreOfTheReserve) {
  exhaust(kKernelOnce);
  EXPECT_EQ(exhaust(GFP_ATOMIC), (64u - 24u) + (188u - 71u));
  EXPECT_THAT(free_pages(), ElementsAre(24, 71, 8192));
}

TEST_F(Gfp, WithoutAnyFlagAQuarterOfTheReserve) {
  exhaust(kKernelOnce);
  exhaust(0);
  EXPECT_THAT(free_pages(), ElementsAre(48, 141, 8192));
}

TEST_F(Gfp, KernelSleepsUntilMemoryIsFreed) {
  exhaust(kKernelOnce);
  machine_.on_sleep = [&] {
    if (machine_.sleeps == 3) give_back(1);
  };
  EXPECT_NE(alloc_page(GFP_KERNEL), nullptr);
  EXPECT_EQ(machine_.sleeps, 3u);
  EXPECT_THAT(machine_.bugs, IsEmpty());
}

TEST_F(Gfp, KernelGivesUpAfterTenSleeps) {
  exhaust(kKernelOnce);
  EXPECT_EQ(alloc_page(GFP_KERNEL), nullptr);
  EXPECT_EQ(machine_.sleeps, 10u);
}

TEST_F(Gfp, RepeatSleepsLonger) {
  exhaust(kKernelOnce);
  EXPECT_EQ(alloc_page(GFP_KERNEL | __GFP_REPEAT), nullptr);
  EXPECT_EQ(machine_.sleeps, 50u);
}

TEST_F(Gfp, NofailNeverGivesUp) {
  exhaust(kKernelOnce);
  machine_.on_sleep = [&] {
    if (machine_.sleeps == 1000) give_back(1);
  };
  EXPECT_NE(alloc_page(GFP_KERNEL | __GFP_NOFAIL), nullptr);
  EXPECT_EQ(machine_.sleeps, 1000u);
}

TEST_F(Gfp, NoretryAndAtomicNeverSleep) {
  exhaust(kKernelOnce);
  EXPECT_EQ(alloc_page(kKernelOnce), nullptr);
  exhaust(GFP_ATOMIC);
  EXPECT_EQ(alloc_page(GFP_ATOMIC), nullptr);
  EXPECT_EQ(machine_.sleeps, 0u);
}

// Frees pages of the test when it is asked to.
struct TestShrinker {
  explicit TestShrinker(gfp_t needs) {
    base.name = "test";
    base.needs = needs;
    base.shrink = [](shrinker* self, unsigned long pages, gfp_t flags) {
      TestShrinker* test = reinterpret_cast<TestShrinker*>(self);
      test->calls++;
      return test->free ? test->free(pages, flags) : 0;
    };
  }

  shrinker base{};  // first, so that both have one address
  unsigned calls = 0;
  std::function<unsigned long(unsigned long pages, gfp_t flags)> free;
};

struct ShrinkCase {
  gfp_t flags;
  std::array<unsigned, 4> calls;  // of shrinkers that need nothing, I/O, file systems, both
};

class GfpShrink : public Gfp, public testing::WithParamInterface<ShrinkCase> {};

TEST_P(GfpShrink, CallsTheShrinkersTheFlagsAllow) {
  TestShrinker nothing(0), io(__GFP_IO), fs(__GFP_FS), both(__GFP_IO | __GFP_FS);
  exhaust(GFP_HIGHUSER | __GFP_NORETRY);
  for (TestShrinker* each : {&nothing, &io, &fs, &both}) use(&each->base);
  alloc_page(GetParam().flags | __GFP_NORETRY | __GFP_NOWARN);
  EXPECT_EQ((std::array{nothing.calls, io.calls, fs.calls, both.calls}), GetParam().calls);
  for (shrinker* each : registered_) unregister_shrinker(each);
  registered_.clear();
}

INSTANTIATE_TEST_SUITE_P(
    All, GfpShrink,
    testing::Values(ShrinkCase{GFP_KERNEL, {1, 1, 1, 1}}, ShrinkCase{GFP_USER, {1, 1, 1, 1}},
                    ShrinkCase{GFP_HIGHUSER, {1, 1, 1, 1}}, ShrinkCase{GFP_NOFS, {1, 1, 0, 0}},
                    ShrinkCase{GFP_NOIO, {1, 0, 0, 0}}, ShrinkCase{GFP_KERNEL | __GFP_DMA, {1, 1, 1, 1}}));

TEST_F(Gfp, ShrinkersAreNotCalledForRequestsThatCannotWait) {
  TestShrinker any(0);
  exhaust(kKernelOnce);
  exhaust(GFP_ATOMIC);
  use(&any.base);
  EXPECT_EQ(alloc_page(GFP_ATOMIC | __GFP_NOWARN), nullptr);
  EXPECT_EQ(alloc_page(GFP_DMA | __GFP_NOWARN), nullptr);
  EXPECT_EQ(any.calls, 0u);
  unregister_shrinker(&any.base);
  registered_.clear();
}

TEST_F(Gfp, WhatAShrinkerFreesServesTheRequest) {
  TestShrinker any(0);
  exhaust(kKernelOnce);
  any.free = [&](unsigned long pages, gfp_t flags) {
    EXPECT_EQ(flags, GFP_KERNEL);
    give_back(pages);
    // Its own requests end there: no shrinkers, no sleep.
    exhaust(GFP_KERNEL);
    give_back(pages);
    return pages;
  };
  use(&any.base);
  EXPECT_NE(alloc_page(GFP_KERNEL), nullptr);
  EXPECT_EQ(any.calls, 1u);
  EXPECT_EQ(machine_.sleeps, 0u);
  unregister_shrinker(&any.base);
  registered_.clear();
}

TEST_F(Gfp, SleepingInAtomicContextIsReportedAndDoesNotSleep) {
  preempt_disable();
  EXPECT_NE(alloc_page(GFP_KERNEL), nullptr);
  ASSERT_EQ(machine_.bugs.size(), 1u);
  EXPECT_EQ(machine_.bugs[0],
            "alloc_pages: __GFP_WAIT|__GFP_IO|__GFP_FS may sleep, which atomic context (preempt count 0x1, "
            "interrupts on) forbids");
  EXPECT_NE(alloc_page(GFP_ATOMIC), nullptr);
  EXPECT_EQ(machine_.bugs.size(), 1u);
  exhaust(GFP_ATOMIC);
  EXPECT_EQ(alloc_page(GFP_KERNEL), nullptr);
  EXPECT_EQ(machine_.sleeps, 0u);
  EXPECT_EQ(machine_.bugs.size(), 2u);
  EXPECT_THAT(free_pages(), ElementsAre(24, 71, 8192));
  preempt_enable();
  local_irq_disable();
  EXPECT_EQ(alloc_page(GFP_NOIO), nullptr);
  EXPECT_EQ(machine_.bugs.size(), 3u);
  EXPECT_THAT(machine_.bugs.back(),
              HasSubstr("__GFP_WAIT may sleep, which atomic context (preempt count 0x0, "
                        "interrupts off)"));
  local_irq_enable();
}

TEST_F(Gfp, BeforeTheSchedulerRunsNothingSleepsAndNothingIsReported) {
  page_allocator_init(bench_.memory);
  local_irq_disable();
  EXPECT_NE(alloc_page(GFP_KERNEL), nullptr);
  exhaust(GFP_KERNEL);
  EXPECT_EQ(machine_.sleeps, 0u);
  EXPECT_THAT(machine_.bugs, IsEmpty());
  local_irq_enable();
}

TEST_F(Gfp, ColdPagesComeFromTheColdList) {
  page* warm = alloc_page(GFP_KERNEL);
  page* cold = alloc_page(GFP_KERNEL);
  free_cold_page(cold);
  __free_page(warm);
  EXPECT_EQ(bench_.zone(ZONE_NORMAL).cold().count, 1u);
  EXPECT_EQ(alloc_page(GFP_KERNEL | __GFP_COLD), cold);
  EXPECT_EQ(alloc_page(GFP_KERNEL), warm);
}

TEST_F(Gfp, PerCpuListsGiveBackABatchWhenFull) {
  // Normal: 11952 / 1024 / 4 = 2, so a batch is 2^fls(3) - 1 = 3 pages, the hot list holds 18, the cold
  // one 6.
  const Zone& zone = bench_.zone(ZONE_NORMAL);
  for (int i = 0; i < 30; i++) taken_.push_back(alloc_page(GFP_KERNEL));
  drain_all_pages();
  EXPECT_EQ(zone.hot().count, 0u);
  give_back(18);
  EXPECT_EQ(zone.hot().count, 18u);
  give_back(1);
  EXPECT_EQ(zone.hot().count, 16u);
  EXPECT_EQ(zone.free_pages(), 11952u - 11u);
  drain_all_pages();
  EXPECT_EQ(zone.buddy().free_pages(), 11952u - 11u);
}

TEST_F(Gfp, PagesOnTheListsOfAnotherTemperatureAreFoundWhenMemoryIsShort) {
  exhaust(kKernelOnce);
  free_cold_page(taken_.back());
  taken_.pop_back();
  EXPECT_NE(alloc_page(kKernelOnce), nullptr);
}

TEST_F(Gfp, FailureNamesRequestZonesAndPolicy) {
  exhaust(kKernelOnce);
  machine_.log.clear();
  EXPECT_EQ(alloc_pages(GFP_NOFS | __GFP_DMA, 4), nullptr);
  EXPECT_THAT(machine_.log, HasSubstr("[0] asked for order 4 (64 KiB) in 0x"));
  EXPECT_THAT(machine_.log, HasSubstr("flags 0x51: __GFP_DMA|__GFP_WAIT|__GFP_IO\n"));
  EXPECT_THAT(machine_.log, HasSubstr("zone DMA: 64 free (0 hot, 0 cold), min 64, low 80, high 96; blocks by "
                                      "order: 0 0 0 0 0 0 1 0 0 0 0\n"));
  EXPECT_THAT(machine_.log, HasSubstr("zone Normal: 188 free (0 hot, 0 cold), min 188, low 235, high 282; "));
  EXPECT_THAT(machine_.log, HasSubstr("zone HighMem: 8192 free"));
  EXPECT_THAT(machine_.log,
              HasSubstr("policy: zone DMA only, down to min, may free memory and wait, shrinkers "
                        "without file systems; waited 100 ticks\n"));
  EXPECT_LT(machine_.log.find("asked for"), machine_.log.find("zone DMA:"));
  EXPECT_LT(machine_.log.find("zone HighMem:"), machine_.log.find("policy:"));
}

TEST_F(Gfp, FailureTellsWhatAtomicMay) {
  exhaust(kKernelOnce);
  exhaust(GFP_ATOMIC);
  machine_.log.clear();
  EXPECT_EQ(alloc_page(GFP_ATOMIC), nullptr);
  EXPECT_THAT(machine_.log, HasSubstr("policy: zones Normal, DMA, down to 3/8 of min, may not sleep or free "
                                      "memory, no shrinkers; waited 0 ticks\n"));
}

TEST_F(Gfp, NowarnFailsSilently) {
  exhaust(kKernelOnce);
  machine_.log.clear();
  EXPECT_EQ(alloc_page(GFP_KERNEL | __GFP_NOWARN), nullptr);
  EXPECT_EQ(machine_.log, "");
}

TEST_F(Gfp, FlagsAreSpelledOut) {
  char text[200];
  EXPECT_STREQ(gfp_text(0, text, sizeof text), "0");
  EXPECT_STREQ(gfp_text(~0u, text, sizeof text),
               "__GFP_DMA|__GFP_HIGHMEM|__GFP_WAIT|__GFP_HIGH|__GFP_IO|__GFP_FS|__GFP_COLD|__GFP_NOWARN|"
               "__GFP_REPEAT|__GFP_NOFAIL|__GFP_NORETRY|__GFP_COMP|__GFP_ZERO");
}

}  // namespace
}  // namespace memio
