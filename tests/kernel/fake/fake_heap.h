// The kernel's heap and ioremap() in the host tests of the device model: each object is one of the host's, so
// that the sanitizers see its bounds and its end; and any step can be made to fail.
#pragma once

#include <string>
#include <vector>

namespace memio {

struct FakeHeap {
  long objects = 0;   // alive
  long mappings = 0;  // of ioremap(), alive
  // Steps (allocations and mappings) since the last reset; the one with number `fail_at` (from 0) fails.
  long steps = 0;
  long fail_at = -1;
  // What was given back, in order, by the functions of the test that note it.
  std::vector<std::string> released;

  bool next_step_fails() { return steps++ == fail_at; }
};

extern FakeHeap fake_heap;

}  // namespace memio
