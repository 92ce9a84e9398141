// The checks of kernel/slab_debug.h. For all caches with the kernel option slab-debug, for one with
// slab-debug=CACHE.
#include "kernel/slab_debug.h"

#include <linux/kernel.h>

#include "kernel/command_line.h"
#include "string.h"

namespace memio {
namespace {

constexpr unsigned char kRedFree = 0xbb;
constexpr unsigned char kRedInUse = 0xcc;
constexpr unsigned char kPoisonInUse = 0x5a;  // allocated and not written yet
constexpr unsigned char kPoisonFree = 0x6b;
constexpr unsigned char kPoisonEnd = 0xa5;  // last byte of a free object
constexpr u32 kMinRightZone = 8;

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

void fill_red_zone(void* from, size_t size) { memset(from, kRedInUse, size); }

const unsigned char* damaged_red_zone(const void* from, size_t size) {
  return find_other(static_cast<const unsigned char*>(from), size, kRedInUse);
}

void SlabDebug::init(const char* name, u32 size, u32 align, unsigned long flags, bool poison_allowed) {
  constexpr unsigned long kAll = SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER;
  name_ = name;
  size_ = size;
  flags_ = static_cast<u32>(slab_debug_wanted(name) ? kAll : flags & kAll);
  if (!poison_allowed) flags_ &= ~static_cast<u32>(SLAB_POISON);
  slot_size_ = round_up(size, align);
  if (!on()) return;
  const bool zones = checks(SLAB_RED_ZONE);
  left_size_ = zones ? align : 0;
  record_offset_ = round_up(size + (zones ? kMinRightZone : 0), sizeof(unsigned long));
  const u32 end = record_offset_ + (checks(SLAB_STORE_USER) ? static_cast<u32>(sizeof(Record)) : 0);
  slot_size_ = round_up(left_size_ + end, align);
}

void SlabDebug::fill_red_zones(void* object, u32 size, unsigned char value) const {
  if (!checks(SLAB_RED_ZONE)) return;
  unsigned char* bytes = static_cast<unsigned char*>(object);
  memset(bytes - left_size_, value, left_size_);
  memset(bytes + size, value, record_offset_ - size);
}

const unsigned char* SlabDebug::damaged_red_zone(const void* object, u32 size, unsigned char value) const {
  if (!checks(SLAB_RED_ZONE)) return nullptr;
  const unsigned char* bytes = static_cast<const unsigned char*>(object);
  const unsigned char* right = find_other(bytes + size, record_offset_ - size, value);
  return right != nullptr ? right : find_other(bytes - left_size_, left_size_, value);
}

void SlabDebug::poison(void* object) const {
  unsigned char* bytes = static_cast<unsigned char*>(object);
  memset(bytes, kPoisonFree, size_ - 1);
  bytes[size_ - 1] = kPoisonEnd;
}

const unsigned char* SlabDebug::damaged_poison(const void* object) const {
  const unsigned char* bytes = static_cast<const unsigned char*>(object);
  const unsigned char* other = find_other(bytes, size_ - 1, kPoisonFree);
  if (other == nullptr && bytes[size_ - 1] != kPoisonEnd) other = bytes + size_ - 1;
  return other;
}

void SlabDebug::make(void* object) const {
  fill_red_zones(object, size_, kRedFree);
  if (checks(SLAB_POISON)) poison(object);
  // Free as ever, by nobody.
  if (checks(SLAB_STORE_USER)) *record(object) = {0, 1, size_};
}

void SlabDebug::start_use(void* object, u32 asked, unsigned long caller) const {
  check_unused(object);
  if (checks(SLAB_STORE_USER)) *record(object) = {caller, 0, asked == 0 ? size_ : asked};
  const u32 used = used_size(object);
  if (checks(SLAB_POISON)) memset(object, kPoisonInUse, used);
  fill_red_zones(object, used, kRedInUse);
}

void SlabDebug::check_unused(void* object) const {
  if (const unsigned char* at = damaged_red_zone(object, size_, kRedFree)) {
    report_damage(object, size_, "while it was free", at, kRedFree);
    fill_red_zones(object, size_, kRedFree);
  }
  if (!checks(SLAB_POISON)) return;
  if (const unsigned char* at = damaged_poison(object)) {
    const bool last = at == static_cast<unsigned char*>(object) + size_ - 1;
    report_damage(object, size_, "while it was free", at, last ? kPoisonEnd : kPoisonFree);
    poison(object);
  }
}

bool SlabDebug::end_use(void* object, unsigned long caller) const {
  const u32 used = used_size(object);
  const bool known_free = checks(SLAB_STORE_USER) && record(object)->freed_by != 0;
  const unsigned char* at = damaged_red_zone(object, used, kRedInUse);
  const bool marked_free = at != nullptr && damaged_red_zone(object, used, kRedFree) == nullptr;
  if (known_free || marked_free) {
    report_double_free(object, caller);
    return false;
  }
  if (at != nullptr) report_damage(object, used, "while it was in use", at, kRedInUse);
  fill_red_zones(object, size_, kRedFree);
  if (checks(SLAB_STORE_USER)) record(object)->freed_by = caller;
  if (checks(SLAB_POISON)) poison(object);
  return true;
}

void SlabDebug::describe_users(const void* object, char* text, size_t size) const {
  if (!checks(SLAB_STORE_USER)) {
    scnprintf(text, size, "; boot with slab-debug to know who allocated it");
    return;
  }
  char allocator[kSymbolSize] = "nobody";
  char freer[kSymbolSize] = "nobody";
  const Record who = *record(object);
  if (who.allocated_by != 0) symbol_text(who.allocated_by, allocator, sizeof allocator);
  if (who.allocated_by != 0 && who.freed_by != 0) symbol_text(who.freed_by, freer, sizeof freer);
  scnprintf(text, size, "; allocated by %s, freed by %s", allocator, freer);
}

void SlabDebug::report_damage(const void* object, u32 size, const char* when, const unsigned char* at,
                              unsigned char expected) const {
  const long offset = at - static_cast<const unsigned char*>(object);
  const char* what = offset < 0                          ? "underrun"
                     : offset >= static_cast<long>(size) ? "overrun"
                                                         : "use after free";
  char history[kUsersSize];
  describe_users(object, history, sizeof history);
  report_bug("slab %s: %s of object 0x%p %s: byte %ld is 0x%x, not 0x%x%s", name_, what, object, when, offset,
             static_cast<unsigned>(*at), static_cast<unsigned>(expected), history);
}

void SlabDebug::report_double_free(const void* object, unsigned long caller) const {
  char who[kSymbolSize] = "someone before";
  char history[kUsersSize];
  if (caller != 0) symbol_text(caller, who, sizeof who);
  describe_users(object, history, sizeof history);
  report_bug("slab %s: double free of object 0x%p by %s%s", name_, object, who, history);
}

}  // namespace memio
