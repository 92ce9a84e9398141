// The driver of the DMA controller over registers that are plain memory, which the test plays: whichever
// allocation of its probe or of a transfer fails, everything is back afterwards; transfers start, end and
// fail.
#include <linux/dmaengine.h>
#include <linux/errno.h>

#include "allocation_failures.h"
#include "dma_bench.h"
#include "kernel/interrupt.h"
// The kernel knows the driver by a table of its linker script only.
#include "dma_controller.cpp"

namespace memio {
namespace {

class Driver : public DmaBench {
 protected:
  static constexpr unsigned kIrq = 15;

  Driver() : driver_(&dma_driver) {
    irq_chip_set({"TEST", 40, [](unsigned) {}, [](unsigned) {}});
    page_ = alloc_page(GFP_KERNEL | __GFP_ZERO);
    SetPageReserved(page_);
    ranges_[0].start = page_to_phys(page_);
    ranges_[0].end = ranges_[0].start + 0xfff;
    reg(dma_reg::kCapabilities) = 2;
    pdev_.name = "dma@0";
    pdev_.compatible = "memio,dma";
    pdev_.compatible_size = 10;
    pdev_.num_resources = 2;
    pdev_.resource = ranges_;
    EXPECT_EQ(platform_device_register(&pdev_), 0);
    // The first of everything makes slabs and page tables, which stay.
    platform_driver_register(driver_);
    EXPECT_EQ(pdev_.dev.driver, &driver_->driver);
    platform_driver_unregister(driver_);
    start_ = used();
  }
  ~Driver() override {
    platform_device_unregister(&pdev_);
    ClearPageReserved(page_);
    __free_page(page_);
  }

  void fail_each_allocation_of_the_probe();
  void fail_each_allocation_of_a_transfer();
  void run_transfers();

  u32& reg(unsigned offset) { return *reinterpret_cast<u32*>(machine_->memory(ranges_[0].start + offset)); }
  u32& channel_reg(unsigned offset) { return reg(dma_reg::kChannel0 + offset); }
  unsigned long used() {
    while (run_shrinkers(page_allocator().managed_pages(), GFP_KERNEL) != 0) continue;
    drain_all_pages();
    return page_allocator().managed_pages() - nr_free_pages() - paging_.tables_made;
  }
  // Channel 0 interrupts with these events.
  void interrupt(u32 events) {
    channel_reg(dma_reg::kIrqStatus) = events;
    reg(dma_reg::kInterrupts) = 1;
    irq_dispatch(kIrq);
    channel_reg(dma_reg::kIrqStatus) = 0;
    reg(dma_reg::kInterrupts) = 0;
  }
  dma_chan* request() {
    dma_cap_mask_t mask = {};
    dma_cap_set(DMA_MEMCPY, mask);
    return dma_request_channel(mask, nullptr, nullptr);
  }
  // What the hardware would read.
  const DmaDescriptor& descriptor() {
    return *reinterpret_cast<const DmaDescriptor*>(machine_->memory(channel_reg(dma_reg::kDescriptor)));
  }

