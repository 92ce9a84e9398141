// Checks of a slab cache against wrong use: red zones around objects, a pattern in free ones, and who
// allocated and freed each. For all caches with the kernel option slab-debug, for one with slab-debug=CACHE.
// A mistake is reported, repaired and survived. Writes into objects in use by others go unseen.
#include "kernel/command_line.h"
#include "kernel/slab_cache.h"
#include "string.h"

namespace memio {
namespace {

constexpr unsigned char kRedFree = 0xbb;
constexpr unsigned char kRedInUse = 0xcc;
constexpr unsigned char kPoisonInUse = 0x5a;  // allocated and not written yet
constexpr unsigned char kPoisonFree = 0x6b;
constexpr unsigned char kPoisonEnd = 0xa5;  // last byte of a free object
constexpr u32 kMinRightRed = 8;
// Three symbols and a message fit what report_bug() prints.
constexpr size_t kSymbolSize = 40;

u32 round_up(u32 value, u32 to) { return (value + to - 1) & ~(to - 1); }

// The first of `size` bytes that is not `value`, or null.
const unsigned char* find_other(const unsigned char* from, size_t size, unsigned char value) {
  for (const unsigned char* at = from; at != from + size; at++) {
    if (*at != value) return at;
  }
  return nullptr;
}

}  // namespace

bool slab_debug_wanted(const char* name) {
  char value[32];
  return command_line_value("slab-debug", value, sizeof value) && (value[0] == 0 || strcmp(value, name) == 0);
}

void SlabCache::set_debug_layout() {
  left_red_ = checks(SLAB_RED_ZONE) ? align_ : 0;
  track_offset_ = round_up(size_ + (checks(SLAB_RED_ZONE) ? kMinRightRed : 0), sizeof(unsigned long));
  right_red_ = checks(SLAB_RED_ZONE) ? track_offset_ - size_ : 0;
  const u32 end = debug_flags_ != 0 ? track_offset_ + (checks(SLAB_STORE_USER) ? sizeof(Track) : 0) : size_;
  stride_ = round_up(left_red_ + end, align_);
}

SlabCache::Track* SlabCache::track(const void* object) const {
  return reinterpret_cast<Track*>(reinterpret_cast<unsigned long>(object) + track_offset_);
}

void SlabCache::fill_red_zones(void* object, unsigned char value) const {
  unsigned char* bytes = static_cast<unsigned char*>(object);
  memset(bytes - left_red_, value, left_red_);
  memset(bytes + size_, value, right_red_);
}

const unsigned char* SlabCache::damaged_red_zone(const void* object, unsigned char value) const {
  const unsigned char* bytes = static_cast<const unsigned char*>(object);
  const unsigned char* right = find_other(bytes + size_, right_red_, value);
  return right != nullptr ? right : find_other(bytes - left_red_, left_red_, value);
}

void SlabCache::poison(void* object) const {
  unsigned char* bytes = static_cast<unsigned char*>(object);
  memset(bytes, kPoisonFree, size_ - 1);
  bytes[size_ - 1] = kPoisonEnd;
}

const unsigned char* SlabCache::damaged_poison(const void* object) const {
  const unsigned char* bytes = static_cast<const unsigned char*>(object);
  const unsigned char* other = find_other(bytes, size_ - 1, kPoisonFree);
  if (other == nullptr && bytes[size_ - 1] != kPoisonEnd) other = bytes + size_ - 1;
  return other;
}

void SlabCache::prepare_new(void* object) const {
  fill_red_zones(object, kRedFree);
  if (checks(SLAB_POISON)) poison(object);
  // Free as ever, by nobody.
  if (checks(SLAB_STORE_USER)) *track(object) = {0, 1};
}

// Clears the object if the flags say so, and starts its time in use.
void SlabCache::prepare(void* object, gfp_t flags, unsigned long caller) const {
  if (debug_flags_ != 0) {
    check_unused(object);
    fill_red_zones(object, kRedInUse);
    if (checks(SLAB_STORE_USER)) *track(object) = {caller, 0};
    if (checks(SLAB_POISON)) memset(object, kPoisonInUse, size_);
  }
  if ((flags & __GFP_ZERO) != 0) memset(object, 0, size_);
}

// A free object must be as it was left.
void SlabCache::check_unused(void* object) const {
  if (const unsigned char* at = damaged_red_zone(object, kRedFree)) {
    report_damage(object, "while it was free", at, kRedFree);
    fill_red_zones(object, kRedFree);
  }
  if (!checks(SLAB_POISON)) return;
  if (const unsigned char* at = damaged_poison(object)) {
    const bool last = at == static_cast<unsigned char*>(object) + size_ - 1;
    report_damage(object, "while it was free", at, last ? kPoisonEnd : kPoisonFree);
    poison(object);
  }
}

// Whether the object may be freed; if so, ends its time in use.
bool SlabCache::check_free(void* object, unsigned long caller) const {
  const bool known_free = checks(SLAB_STORE_USER) && track(object)->freed_by != 0;
  const unsigned char* at = damaged_red_zone(object, kRedInUse);
  const bool marked_free = at != nullptr && damaged_red_zone(object, kRedFree) == nullptr;
  if (known_free || marked_free) {
    report_double_free(object, caller);
    return false;
  }
  if (at != nullptr) report_damage(object, "while it was in use", at, kRedInUse);
  fill_red_zones(object, kRedFree);
  if (checks(SLAB_STORE_USER)) track(object)->freed_by = caller;
  if (checks(SLAB_POISON)) poison(object);
  return true;
}

// "; allocated by ..., freed by ...", as far as it is known.
void SlabCache::describe_users(const void* object, char* text, size_t size) const {
  if (!checks(SLAB_STORE_USER)) {
    scnprintf(text, size, "; boot with slab-debug to know who allocated it");
    return;
  }
  char allocator[kSymbolSize] = "nobody";
  char freer[kSymbolSize] = "nobody";
  const Track users = *track(object);
  if (users.allocated_by != 0) symbol_text(users.allocated_by, allocator, sizeof allocator);
  if (users.allocated_by != 0 && users.freed_by != 0) symbol_text(users.freed_by, freer, sizeof freer);
  scnprintf(text, size, "; allocated by %s, freed by %s", allocator, freer);
}

void SlabCache::report_damage(const void* object, const char* when, const unsigned char* at,
                              unsigned char expected) const {
  const long offset = at - static_cast<const unsigned char*>(object);
  const char* what = offset < 0                           ? "underrun"
                     : offset >= static_cast<long>(size_) ? "overrun"
                                                          : "use after free";
  char users[112];
  describe_users(object, users, sizeof users);
  report_bug("slab %s: %s of object 0x%p %s: byte %ld is 0x%x, not 0x%x%s", name_, what, object, when, offset,
             static_cast<unsigned>(*at), static_cast<unsigned>(expected), users);
}

void SlabCache::report_double_free(const void* object, unsigned long caller) const {
  char who[kSymbolSize] = "someone before";
  char users[112];
  if (caller != 0) symbol_text(caller, who, sizeof who);
  describe_users(object, users, sizeof users);
  report_bug("slab %s: double free of object 0x%p by %s%s", name_, object, who, users);
}

// A pointer into one of the cache's slabs that no object starts at.
void SlabCache::report_not_object(const void* object, unsigned long caller) const {
  const slab* home = slab_page_of(object)->slab;
  const long offset = static_cast<const unsigned char*>(object) - home->objects;
  const long index = offset / static_cast<long>(stride_);
  char who[kSymbolSize];
  symbol_text(caller, who, sizeof who);
  if (offset < 0 || index >= static_cast<long>(per_slab_)) {
    report_bug("slab %s: free of 0x%p by %s: the slab's own data", name_, object, who);
    return;
  }
  const unsigned char* start = home->objects + index * static_cast<long>(stride_);
  char users[112];
  describe_users(start, users, sizeof users);
  report_bug("slab %s: free of 0x%p by %s: %ld bytes into object 0x%p%s", name_, object, who,
             offset - index * static_cast<long>(stride_), static_cast<const void*>(start), users);
}

void SlabCache::report_in_use(unsigned long caller) const {
  char who[kSymbolSize];
  char users[112] = "";
  const void* object = find_in_use();
  if (object != nullptr) describe_users(object, users, sizeof users);
  report_bug("slab %s: not destroyed for %s: %lu objects in use, first 0x%p%s", name_,
             symbol_text(caller, who, sizeof who), stats().active_objects, object, users);
}

}  // namespace memio
