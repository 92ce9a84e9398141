// The devm_ functions: each kind of resource with the function that gives it back.
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>

namespace memio {
namespace {

struct Region {
  resource* parent;
  resource_size_t start;
  resource_size_t n;
};

struct Mapping {
  void* address;
};

struct Interrupt {
  unsigned irq;
  void* dev_id;
};

struct Deferred {
  void (*action)(void* data);
  void* data;
};

void release_region_of(device*, void* res) {
  const Region& region = *static_cast<Region*>(res);
  __release_region(region.parent, region.start, region.n);
}
void release_mapping(device*, void* res) { iounmap(static_cast<Mapping*>(res)->address); }
void release_interrupt(device*, void* res) {
  const Interrupt& interrupt = *static_cast<Interrupt*>(res);
  free_irq(interrupt.irq, interrupt.dev_id);
}
void release_memory(device*, void*) {}
void release_deferred(device*, void* res) {
  const Deferred& deferred = *static_cast<Deferred*>(res);
  deferred.action(deferred.data);
}

int same_region(device*, void* res, void* match_data) {
  const Region& region = *static_cast<Region*>(res);
  const Region& wanted = *static_cast<Region*>(match_data);
  return region.parent == wanted.parent && region.start == wanted.start && region.n == wanted.n;
}
int same_mapping(device*, void* res, void* match_data) {
  return static_cast<Mapping*>(res)->address == match_data;
}
int same_interrupt(device*, void* res, void* match_data) {
  const Interrupt& interrupt = *static_cast<Interrupt*>(res);
  const Interrupt& wanted = *static_cast<Interrupt*>(match_data);
  return interrupt.irq == wanted.irq && interrupt.dev_id == wanted.dev_id;
}
int same_address(device*, void* res, void* match_data) { return res == match_data; }

template <typename T>
T* allocate(dr_release_t release) {
  return static_cast<T*>(devres_alloc(release, sizeof(T), GFP_KERNEL));
}

resource* request(device* dev, resource* parent, resource_size_t start, resource_size_t n, const char* name) {
  Region* region = allocate<Region>(release_region_of);
  if (region == nullptr) return nullptr;
  resource* claimed = __request_region(parent, start, n, name, 0);
  if (claimed == nullptr) {
    devres_free(region);
    return nullptr;
  }
  *region = {parent, start, n};
  devres_add(dev, region);
  return claimed;
}

// `error` is what the look-up among the managed resources gave.
void report_unmanaged(const device* dev, const char* function, int error, unsigned long caller) {
  if (error == 0) return;
  char by[64];
  report_bug("%s: %s has no such managed resource, by %s", function, dev_name(dev),
             symbol_text(caller, by, sizeof by));
}

}  // namespace

extern "C" resource* devm_request_region(device* dev, resource_size_t start, resource_size_t n,
                                         const char* name) {
  return request(dev, &ioport_resource, start, n, name);
}
extern "C" resource* devm_request_mem_region(device* dev, resource_size_t start, resource_size_t n,
                                             const char* name) {
  return request(dev, &iomem_resource, start, n, name);
}
extern "C" void devm_release_region(device* dev, resource_size_t start, resource_size_t n) {
  Region wanted = {&ioport_resource, start, n};
  report_unmanaged(dev, "devm_release_region", devres_release(dev, release_region_of, same_region, &wanted),
                   _RET_IP_);
}
extern "C" void devm_release_mem_region(device* dev, resource_size_t start, resource_size_t n) {
  Region wanted = {&iomem_resource, start, n};
  report_unmanaged(dev, "devm_release_mem_region",
                   devres_release(dev, release_region_of, same_region, &wanted), _RET_IP_);
}

extern "C" void* devm_ioremap(device* dev, resource_size_t offset, unsigned long size) {
  Mapping* mapping = allocate<Mapping>(release_mapping);
  if (mapping == nullptr) return nullptr;
  mapping->address = ioremap(offset, size);
  if (mapping->address == nullptr) {
    devres_free(mapping);
    return nullptr;
  }
  devres_add(dev, mapping);
  return mapping->address;
}
extern "C" void* devm_ioremap_nocache(device* dev, resource_size_t offset, unsigned long size) {
  return devm_ioremap(dev, offset, size);
}
extern "C" void devm_iounmap(device* dev, void* addr) {
  report_unmanaged(dev, "devm_iounmap", devres_release(dev, release_mapping, same_mapping, addr), _RET_IP_);
}
extern "C" void* devm_ioremap_resource(device* dev, const resource* res) {
  if (res == nullptr || resource_type(res) != IORESOURCE_MEM) return ERR_PTR(-EINVAL);
  if (devm_request_mem_region(dev, res->start, resource_size(res), dev_name(dev)) == nullptr) {
    return ERR_PTR(-EBUSY);
  }
  void* address = devm_ioremap(dev, res->start, static_cast<unsigned long>(resource_size(res)));
  if (address != nullptr) return address;
  devm_release_mem_region(dev, res->start, resource_size(res));
  return ERR_PTR(-ENOMEM);
}

extern "C" int devm_request_irq(device* dev, unsigned irq, irq_handler_t handler, unsigned long flags,
                                const char* name, void* dev_id) {
  Interrupt* interrupt = allocate<Interrupt>(release_interrupt);
  if (interrupt == nullptr) return -ENOMEM;
  const int error = request_irq(irq, handler, flags, name, dev_id);
  if (error != 0) {
    devres_free(interrupt);
    return error;
  }
  *interrupt = {irq, dev_id};
  devres_add(dev, interrupt);
  return 0;
}
extern "C" void devm_free_irq(device* dev, unsigned irq, void* dev_id) {
  Interrupt wanted = {irq, dev_id};
  report_unmanaged(dev, "devm_free_irq", devres_release(dev, release_interrupt, same_interrupt, &wanted),
                   _RET_IP_);
}

extern "C" void* devm_kmalloc(device* dev, size_t size, gfp_t gfp) {
  void* memory = devres_alloc(release_memory, size, gfp);
  if (memory != nullptr) devres_add(dev, memory);
  return memory;
}
extern "C" void* devm_kzalloc(device* dev, size_t size, gfp_t gfp) { return devm_kmalloc(dev, size, gfp); }
extern "C" void devm_kfree(device* dev, const void* memory) {
  report_unmanaged(dev, "devm_kfree",
                   devres_release(dev, release_memory, same_address, const_cast<void*>(memory)), _RET_IP_);
}

extern "C" int devm_add_action(device* dev, void (*action)(void*), void* data) {
  Deferred* deferred = allocate<Deferred>(release_deferred);
  if (deferred == nullptr) return -ENOMEM;
  *deferred = {action, data};
  devres_add(dev, deferred);
  return 0;
}

}  // namespace memio
