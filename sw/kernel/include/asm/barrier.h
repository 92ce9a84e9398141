// Order of memory accesses (RISC-V unprivileged specification 2.7: fence; device accesses are I and O, those
// of RAM R and W).
#pragma once

#define RISCV_FENCE(before, after) __asm__ volatile("fence " #before ", " #after ::: "memory")

#define mb() RISCV_FENCE(iorw, iorw)
#define rmb() RISCV_FENCE(ir, ir)
#define wmb() RISCV_FENCE(ow, ow)
#define smp_mb() RISCV_FENCE(rw, rw)
#define smp_rmb() RISCV_FENCE(r, r)
#define smp_wmb() RISCV_FENCE(w, w)
#define barrier() __asm__ volatile("" ::: "memory")

// After a read of a device: later reads see RAM as it was then, or newer.
#define __iormb() RISCV_FENCE(i, ir)
// Before a write to a device: what was written to RAM before can be seen by the device.
#define __iowmb() RISCV_FENCE(w, o)
