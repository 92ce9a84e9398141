// Times of a DRAM; see dram.h.
#include "memory/dram.h"

#include <algorithm>
#include <stdexcept>

namespace memio {

namespace {

bool power_of_two(std::uint64_t value) { return value != 0 && (value & (value - 1)) == 0; }

unsigned log2_of(std::uint64_t value) {
  unsigned bits = 0;
  while (value >>= 1) ++bits;
  return bits;
}

void check(const DramConfig& config) {
  const auto need = [](bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(std::string("DRAM: ") + what);
  };
  need(power_of_two(config.banks), "banks must be a power of two");
  need(power_of_two(config.row_bytes), "row bytes must be a power of two");
  need(power_of_two(config.burst_bytes) && config.burst_bytes <= config.row_bytes,
       "burst bytes must be a power of two and fit in a row");
  need(
      config.interleave == 0 || (power_of_two(config.interleave) && config.interleave >= config.burst_bytes &&
                                 config.interleave <= config.row_bytes),
      "the interleave must be a power of two from a burst to a row");
  need(config.burst_cycles != 0, "a burst must take time");
  need(config.trefi == 0 || config.trfc < config.trefi, "tRFC must be less than tREFI");
  need(config.queue != 0, "the queue must hold a transfer");
}

}  // namespace

Dram::Dram(const DramConfig& config, std::string name) : config_(config), name_(std::move(name)) {
  check(config_);
  column_bits_ = log2_of(config_.interleave ? config_.interleave : config_.row_bytes);
  bank_bits_ = log2_of(config_.banks);
  row_bits_ = log2_of(config_.row_bytes);
  banks_.resize(config_.banks);
  queue_.resize(config_.queue);
}

// From the highest bit: row, upper column (if interleaved), bank, lower column.
Dram::Place Dram::place(std::uint64_t address) const {
  return {static_cast<unsigned>(address >> column_bits_ & (config_.banks - 1)),
          address >> (row_bits_ + bank_bits_)};
}

ServiceModel::Service Dram::serve(bool write, std::uint64_t address, std::uint32_t size, Cycles arrived) {
  const std::uint64_t first = address / config_.burst_bytes;
  const std::uint64_t last = (address + (size ? size - 1 : 0)) / config_.burst_bytes;
  Cycles done = arrived;
  for (std::uint64_t i = first; i <= last; ++i) {
    const Place here = place(i * config_.burst_bytes), next = place((i + 1) * config_.burst_bytes);
    const bool more = i < last && next.bank == here.bank && next.row == here.row;
    done = burst(write, here, arrived, config_.policy == RowPolicy::closed && !more);
  }
  ++counts_.transfers;
  // The controller takes a request a cycle while its queue has room: the next one needs the place of the
  // oldest of those it would hold.
  queue_[oldest_] = done;
  oldest_ = (oldest_ + 1) % config_.queue;
  return {done, std::max(arrived + 1, queue_[oldest_])};
}

void Dram::rewind(Cycles now) {
  for (Bank& bank : banks_)
    for (Cycles* time : {&bank.activated, &bank.column_ready, &bank.precharge_ready, &bank.activate_ready})
      *time = std::min(*time, now);
  for (Cycles& until : queue_) until = std::min(until, now);
  data_free_ = std::min(data_free_, now);
}

// A refresh begins at each multiple of tREFI but the first, and no first command is given while it lasts.
Cycles Dram::after_refresh(Cycles at) const {
  const std::uint64_t refreshes = epoch(at);
  return refreshes ? std::max(at, refreshes * config_.trefi + config_.trfc) : at;
}

// Catches up with the refreshes before `now`, which is in none: they leave every row closed.
void Dram::refresh(Bank& bank, Cycles now) const {
  const std::uint64_t refreshes = epoch(now);
  if (bank.epoch >= refreshes) return;
  if (bank.open) bank.activate_ready = bank.precharge_ready + config_.trp;
  bank.open = false;
  bank.epoch = refreshes;
}

// When the first of the commands that bring `row` to the data bus can be given, not before `now`.
Cycles Dram::first_command(const Bank& bank, std::uint64_t row, Cycles now) const {
  if (!bank.open)
    return std::max({now, bank.activate_ready, bank.used ? bank.activated + config_.trc : Cycles{0}});
  return std::max(now, bank.row == row ? bank.column_ready : bank.precharge_ready);
}

// One burst that arrives at `arrived`; returns when its last data has moved.
Cycles Dram::burst(bool write, const Place& place, Cycles arrived, bool close) {
  Bank& bank = banks_[place.bank];
  Cycles command = arrived, waited = 0;
  for (;;) {  // until the first command fits between two refreshes
    const Cycles now = after_refresh(command);
    waited += now - command;
    refresh(bank, now);
    command = first_command(bank, place.row, now);
    if (epoch(command) == epoch(now)) break;
  }
  const Row outcome = !bank.open ? Row::closed : bank.row == place.row ? Row::hit : Row::conflict;
  Cycles column = command;
  if (outcome != Row::hit) {
    Cycles activate = command;
    if (outcome == Row::conflict) activate = std::max(command + config_.trp, bank.activated + config_.trc);
    bank = {true, true, place.row, bank.epoch, activate, 0, activate + config_.tras, 0};
    column = activate + config_.trcd;
  }
  const Cycles data = std::max(column + config_.tcas, data_free_), done = data + config_.burst_cycles;
  data_free_ = done;
  column = data - config_.tcas;
  bank.column_ready = column + config_.burst_cycles;
  bank.precharge_ready = std::max(bank.precharge_ready, write ? done + config_.twr : bank.column_ready);
  if (close) {
    bank.open = false;
    bank.activate_ready = bank.precharge_ready + config_.trp;
  }

  ++counts_.bursts;
  ++(outcome == Row::hit      ? counts_.row_hits
     : outcome == Row::closed ? counts_.row_closed
                              : counts_.row_conflicts);
  if (waited) ++counts_.refresh_waits;
  counts_.refresh_cycles += waited;
  if (trace_ && trace_->wants(TraceTopic::dram))
    trace_->dram({arrived, done, &name_, place.bank, place.row, outcome, waited});
  return done;
}

void Dram::register_stats(StatGroup& group) const {
  group.add("transfers", "transfers", "requests served", &counts_.transfers);
  group.add("bursts", "bursts", "bursts they were made of", &counts_.bursts);
  group.add("row_hits", "bursts", "of these, to the open row of their bank", &counts_.row_hits);
  group.add("row_closed", "bursts", "to a bank without an open row", &counts_.row_closed);
  group.add("row_conflicts", "bursts", "to a bank with another row open", &counts_.row_conflicts);
  group.add("refresh_waits", "bursts", "that a refresh delayed", &counts_.refresh_waits);
  group.add("refresh_cycles", "cycles", "by which refreshes delayed them", &counts_.refresh_cycles);
}

}  // namespace memio
