// The fences of the fake machine: the compiler's only, with a count of those around device accesses.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

extern unsigned fake_read_fences;
extern unsigned fake_write_fences;

#ifdef __cplusplus
}
#endif

#define barrier() __asm__ volatile("" ::: "memory")
#define mb() barrier()
#define rmb() barrier()
#define wmb() barrier()
#define smp_mb() barrier()
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define __iormb() (fake_read_fences++, (void)0)
#define __iowmb() (fake_write_fences++, (void)0)
