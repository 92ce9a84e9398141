// Checks of one cache's objects against wrong use: red zones around each, a pattern in free ones, and who
// allocated and freed it. A mistake is reported, repaired and survived. Writes into objects that others use
// go unseen.
//
// A slot:  left red zone | object | right red zone | who allocated, who freed, how many bytes
// The right red zone begins behind the bytes asked for, so it may take up the end of the object.
#pragma once

#include <linux/slab.h>

namespace memio {

class SlabDebug {
 public:
  // `flags`: SLAB_RED_ZONE, SLAB_POISON, SLAB_STORE_USER as the cache's creator asks; the kernel option
  // slab-debug adds to them. `poison_allowed`: there is no constructor whose work a pattern would destroy.
  // `name` is kept.
  void init(const char* name, u32 size, u32 align, unsigned long flags, bool poison_allowed);

  bool on() const { return flags_ != 0; }
  // Bytes of a slot, and of what lies in it before the object.
  u32 slot_size() const { return slot_size_; }
  u32 left_size() const { return left_size_; }

  // The object of a new slab, before its constructor runs.
  void make(void* object) const;
  // Checks a free object, and starts its time in use; `asked` is how many of its bytes, 0: all. `caller` is
  // code.
  void start_use(void* object, u32 asked, unsigned long caller) const;
  // Whether the object may be freed; if so, checks it and ends its time in use.
  bool end_use(void* object, unsigned long caller) const;
  // Bytes of an object in use that its user may touch.
  u32 used_size(const void* object) const { return checks(SLAB_STORE_USER) ? record(object)->size : size_; }
  // A free object must be as it was left.
  void check_unused(void* object) const;

  // `caller` 0: not known.
  void report_double_free(const void* object, unsigned long caller) const;
  // "; allocated by ..., freed by ...", as far as that is known.
  void describe_users(const void* object, char* text, size_t size) const;

  // Three symbols and a message fit what report_bug() prints.
  static constexpr size_t kSymbolSize = 40;
  static constexpr size_t kUsersSize = 112;

 private:
  struct Record {
    unsigned long allocated_by;
    unsigned long freed_by;  // 0: in use
    u32 size;                // asked for
  };

  bool checks(unsigned long flag) const { return (flags_ & flag) != 0; }
  Record* record(const void* object) const {
    return reinterpret_cast<Record*>(reinterpret_cast<unsigned long>(object) + record_offset_);
  }
  // The right one starts behind `size` bytes.
  void fill_red_zones(void* object, u32 size, unsigned char value) const;
  void poison(void* object) const;
  // The first byte that is not as it should be, or null.
  const unsigned char* damaged_red_zone(const void* object, u32 size, unsigned char value) const;
  const unsigned char* damaged_poison(const void* object) const;
  void report_damage(const void* object, u32 size, const char* when, const unsigned char* at,
                     unsigned char expected) const;

  u32 flags_ = 0;
  u32 size_ = 0;  // of the object
  u32 left_size_ = 0;
  u32 record_offset_ = 0;  // from the object
  u32 slot_size_ = 0;
  const char* name_ = nullptr;
};

// Whether the kernel option asks for checks on the cache `name`.
bool slab_debug_wanted(const char* name);
// The same kind of red zone behind a block of kmalloc() that is no object of a slab.
void fill_red_zone(void* from, size_t size);
const unsigned char* damaged_red_zone(const void* from, size_t size);

}  // namespace memio
