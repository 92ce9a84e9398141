// What a piece of code took: cycles, instructions and, on memio's firmware, events of address translation.
#pragma once

#include <linux/types.h>

namespace memio {

struct Counters {
  // The low half of the counters on RV32: for differences.
  unsigned long cycles;
  unsigned long instructions;
  unsigned long itlb_misses;
  unsigned long dtlb_misses;
  unsigned long walk_cycles;

  static Counters now();
  Counters since(const Counters& start) const;
};

// Whether the last three count; else they are 0.
bool counts_translation();

}  // namespace memio
