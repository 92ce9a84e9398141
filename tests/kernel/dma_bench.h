// A device and its memory for the tests of the DMA functions: 32 MiB of low memory, of which `dma-zone=` is
// the devices' that do not reach more, and 16 MiB of high memory.
#pragma once

#include <gtest/gtest.h>
#include <linux/dma-mapping.h>

#include "fake_dma.h"
#include "fake_paging.h"
#include "kernel/dma.h"
#include "kernel/page_allocator.h"

namespace memio {

class DmaBench : public testing::Test {
 protected:
  static constexpr phys_addr_t kStart = FakeMachine::kMemoryStart;
  static constexpr phys_addr_t kZoneEnd = kStart + (8ul << 20);
  static constexpr phys_addr_t kLowEnd = kStart + (32ul << 20);

  explicit DmaBench(const char* options = "", bool noncoherent = false)
      : machine_(with_options(options)), paging_(*machine_, 64ul << 20) {
    fake_dma = {};
    dma_alias_offset = 0;
    dma_start(noncoherent);
    dev_.init_name = "test@1000";
    dev_.dma_noncoherent = noncoherent;
    device_initialize(&dev_);
    EXPECT_EQ(dma_configure(&dev_), 0);
  }
  ~DmaBench() override {
    dma_deconfigure(&dev_);
    EXPECT_EQ(bounce_count(), 0u);
  }

  static std::unique_ptr<FakeMachine> with_options(const std::string& options) {
    auto machine = std::make_unique<FakeMachine>(32ul << 20, 16ul << 20);
    machine->command_line = "dma-zone=8M " + options;
    return machine;
  }
  // The only report, which is taken away; "" when there is none, "N reports" when there are more.
  std::string bug() {
    std::vector<std::string> bugs;
    bugs.swap(machine_->bugs);
    return bugs.empty()       ? ""
           : bugs.size() == 1 ? bugs[0]
                              : std::to_string(bugs.size()) + " reports: " + bugs[0];
  }
  unsigned long held() const {
    return page_allocator().managed_pages() - nr_free_pages() - slab_page_count();
  }
  char* low(size_t size) { return static_cast<char*>(kmalloc(size, GFP_KERNEL)); }
  // A page of high memory.
  page* high() {
    page* page = alloc_page(GFP_HIGHUSER);
    EXPECT_TRUE(PageHighMem(page));
    return page;
  }

  std::unique_ptr<FakeMachine> machine_;
  FakePaging paging_;
  device dev_ = {};
};

}  // namespace memio
