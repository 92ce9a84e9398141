// A machine with page allocator and slab caches, for their tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>

#include <string>

#include "fake_machine.h"
#include "kernel/page_allocator.h"
#include "kernel/slab_cache.h"

namespace memio {

inline constexpr unsigned long kMiB = 1 << 20;

class SlabBench : public ::testing::Test {
 protected:
  explicit SlabBench(const char* command_line = "", unsigned long low_bytes = 64 * kMiB)
      : machine(low_bytes) {
    machine.command_line = command_line;
    BootMemory memory({FakeMachine::kMemoryStart, machine.end()}, machine.low_end());
    page_allocator_init(memory);
    page_allocator().allow_sleep();
    kmem_cache_init();
  }
  ~SlabBench() override {
    while (proc_entries() != nullptr) remove_proc_entry(proc_entries()->name, nullptr);
  }

  // Contents of a file of /proc.
  static std::string read_proc(const char* name) {
    std::string text;
    seq_file file{[](seq_file* to, const char* part, size_t length) {
                    static_cast<std::string*>(to->private_data)->append(part, length);
                  },
                  &text};
    EXPECT_EQ(proc_find(name)->show(&file, proc_find(name)->data), 0);
    return text;
  }
  // The line of a cache in /proc/slabinfo.
  static std::string slabinfo_line(const std::string& cache) {
    const std::string text = read_proc("slabinfo");
    const size_t start = text.find("\n" + cache + " ");
    if (start == std::string::npos) return "";
    return text.substr(start + 1, text.find('\n', start + 1) - start - 1);
  }
  // The last report, which must be the only one; forgets it.
  std::string take_bug() {
    EXPECT_EQ(machine.bugs.size(), 1u);
    if (machine.bugs.empty()) return "";
    const std::string bug = machine.bugs.back();
    machine.bugs.clear();
    return bug;
  }
  static unsigned long address(const void* pointer) { return reinterpret_cast<unsigned long>(pointer); }
  static std::string hex(const void* pointer) {
    char text[24];
    scnprintf(text, sizeof text, "0x%p", pointer);
    return text;
  }

  FakeMachine machine;
};

}  // namespace memio
