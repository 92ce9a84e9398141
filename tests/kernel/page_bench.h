// A fake machine with a page allocator, for tests of it and of what stands on it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/mm.h>

#include <array>
#include <string>
#include <vector>

#include "fake_machine.h"
#include "kernel/page_allocator.h"

namespace memio {

constexpr unsigned long kMiB = 1ul << 20;

struct PageBench {
  explicit PageBench(unsigned long low_bytes, unsigned long high_bytes = 0, const std::string& options = "",
                     const std::vector<PhysicalRange>& reserved = {})
      : machine(low_bytes, high_bytes),
        memory({FakeMachine::kMemoryStart, machine.end()}, machine.low_end()) {
    machine.command_line = options;
    for (const PhysicalRange& range : reserved) memory.reserve(range);
    page_allocator_init(memory);
    page_allocator().allow_sleep();
  }

  static const Zone& zone(zone_type type) { return page_allocator().zone(type); }
  // Pages of the three zones.
  static std::array<unsigned long, MAX_NR_ZONES> spans() {
    return {zone(ZONE_DMA).spanned_pages(), zone(ZONE_NORMAL).spanned_pages(),
            zone(ZONE_HIGHMEM).spanned_pages()};
  }

  FakeMachine machine;
  BootMemory memory;
};

}  // namespace memio
