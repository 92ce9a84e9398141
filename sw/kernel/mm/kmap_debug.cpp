// Counts of kmap() for pages of low memory, in debug builds.
#include "kernel/kmap_debug.h"

#include <linux/preempt.h>

namespace memio {
namespace {

struct Entry {
  const struct page* page;
  unsigned count;  // 0: free
};
constexpr unsigned kEntries = 128;

Entry entries[kEntries];
unsigned long unchecked;  // calls of kmap() that found the table full

Entry* find(const struct page* page) {
  for (Entry& entry : entries) {
    if (entry.count != 0 && entry.page == page) return &entry;
  }
  return nullptr;
}

Entry* find_free() {
  for (Entry& entry : entries) {
    if (entry.count == 0) return &entry;
  }
  return nullptr;
}

}  // namespace

void low_kmaps_init() {
  for (Entry& entry : entries) entry = {};
  unchecked = 0;
}

void low_kmaps_note(const struct page* page) {
  preempt_disable();
  Entry* entry = find(page);
  if (entry == nullptr) entry = find_free();
  if (entry == nullptr) {
    unchecked++;
  } else {
    entry->page = page;
    entry->count++;
  }
  preempt_enable();
}

bool low_kmaps_drop(const struct page* page) {
  preempt_disable();
  Entry* entry = find(page);
  const bool found = entry != nullptr;
  const bool uncounted = !found && unchecked != 0;
  if (found) entry->count--;
  if (uncounted) unchecked--;
  preempt_enable();
  return found || uncounted;
}

}  // namespace memio
