// The other form of the conversions of direct-map addresses, which machines with one fixed offset use.
#define CONFIG_BOOKE

#include <asm/page.h>

#include "ktest.h"

KTEST(layout_virt_phys_offset) {
  EXPECT_EQ(PAGE_OFFSET - MEMORY_START, VIRT_PHYS_OFFSET);
  EXPECT_EQ(PAGE_OFFSET + 0x1234, (unsigned long)__va(0x80001234ul));
  EXPECT_EQ(0x80001234ul, __pa(PAGE_OFFSET + 0x1234));
}
