// What the stress test allocates: one kind for each allocator.
#pragma once

#include <linux/mm_types.h>
#include <linux/types.h>

namespace memio {

// A generator of its own, so that runs repeat (Marsaglia, "Xorshift RNGs", 2003).
class Random {
 public:
  explicit Random(u32 seed) : state_(seed == 0 ? 1 : seed) {}
  u32 next();
  // 0 .. limit - 1
  u32 below(u32 limit) { return next() % limit; }
  // n with probability 2^-(n+1), at most `most`.
  unsigned halving(unsigned most);

 private:
  u32 state_;
};

struct StressKind;

// Something allocated.
struct StressSlot {
  const StressKind* kind;  // null: empty
  void* address;           // null: not to be written to, or only through kmap_atomic
  page* pages;
  unsigned long size;  // bytes
  u32 tag;             // what the contents are made of
  unsigned number;     // of the slot
};

struct StressKind {
  const char* name;
  u32 weight;  // how often it is chosen
  // False when the allocator refused.
  bool (*allocate)(StressSlot* slot, Random* random);
  void (*release)(StressSlot* slot);
  // Changes the size; null: cannot. Contents up to the smaller size stay. False when the allocator refused.
  bool (*resize)(StressSlot* slot, Random* random);
};

// Makes the caches and pools the kinds use; false when memory is out.
bool stress_kinds_init();
void stress_kinds_exit();
const StressKind& random_kind(Random* random);

// Writes a pattern made of slot.tag: a word at the start and the end of the memory and one in each page;
// small memory as a whole.
void stress_fill(const StressSlot& slot);
// Bytes of the first `size` that are not as stress_fill() left them.
unsigned long stress_check(const StressSlot& slot, unsigned long size);

}  // namespace memio
