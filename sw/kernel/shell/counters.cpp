// See counters.h. memio's firmware has set hpmcounter3, 4 and 6 to these events and opened them; other
// firmware may leave them closed, so they are not touched there.
#include "counters.h"

#include <asm/csr.h>

#include "kernel/platform.h"

namespace memio {

bool counts_translation() { return firmware_is_memio(); }

Counters Counters::now() {
  Counters now = {};
  if (counts_translation()) {
    now.itlb_misses = CSR_READ(hpmcounter3);
    now.dtlb_misses = CSR_READ(hpmcounter4);
    now.walk_cycles = CSR_READ(hpmcounter6);
  }
  now.instructions = CSR_READ(instret);
  now.cycles = CSR_READ(cycle);
  return now;
}

Counters Counters::since(const Counters& start) const {
  return {cycles - start.cycles, instructions - start.instructions, itlb_misses - start.itlb_misses,
          dtlb_misses - start.dtlb_misses, walk_cycles - start.walk_cycles};
}

}  // namespace memio
