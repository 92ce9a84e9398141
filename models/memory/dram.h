// A DRAM with its controller: banks, open rows, a shared data bus, refresh.
//
// Follows JESD79-3 (DDR3) for one rank: commands PRE, ACT, RD or WR of fixed bursts, and all-bank refresh.
// Requests are served in the order of the calls; the commands of one bank may overlap with those of others,
// the data of all bursts shares the data bus in that order. All times are in cycles of the system clock.
// docs/timing.md, section "Memory", has the rules. Not modelled: reordering, tRRD, tFAW, tWTR, tRTP, a
// command bus that is busy, ranks, power-down, postponed refresh. Free of SystemC.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/access.h"
#include "core/route.h"
#include "core/stats.h"
#include "core/trace.h"

namespace memio {

/// What becomes of a row when a transfer is over: it stays open, or is precharged at once.
enum class RowPolicy : std::uint8_t { open, closed };

struct DramConfig {
  unsigned banks = 8;              ///< a power of two
  std::uint32_t row_bytes = 8192;  ///< of one bank, a power of two
  std::uint32_t interleave = 0;    ///< consecutive bytes in a bank: a power of two; 0: a whole row
  std::uint32_t burst_bytes = 64;  ///< a power of two, at most `interleave` and `row_bytes`
  Cycles burst_cycles = 5;         ///< of a burst on the data bus, at least 1
  RowPolicy policy = RowPolicy::open;
  Cycles trcd = 14;     ///< ACT to RD or WR
  Cycles trp = 14;      ///< PRE to ACT
  Cycles tcas = 14;     ///< RD or WR to the first data
  Cycles tras = 35;     ///< ACT to PRE
  Cycles trc = 49;      ///< ACT to ACT of a bank
  Cycles twr = 15;      ///< last data written to PRE
  Cycles trfc = 260;    ///< a refresh takes this; less than `trefi`
  Cycles trefi = 7800;  ///< from refresh to refresh; 0: none
  unsigned queue = 4;   ///< transfers that the controller holds, at least 1
};

/// Of each burst exactly one: row_hits + row_closed + row_conflicts = bursts.
struct DramCounts {
  std::uint64_t transfers = 0, bursts = 0;
  std::uint64_t row_hits = 0, row_closed = 0, row_conflicts = 0;
  std::uint64_t refresh_waits = 0;  ///< bursts that a refresh delayed
  Cycles refresh_cycles = 0;        ///< by so much
};

class Dram : public ServiceModel {
 public:
  /// Throws std::invalid_argument that names what is impossible. `name` is that of its events.
  Dram(const DramConfig& config, std::string name);

  Service serve(bool write, std::uint64_t address, std::uint32_t size, Cycles arrived) override;
  /// Rows stay open.
  void rewind(Cycles now) override;

  /// Where a byte lies.
  struct Place {
    unsigned bank;
    std::uint64_t row;
  };
  Place place(std::uint64_t address) const;

  unsigned banks() const { return config_.banks; }
  const DramCounts& counts() const { return counts_; }
  void register_stats(StatGroup& group) const;
  void set_trace(TraceSink* sink) { trace_ = sink; }

 private:
  struct Bank {
    bool open = false;
    bool used = false;  ///< has been activated
    std::uint64_t row = 0;
    std::uint64_t epoch = 0;     ///< refreshes before the last first command
    Cycles activated = 0;        ///< the last ACT
    Cycles column_ready = 0;     ///< RD and WR from here on
    Cycles precharge_ready = 0;  ///< PRE from here on
    Cycles activate_ready = 0;   ///< if it is closed: ACT from here on
  };
  using Row = DramEvent::Row;

  std::uint64_t epoch(Cycles at) const { return config_.trefi ? at / config_.trefi : 0; }
  Cycles after_refresh(Cycles at) const;
  void refresh(Bank& bank, Cycles now) const;
  Cycles first_command(const Bank& bank, std::uint64_t row, Cycles now) const;
  Cycles burst(bool write, const Place& place, Cycles arrived, bool close);

  DramConfig config_;
  std::string name_;
  unsigned column_bits_, bank_bits_, row_bits_;  ///< below the bank number; of it; of a row's bytes
  std::vector<Bank> banks_;
  std::vector<Cycles> queue_;  ///< when the last transfers were done, the oldest at `oldest_`
  unsigned oldest_ = 0;
  Cycles data_free_ = 0;
  DramCounts counts_;
  TraceSink* trace_ = nullptr;
};

}  // namespace memio
