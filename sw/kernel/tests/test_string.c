// memset, memcpy and memmove at all alignments and lengths around words and blocks: what they write, and that
// they write nothing else.
#include "ktest.h"
#include "string.h"

enum { kRoom = 320, kLengths = 200, kOffsets = 9 };

static unsigned char source[kRoom];
static unsigned char target[kRoom];

static unsigned char byte_at(unsigned i) { return (unsigned char)(i * 7 + 3); }

// The bytes of `target` that are not 0xee outside [start, start + length), or not of the source's bytes from
// `from` on inside.
static unsigned wrong_bytes(unsigned start, unsigned length, unsigned from) {
  unsigned wrong = 0;
  for (unsigned i = 0; i < kRoom; i++) {
    const bool inside = i >= start && i < start + length;
    wrong += target[i] != (inside ? byte_at(from + i - start) : 0xee);
  }
  return wrong;
}

static void prepare(void) {
  for (unsigned i = 0; i < kRoom; i++) source[i] = byte_at(i);
  for (unsigned i = 0; i < kRoom; i++) target[i] = 0xee;
}

KTEST(memset_alignments) {
  unsigned wrong = 0;
  for (unsigned start = 0; start < kOffsets; start++) {
    for (unsigned length = 0; length < kLengths; length++) {
      prepare();
      EXPECT(memset(target + start, 0x1a5, length) == target + start);
      for (unsigned i = 0; i < kRoom; i++) {
        wrong += target[i] != (i >= start && i < start + length ? 0xa5 : 0xee);
      }
    }
  }
  EXPECT_EQ(0, wrong);
}

KTEST(memcpy_alignments) {
  unsigned wrong = 0;
  for (unsigned start = 0; start < kOffsets; start++) {
    for (unsigned from = 0; from < kOffsets; from++) {
      for (unsigned length = 0; length < kLengths; length += 1 + start) {
        prepare();
        EXPECT(memcpy(target + start, source + from, length) == target + start);
        wrong += wrong_bytes(start, length, from);
      }
    }
  }
  EXPECT_EQ(0, wrong);
}

KTEST(memmove_overlaps) {
  unsigned wrong = 0;
  for (unsigned to = 0; to < 2 * kOffsets; to++) {
    prepare();
    memcpy(target + kOffsets, source, kLengths);
    memmove(target + to, target + kOffsets, kLengths);
    for (unsigned i = 0; i < kLengths; i++) wrong += target[to + i] != byte_at(i);
  }
  EXPECT_EQ(0, wrong);
}
