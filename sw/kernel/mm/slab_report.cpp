// What a slab cache reports: bad flags, pointers that are no objects, and what is in the way of its end.
#include "kernel/slab_cache.h"

namespace memio {

bool SlabCache::flags_fit(gfp_t flags, unsigned long caller) const {
  char who[SlabDebug::kSymbolSize];
  report_bug("slab %s: %s asks for %s memory (flags 0x%x); this cache has %s", name_,
             symbol_text(caller, who, sizeof who), (flags & __GFP_HIGHMEM) != 0 ? "high" : "DMA", flags,
             page_flags_ != 0 ? "DMA memory" : "low memory of any zone");
  return false;
}

// A pointer into one of the cache's slabs that no object starts at.
void SlabCache::report_not_object(const void* object, unsigned long caller) const {
  const slab* home = slab_page_of(object)->slab;
  const long stride = static_cast<long>(geometry_.stride);
  const long offset = static_cast<const unsigned char*>(object) - home->objects;
  char who[SlabDebug::kSymbolSize];
  symbol_text(caller, who, sizeof who);
  if (offset < 0 || offset / stride >= static_cast<long>(geometry_.objects)) {
    report_bug("slab %s: free of 0x%p by %s: the slab's own data", name_, object, who);
    return;
  }
  const unsigned char* start = home->objects + offset / stride * stride;
  char history[SlabDebug::kUsersSize];
  debug_.describe_users(start, history, sizeof history);
  report_bug("slab %s: free of 0x%p by %s: %ld bytes into object 0x%p%s", name_, object, who, offset % stride,
             static_cast<const void*>(start), history);
}

// An object in use, or null. The array must be empty.
const void* SlabCache::find_in_use() const {
  const list_head* const lists[] = {&full_, &partial_};
  for (const list_head* head : lists) {
    slab* at = nullptr;
    list_for_each_entry(at, head, list) {
      for (u32 i = 0; i < geometry_.objects; i++) {
        if (at->chain()[i] == slab::kTaken) return object_at(at, i);
      }
    }
  }
  return nullptr;
}

void SlabCache::report_in_use(unsigned long caller) const {
  char who[SlabDebug::kSymbolSize];
  char history[SlabDebug::kUsersSize] = "";
  const void* object = find_in_use();
  if (object != nullptr) debug_.describe_users(object, history, sizeof history);
  report_bug("slab %s: not destroyed for %s: %lu objects in use, first 0x%p%s", name_,
             symbol_text(caller, who, sizeof who), stats().active_objects, object, history);
}

}  // namespace memio
