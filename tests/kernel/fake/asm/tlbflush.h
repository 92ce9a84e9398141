// Fences of the fake machine: they drop entries of its TLB, which keeps translations, valid or not, until
// then.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

void flush_tlb_page(unsigned long va);
void flush_tlb_all(void);
void flush_tlb_kernel_range(unsigned long start, unsigned long end);

#ifdef __cplusplus
}
#endif
