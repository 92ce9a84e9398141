// The VCD scopes of caches, DRAM, queues, DMA, IOMMU and kernel: what each event does to its variables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trace/vcd_trace.h"
#include "unit/trace/vcd_reader.h"

namespace memio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string l1d = "cpu0.l1d", ram = "ram", dma = "dma0", iommu = "iommu0",
                  free_pages = "free.DMA.order2";

// Records at 1 ns a cycle what `tell` sends and reads it back.
template <class Tell>
test::VcdContents recorded(Tell tell, std::uint32_t topics = all_topics) {
  VcdOptions options;
  options.path = ::testing::TempDir() + "memio_scopes.vcd";
  options.topics = topics;
  VcdTrace trace(options);
  TraceSources sources;
  sources.caches = {l1d};
  sources.memories = {{ram, 2}};
  sources.queues = {ram};
  sources.dmas = {{dma, 3}};
  sources.iommus = {iommu};
  sources.kernel_numbers = {free_pages};
  trace.declare(sources);
  tell(trace);
  trace.finish(1000);
  EXPECT_EQ(trace.error(), "");
  return test::read_vcd(test::read_text(options.path));
}

TEST(VcdScopes, a_miss_its_write_back_and_its_fill_keep_the_cache_busy) {
  using Kind = CacheEvent::Kind;
  const auto vcd = recorded([](TraceSink& trace) {
    trace.cache({14, 20, &l1d, Kind::write_back, AccessKind::store, 0x80001040});
    trace.cache({20, 28, &l1d, Kind::fill, AccessKind::store, 0x80000040});
    trace.cache({12, 30, &l1d, Kind::miss, AccessKind::store, 0x80000048});
    trace.cache({40, 40, &l1d, Kind::invalidate, AccessKind::store, 0x80000040});
  });
  EXPECT_THAT(vcd.of("cpu0.l1d.miss"), ElementsAre("12000=1"));
  EXPECT_THAT(vcd.of("cpu0.l1d.write_back"), ElementsAre("14000=1"));
  EXPECT_THAT(vcd.of("cpu0.l1d.fill"), ElementsAre("20000=1"));
  EXPECT_THAT(vcd.of("cpu0.l1d.invalidate"), ElementsAre("40000=1"));
  EXPECT_THAT(vcd.of("cpu0.l1d.clean"), IsEmpty());
  EXPECT_THAT(vcd.of("cpu0.l1d.busy"), ElementsAre("12000=1", "30000=0", "40000=1", "40000=0"));
  EXPECT_THAT(vcd.of("cpu0.l1d.cause"), ElementsAre("12000=10"));
  EXPECT_EQ(vcd.widths.at("cpu0.l1d.address"), 64u);
  EXPECT_EQ(vcd.of("cpu0.l1d.address").size(), 3u);
}

TEST(VcdScopes, each_bank_shows_its_own_row) {
  using Row = DramEvent::Row;
  const auto vcd = recorded([](TraceSink& trace) {
    trace.dram({5, 25, &ram, 0, 6, Row::closed, 0});
    trace.dram({25, 30, &ram, 0, 6, Row::hit, 0});
    trace.dram({30, 60, &ram, 1, 5, Row::conflict, 7});
  });
  EXPECT_THAT(vcd.of("dram.ram.bank0.active"), ElementsAre("5000=1", "25000=0", "25000=1", "30000=0"));
  EXPECT_THAT(vcd.of("dram.ram.bank0.row"), ElementsAre("5000=110"));
  EXPECT_THAT(vcd.of("dram.ram.bank0.outcome"), ElementsAre("5000=1", "25000=0"));
  EXPECT_THAT(vcd.of("dram.ram.bank1.outcome"), ElementsAre("30000=10"));
  EXPECT_THAT(vcd.of("dram.ram.bank1.refresh"), ElementsAre("30000=111"));
}

TEST(VcdScopes, queues_channels_iommu_and_kernel_show_what_they_are_told) {
  const auto vcd = recorded([](TraceSink& trace) {
    trace.queue({3, &ram, 2});
    trace.queue({9, &ram, 0});
    trace.dma({10, &dma, 2, 1, 0x80004000, 64});
    trace.dma({20, &dma, 2, 1, 0x80004000, 32});
    trace.iommu({11, 17, &iommu, IommuEvent::Kind::walk, 3, 0x5000});
    trace.iommu({17, 17, &iommu, IommuEvent::Kind::fault, 3, 0x5000});
    trace.alarm({30, AlarmEvent::Kind::dma_error, &dma, 0x6000});
    trace.kernel({500, &free_pages, 12});
  });
  EXPECT_THAT(vcd.of("queue.ram.waiting"), ElementsAre("3000=10", "9000=0"));
  EXPECT_THAT(vcd.of("dma.dma0.channel2.state"), ElementsAre("10000=1"));
  EXPECT_THAT(vcd.of("dma.dma0.channel2.remaining"), ElementsAre("10000=1000000", "20000=100000"));
  EXPECT_THAT(vcd.of("dma.dma0.channel1.state"), IsEmpty());
  EXPECT_THAT(vcd.of("iommu.iommu0.walk"), ElementsAre("11000=1"));
  EXPECT_THAT(vcd.of("iommu.iommu0.fault"), ElementsAre("17000=1"));
  EXPECT_EQ(vcd.of("iommu.iommu0.busy").front(), "11000=1");
  EXPECT_EQ(vcd.of("iommu.iommu0.busy").back(), "17000=0");
  EXPECT_THAT(vcd.of("alarm.dma_error"), ElementsAre("30000=1"));
  EXPECT_THAT(vcd.of("alarm.stale"), IsEmpty());
  EXPECT_THAT(vcd.of("alarm.address"), ElementsAre("30000=110000000000000"));
  EXPECT_EQ(vcd.initial.at("kernel.free.DMA.order2"), "0");
  EXPECT_THAT(vcd.of("kernel.free.DMA.order2"), ElementsAre("500000=1100"));
}

TEST(VcdScopes, a_topic_declares_its_scopes_alone) {
  const auto only = [](TraceTopic topic) {
    return recorded([](TraceSink&) {}, static_cast<std::uint32_t>(topic)).widths.size();
  };
  EXPECT_EQ(only(TraceTopic::cache), 9u + 3);
  EXPECT_EQ(only(TraceTopic::dram), 2u * 4 + 1);
  EXPECT_EQ(only(TraceTopic::dma), 3u * 3 + 6 + 3);
  EXPECT_EQ(only(TraceTopic::kernel), 1u);
  EXPECT_EQ(only(TraceTopic::cpu), 0u);
}

TEST(VcdScopes, a_bank_that_does_not_exist_is_reported) {
  VcdOptions options;
  options.path = ::testing::TempDir() + "memio_scopes_bad.vcd";
  VcdTrace trace(options);
  TraceSources sources;
  sources.memories = {{ram, 2}};
  trace.declare(sources);
  trace.dram({5, 25, &ram, 2, 6, DramEvent::Row::closed, 0});
  EXPECT_THAT(trace.error(), HasSubstr("memory ram has no part 2"));
}

}  // namespace
}  // namespace memio
