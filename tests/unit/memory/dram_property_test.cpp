// The DRAM's closed forms against a slow reference that looks for each command cycle by cycle, and may give
// it as soon as no rule forbids it.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "memory/dram.h"

namespace memio {
namespace {

constexpr Cycles never = std::numeric_limits<Cycles>::max();

class SlowDram {
 public:
  explicit SlowDram(const DramConfig& config) : config_(config), banks_(config.banks) {}

  Cycles serve(bool write, std::uint64_t address, std::uint32_t size, Cycles arrived) {
    Cycles done = 0;
    std::uint64_t at = address / config_.burst_bytes * config_.burst_bytes;
    for (; at < address + size; at += config_.burst_bytes) {
      const bool last_in_row = at + config_.burst_bytes >= address + size ||
                               bank_of(at) != bank_of(at + config_.burst_bytes) ||
                               row_of(at) != row_of(at + config_.burst_bytes);
      done = burst(write, at, arrived, last_in_row);
    }
    return done;
  }

  std::uint64_t hits = 0, closed = 0, conflicts = 0;

 private:
  struct Bank {
    bool active = false;  // an ACT without a PRE, refreshes aside
    std::uint64_t row = 0;
    Cycles act = never;           // the last one
    Cycles first_command = 0;     // of the last burst
    std::vector<Cycles> columns;  // since the last ACT
    std::vector<Cycles> written;  // ends of written data since the last ACT
  };

  std::uint64_t unit() const { return config_.interleave ? config_.interleave : config_.row_bytes; }
  std::uint64_t bank_of(std::uint64_t address) const { return address / unit() % config_.banks; }
  std::uint64_t row_of(std::uint64_t address) const { return address / config_.row_bytes / config_.banks; }

  bool in_refresh(Cycles c) const {
    if (!config_.trefi) return false;
    for (Cycles k = config_.trefi; k <= c; k += config_.trefi)
      if (c < k + config_.trfc) return true;
    return false;
  }
  bool refreshed_between(Cycles from, Cycles to) const {  // a refresh began in (from, to]
    if (!config_.trefi) return false;
    for (Cycles k = config_.trefi; k <= to; k += config_.trefi)
      if (k > from) return true;
    return false;
  }

  bool may_precharge(const Bank& bank, Cycles c) const {
    if (c < bank.act + config_.tras) return false;
    for (const Cycles column : bank.columns)
      if (c < column + config_.burst_cycles) return false;
    for (const Cycles end : bank.written)
      if (c < end + config_.twr) return false;
    return true;
  }
  bool may_activate(const Bank& bank, Cycles c) const {
    if (bank.act == never) return true;
    return c >= bank.act + config_.trc && c >= config_.trp && may_precharge(bank, c - config_.trp);
  }
  bool may_access(const Bank& bank, Cycles c) const {
    return c >= bank.act + config_.trcd &&
           (bank.columns.empty() || c >= bank.columns.back() + config_.burst_cycles);
  }

  Cycles burst(bool write, std::uint64_t address, Cycles arrived, bool last_in_row) {
    Bank& bank = banks_[bank_of(address)];
    const std::uint64_t row = row_of(address);
    Cycles c = arrived;
    bool open = false;
    for (;; ++c) {
      if (in_refresh(c)) continue;
      open = bank.active && !refreshed_between(bank.first_command, c);
      if (!open ? may_activate(bank, c) : bank.row == row ? may_access(bank, c) : may_precharge(bank, c))
        break;
    }
    bank.first_command = c;
    ++(!open ? closed : bank.row == row ? hits : conflicts);
    if (!open || bank.row != row) {
      if (open) {
        c += config_.trp;
        while (c < bank.act + config_.trc) ++c;
      }
      bank.columns.clear();
      bank.written.clear();
      bank.row = row;
      bank.act = c;
      bank.active = true;
    }
    while (!may_access(bank, c) || c + config_.tcas < data_end_) ++c;
    data_end_ = c + config_.tcas + config_.burst_cycles;
    bank.columns.push_back(c);
    if (write) bank.written.push_back(data_end_);
    if (last_in_row && config_.policy == RowPolicy::closed) bank.active = false;
    return data_end_;
  }

  DramConfig config_;
  std::vector<Bank> banks_;
  Cycles data_end_ = 0;
};

TEST(DramProperty, ClosedFormsAgreeWithTheReference) {
  std::mt19937 random(7);
  const auto below = [&random](unsigned end) { return static_cast<unsigned>(random() % end); };
  std::uint64_t hits = 0, conflicts = 0, waits = 0;
  for (int round = 0; round < 60; ++round) {
    DramConfig config;
    config.banks = 1u << below(4);
    config.row_bytes = 256u << below(3);
    config.burst_bytes = 16u << below(3);
    config.interleave = below(2) ? config.burst_bytes << below(2) : 0;
    config.burst_cycles = 1 + below(6);
    config.policy = below(3) ? RowPolicy::open : RowPolicy::closed;
    config.trcd = below(9);
    config.trp = below(9);
    config.tcas = below(9);
    config.tras = below(20);
    config.trc = below(30);
    config.twr = below(9);
    config.trfc = below(60);
    config.trefi = below(3) ? 100 + below(300) : 0;
    config.queue = 1 + below(4);
    Dram dram(config, "ram");
    SlowDram slow(config);
    Cycles now = 0;
    for (int i = 0; i < 300; ++i) {
      now += below(4) ? below(12) : below(80);
      const Cycles at = below(10) ? now : now - std::min<Cycles>(now, below(20));
      const std::uint64_t address = below(3) ? below(2048) : below(1u << 14);
      const std::uint32_t size = below(4) ? 1u << below(4) : 1 + below(200);
      const bool write = below(3) == 0;
      const ServiceModel::Service service = dram.serve(write, address, size, at);
      ASSERT_EQ(service.done, slow.serve(write, address, size, at)) << "round " << round << " step " << i;
      ASSERT_GT(service.free, at);
      ASSERT_LE(service.free, service.done);
    }
    const DramCounts& counts = dram.counts();
    EXPECT_EQ(counts.transfers, 300u);
    EXPECT_EQ(counts.row_hits, slow.hits);
    EXPECT_EQ(counts.row_closed, slow.closed);
    EXPECT_EQ(counts.row_conflicts, slow.conflicts);
    EXPECT_EQ(counts.row_hits + counts.row_closed + counts.row_conflicts, counts.bursts);
    hits += counts.row_hits;
    conflicts += counts.row_conflicts;
    waits += counts.refresh_waits;
  }
  EXPECT_GT(hits, 1500u);
  EXPECT_GT(conflicts, 600u);
  EXPECT_GT(waits, 150u);
}

}  // namespace
}  // namespace memio
