// Memory for devices that read and write it themselves. A device finds memory by DMA addresses (dma_addr_t),
// which are physical ones unless it reaches memory through an IOMMU. Coherent memory both sides see at once;
// any other memory is mapped for the time of a transfer and belongs to the device then, but for the time
// between dma_sync_..._for_cpu() and dma_sync_..._for_device(). Bodies: kernel/dma. Wrong use is reported;
// the kernel option `dma-debug` finds much more of it (docs/kernel-drivers.md).
#pragma once

#include <linux/device.h>
#include <linux/scatterlist.h>

#ifdef __cplusplus
extern "C" {
#endif

// Who writes: the buffer's contents go to the device, come from it, or both.
enum dma_data_direction { DMA_BIDIRECTIONAL = 0, DMA_TO_DEVICE = 1, DMA_FROM_DEVICE = 2, DMA_NONE = 3 };

// All addresses of n bits, 1 .. 64.
#define DMA_BIT_MASK(n) (((n) == 64) ? ~0ull : (1ull << (n)) - 1)
// What a mapping that failed returns; see dma_mapping_error().
#define DMA_MAPPING_ERROR (~(dma_addr_t)0)

// The largest address that the device can put out: 32 bits unless its driver says otherwise. -EIO, and no
// change, for a mask that does not even reach the DMA zone or, behind an IOMMU, its first addresses.
int dma_set_mask(struct device* dev, u64 mask);
// The same for dma_alloc_coherent().
int dma_set_coherent_mask(struct device* dev, u64 mask);
int dma_set_mask_and_coherent(struct device* dev, u64 mask);
// Whether such a mask would be accepted.
int dma_supported(struct device* dev, u64 mask);
u64 dma_get_mask(const struct device* dev);
// The smallest mask of ones that reaches all RAM.
u64 dma_get_required_mask(struct device* dev);
// Bytes that one entry of a mapped list may have after merging: 64 KiB unless the driver says otherwise.
unsigned int dma_get_max_seg_size(const struct device* dev);
int dma_set_max_seg_size(struct device* dev, unsigned int size);
// Buffers that the device writes should start and end at a multiple of this: a cache line shared with other
// data would be lost or stale. 1 where all devices are coherent.
int dma_get_cache_alignment(void);

// `size` bytes (whole pages are taken, contiguous for the device) that CPU and device see alike, zeroed; its
// DMA address in `*handle`. Low memory, from the DMA zone when the coherent mask asks for it. Null when
// memory is short, or out of the device's reach (a message says so). Sleeps only with __GFP_WAIT.
void* dma_alloc_coherent(struct device* dev, size_t size, dma_addr_t* handle, gfp_t gfp);
// Gives it back: all of it, with its address for both sides. Null is allowed.
void dma_free_coherent(struct device* dev, size_t size, void* cpu_address, dma_addr_t handle);
#define dma_zalloc_coherent(dev, size, handle, gfp) dma_alloc_coherent((dev), (size), (handle), (gfp))

// Hands `size` bytes (1 or more) to the device: memory of the direct map, or part of pages, also of high
// memory. Memory out of the device's reach is copied to pages of the DMA zone and back. The result must be
// asked with dma_mapping_error(). Does not sleep.
dma_addr_t dma_map_single(struct device* dev, void* cpu_address, size_t size, enum dma_data_direction dir);
dma_addr_t dma_map_page(struct device* dev, struct page* page, size_t offset, size_t size,
                        enum dma_data_direction dir);
// Ends it, with the address, size and direction of the mapping: the CPU sees what the device has written.
void dma_unmap_single(struct device* dev, dma_addr_t address, size_t size, enum dma_data_direction dir);
void dma_unmap_page(struct device* dev, dma_addr_t address, size_t size, enum dma_data_direction dir);
// Lets the device reach registers of another one, at a physical address: for a channel that serves it. The
// result must be asked with dma_mapping_error().
dma_addr_t dma_map_resource(struct device* dev, phys_addr_t registers, size_t size,
                            enum dma_data_direction dir);
void dma_unmap_resource(struct device* dev, dma_addr_t address, size_t size, enum dma_data_direction dir);
// Non-zero when the mapping failed: wrong use, or no memory for a copy or for addresses.
int dma_mapping_error(struct device* dev, dma_addr_t address);

// Maps the pieces of a list; the number of entries for the device, from the first on, or 0 when one of them
// cannot be mapped. It is smaller than `count` where neighbours make one piece.
int dma_map_sg(struct device* dev, struct scatterlist* list, int count, enum dma_data_direction dir);
// Ends it; `count` is that of dma_map_sg(), not its result.
void dma_unmap_sg(struct device* dev, struct scatterlist* list, int count, enum dma_data_direction dir);

// Lets the CPU use a mapped buffer, or a part of it, and gives it to the device again.
void dma_sync_single_for_cpu(struct device* dev, dma_addr_t address, size_t size,
                             enum dma_data_direction dir);
void dma_sync_single_for_device(struct device* dev, dma_addr_t address, size_t size,
                                enum dma_data_direction dir);
void dma_sync_single_range_for_cpu(struct device* dev, dma_addr_t address, unsigned long offset, size_t size,
                                   enum dma_data_direction dir);
void dma_sync_single_range_for_device(struct device* dev, dma_addr_t address, unsigned long offset,
                                      size_t size, enum dma_data_direction dir);
void dma_sync_sg_for_cpu(struct device* dev, struct scatterlist* list, int count,
                         enum dma_data_direction dir);
void dma_sync_sg_for_device(struct device* dev, struct scatterlist* list, int count,
                            enum dma_data_direction dir);

// dma_alloc_coherent() for the time a driver is bound to `dev`.
void* dmam_alloc_coherent(struct device* dev, size_t size, dma_addr_t* handle, gfp_t gfp);
void dmam_free_coherent(struct device* dev, size_t size, void* cpu_address, dma_addr_t handle);

#ifdef __cplusplus
}
#endif
