// See asm/counters.h. memio's firmware has set hpmcounter3 to 7 to these events and opened them; other
// firmware may leave them closed, so they are not touched there.
#include <asm/counters.h>
#include <asm/csr.h>

#include "kernel/platform.h"

namespace memio {

extern "C" bool counts_translation() { return firmware_is_memio(); }

extern "C" void read_event_counts(event_counts* now) {
  *now = {};
  if (counts_translation()) {
    now->itlb_misses = CSR_READ(hpmcounter3);
    now->dtlb_misses = CSR_READ(hpmcounter4);
    now->l2tlb_misses = CSR_READ(hpmcounter5);
    now->walk_cycles = CSR_READ(hpmcounter6);
    now->pte_reads = CSR_READ(hpmcounter7);
  }
  now->instructions = CSR_READ(instret);
  now->cycles = CSR_READ(cycle);
}

extern "C" event_counts event_counts_between(const event_counts* start, const event_counts* now) {
  return {now->cycles - start->cycles,
          now->instructions - start->instructions,
          now->itlb_misses - start->itlb_misses,
          now->dtlb_misses - start->dtlb_misses,
          now->l2tlb_misses - start->l2tlb_misses,
          now->walk_cycles - start->walk_cycles,
          now->pte_reads - start->pte_reads};
}

}  // namespace memio
