// The reserved ranges of RAM before the page allocator.
#include "kernel/boot_memory.h"

#include <gtest/gtest.h>

#include "fake_machine.h"

namespace memio {
namespace {

TEST(BootMemory, FreeRangesAreWhatIsNotReserved) {
  BootMemory memory({0x80000000, 0x80100000}, 0x80100000);
  memory.reserve({0x7fff0000, 0x80010000});
  memory.reserve({0x80020800, 0x80021001});  // widened to pages 0x20 and 0x21
  memory.reserve({0x80010000, 0x80011000});  // touches the first
  PhysicalRange range = memory.next_free(0);
  EXPECT_EQ(range.start, 0x80011000u);
  EXPECT_EQ(range.end, 0x80020000u);
  range = memory.next_free(range.end);
  EXPECT_EQ(range.start, 0x80022000u);
  EXPECT_EQ(range.end, 0x80100000u);
  range = memory.next_free(range.end);
  EXPECT_EQ(range.start, range.end);
}

TEST(BootMemory, AllocatesFromTheTopOfLowMemoryAndFromItsBottom) {
  BootMemory memory({0x80000000, 0x90000000}, 0x84000000);
  memory.reserve({0x83fff000, 0x84000000});
  EXPECT_EQ(memory.allocate(0x1000, 0x4000), 0x83ff8000u + 0x4000u);
  EXPECT_EQ(memory.allocate_low(0x3000, 0x1000), 0x80000000u);
  EXPECT_EQ(memory.allocate_low(0x1000, 0x200000), 0x80200000u);
  EXPECT_EQ(memory.allocate(0x4000000, 0x1000), 0u);
}

TEST(BootMemory, ManyReservationsMergeInAnyOrder) {
  BootMemory memory({0x80000000, 0x80100000}, 0x80100000);
  const auto reserve_page = [&](phys_addr_t page) {
    memory.reserve({0x80000000 + page * 4096, 0x80001000 + page * 4096});
  };
  for (phys_addr_t page = 0; page < 100; page += 2) reserve_page(page);
  for (phys_addr_t page = 1; page < 100; page += 2) reserve_page(100 - page);
  EXPECT_EQ(memory.next_free(0).start, 0x80000000u + 100 * 4096);
}

TEST(BootMemory, TooManyRangesPanic) {
  FakeMachine machine(1 << 20);
  BootMemory memory({0x80000000, 0x90000000}, 0x90000000);
  EXPECT_THROW(for (phys_addr_t page = 0; page < 200; page += 2)
                   memory.reserve({0x80000000 + page * 4096, 0x80001000 + page * 4096}),
               KernelPanic);
}

}  // namespace
}  // namespace memio
