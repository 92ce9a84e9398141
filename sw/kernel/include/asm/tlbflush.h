// Fences of address translation, for the one hart (privileged specification 1.12, section 4.2.1: sfence.vma).
// A changed table entry, also one that was invalid, is sure to be seen only after its fence.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

// The page that contains `va`, in all address spaces.
static inline void flush_tlb_page(unsigned long va) {
  __asm__ volatile("sfence.vma %0" ::"r"(va) : "memory");
}

// Everything, in all address spaces.
static inline void flush_tlb_all(void) { __asm__ volatile("sfence.vma" ::: "memory"); }

// The pages of [start, end): one by one, or everything at once when that is cheaper.
static inline void flush_tlb_kernel_range(unsigned long start, unsigned long end) {
  const unsigned long page = 4096;
  const unsigned long most = 64;  // pages; from here on refilling the TLB costs less than the fences
  start &= ~(page - 1);
  if (end - start > most * page) {
    flush_tlb_all();
    return;
  }
  for (; start < end && end - start <= most * page; start += page) flush_tlb_page(start);
}

#ifdef __cplusplus
}
#endif
