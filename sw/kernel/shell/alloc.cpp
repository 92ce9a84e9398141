// The commands alloc and free: memory from each allocator, by hand. What is allocated gets a number, under
// which it is freed again.
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "command.h"
#include "kernel/platform.h"
#include "string.h"

namespace memio {
namespace {

constexpr unsigned kMaxAllocations = 64;

struct Kind;

struct Allocation {
  const Kind* kind;  // null: the number is free
  void* address;     // where its memory can be seen; null for pages that cannot
  page* pages;       // of the kinds pages and kmap
  kmem_cache* cache;
  unsigned long size;  // bytes
  char name[16];       // of the cache
  u64 cycles;          // the allocation took
};

struct Kind {
  const char* name;
  const char* arguments;
  // Allocates by the words behind the kind's name; false when there was no memory or, which is said, the
  // words were wrong.
  bool (*allocate)(const Words& words, Allocation* allocation);
  void (*release)(Allocation* allocation);
};

Allocation allocations[kMaxAllocations];

struct FlagName {
  const char* name;
  gfp_t flags;
};

const FlagName kFlagNames[] = {
    {"KERNEL", GFP_KERNEL},   {"ATOMIC", GFP_ATOMIC},     {"USER", GFP_USER},   {"HIGHUSER", GFP_HIGHUSER},
    {"DMA", GFP_DMA},         {"NOIO", GFP_NOIO},         {"NOFS", GFP_NOFS},   {"HIGHMEM", __GFP_HIGHMEM},
    {"COLD", __GFP_COLD},     {"NOWARN", __GFP_NOWARN},   {"HIGH", __GFP_HIGH}, {"REPEAT", __GFP_REPEAT},
    {"NOFAIL", __GFP_NOFAIL}, {"NORETRY", __GFP_NORETRY}, {"WAIT", __GFP_WAIT}, {"COMP", __GFP_COMP},
    {"ZERO", __GFP_ZERO},
};

// Names joined by |; without any: GFP_KERNEL.
bool parse_flags(const char* text, gfp_t* flags) {
  *flags = text[0] == 0 ? GFP_KERNEL : 0;
  while (*text != 0) {
    const char* bar = strchr(text, '|');
    const size_t length = bar == nullptr ? strlen(text) : static_cast<size_t>(bar - text);
    const FlagName* found = nullptr;
    for (const FlagName& flag : kFlagNames) {
      if (strlen(flag.name) == length && strncmp(flag.name, text, length) == 0) found = &flag;
    }
    if (found == nullptr) {
      printk("alloc: no flag '%.*s'; there are", static_cast<int>(length), text);
      for (const FlagName& flag : kFlagNames) printk(" %s", flag.name);
      printk("\n");
      return false;
    }
    *flags |= found->flags;
    text += length + (bar == nullptr ? 0 : 1);
  }
  return true;
}

// Calls the allocator and keeps what that took.
template <typename Allocate>
auto timed(Allocation* allocation, Allocate allocate) {
  const u64 start = cycles_now();
  const auto result = allocate();
  allocation->cycles = cycles_now() - start;
  return result;
}

bool allocate_kmalloc(const Words& words, Allocation* allocation) {
  gfp_t flags;
  if (!parse_number("alloc kmalloc", words[0], ~0ul >> 1, &allocation->size)) return false;
  if (!parse_flags(words[1], &flags)) return false;
  allocation->address = timed(allocation, [=] { return kmalloc(allocation->size, flags); });
  return allocation->address != nullptr;
}

bool allocate_pages(const Words& words, Allocation* allocation) {
  unsigned long order;
  gfp_t flags;
  if (!parse_number("alloc pages", words[0], max_page_order(), &order)) return false;
  if (!parse_flags(words[1], &flags)) return false;
  allocation->size = static_cast<unsigned long>(PAGE_SIZE) << order;
  allocation->pages = timed(allocation, [=] { return alloc_pages(flags, order); });
  if (allocation->pages == nullptr) return false;
  if (!PageHighMem(allocation->pages)) allocation->address = page_address(allocation->pages);
  return true;
}

bool allocate_vmalloc(const Words& words, Allocation* allocation) {
  if (!parse_number("alloc vmalloc", words[0], ~0ul >> 1, &allocation->size)) return false;
  allocation->address = timed(allocation, [=] { return vmalloc(allocation->size); });
  return allocation->address != nullptr;
}

bool allocate_kmap(const Words&, Allocation* allocation) {
  allocation->size = PAGE_SIZE;
  allocation->pages = alloc_page(GFP_HIGHUSER);
  if (allocation->pages == nullptr) return false;
  allocation->address = timed(allocation, [=] { return kmap(allocation->pages); });
  return true;
}

bool allocate_from_cache(const Words& words, Allocation* allocation) {
  if (!parse_number("alloc cache", words[0], KMALLOC_MAX_CACHE_SIZE, &allocation->size)) return false;
  scnprintf(allocation->name, sizeof allocation->name, "shell-%d",
            static_cast<int>(allocation - allocations));
  allocation->cache = kmem_cache_create(allocation->name, allocation->size, 0, 0, nullptr, nullptr);
  if (allocation->cache == nullptr) return false;
  allocation->address = timed(allocation, [=] { return kmem_cache_alloc(allocation->cache, GFP_KERNEL); });
  if (allocation->address != nullptr) return true;
  kmem_cache_destroy(allocation->cache);
  return false;
}

void release_kmalloc(Allocation* allocation) { kfree(allocation->address); }
void release_pages(Allocation* allocation) { __free_pages(allocation->pages, get_order(allocation->size)); }
void release_vmalloc(Allocation* allocation) { vfree(allocation->address); }
void release_kmap(Allocation* allocation) {
  kunmap(allocation->pages);
  __free_page(allocation->pages);
}
void release_cache(Allocation* allocation) {
  kmem_cache_free(allocation->cache, allocation->address);
  kmem_cache_destroy(allocation->cache);
}

const Kind kKinds[] = {
    {"kmalloc", "SIZE [FLAGS]", allocate_kmalloc, release_kmalloc},
    {"pages", "ORDER [FLAGS]", allocate_pages, release_pages},
    {"vmalloc", "SIZE", allocate_vmalloc, release_vmalloc},
    {"kmap", "", allocate_kmap, release_kmap},
    {"cache", "SIZE", allocate_from_cache, release_cache},
};

void show(const Allocation& allocation) {
  printk("#%d: %s, %lu bytes", static_cast<int>(&allocation - allocations), allocation.kind->name,
         allocation.size);
  if (allocation.pages != nullptr) printk(", physical 0x%llx", page_to_phys(allocation.pages));
  if (allocation.address != nullptr)
    printk(", at 0x%lx", reinterpret_cast<unsigned long>(allocation.address));
}

void list_kinds() {
  for (const Kind& kind : kKinds) printk("  alloc %s %s\n", kind.name, kind.arguments);
  for (const Allocation& allocation : allocations) {
    if (allocation.kind == nullptr) continue;
    show(allocation);
    printk("\n");
  }
}

Allocation* find_free_number() {
  for (Allocation& allocation : allocations) {
    if (allocation.kind == nullptr) return &allocation;
  }
  printk("alloc: all %u numbers are taken, free one first\n", kMaxAllocations);
  return nullptr;
}

void release(Allocation* allocation) {
  const u64 start = cycles_now();
  allocation->kind->release(allocation);
  const u64 taken = cycles_now() - start;
  printk("#%d: %s freed, %llu cycles\n", static_cast<int>(allocation - allocations), allocation->kind->name,
         taken);
  *allocation = {};
}

}  // namespace

bool command_alloc(const Words& words) {
  if (words.count() == 1) {
    list_kinds();
    return true;
  }
  const Kind* found = nullptr;
  for (const Kind& kind : kKinds) {
    if (strcmp(kind.name, words[1]) == 0) found = &kind;
  }
  if (found == nullptr) {
    printk("alloc: no allocator '%s', type alloc alone for the list\n", words[1]);
    return false;
  }
  Allocation* allocation = find_free_number();
  if (allocation == nullptr) return false;
  if (!found->allocate(words.from(2), allocation)) {
    printk("alloc: nothing allocated\n");
    *allocation = {};
    return false;
  }
  allocation->kind = found;
  show(*allocation);
  printk(", %llu cycles\n", allocation->cycles);
  return true;
}

bool command_free(const Words& words) {
  if (words.count() == 2 && strcmp(words[1], "all") == 0) {
    for (Allocation& allocation : allocations) {
      if (allocation.kind != nullptr) release(&allocation);
    }
    return true;
  }
  unsigned long number;
  if (!parse_number("free", words[1], kMaxAllocations - 1, &number)) return false;
  if (allocations[number].kind == nullptr) {
    printk("free: #%lu is not allocated\n", number);
    return false;
  }
  release(&allocations[number]);
  return true;
}

}  // namespace memio
