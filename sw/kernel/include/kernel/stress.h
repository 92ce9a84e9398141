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

constexpr unsigned kMostStressThreads = 16;

struct StressRequest {
  unsigned long operations;    // of all threads; not used when milliseconds are given
  unsigned long milliseconds;  // of modelled time; 0: by operations
  u32 seed;                    // the same one gives the same operations
  unsigned threads;            // 1 .. kMostStressThreads
};

struct StressCounts {
  unsigned long operations;
  unsigned long allocations;
  unsigned long frees;
  unsigned long resizes;
  unsigned long refusals;    // requests that were not served; something was freed then
  unsigned long shortages;   // times that almost all memory was taken away
  unsigned long most_pages;  // held at a time, summed over the threads
  unsigned long bad_bytes;   // contents that had changed

  void add(const StressCounts& other);
};

struct StressReport {
  StressCounts counts;
  u64 cycles;
  MemoryUse before;
  MemoryUse after;

  // Whether all contents held and all is given back.
  bool good() const;
};

// Does random allocations, resizes and frees with all allocators in several threads, now and then with hardly
// any memory left; checks the contents of what it holds, frees everything and compares what is in use with
// the start. False when something was lost or damaged, which is printed. May sleep.
bool stress_run(const StressRequest& request, StressReport* report);

}  // namespace memio
