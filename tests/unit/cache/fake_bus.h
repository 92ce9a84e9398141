// A bus for caches on their own: one transaction at a time, each of which takes `latency` cycles and one more
// for each 8 bytes after the first; it remembers what it was asked for.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "cache/line_bus.h"

namespace memio::test {

class FakeBus : public LineBus {
 public:
  struct Transaction {
    std::uint64_t address;
    std::uint32_t size;
    bool write;
    Cycles start;
    bool operator==(const Transaction& other) const {
      return address == other.address && size == other.size && write == other.write && start == other.start;
    }
  };

  explicit FakeBus(Cycles latency) : latency_(latency) {}

  Completion transfer(const Access& access, Cycles now) override {
    const Cycles done = serve(access, now);
    if (meanwhile) meanwhile();
    return {Status::ok, done};
  }
  Ticket post(const Access& access, Cycles now) override { return serve(access, now); }
  Completion completion(Ticket ticket) override { return {Status::ok, ticket}; }

  std::vector<Transaction> seen;
  std::function<void()> meanwhile;  ///< what others do while the hart waits for a transaction
  std::uint64_t bytes_read = 0, bytes_written = 0;

 private:
  Cycles serve(const Access& access, Cycles now) {
    const Cycles start = std::max(now, free_);
    free_ = start + latency_ + (access.size > 8 ? access.size / 8 - 1 : 0);
    seen.push_back({access.address, access.size, access.write, start});
    (access.write ? bytes_written : bytes_read) += access.size;
    return free_;
  }

  Cycles latency_;
  Cycles free_ = 0;
};

}  // namespace memio::test
