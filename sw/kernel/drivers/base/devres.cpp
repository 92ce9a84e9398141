// The managed resources of a device: blocks in the order they were made, each with the function that undoes
// it.
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/kernel.h>

namespace memio {
namespace {

struct Managed {
  list_head link;
  dr_release_t release;
  alignas(16) unsigned char bytes[1];
};

constexpr size_t kHeader = __builtin_offsetof(Managed, bytes);

Managed* managed_of(void* res) { return container_of(res, Managed, bytes); }

Managed* find(device* dev, dr_release_t release, dr_match_t match, void* match_data) {
  for (list_head* at = dev->devres_head.prev; at != &dev->devres_head; at = at->prev) {
    Managed* managed = list_entry(at, Managed, link);
    if (managed->release != release) continue;
    if (match == nullptr || match(dev, managed->bytes, match_data) != 0) return managed;
  }
  return nullptr;
}

// Takes the newest that fits off the list; the caller owns it.
Managed* take(device* dev, dr_release_t release, dr_match_t match, void* match_data) {
  spin_lock(&dev->devres_lock);
  Managed* managed = find(dev, release, match, match_data);
  if (managed != nullptr) list_del(&managed->link);
  spin_unlock(&dev->devres_lock);
  return managed;
}

Managed* take_newest(device* dev) {
  Managed* managed = nullptr;
  spin_lock(&dev->devres_lock);
  if (!list_empty(&dev->devres_head)) {
    managed = list_last_entry(&dev->devres_head, Managed, link);
    list_del(&managed->link);
  }
  spin_unlock(&dev->devres_lock);
  return managed;
}

}  // namespace

extern "C" void device_initialize(device* dev) {
  dev->driver = nullptr;
  dev->driver_data = nullptr;
  spin_lock_init(&dev->devres_lock);
  INIT_LIST_HEAD(&dev->devres_head);
  INIT_LIST_HEAD(&dev->node);
}

extern "C" void* devres_alloc(dr_release_t release, size_t size, gfp_t gfp) {
  if (size > ~size_t{0} - kHeader) return nullptr;
  Managed* managed = static_cast<Managed*>(kzalloc(kHeader + size, gfp));
  if (managed == nullptr) return nullptr;
  INIT_LIST_HEAD(&managed->link);
  managed->release = release;
  return managed->bytes;
}

extern "C" void devres_free(void* res) {
  if (res != nullptr) kfree(managed_of(res));
}

extern "C" void devres_add(device* dev, void* res) {
  spin_lock(&dev->devres_lock);
  list_add_tail(&managed_of(res)->link, &dev->devres_head);
  spin_unlock(&dev->devres_lock);
}

extern "C" void* devres_find(device* dev, dr_release_t release, dr_match_t match, void* match_data) {
  spin_lock(&dev->devres_lock);
  Managed* managed = find(dev, release, match, match_data);
  spin_unlock(&dev->devres_lock);
  return managed == nullptr ? nullptr : managed->bytes;
}

extern "C" int devres_release(device* dev, dr_release_t release, dr_match_t match, void* match_data) {
  Managed* managed = take(dev, release, match, match_data);
  if (managed == nullptr) return -ENOENT;
  release(dev, managed->bytes);
  kfree(managed);
  return 0;
}

extern "C" int devres_destroy(device* dev, dr_release_t release, dr_match_t match, void* match_data) {
  Managed* managed = take(dev, release, match, match_data);
  if (managed == nullptr) return -ENOENT;
  kfree(managed);
  return 0;
}

extern "C" int devres_release_all(device* dev) {
  int count = 0;
  while (Managed* managed = take_newest(dev)) {
    managed->release(dev, managed->bytes);
    kfree(managed);
    count++;
  }
  return count;
}

}  // namespace memio
