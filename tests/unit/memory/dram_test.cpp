// Times of a DRAM, worked out by hand from the timing parameters.
//
// Small figures: 4 banks of 1 KiB rows, bursts of 64 bytes in 2 cycles; tRCD 5, tRP 4, tCAS 3, tRAS 12,
// tRC 18, tWR 6; no refresh unless a test says so. A read of a closed row thus takes 5 + 3 + 2 = 10.
#include "memory/dram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace memio {
namespace {

DramConfig small() {
  DramConfig config;
  config.banks = 4;
  config.row_bytes = 1024;
  config.burst_bytes = 64;
  config.burst_cycles = 2;
  config.trcd = 5;
  config.trp = 4;
  config.tcas = 3;
  config.tras = 12;
  config.trc = 18;
  config.twr = 6;
  config.trfc = 50;
  config.trefi = 0;
  config.queue = 8;
  return config;
}

constexpr std::uint64_t bank_1 = 0x400, row_1 = 0x1000;

class Small : public testing::Test {
 protected:
  Dram& make(const DramConfig& config) { return *(dram_ = std::make_unique<Dram>(config, "ram")); }
  Cycles read(std::uint64_t address, Cycles at, std::uint32_t size = 8) {
    return dram_->serve(false, address, size, at).done;
  }
  Cycles write(std::uint64_t address, Cycles at) { return dram_->serve(true, address, 8, at).done; }
  void expect_rows(std::uint64_t hits, std::uint64_t closed, std::uint64_t conflicts) {
    const DramCounts& counts = dram_->counts();
    EXPECT_EQ(counts.row_hits, hits);
    EXPECT_EQ(counts.row_closed, closed);
    EXPECT_EQ(counts.row_conflicts, conflicts);
    EXPECT_EQ(counts.bursts, hits + closed + conflicts);
  }

