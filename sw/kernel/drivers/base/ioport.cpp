// linux/ioport.h over ResourceTree: the two roots, claims of drivers, /proc/iomem and /proc/ioports.
#include <linux/errno.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kernel/device.h"
#include "kernel/resource_tree.h"

extern "C" {

resource ioport_resource = {0, 0xffff, "PCI IO", IORESOURCE_IO, nullptr, nullptr, nullptr};
resource iomem_resource = {0, ~resource_size_t{0}, "PCI mem", IORESOURCE_MEM, nullptr, nullptr, nullptr};
}

namespace memio {
namespace {

DEFINE_SPINLOCK(tree_lock);
kmem_cache* node_cache;

// Calls action() with the tree held. Nothing in it sleeps or prints.
template <typename Action>
auto locked(Action action) {
  spin_lock(&tree_lock);
  const auto result = action();
  spin_unlock(&tree_lock);
  return result;
}

resource* allocate_node() {
  if (node_cache == nullptr) {
    node_cache = kmem_cache_create("resource", sizeof(resource), 0, SLAB_PANIC, nullptr, nullptr);
  }
  return static_cast<resource*>(kmem_cache_alloc(node_cache, GFP_KERNEL));
}

void print_conflict(const resource& wanted, const resource& conflict, const resource& root) {
  if (&conflict == &root) {
    printk("%s: region 0x%llx-0x%llx is not inside %s 0x%llx-0x%llx\n", wanted.name, wanted.start, wanted.end,
           root.name, root.start, root.end);
  } else {
    printk("%s: region 0x%llx-0x%llx conflicts with %s 0x%llx-0x%llx\n", wanted.name, wanted.start,
           wanted.end, conflict.name, conflict.start, conflict.end);
  }
}

using Linking = resource* (ResourceTree::*)(resource&);

int enter(const char* function, resource* root, resource* node, Linking linking) {
  if (node->parent != nullptr) {
    report_bug("%s: %s 0x%llx-0x%llx is already inside %s", function, node->name, node->start, node->end,
               node->parent->name);
    return -EBUSY;
  }
  const resource* conflict = locked([&] { return (ResourceTree(*root).*linking)(*node); });
  if (conflict == nullptr) return 0;
  print_conflict(*node, *conflict, *root);
  return conflict == root ? -EINVAL : -EBUSY;
}

// Indented by depth, in as many digits as the largest address of the root takes but not under 8.
int show_tree(seq_file* file, void* data) {
  const resource& root = *static_cast<const resource*>(data);
  ResourceTree tree(*static_cast<resource*>(data));
  ResourceTree::Entry entry;
  for (unsigned i = 0; locked([&] { return tree.entry(i, &entry); }); i++) {
    for (unsigned depth = 0; depth < entry.depth; depth++) seq_puts(file, "  ");
    const char* const format = root.end < 0x10000 ? "%04llx-%04llx : %s\n" : "%08llx-%08llx : %s\n";
    seq_printf(file, format, entry.start, entry.end, entry.name);
  }
  return 0;
}

}  // namespace

void resource_proc_init() {
  proc_create_single_data("ioports", show_tree, &ioport_resource);
  proc_create_single_data("iomem", show_tree, &iomem_resource);
}

extern "C" int request_resource(resource* root, resource* res) {
  return enter("request_resource", root, res, &ResourceTree::link);
}

extern "C" int insert_resource(resource* parent, resource* res) {
  return enter("insert_resource", parent, res, &ResourceTree::insert);
}

extern "C" int release_resource(resource* res) {
  if (locked([&] { return ResourceTree::unlink(*res); })) return 0;
  report_bug("release_resource: %s 0x%llx-0x%llx is in no tree", res->name, res->start, res->end);
  return -EINVAL;
}

extern "C" resource* __request_region(resource* parent, resource_size_t start, resource_size_t n,
                                      const char* name, unsigned long flags) {
  might_sleep();
  if (n == 0 || start + (n - 1) < start) {
    report_bug("request of %llu bytes from 0x%llx in %s by %s: must be at least 1 and not wrap around", n,
               start, parent->name, name);
    return nullptr;
  }
  resource* node = allocate_node();
  if (node == nullptr) return nullptr;
  *node = {start,   start + n - 1, name,   resource_type(parent) | IORESOURCE_BUSY | flags,
           nullptr, nullptr,       nullptr};
  const resource* conflict = locked([&] { return ResourceTree(*parent).claim(*node); });
  if (conflict == nullptr) return node;
  print_conflict(*node, *conflict, *parent);
  kmem_cache_free(node_cache, node);
  return nullptr;
}

static void release_range(resource* parent, resource_size_t start, resource_size_t n, unsigned long caller) {
  bool in_use = false;
  resource* node = locked([&] {
    resource* found = n == 0 ? nullptr : ResourceTree(*parent).find_claim(start, start + n - 1);
    in_use = found != nullptr && found->child != nullptr;
    if (found != nullptr && !in_use) ResourceTree::unlink(*found);
    return found;
  });
  char by[64];
  symbol_text(caller, by, sizeof by);
  if (node == nullptr) {
    report_bug("Trying to free nonexistent resource <0x%llx-0x%llx> of %s, by %s", start, start + n - 1,
               parent->name, by);
  } else if (in_use) {
    report_bug("Trying to free resource %s <0x%llx-0x%llx> with %s inside it, by %s", node->name, start,
               node->end, node->child->name, by);
  } else {
    kmem_cache_free(node_cache, node);
  }
}

extern "C" void __release_region(resource* parent, resource_size_t start, resource_size_t n) {
  release_range(parent, start, n, _RET_IP_);
}

extern "C" resource* request_region(unsigned long first, unsigned long n, const char* name) {
  return __request_region(&ioport_resource, first, n, name, 0);
}
extern "C" void release_region(unsigned long start, unsigned long n) {
  release_range(&ioport_resource, start, n, _RET_IP_);
}
extern "C" resource* request_mem_region(resource_size_t start, resource_size_t len, const char* name) {
  return __request_region(&iomem_resource, start, len, name, 0);
}
extern "C" void release_mem_region(resource_size_t start, resource_size_t len) {
  release_range(&iomem_resource, start, len, _RET_IP_);
}

}  // namespace memio
