// The accounting of one initiator at one target: latency, occupancy, counts.
//
// A transaction is an accounting fact: the bus's b_transport and a DMI grant use the same Route, so
// that a transfer costs and counts the same whichever way its data moves. The formula is in
// docs/timing.md, section "Bus":
//
//   start = max(request, busy_until of the target, busy_until of the initiator's port)
//   done  = start + hop + target latency + (beats - 1) * beat
//
// or, if the target has a ServiceModel, what that says of a request that arrives at start + hop. Free of
// SystemC.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "core/access.h"

namespace memio {

/// State of a target, or of an initiator's port, that all its users share.
struct Occupancy {
  Cycles busy_until = 0;
  unsigned domain = 0;  ///< of who was served last (see Route::run_ahead)
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
  /// The next request may be older than those served before: nothing is under way any more at `now`.
  virtual void rewind(Cycles /*now*/) {}
};

/// How a route takes time. Cycles are without contention.
struct RouteTiming {
  Cycles hop = 0;           ///< crossing the bus, once per transaction
  Cycles read = 0;          ///< the target's read latency
  Cycles write = 0;         ///< the target's write latency
  Cycles beat = 1;          ///< each further beat of a longer transfer
  std::uint32_t width = 8;  ///< bytes of a beat, a power of two
  Cycles interval = 0;  ///< from the start of a transfer of one beat until the next may start; 0: all of it
};

/// Counts of a route. `reads` and `writes` are indexed by log2 of the size for 1, 2, 4, 8 bytes;
/// index 4 holds other transfers, whose bytes and beats stand in `burst_...`.
struct RouteCounts {
  std::uint64_t reads[access_kinds][5] = {};
  std::uint64_t writes[access_kinds][5] = {};
  std::uint64_t burst_bytes_read = 0, burst_bytes_written = 0;
  std::uint64_t burst_beats_read = 0, burst_beats_written = 0;
  std::uint64_t errors = 0;
  Cycles wait_cycles = 0;  ///< from the request until the target was free
  Cycles busy_cycles = 0;  ///< from the start of service until done
};

class Route {
 public:
  using Service = ServiceModel::Service;

  Route(std::string initiator, std::string target, Occupancy& occupancy)
      : initiator_(std::move(initiator)),
        target_(std::move(target)),
        target_state_(&occupancy),
        occupancy_(&occupancy) {}

  Route(const Route&) = delete;
  Route& operator=(const Route&) = delete;

  const std::string& initiator() const { return initiator_; }
  const std::string& target() const { return target_; }
  const RouteCounts& counts() const { return counts_; }
  /// For an engine that counts its proven accesses itself (same indices, same meaning).
  RouteCounts& counts() { return counts_; }

  /// Valid for grants: the latencies that `charge` uses.
  RouteTiming timing;

  /// From now on the target is as good as this route's own: its transfers wait for none of other routes.
  void occupy_alone() {
    occupancy_ = &own_;
    others_ = nullptr;
  }
  /// The initiator runs ahead of those of other domains than its own, a number from 1 up: what one has done
  /// lies in the future of the next. So its transfers wait for its own and for those of initiators that run
  /// with the simulation (domain 0), and these for none of it.
  void run_ahead(unsigned domain) {
    domain_ = domain;
    others_ = occupancy_;
    occupancy_ = &own_;
  }
  /// Transfers through `port` are made one after the other, whatever their targets. Null: they need not be.
  void share(Occupancy* port) { port_ = port; }
  /// Null: a fixed latency.
  void set_service(ServiceModel* model) { model_ = model; }
  /// True if an uncontended transfer always takes `cost`.
  bool fixed() const { return !model_; }

  /// Cycles of one transfer of `size` bytes without contention, if the route is fixed.
  Cycles cost(bool write, std::uint32_t size) const { return latency(write) + further(size); }

  /// Beats that a transfer of `size` bytes takes.
  std::uint32_t beats(std::uint32_t size) const {
    return size <= timing.width ? 1 : (size + timing.width - 1) / timing.width;
  }

  /// True if nothing delays a request made at `now`.
  bool idle(Cycles now) const { return start(now) == now; }

