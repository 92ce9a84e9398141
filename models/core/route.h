// The accounting of one initiator at one target: latency, occupancy, counts.
//
// A transaction is an accounting fact: the bus's b_transport and a DMI grant use the same Route, so
// that a transfer costs and counts the same whichever way its data moves. The formula is in
// docs/timing.md, section "Bus":
//
//   start = max(request, busy_until of the target)
//   done  = start + hop + target latency + (beats - 1) * beat
//
// and the target is busy until `done`. Free of SystemC.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "core/access.h"

namespace memio {

/// State of a target that all its initiators share.
struct Occupancy {
  Cycles busy_until = 0;
};

/// A target whose time to serve depends on what it served before: the banks of a DRAM, say. The bus and
/// the grants of such a target ask it for each transfer, in the order in which these are served.
class ServiceModel {
 public:
  virtual ~ServiceModel() = default;
  struct Service {
    Cycles done = 0;  ///< the last beat has moved
    Cycles free = 0;  ///< the target can begin to serve another transfer; not after `done`
  };
  /// Serves `size` bytes at `address`, counted from the start of the target. The request reaches the target
  /// at `arrived`; the model's state moves on.
  virtual Service serve(bool write, std::uint64_t address, std::uint32_t size, Cycles arrived) = 0;
};

/// Latencies of a route in cycles, without contention.
struct RouteTiming {
  Cycles hop = 0;    ///< crossing the bus, once per transaction
  Cycles read = 0;   ///< the target's read latency
  Cycles write = 0;  ///< the target's write latency
  Cycles beat = 1;   ///< each further 8-byte beat of a longer transfer
};

/// Counts of a route. `reads` and `writes` are indexed by log2 of the size for 1, 2, 4, 8 bytes;
/// index 4 holds longer transfers, whose bytes stand in `burst_bytes`.
struct RouteCounts {
  std::uint64_t reads[access_kinds][5] = {};
  std::uint64_t writes[access_kinds][5] = {};
  std::uint64_t burst_bytes_read = 0;
  std::uint64_t burst_bytes_written = 0;
  std::uint64_t errors = 0;
  Cycles wait_cycles = 0;  ///< from the request until the target was free
  Cycles busy_cycles = 0;  ///< from the start of service until done
};

class Route {
 public:
  Route(std::string initiator, std::string target, Occupancy& occupancy)
      : initiator_(std::move(initiator)), target_(std::move(target)), occupancy_(occupancy) {}

  const std::string& initiator() const { return initiator_; }
  const std::string& target() const { return target_; }
  const RouteCounts& counts() const { return counts_; }
  /// For an engine that counts its proven accesses itself (same indices, same meaning).
  RouteCounts& counts() { return counts_; }

  /// Valid for grants: the latencies that `charge` uses.
  RouteTiming timing;

  /// Cycles of one transfer of up to 8 bytes without contention.
  Cycles cost(bool write) const { return timing.hop + (write ? timing.write : timing.read); }

  /// True if nothing delays a request made at `now`.
  bool idle(Cycles now) const { return occupancy_.busy_until <= now; }

  /// When the target can begin to serve a request made at `now`.
  Cycles start(Cycles now) const { return std::max(now, occupancy_.busy_until); }

  /// Accounts a finished transfer: requested at `request`, served from `start` until `done`.
  void finish(AccessKind kind, bool write, std::uint32_t size, Cycles request, Cycles start, Cycles done,
              bool ok) {
    const unsigned index = size_index(size);
    ++(write ? counts_.writes : counts_.reads)[static_cast<unsigned>(kind)][index];
    if (index == burst) (write ? counts_.burst_bytes_written : counts_.burst_bytes_read) += size;
    if (!ok) ++counts_.errors;
    counts_.wait_cycles += start - request;
    counts_.busy_cycles += done - start;
    occupancy_.busy_until = std::max(occupancy_.busy_until, done);
  }

  /// Charges a transfer whose data moves by a DMI grant; returns when it is done. `address` counts from the
  /// start of the target.
  Cycles charge(AccessKind kind, bool write, std::uint64_t address, std::uint32_t size, Cycles now) {
    static_cast<void>(address);
    const Cycles begin = start(now);
    const Cycles further_beats = size > 8 ? (size + 7) / 8 - 1 : 0;
    const Cycles done = begin + cost(write) + further_beats * timing.beat;
    finish(kind, write, size, now, begin, done, true);
    return done;
  }

  /// Books `count` uncontended transfers of `size` bytes, at most 8, one after the other; the last is done at
  /// `done`.
  void finish_many(AccessKind kind, bool write, std::uint32_t size, std::uint64_t count, Cycles done) {
    (write ? counts_.writes : counts_.reads)[static_cast<unsigned>(kind)][size_index(size)] += count;
    counts_.busy_cycles += count * cost(write);
    occupancy_.busy_until = std::max(occupancy_.busy_until, done);
  }

  std::uint64_t reads(AccessKind kind) const;
  std::uint64_t writes(AccessKind kind) const;
  std::uint64_t bytes_read() const;
  std::uint64_t bytes_written() const;

 private:
  static constexpr unsigned burst = 4;

  static unsigned size_index(std::uint32_t size) {
    switch (size) {
      case 1:
        return 0;
      case 2:
        return 1;
      case 4:
        return 2;
      case 8:
        return 3;
      default:
        return burst;
    }
  }

  std::string initiator_, target_;
  Occupancy& occupancy_;
  RouteCounts counts_;
};

/// Direct access to a part of a target's storage, and the route to charge for its use.
struct Grant {
  std::uint8_t* host = nullptr;  ///< storage of `first`
  std::uint64_t first = 0;       ///< first and last byte, physical
  std::uint64_t last = 0;
  bool read = false;
  bool write = false;
  Route* route = nullptr;
  bool cacheable = true;  ///< the physical memory attribute of the region: main memory that caches may hold

  bool covers(std::uint64_t address, std::uint64_t size) const {
    return host && address >= first && address <= last && size - 1 <= last - address;
  }
};

}  // namespace memio
