// A driver's probe over the kernel's own allocators: whichever allocation fails, of an object or of pages,
// every page, slab and address is back afterwards.
#include <gtest/gtest.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "allocation_failures.h"
#include "fake_paging.h"
#include "kernel/device.h"
#include "kernel/interrupt.h"
#include "kernel/page_allocator.h"

namespace memio {
namespace {

irqreturn_t handler(int, void*) { return IRQ_HANDLED; }

int probe(platform_device* pdev) {
  device* dev = &pdev->dev;
  for (unsigned i = 0; i < 3; i++) {
    // From the size caches, and from whole blocks of pages.
    if (devm_kzalloc(dev, 100 * (i + 1), GFP_KERNEL) == nullptr) return -ENOMEM;
    if (devm_kmalloc(dev, 20000 * (i + 1), GFP_KERNEL) == nullptr) return -ENOMEM;
    if (devm_request_region(dev, 0x300 + 8 * i, 8, "ports") == nullptr) return -EBUSY;
    if (devm_request_mem_region(dev, 0x50000000 + 0x1000 * i, 0x100, "registers") == nullptr) return -EBUSY;
    if (devm_ioremap(dev, 0x50000000 + 0x1000 * i, 0x100) == nullptr) return -ENOMEM;
    const int error = devm_request_irq(dev, 20 + i, handler, 0, "test", dev);
    if (error != 0) return error;
  }
  return 0;
}

int remove(platform_device*) { return 0; }

const of_device_id kMatches[] = {{"test,device", nullptr}, {nullptr, nullptr}};
const char kCompatible[] = "test,device";

class ProbeFailure : public testing::Test {
 protected:
  ProbeFailure() {
    irq_chip_set({"TEST", 40, [](unsigned) {}, [](unsigned) {}});
    pdev_.name = "test@50000000";
    pdev_.compatible = kCompatible;
    pdev_.compatible_size = sizeof kCompatible;
    pdev_.num_resources = 1;
    pdev_.resource = &registers_;
    EXPECT_EQ(platform_device_register(&pdev_), 0);
    // The first of everything makes caches and page tables, which stay.
    platform_driver_register(&driver_);
    EXPECT_EQ(pdev_.dev.driver, &driver_.driver);
    platform_driver_unregister(&driver_);
    start_ = held();
  }
  ~ProbeFailure() override {
    AllocationFailures::none();
    platform_device_unregister(&pdev_);
  }

  struct Held {
    unsigned long pages;  // page tables left out
    unsigned long slab_pages;
    unsigned long area;  // bytes of the vmalloc area
    bool operator==(const Held& other) const {
      return pages == other.pages && slab_pages == other.slab_pages && area == other.area;
    }
  };
  // With no free object or page kept back anywhere.
  Held held() const {
    // What one cache gives back may have been managed by objects of another.
    while (run_shrinkers(page_allocator().managed_pages(), GFP_KERNEL) != 0) continue;
    drain_all_pages();
    vmalloc_info area;
    get_vmalloc_info(&area);
    return {page_allocator().managed_pages() - nr_free_pages() - paging_.tables_made, slab_page_count(),
            area.used};
  }

  FakeMachine machine_{32ul << 20, 16ul << 20};
  FakePaging paging_{machine_, 64ul << 20};
  resource registers_ = {0x50000000, 0x5000ffff, "test@50000000", IORESOURCE_MEM, nullptr, nullptr, nullptr};
  platform_device pdev_ = {};
  platform_driver driver_ = make_driver("test-driver", kMatches, probe, remove);
  Held start_ = {};
};

TEST_F(ProbeFailure, OfAnyAllocationLeavesNoPageAndNoObject) {
  unsigned long failures = 0;
  for (;; failures++) {
    AllocationFailures::after(failures);
    platform_driver_register(&driver_);
    const bool failed = AllocationFailures::happened();
    AllocationFailures::none();
    EXPECT_EQ(pdev_.dev.driver == nullptr, failed) << "allocation " << failures;
    platform_driver_unregister(&driver_);
    ASSERT_EQ(held(), start_) << "allocation " << failures;
    if (!failed) break;
  }
  // A round: 6 managed blocks, the pages of one, 2 claims, an area, a handler; more for new slabs.
  EXPECT_GE(failures, 3u * 11);
  EXPECT_TRUE(machine_.bugs.empty());
}

}  // namespace
}  // namespace memio
