// Basic types of the kernel, under the names Linux drivers use.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#if __STDC_HOSTED__
// The host's C library includes its own file of this name.
#include_next <linux/types.h>
#endif

// Not <stdint.h>'s types: those differ between RV32 and RV64 in what printk's %u and %llu take.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

#define BITS_PER_LONG (__SIZEOF_LONG__ * 8)

// Physical addresses are 64 bits wide everywhere: Sv32 reaches 34 of them.
typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
typedef phys_addr_t resource_size_t;
typedef unsigned gfp_t;

struct list_head {
  struct list_head* next;
  struct list_head* prev;
};

// Marks pointers that only the accessors of asm/io.h, and the user copy functions, may follow.
#define __iomem
#define __user