  std::unique_ptr<Dram> dram_ = std::make_unique<Dram>(small(), "ram");
};

TEST_F(Small, PlacesAreRowBankColumn) {
  const auto expect = [&](std::uint64_t address, unsigned bank, std::uint64_t row) {
    EXPECT_EQ(dram_->place(address).bank, bank) << address;
    EXPECT_EQ(dram_->place(address).row, row) << address;
  };
  expect(0, 0, 0);
  expect(0x3ff, 0, 0);
  expect(0x400, 1, 0);
  expect(0xfff, 3, 0);
  expect(0x1000, 0, 1);
  DramConfig config = small();
  config.interleave = 64;
  make(config);
  expect(0x3f, 0, 0);
  expect(0x40, 1, 0);
  expect(0xc0, 3, 0);
  expect(0x100, 0, 0);
  expect(0xfff, 3, 0);
  expect(0x1000, 0, 1);
}

TEST_F(Small, ClosedThenHitThenConflict) {
  EXPECT_EQ(read(0, 100), 110u);      // ACT 100, RD 105, data 108
  EXPECT_EQ(read(512, 110), 115u);    // RD 110, data 113
  EXPECT_EQ(read(row_1, 115), 129u);  // PRE 115, ACT 119 (tRC: not before 118), RD 124, data 127
  expect_rows(1, 1, 1);
}

TEST_F(Small, HitsFollowEachOtherOnTheDataBus) {
  EXPECT_EQ(read(0, 100), 110u);
  EXPECT_EQ(read(64, 101), 112u);  // RD 107, behind the first burst
  EXPECT_EQ(read(128, 102), 114u);
  EXPECT_EQ(read(192, 120), 125u);
}

TEST_F(Small, ARowStaysOpenForTras) {
  DramConfig config = small();
  config.trc = 0;
  make(config);
  EXPECT_EQ(read(0, 100), 110u);
  EXPECT_EQ(read(row_1, 101), 126u);  // PRE 100 + 12, ACT 116, RD 121, data 124
}

TEST_F(Small, ActivationsOfABankAreTrcApart) {
  EXPECT_EQ(read(0, 100), 110u);
  EXPECT_EQ(read(row_1, 101), 128u);  // PRE 112, ACT 100 + 18, RD 123, data 126
}

TEST_F(Small, AWrittenRowIsPrechargedAfterTwr) {
  EXPECT_EQ(write(0, 100), 110u);
  EXPECT_EQ(read(row_1, 110), 130u);  // PRE 110 + 6, ACT 120, RD 125, data 128
}

TEST_F(Small, BanksWorkAtTheSameTimeAndShareTheDataBus) {
  EXPECT_EQ(read(0, 100), 110u);
  EXPECT_EQ(read(bank_1, 100), 112u);      // ACT 100 as well; the data waits for the bus
  EXPECT_EQ(read(2 * bank_1, 107), 117u);  // by then the bus is free
  expect_rows(0, 3, 0);
}

TEST_F(Small, AClosedPolicyPrechargesAtOnce) {
  DramConfig config = small();
  config.policy = RowPolicy::closed;
  make(config);
  EXPECT_EQ(read(0, 100), 110u);  // PRE 112 (tRAS), ready at 116
  EXPECT_EQ(read(0, 110), 128u);  // ACT 118 (tRC)
  EXPECT_EQ(read(0, 200), 210u);
  EXPECT_EQ(write(0, 300), 310u);  // PRE 316
  EXPECT_EQ(read(0, 310), 330u);   // ACT 320
  expect_rows(0, 5, 0);
  EXPECT_EQ(read(0, 400, 128), 412u);  // the row stays open from burst to burst of one transfer
  expect_rows(1, 6, 0);
}

TEST_F(Small, LongTransfersAreBursts) {
  EXPECT_EQ(read(0, 100, 256), 116u);  // data 108 to 116
  expect_rows(3, 1, 0);
  EXPECT_EQ(read(60, 200, 8), 207u);  // across two bursts
  expect_rows(5, 1, 0);
  EXPECT_EQ(read(0x3c0, 300, 128), 310u);  // into the next bank: data 303..305, 308..310
  expect_rows(6, 2, 0);
  EXPECT_EQ(dram_->counts().transfers, 3u);
}

TEST_F(Small, RefreshesStopFirstCommandsAndCloseRows) {
  DramConfig config = small();
  config.trefi = 1000;
  const auto first_read = [&](Cycles at) {
    make(config);
    return read(0, at);
  };
  EXPECT_EQ(first_read(0), 10u);  // no refresh at 0
  EXPECT_EQ(first_read(999), 1009u);
  EXPECT_EQ(dram_->counts().refresh_waits, 0u);
  EXPECT_EQ(first_read(1000), 1060u);
  EXPECT_EQ(dram_->counts().refresh_waits, 1u);
  EXPECT_EQ(dram_->counts().refresh_cycles, 50u);
  EXPECT_EQ(first_read(1049), 1060u);
  EXPECT_EQ(dram_->counts().refresh_cycles, 1u);
  EXPECT_EQ(first_read(1050), 1060u);
  EXPECT_EQ(dram_->counts().refresh_waits, 0u);
  EXPECT_EQ(first_read(2000), 2060u);

  make(config);
  EXPECT_EQ(read(0, 980), 990u);
  EXPECT_EQ(read(0, 999), 1004u);  // still a hit
  EXPECT_EQ(read(0, 1060), 1070u);
  expect_rows(1, 2, 0);

  make(config);
  EXPECT_EQ(read(0, 990), 1000u);
  EXPECT_EQ(read(row_1, 995), 1060u);  // PRE not before 1002, that is within the refresh: ACT 1050
  expect_rows(0, 2, 0);
  EXPECT_EQ(dram_->counts().refresh_cycles, 48u);
}

TEST_F(Small, TheQueueSaysWhenTheNextTransferIsTaken) {
  DramConfig config = small();
  const auto serve = [&](std::uint64_t address, Cycles at) { return dram_->serve(false, address, 8, at); };
  config.queue = 1;
  make(config);
  EXPECT_EQ(serve(0, 100).free, 110u);
  config.queue = 2;
  make(config);
  EXPECT_EQ(serve(0, 100).free, 101u);
  const ServiceModel::Service second = serve(bank_1, 101);
  EXPECT_EQ(second.done, 112u);
  EXPECT_EQ(second.free, 110u);  // when the first is done
}

TEST_F(Small, ImpossibleShapesAreRefused) {
  const auto refused = [](auto change) {
    DramConfig config = small();
    config.trefi = 1000;
    change(config);
    EXPECT_THROW(Dram(config, "ram"), std::invalid_argument);
  };
  refused([](DramConfig& c) { c.banks = 3; });
  refused([](DramConfig& c) { c.banks = 0; });
  refused([](DramConfig& c) { c.row_bytes = 1000; });
  refused([](DramConfig& c) { c.burst_bytes = 48; });
  refused([](DramConfig& c) { c.burst_bytes = 2048; });
  refused([](DramConfig& c) { c.interleave = 32; });
  refused([](DramConfig& c) { c.interleave = 2048; });
  refused([](DramConfig& c) { c.interleave = 96; });
  refused([](DramConfig& c) { c.burst_cycles = 0; });
  refused([](DramConfig& c) { c.trfc = 1000; });
  refused([](DramConfig& c) { c.queue = 0; });
}

class Recorder : public TraceSink {
 public:
  bool wants(TraceTopic topic) const override { return topic == TraceTopic::dram; }
  void dram(const DramEvent& event) override { events.push_back(event); }
  std::vector<DramEvent> events;
};

TEST_F(Small, EachBurstIsAnEvent) {
  Recorder recorder;
  dram_->set_trace(&recorder);
  read(bank_1 + row_1, 100);
  read(bank_1, 110);
  ASSERT_EQ(recorder.events.size(), 2u);
  const DramEvent &first = recorder.events[0], &second = recorder.events[1];
  EXPECT_EQ(first.start, 100u);
  EXPECT_EQ(first.done, 110u);
  EXPECT_EQ(*first.target, "ram");
  EXPECT_EQ(first.bank, 1u);
  EXPECT_EQ(first.row, 1u);
  EXPECT_EQ(first.outcome, DramEvent::Row::closed);
  EXPECT_EQ(second.row, 0u);
  EXPECT_EQ(second.outcome, DramEvent::Row::conflict);
}

TEST(Dram, DefaultsAreDdr3AtOneGigahertz) {
  Dram dram(DramConfig{}, "ram");
  EXPECT_EQ(dram.serve(false, 0, 64, 0).done, 14u + 14 + 5);
  EXPECT_EQ(dram.serve(false, 64, 64, 100).done, 100u + 14 + 5);
  EXPECT_EQ(dram.serve(false, 65536, 64, 200).done, 200u + 14 + 14 + 14 + 5);
  EXPECT_EQ(dram.serve(false, 0, 64, 7800).done, 7800u + 260 + 33);
}

}  // namespace
}  // namespace memio
