// What a piece of code took: cycles, instructions and, on memio's firmware, events of address translation.
// Body: arch/riscv/counters.cpp.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// The low halves of the counters on RV32: for differences.
struct event_counts {
  unsigned long cycles;
  unsigned long instructions;
  unsigned long itlb_misses;
  unsigned long dtlb_misses;
  unsigned long l2tlb_misses;
  unsigned long walk_cycles;
  unsigned long pte_reads;
};

void read_event_counts(struct event_counts* now);
// now - start, each.
struct event_counts event_counts_between(const struct event_counts* start, const struct event_counts* now);

// Whether the last five count; else they are 0.
bool counts_translation(void);

#ifdef __cplusplus
}
#endif