  page* page_;
  resource ranges_[2] = {{0, 0, "dma@0", IORESOURCE_MEM, nullptr, nullptr, nullptr},
                         {kIrq, kIrq, "dma@0", IORESOURCE_IRQ, nullptr, nullptr, nullptr}};
  platform_device pdev_ = {};
  platform_driver* driver_;
  unsigned long start_ = 0;
};

void Driver::fail_each_allocation_of_the_probe() {
  unsigned long failures = 0;
  for (;; failures++) {
    AllocationFailures::after(failures);
    platform_driver_register(driver_);
    const bool failed = AllocationFailures::happened();
    AllocationFailures::none();
    EXPECT_EQ(pdev_.dev.driver == nullptr, failed) << failures;
    platform_driver_unregister(driver_);
    ASSERT_EQ(used(), start_) << failures;
    if (!failed) break;
  }
  // Its data, claim (two), mapping (two), pool, the pool's end, interrupt (two).
  EXPECT_GE(failures, 9u);
  EXPECT_EQ(bug(), "");
}

void Driver::fail_each_allocation_of_a_transfer() {
  platform_driver_register(driver_);
  dma_chan* chan = request();
  ASSERT_NE(chan, nullptr);
  const dma_slave_config config = {.src_addr = 0,
                                   .dst_addr = 0x3f8,
                                   .src_addr_width = DMA_SLAVE_BUSWIDTH_1_BYTE,
                                   .dst_addr_width = DMA_SLAVE_BUSWIDTH_1_BYTE,
                                   .src_maxburst = 0,
                                   .dst_maxburst = 0,
                                   .port_space = true,
                                   .slave_id = 3};
  EXPECT_EQ(dmaengine_slave_config(chan, &config), 0);
  scatterlist list[3];
  sg_init_table(list, 3);
  for (scatterlist& piece : list) {
    piece.dma_address = kStart;
    piece.dma_length = 16;
  }
  unsigned long failures = 0;
  for (;; failures++) {
    AllocationFailures::after(failures);
    dma_async_tx_descriptor* tx = dmaengine_prep_slave_sg(chan, list, 3, DMA_MEM_TO_DEV, 0);
    const bool failed = AllocationFailures::happened();
    AllocationFailures::none();
    EXPECT_EQ(tx == nullptr, failed);
    if (!failed) break;
  }
  EXPECT_EQ(failures, 3u);    // the transfer, a page for the pool and what the pool knows of it
  dma_release_channel(chan);  // with the transfer that was never submitted
  platform_driver_unregister(driver_);
  EXPECT_EQ(used(), start_);
  EXPECT_EQ(bug(), "");
}

void Driver::run_transfers() {
  platform_driver_register(driver_);
  dma_chan* chan = request();
  static std::vector<dmaengine_result> results;
  results.clear();
  for (unsigned i = 0; i < 3; i++) {
    dma_async_tx_descriptor* tx = dmaengine_prep_dma_memcpy(chan, 0x1000 + i, 0x2000 + i, 100, 0);
    tx->callback_result = [](void*, const dmaengine_result* result) { results.push_back(*result); };
    dmaengine_submit(tx);
  }
  channel_reg(dma_reg::kControl) = 0;
  dma_async_issue_pending(chan);
  EXPECT_EQ(channel_reg(dma_reg::kControl), 1u);
  EXPECT_EQ(descriptor().source, 0x2000u);
  EXPECT_EQ(descriptor().destination, 0x1000u);
  EXPECT_EQ(descriptor().length, 100u);
  EXPECT_EQ(descriptor().control, 1u << 9);  // the last one; bytes, in bursts
  interrupt(kDmaIrqDone);
  EXPECT_EQ(descriptor().source, 0x2001u);
  // This one fails at its destination after 40 bytes.
  channel_reg(dma_reg::kStatus) = 10 << 8 | 6;
  channel_reg(dma_reg::kBytes) = 40;
  channel_reg(dma_reg::kCurrent) = channel_reg(dma_reg::kDescriptor);
  interrupt(kDmaIrqError);
  EXPECT_EQ(descriptor().source, 0x2002u);
  interrupt(kDmaIrqDone);
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].result, DMA_TRANS_NOERROR);
  EXPECT_EQ(results[1].result, DMA_TRANS_WRITE_FAILED);
  EXPECT_EQ(results[1].residue, 60u);
  EXPECT_EQ(results[2].result, DMA_TRANS_NOERROR);
  EXPECT_NE(machine_->log.find("dma@0: channel 0: descriptor 1 of 1 failed with error 10"),
            std::string::npos);
  // A channel that does not stop.
  dma_async_tx_descriptor* tx = dmaengine_prep_dma_memcpy(chan, 0x1000, 0x2000, 100, 0);
  dmaengine_submit(tx);
  dma_async_issue_pending(chan);
  channel_reg(dma_reg::kStatus) = 2;
  EXPECT_EQ(dmaengine_terminate_all(chan), -ETIMEDOUT);
  channel_reg(dma_reg::kStatus) = 5;
  EXPECT_EQ(dmaengine_terminate_all(chan), 0);
  dma_release_channel(chan);
  platform_driver_unregister(driver_);
  EXPECT_EQ(used(), start_);
}

// One machine for all: the cache of resources lives as long as the program.
TEST_F(Driver, LeavesNothingBehindWhateverFails) {
  fail_each_allocation_of_the_probe();
  fail_each_allocation_of_a_transfer();
  run_transfers();
}

}  // namespace
}  // namespace memio
