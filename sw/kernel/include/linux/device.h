// Devices and the drivers bound to them, and what a driver gets for as long as it is bound ("managed"
// resources): all of it is released in reverse order when the driver is detached or its probe fails.
#pragma once

#include <linux/gfp.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#ifdef __cplusplus
extern "C" {
#endif

// What of the device tree a driver can serve; an array of these ends with an empty one.
struct of_device_id {
  const char* compatible;
  const void* data;
};

struct device_driver {
  const char* name;
  const struct of_device_id* of_match_table;
  struct list_head node;     // in the list of registered drivers
  unsigned probe_count;      // probes tried so far
  bool suppress_bind_attrs;  // stays with its devices: others depend on it
};

struct device {
  const char* init_name;
  struct device_driver* driver;  // null: not bound
  void* driver_data;
  spinlock_t devres_lock;
  struct list_head devres_head;
  struct list_head node;  // in the list of devices
  // What the device tree and the driver say of the memory it reaches itself (linux/dma-mapping.h).
  u64* dma_mask;  // its own, unless the driver gives another; null: 32 bits
  u64 own_dma_mask;
  u64 coherent_dma_mask;
  unsigned max_segment_size;              // 0: 64 KiB
  bool dma_noncoherent;                   // its accesses do not see the caches
  u32 tree_node;                          // offset of its node in the device tree, 0: none
  struct iommu_unit* iommu;               // what is between it and memory, or null
  unsigned iommu_stream;                  // its number there
  struct iommu_domain* iommu_domain;      // the addresses it uses now
  struct iommu_domain* iommu_dma_domain;  // those of the DMA functions
};

static inline const char* dev_name(const struct device* dev) { return dev->init_name; }
static inline void* dev_get_drvdata(const struct device* dev) { return dev->driver_data; }
static inline void dev_set_drvdata(struct device* dev, void* data) { dev->driver_data = data; }

#define dev_err(dev, format, ...) printk("%s: " format, dev_name(dev), ##__VA_ARGS__)
#define dev_warn(dev, format, ...) dev_err(dev, format, ##__VA_ARGS__)
#define dev_info(dev, format, ...) dev_err(dev, format, ##__VA_ARGS__)

// Cell `index` of a property of the device in the device tree: 0, or -EINVAL where there is none.
int device_property_read_u32_index(const struct device* dev, const char* name, unsigned index, u32* value);
// The place of `wanted` in a property that lists strings, from 0; -EINVAL where it is not there.
int device_property_match_string(const struct device* dev, const char* name, const char* wanted);
bool device_property_present(const struct device* dev, const char* name);

// A device with nothing bound and no managed resources.
void device_initialize(struct device* dev);

// Managed resources of any kind: devres_alloc() gives `size` zeroed bytes of the caller's, devres_add() makes
// them the newest of `dev`. release(dev, bytes) undoes what the bytes stand for; they are freed after it.
typedef void (*dr_release_t)(struct device* dev, void* res);
// Whether `res` is the one that `match_data` describes.
typedef int (*dr_match_t)(struct device* dev, void* res, void* match_data);
void* devres_alloc(dr_release_t release, size_t size, gfp_t gfp);
void devres_free(void* res);
void devres_add(struct device* dev, void* res);
// The newest that was made with `release` and matches (a null match: any); null when there is none.
void* devres_find(struct device* dev, dr_release_t release, dr_match_t match, void* match_data);
// Finds as devres_find() and releases; -ENOENT when there is none.
int devres_release(struct device* dev, dr_release_t release, dr_match_t match, void* match_data);
// As devres_release() without the call of release(): the resource is gone already.
int devres_destroy(struct device* dev, dr_release_t release, dr_match_t match, void* match_data);
// Releases everything, newest first; how many there were.
int devres_release_all(struct device* dev);

// kmalloc() and kzalloc() for the time a driver is bound.
void* devm_kmalloc(struct device* dev, size_t size, gfp_t gfp);
void* devm_kzalloc(struct device* dev, size_t size, gfp_t gfp);
void devm_kfree(struct device* dev, const void* memory);

// Calls action(data) in its turn; -ENOMEM when that cannot be noted.
int devm_add_action(struct device* dev, void (*action)(void* data), void* data);

#ifdef __cplusplus
}
#endif
