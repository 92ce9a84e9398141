// Who uses which part of the two address spaces: a tree of ranges for port space and one for memory space.
// Claiming a range maps nothing; it keeps two drivers from using the same registers.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// One range [start, end], both ends included. Children lie inside their parent; siblings are in order of
// address and do not overlap.
struct resource {
  resource_size_t start;
  resource_size_t end;
  const char* name;
  unsigned long flags;
  struct resource *parent, *sibling, *child;
};

// Kinds; a device's interrupt is a resource too, in no tree.
#define IORESOURCE_IO 0x00000100ul
#define IORESOURCE_MEM 0x00000200ul
#define IORESOURCE_IRQ 0x00000400ul
// In use: nothing may be claimed inside it.
#define IORESOURCE_BUSY 0x80000000ul

extern struct resource ioport_resource;  // "PCI IO", ports 0..0xffff
extern struct resource iomem_resource;   // "PCI mem", all physical addresses

// Bytes or ports of the range.
static inline resource_size_t resource_size(const struct resource* res) { return res->end - res->start + 1; }
static inline unsigned long resource_type(const struct resource* res) {
  return res->flags & (IORESOURCE_IO | IORESOURCE_MEM | IORESOURCE_IRQ);
}

// Enters the caller's `res` as a child of `root`. -EBUSY, with a message that names both, when the range is
// not free there; -EINVAL when it is no range inside `root`.
int request_resource(struct resource* root, struct resource* res);
// As request_resource, but goes down to the smallest range that contains `res`, and takes as children what
// lies inside `res`.
int insert_resource(struct resource* parent, struct resource* res);
// Takes `res` out with all below it; -EINVAL, and a report, when it is in no tree.
int release_resource(struct resource* res);

// Claims `n` ports or bytes from `start` on under `name`, which is kept as a pointer: a busy range with
// `flags`, inside the smallest range that contains it unless that is busy. Null, with a message that names
// both, on a conflict; null, with a report, when n is 0 or the range wraps around. Sleeps.
struct resource* __request_region(struct resource* parent, resource_size_t start, resource_size_t n,
                                  const char* name, unsigned long flags);
// Gives back exactly what was claimed; reports a range that never was, or one still in use inside.
void __release_region(struct resource* parent, resource_size_t start, resource_size_t n);

struct resource* request_region(unsigned long first, unsigned long n, const char* name);
void release_region(unsigned long start, unsigned long n);
// Physical addresses may be wider than a long: 34 bits on RV32.
struct resource* request_mem_region(resource_size_t start, resource_size_t len, const char* name);
void release_mem_region(resource_size_t start, resource_size_t len);

// The same for the time a driver is bound to `dev`: given back when it is detached or its probe fails.
struct device;
struct resource* devm_request_region(struct device* dev, resource_size_t start, resource_size_t n,
                                     const char* name);
struct resource* devm_request_mem_region(struct device* dev, resource_size_t start, resource_size_t n,
                                         const char* name);
void devm_release_region(struct device* dev, resource_size_t start, resource_size_t n);
void devm_release_mem_region(struct device* dev, resource_size_t start, resource_size_t n);

#ifdef __cplusplus
}
#endif
