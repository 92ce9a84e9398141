// One thread of the stress test: a table of slots, each empty or holding something allocated; every operation
// takes a random slot and allocates, resizes or frees.
#pragma once

#include "kernel/stress.h"
#include "stress_ballast.h"
#include "stress_kinds.h"

namespace memio {

class StressWorker {
 public:
  // How long to go on: the first limit that is reached.
  struct Limit {
    unsigned long operations;
    u64 time;  // as time_now()
  };

  // `first` is the number of slots[0] among those of all workers. At most `most_held` pages are held. A
  // worker with a ballast takes it, for an eighth of its operations.
  void init(StressSlot* slots, unsigned count, unsigned first, u32 seed, unsigned long most_held,
            StressBallast* ballast);
  // Frees everything at the end. May sleep.
  void run(const Limit& limit);
  const StressCounts& counts() const { return counts_; }

 private:
  static constexpr unsigned long kPhase = 512;  // operations with or without ballast
  static constexpr unsigned long kPhases = 8;   // the last of so many is with
  static constexpr u32 kYieldOneOf = 256;       // operations

  void step();
  void change_phase();
  void allocate(StressSlot* slot);
  void resize(StressSlot* slot);
  void release(StressSlot* slot);
  void check(const StressSlot& slot, unsigned long size);
  void refused();

  StressSlot* slots_ = nullptr;
  unsigned count_ = 0;
  unsigned first_ = 0;
  Random random_{1};
  StressCounts counts_ = {};
  unsigned long most_held_ = 0;
  unsigned long held_ = 0;  // pages
  StressBallast* ballast_ = nullptr;
};

}  // namespace memio
