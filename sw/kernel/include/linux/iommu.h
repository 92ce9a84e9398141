// Address spaces of devices behind an IOMMU. The DMA functions make one for each device that the device tree
// puts behind an IOMMU; a driver that wants addresses of its own choice makes a domain and attaches the
// device to it. Bodies: kernel/dma/iommu.cpp.
#pragma once

#include <linux/device.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IOMMU_READ 1  // by the device
#define IOMMU_WRITE 2

#define IOMMU_FAULT_READ 0
#define IOMMU_FAULT_WRITE 1

struct iommu_domain;
// Called in an interrupt with the address that the device used. 0: dealt with; else the fault is printed.
typedef int (*iommu_fault_handler_t)(struct iommu_domain* domain, struct device* dev, unsigned long iova,
                                     int flags, void* token);

// Whether there is an IOMMU.
bool iommu_present(void);
// An empty address space, or null. Sleeps.
struct iommu_domain* iommu_domain_alloc(void);
// A domain with devices attached is reported and stays.
void iommu_domain_free(struct iommu_domain* domain);
// From now on the device uses the domain's addresses. -ENODEV: it is not behind an IOMMU.
int iommu_attach_device(struct iommu_domain* domain, struct device* dev);
// The device gets the domain back that it has from the DMA functions.
void iommu_detach_device(struct iommu_domain* domain, struct device* dev);
// The domain a device uses, or null.
struct iommu_domain* iommu_get_domain_for_dev(struct device* dev);

// Maps `size` bytes at `iova` to physical `address`, all in whole pages. -EINVAL: not so, or `prot` is
// neither of IOMMU_READ and IOMMU_WRITE; -EEXIST: something is mapped there; -ENOMEM.
int iommu_map(struct iommu_domain* domain, unsigned long iova, phys_addr_t address, size_t size, int prot);
// Takes what is mapped from [iova, iova + size) and returns its bytes. The IOMMU has forgotten it then.
size_t iommu_unmap(struct iommu_domain* domain, unsigned long iova, size_t size);
// Where an address leads; 0 where nothing is mapped.
phys_addr_t iommu_iova_to_phys(struct iommu_domain* domain, unsigned long iova);
// Who is told of faults of the domain's devices.
void iommu_set_fault_handler(struct iommu_domain* domain, iommu_fault_handler_t handler, void* token);

#ifdef __cplusplus
}
#endif
