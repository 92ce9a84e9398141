// Address spaces behind an IOMMU whose hardware is the test: domains, the DMA functions' use of them, faults,
// and every allocation that can fail.
#include "kernel/iommu.h"

#include <linux/errno.h>

#include "allocation_failures.h"
#include "dma_bench.h"
#include "kernel/iommu_dma.h"

namespace memio {
namespace {

std::vector<std::string> calls;

void note(const char* what, u64 a, u64 b) {
  char text[64];
  snprintf(text, sizeof text, "%s %llu 0x%llx", what, a, b);
  calls.push_back(text);
}

class Iommu : public DmaBench {
 protected:
  static constexpr u32 kNode = 77;

  Iommu() {
    unit_ = {};
    unit_.name = "iommu@0";
    unit_.phandle = 5;
    unit_.streams = 4;
    unit_.attach = [](iommu_unit*, unsigned stream, unsigned id, const PageTable* table) {
      note(table == nullptr ? "shut" : "attach", stream, id);
    };
    unit_.forget_page = [](iommu_unit*, unsigned id, unsigned long iova) { note("page", id, iova); };
    unit_.forget_all = [](iommu_unit*, unsigned id) { note("all", id, 0); };
    iommu_register(&unit_);
    fake_dma.properties[{kNode, "iommus"}] = {5, 3};
    device_initialize(&behind_);
    behind_.init_name = "dma@0";
    behind_.tree_node = kNode;
    EXPECT_EQ(dma_configure(&behind_), 0);
    calls.clear();
  }
  ~Iommu() override { dma_deconfigure(&behind_); }

  // The RAM that the device reaches at an address; 0: none.
  phys_addr_t reach(dma_addr_t address) {
    return iommu_iova_to_phys(behind_.iommu_domain, static_cast<unsigned long>(address));
  }
  Pte entry(dma_addr_t address) {
    const Pte* found = behind_.iommu_domain->table.find(static_cast<unsigned long>(address));
    return found == nullptr ? 0 : *found;
  }
  using Strings = std::vector<std::string>;

