// Small blocks of coherent memory, as descriptors of a device are. Body: kernel/dma/pool.cpp.
#pragma once

#include <linux/device.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dma_pool;

// Blocks of `size` bytes, 1 or more, aligned to `align` (a power of two; 0: 1), none of which crosses a
// multiple of `boundary` (a power of two not below the size; 0: of whatever page they lie in). `name` is kept
// by reference. Null when memory is short or an argument is wrong (reported). May sleep.
struct dma_pool* dma_pool_create(const char* name, struct device* dev, size_t size, size_t align,
                                 size_t boundary);
// Gives all pages back. With blocks in use: a report, and the pool stays.
void dma_pool_destroy(struct dma_pool* pool);

// A block, not cleared, and its DMA address; null when memory is short. Sleeps only with __GFP_WAIT.
void* dma_pool_alloc(struct dma_pool* pool, gfp_t flags, dma_addr_t* handle);
// Gives it back. What is not a block of the pool in use is reported and left alone.
void dma_pool_free(struct dma_pool* pool, void* block, dma_addr_t handle);

#ifdef __cplusplus
}
#endif
