// The fake machine translates nothing, so there is nothing to fence.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

static inline void flush_tlb_page(unsigned long va) { (void)va; }
static inline void flush_tlb_all(void) {}
static inline void flush_tlb_kernel_range(unsigned long start, unsigned long end) {
  (void)start;
  (void)end;
}

#ifdef __cplusplus
}
#endif