  iommu_unit unit_;
  device behind_ = {};
};

TEST_F(Iommu, MappingsGetAddressesOfTheirOwn) {
  EXPECT_TRUE(iommu_present());
  char* buffer = low(8192);
  const dma_addr_t first = dma_map_single(&behind_, buffer + 0x10, 0x20, DMA_TO_DEVICE);
  EXPECT_EQ(first, 0x10010u + (virt_to_phys(buffer) & 0xfe0));
  EXPECT_EQ(reach(first), virt_to_phys(buffer) + 0x10);
  EXPECT_EQ(entry(first) & 0x1f, kPteValid | kPteUser | kPteRead);  // not writable
  const dma_addr_t second = dma_map_single(&behind_, buffer, 8192, DMA_FROM_DEVICE);
  EXPECT_EQ(second & PAGE_MASK, 0x12000u);  // a guard page between them
  EXPECT_EQ(entry(second) & 0x1f, kPteValid | kPteUser | kPteRead | kPteWrite);
  EXPECT_EQ(reach(second + 4096), virt_to_phys(buffer) + 4096);
  EXPECT_TRUE(calls.empty());
  dma_unmap_single(&behind_, first, 0x20, DMA_TO_DEVICE);
  EXPECT_EQ(calls, Strings{"page 1 0x10000"});
  EXPECT_EQ(reach(first), 0u);
  dma_unmap_single(&behind_, second, 8192, DMA_FROM_DEVICE);
  EXPECT_EQ(behind_.iommu_domain->iova.count(), 0u);
  kfree(buffer);
  EXPECT_EQ(bug(), "");
}

TEST_F(Iommu, HighMemoryNeedsNoCopy) {
  page* page = high();
  EXPECT_EQ(dma_set_mask(&behind_, 0xffffff), 0);
  EXPECT_EQ(dma_set_mask(&behind_, 0xffff), -EIO);
  const dma_addr_t address = dma_map_page(&behind_, page, 0, PAGE_SIZE, DMA_BIDIRECTIONAL);
  EXPECT_EQ(address, 0x10000u);
  EXPECT_EQ(reach(address), page_to_phys(page));
  EXPECT_EQ(bounce_count(), 0u);
  // The mask limits the device's addresses.
  struct page* block = alloc_pages(GFP_HIGHUSER, 10);
  EXPECT_EQ(dma_set_mask(&behind_, 0xfffff), 0);
  EXPECT_EQ(dma_map_page(&behind_, block, 0, 1ul << 20, DMA_TO_DEVICE), DMA_MAPPING_ERROR);
  __free_pages(block, 10);
  dma_unmap_page(&behind_, address, PAGE_SIZE, DMA_BIDIRECTIONAL);
  __free_page(page);
}

TEST_F(Iommu, AListOfWholePagesIsOneEntry) {
  scatterlist list[3];
  page* pages[3];
  sg_init_table(list, 3);
  for (unsigned i = 0; i < 3; i++) pages[i] = alloc_page(i == 1 ? GFP_HIGHUSER : GFP_KERNEL);
  sg_set_page(&list[0], pages[2], 0x800, 0x800);
  sg_set_page(&list[1], pages[1], 0x1000, 0);
  sg_set_page(&list[2], pages[0], 0x100, 0x10);  // not at the start of its page
  EXPECT_EQ(dma_map_sg(&behind_, list, 3, DMA_TO_DEVICE), 2);
  EXPECT_EQ(sg_dma_address(&list[0]), 0x10800u);
  EXPECT_EQ(sg_dma_len(&list[0]), 0x1800u);
  EXPECT_EQ(sg_dma_address(&list[1]), 0x12010u);
  EXPECT_EQ(sg_dma_len(&list[1]), 0x100u);
  EXPECT_EQ(reach(0x10800), page_to_phys(pages[2]) + 0x800);
  EXPECT_EQ(reach(0x11000), page_to_phys(pages[1]));
  EXPECT_EQ(reach(0x12010), page_to_phys(pages[0]) + 0x10);
  dma_sync_sg_for_cpu(&behind_, list, 3, DMA_TO_DEVICE);
  dma_unmap_sg(&behind_, list, 3, DMA_TO_DEVICE);
  EXPECT_EQ(reach(0x10800), 0u);
  EXPECT_EQ(behind_.iommu_domain->iova.count(), 0u);
  for (page* page : pages) __free_page(page);
}

TEST_F(Iommu, CoherentMemory) {
  dma_addr_t handle;
  void* memory = dma_alloc_coherent(&behind_, 0x3000, &handle, GFP_KERNEL);
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(handle, 0x10000u);
  EXPECT_EQ(reach(handle + 0x2000), virt_to_phys(memory) + 0x2000);
  dma_free_coherent(&behind_, 0x3000, memory, handle);
  EXPECT_EQ(reach(handle), 0u);
  EXPECT_EQ(bug(), "");
}

TEST_F(Iommu, DomainsOfADriver) {
  iommu_domain* domain = iommu_domain_alloc();
  ASSERT_NE(domain, nullptr);
  EXPECT_EQ(iommu_map(domain, 0x5000, 0x80001000, 0x2000, IOMMU_READ), 0);
  EXPECT_EQ(iommu_map(domain, 0x6000, 0x80001000, 0x1000, IOMMU_READ), -EEXIST);
  EXPECT_EQ(iommu_map(domain, 0x7800, 0x80001000, 0x1000, IOMMU_READ), -EINVAL);
  EXPECT_EQ(iommu_map(domain, 0x8000, 0x80001000, 0x1000, 0), -EINVAL);
  EXPECT_EQ(iommu_map(domain, 1ul << 38, 0x80001000, 0x1000, IOMMU_READ), -EINVAL);  // beyond Sv39's half
  EXPECT_EQ(iommu_iova_to_phys(domain, 0x6123), 0x80002123u);
  EXPECT_EQ(iommu_attach_device(domain, &dev_), -ENODEV);
  EXPECT_EQ(iommu_attach_device(domain, &behind_), 0);
  EXPECT_EQ(iommu_get_domain_for_dev(&behind_), domain);
  EXPECT_EQ(calls, (Strings{"all 2 0x0", "attach 3 0x2"}));
  iommu_domain_free(domain);
  EXPECT_NE(bug().find("1 devices are attached; the domain stays"), std::string::npos);
  // The DMA functions have no part in it.
  char* buffer = low(64);
  EXPECT_EQ(dma_map_single(&behind_, buffer, 64, DMA_TO_DEVICE), DMA_MAPPING_ERROR);
  EXPECT_NE(bug().find("attached to a domain of its driver's"), std::string::npos);
  kfree(buffer);
  calls.clear();
  EXPECT_EQ(iommu_unmap(domain, 0x4000, 0x3000), 0x2000u);
  EXPECT_EQ(calls, (Strings{"page 2 0x4000", "page 2 0x5000", "page 2 0x6000"}));
  EXPECT_EQ(iommu_unmap(domain, 0x4000, 0x3000), 0u);
  EXPECT_EQ(iommu_map(domain, 0x100000, 0x80001000, 0x11000, IOMMU_WRITE), 0);
  calls.clear();
  EXPECT_EQ(iommu_unmap(domain, 0x100000, 0x11000), 0x11000u);
  EXPECT_EQ(calls, Strings{"all 2 0x0"});
  iommu_detach_device(domain, &behind_);
  EXPECT_EQ(iommu_get_domain_for_dev(&behind_), behind_.iommu_dma_domain);
  iommu_detach_device(domain, &behind_);
  EXPECT_NE(bug().find("attached to another domain"), std::string::npos);
  iommu_domain_free(domain);
  EXPECT_EQ(bug(), "");
}

TEST_F(Iommu, FaultsReachTheHandlerOrTheLog) {
  std::string seen;
  iommu_fault(&unit_, 3, 0x1234, true, "not mapped so");
  EXPECT_NE(machine_->log.find("iommu@0: write of dma@0 at 0x1234 refused: not mapped so"),
            std::string::npos);
  iommu_fault(&unit_, 2, 0x99, false, "not mapped so");
  EXPECT_NE(machine_->log.find("read of a device that is not attached at 0x99"), std::string::npos);
  iommu_set_fault_handler(
      behind_.iommu_domain,
      [](iommu_domain*, device* dev, unsigned long iova, int flags, void* token) {
        *static_cast<std::string*>(token) =
            dev_name(dev) + (" " + std::to_string(iova)) + " " + std::to_string(flags);
        return 0;
      },
      &seen);
  machine_->log.clear();
  iommu_fault(&unit_, 3, 16, false, "not mapped so");
  EXPECT_EQ(seen, "dma@0 16 0");
  EXPECT_EQ(machine_->log, "");
}

TEST_F(Iommu, EveryFailingAllocationLeavesNothing) {
  char* buffer = low(8192);
  scatterlist list[2];
  sg_init_table(list, 2);
  sg_set_buf(&list[0], buffer, 4096);
  sg_set_buf(&list[1], buffer + 4096, 4096);
  // Each of a device without tables yet.
  const auto attempt = [&] {
    device fresh = {};
    device_initialize(&fresh);
    fresh.init_name = "fresh";
    fresh.tree_node = kNode;
    if (dma_configure(&fresh) != 0) return false;
    bool done = dma_map_sg(&fresh, list, 2, DMA_TO_DEVICE) != 0;
    if (done) dma_unmap_sg(&fresh, list, 2, DMA_TO_DEVICE);
    dma_addr_t handle;
    void* memory = done ? dma_alloc_coherent(&fresh, 4096, &handle, GFP_KERNEL | __GFP_NOWARN) : nullptr;
    if (memory != nullptr) dma_free_coherent(&fresh, 4096, memory, handle);
    EXPECT_EQ(fresh.iommu_domain->iova.count(), 0u);
    dma_deconfigure(&fresh);
    return memory != nullptr;
  };
  EXPECT_TRUE(attempt());
  const unsigned long before = held();
  unsigned long failures = 0;
  for (;; failures++) {
    AllocationFailures::after(failures);
    const bool done = attempt();
    const bool failed = AllocationFailures::happened();
    AllocationFailures::none();
    EXPECT_EQ(done, !failed) << failures;
    ASSERT_EQ(held(), before) << failures;
    if (!failed) break;
  }
  // Domain, root, two tables of Sv39, two ranges of addresses, the coherent page.
  EXPECT_EQ(failures, 7u);
  kfree(buffer);
  EXPECT_EQ(bug(), "");
}

}  // namespace
}  // namespace memio
