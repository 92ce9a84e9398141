// Mixed random use of all allocators, for the shell and for tests.
#pragma once

#include <linux/types.h>

namespace memio {

// What is in use, as the allocators count it.
struct MemoryUse {
  unsigned long free_pages;
  unsigned long slab_pages;
  unsigned long vmalloc_bytes;
  unsigned long table_pages;  // page tables of the kernel, which are kept once made
  unsigned long resources;    // entries in both trees

  // As it is now, with what caches hold back given back first.
  static MemoryUse now();
};

struct StressReport {
  unsigned long operations;
  unsigned long allocations;
  unsigned long frees;
  unsigned long resizes;
  unsigned long refusals;    // requests that were not served; something was freed then
  unsigned long most_pages;  // held at a time
  unsigned long bad_bytes;   // contents that had changed
  u64 cycles;
  MemoryUse before;
  MemoryUse after;

  // Whether all contents held and all is given back.
  bool good() const;
};

// Does `operations` random allocations, resizes and frees with all allocators, checks the contents of what it
// holds, frees everything and compares what is in use with the start. The same seed gives the same
// operations. False when something was lost or damaged, which is printed. May sleep.
bool stress_run(unsigned long operations, u32 seed, StressReport* report);
// The same until `milliseconds` of modelled time have passed.
bool stress_run_for(unsigned long milliseconds, u32 seed, StressReport* report);

}  // namespace memio