  /// When a request made at `now` is served.
  Cycles start(Cycles now) const {
    Cycles begin = std::max(now, occupancy_->busy_until);
    if (others_) begin = std::max(begin, others_->busy_until);
    return port_ ? std::max(begin, port_->busy_until) : begin;
  }

  /// The service that began at `start` of a target that had its first beat ready, or took it, at `answered`.
  /// A target with a model answers at once. `address` counts from the start of the target.
  Service serve(bool write, std::uint64_t address, std::uint32_t size, Cycles start, Cycles answered) {
    if (model_) {
      if (target_state_->domain != domain_) model_->rewind(answered);
      target_state_->domain = domain_;
      return model_->serve(write, address, size, answered);
    }
    const Cycles rest = further(size), done = answered + rest;
    return {done, timing.interval ? std::min(done, start + timing.interval + rest) : done};
  }

  /// Counts `n` transfers of `size` bytes, but not their cycles.
  void count(AccessKind kind, bool write, std::uint32_t size, std::uint64_t n) {
    const unsigned index = size_index(size);
    (write ? counts_.writes : counts_.reads)[static_cast<unsigned>(kind)][index] += n;
    if (index != burst) return;
    (write ? counts_.burst_bytes_written : counts_.burst_bytes_read) += n * size;
    (write ? counts_.burst_beats_written : counts_.burst_beats_read) += n * beats(size);
  }

  /// Accounts a finished transfer: requested at `request`, begun at `start`.
  void finish(AccessKind kind, bool write, std::uint32_t size, Cycles request, Cycles start, Service service,
              bool ok) {
    count(kind, write, size, 1);
    if (!ok) ++counts_.errors;
    counts_.wait_cycles += start - request;
    counts_.busy_cycles += service.done - start;
    occupancy_->busy_until = std::max(occupancy_->busy_until, service.free);
    if (port_) port_->busy_until = std::max(port_->busy_until, service.done);
  }

  /// Charges a transfer whose data moves by a DMI grant; returns when it is done. `address` counts from the
  /// start of the target.
  Cycles charge(AccessKind kind, bool write, std::uint64_t address, std::uint32_t size, Cycles now) {
    const Cycles begin = start(now);
    const Service service = serve(write, address, size, begin, begin + latency(write));
    finish(kind, write, size, now, begin, service, true);
    return service.done;
  }

  /// Books `count` uncontended transfers of `size` bytes, at most 8, one after the other; the last is done at
  /// `done`. The route is fixed.
  void finish_many(AccessKind kind, bool write, std::uint32_t size, std::uint64_t count, Cycles done) {
    this->count(kind, write, size, count);
    counts_.busy_cycles += count * cost(write, size);
    occupancy_->busy_until = std::max(occupancy_->busy_until, done);
    if (port_) port_->busy_until = std::max(port_->busy_until, done);
  }

  std::uint64_t reads(AccessKind kind) const;
  std::uint64_t writes(AccessKind kind) const;
  std::uint64_t bytes_read() const;
  std::uint64_t bytes_written() const;
  /// Words of the bus's width that were moved, narrower ones included.
  std::uint64_t beats_read() const;
  std::uint64_t beats_written() const;

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

  Cycles latency(bool write) const { return timing.hop + (write ? timing.write : timing.read); }
  Cycles further(std::uint32_t size) const { return (beats(size) - 1) * timing.beat; }
  std::uint64_t sized_beats(const std::uint64_t (&table)[access_kinds][5]) const;

  std::string initiator_, target_;
  Occupancy own_;
  Occupancy* target_state_;
  Occupancy* occupancy_;         ///< that this route takes
  Occupancy* others_ = nullptr;  ///< that it waits for beside its own
  unsigned domain_ = 0;
  Occupancy* port_ = nullptr;
  ServiceModel* model_ = nullptr;
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
  std::uint64_t offset = 0;  ///< of `first` from the start of the target

  bool covers(std::uint64_t address, std::uint64_t size) const {
    return host && address >= first && address <= last && size - 1 <= last - address;
  }
  /// The storage of a covered address.
  std::uint8_t* storage(std::uint64_t address) const { return host + (address - first); }
  /// A covered address as the target counts it.
  std::uint64_t at_target(std::uint64_t address) const { return address - first + offset; }
};

}  // namespace memio
