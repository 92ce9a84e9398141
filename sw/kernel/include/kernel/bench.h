// What calls of the memory allocators cost, by the hart's own counters: a table on the console. The table of
// calls is in calls.c, the measuring in bench.c.
#pragma once

#include <linux/mm_types.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a call gets and gives.
struct bench_target {
  unsigned long amount;  // bytes, pages or order
  gfp_t flags;
  void* address;  // null: cannot be touched
  struct page* page;
};

// A call and the one that undoes it.
struct bench_call {
  const char* area;
  const char* name;
  const char* undo_name;
  unsigned long amount;
  gfp_t flags;
  // Sets target->address or ->page; both null: refused.
  void (*make)(struct bench_target* target);
  void (*undo)(struct bench_target* target);
  unsigned long touch;  // bytes at target->address to touch
};

// Ended by one without a name.
extern const struct bench_call bench_calls[];

// Prints the table, of one area or of all for null or "". False when there is no such area or a call failed.
// May sleep.
bool bench_run(const char* area);

#ifdef __cplusplus
}
#endif
