// The DMA controller by its driver: copies, rectangles, device flow control through a UART in loopback,
// errors, termination; with and without the IOMMU in front of it.
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/platform_device.h>
#include <linux/serial_reg.h>
#include <linux/slab.h>

#include "dma_test.h"
#include "ktest.h"
#include "string.h"

#define SIZE 3000u
// Nothing is there, and no IOMMU maps it.
#define NOWHERE 0x20000000ull
#define UART_PORT 0x3f8u
#define MCR 4
#define MCR_LOOPBACK 0x10

struct buffers {
  struct device* dev;
  u8* source;
  u8* target;
  dma_addr_t from;
  dma_addr_t to;
};

static bool get_buffers(struct buffers* buffers, struct device* dev, unsigned size) {
  unsigned i;
  buffers->dev = dev;
  buffers->source = kmalloc(size, GFP_KERNEL);
  buffers->target = kmalloc(size, GFP_KERNEL);
  for (i = 0; i < size; i++) buffers->source[i] = (u8)(7 * i + i / 256);
  memset(buffers->target, 0xee, size);
  buffers->from = dma_map_single(dev, buffers->source, size, DMA_TO_DEVICE);
  buffers->to = dma_map_single(dev, buffers->target, size, DMA_FROM_DEVICE);
  return EXPECT_EQ(0, dma_mapping_error(dev, buffers->from)) &&
         EXPECT_EQ(0, dma_mapping_error(dev, buffers->to));
}

static void unmap_buffers(struct buffers* buffers, unsigned size) {
  dma_unmap_single(buffers->dev, buffers->from, size, DMA_TO_DEVICE);
  dma_unmap_single(buffers->dev, buffers->to, size, DMA_FROM_DEVICE);
}

static void free_buffers(struct buffers* buffers) {
  kfree(buffers->source);
  kfree(buffers->target);
}

KTEST(dmaengine_copies) {
  // Sizes and offsets around those of elements and bursts.
  static const struct {
    unsigned size, from, to;
  } cases[] = {{1, 0, 0}, {3, 1, 2}, {64, 0, 0}, {65, 7, 3}, {2048, 512, 0}, {2999, 1, 0}};
  struct dma_chan* chan = copy_channel();
  struct buffers buffers;
  struct transfer transfer;
  unsigned i;
  if (chan == NULL) return;
  for (i = 0; i < ARRAY_SIZE(cases); i++) {
    if (!get_buffers(&buffers, chan->device->dev, SIZE)) break;
    transfer_start(&transfer,
                   dmaengine_prep_dma_memcpy(chan, buffers.to + cases[i].to, buffers.from + cases[i].from,
                                             cases[i].size, DMA_PREP_INTERRUPT));
    EXPECT(transfer_wait(&transfer));
    EXPECT_EQ(DMA_TRANS_NOERROR, transfer.result.result);
    EXPECT_EQ(DMA_COMPLETE, dmaengine_tx_status(chan, transfer.cookie, NULL));
    unmap_buffers(&buffers, SIZE);
    EXPECT_EQ(0, memcmp(buffers.target + cases[i].to, buffers.source + cases[i].from, cases[i].size));
    EXPECT_EQ(0xee, buffers.target[cases[i].to + cases[i].size]);
    free_buffers(&buffers);
  }
  dma_release_channel(chan);
}

KTEST(dmaengine_many_at_once) {
  struct dma_chan* chan = copy_channel();
  struct buffers buffers;
  struct transfer transfers[10];
  unsigned i;
  if (chan == NULL) return;
  if (!get_buffers(&buffers, chan->device->dev, SIZE)) return;
  for (i = 0; i < 10; i++) {
    transfer_start(&transfers[i],
                   dmaengine_prep_dma_memcpy(chan, buffers.to + 300 * i, buffers.from + 300 * i, 300, 0));
  }
  EXPECT(transfer_wait(&transfers[9]));
  for (i = 0; i < 10; i++) EXPECT_EQ(1, transfers[i].called);
  unmap_buffers(&buffers, SIZE);
  EXPECT_EQ(0, memcmp(buffers.target, buffers.source, SIZE));
  free_buffers(&buffers);
  dma_release_channel(chan);
}

KTEST(dmaengine_rectangle) {
  struct dma_interleaved_template rectangle;
  struct dma_chan* chan = copy_channel();
  struct buffers buffers;
  struct transfer transfer;
  unsigned row;
  if (chan == NULL) return;
  if (!get_buffers(&buffers, chan->device->dev, SIZE)) return;
  // 10 rows of 50 bytes out of rows of 200, to rows of 60.
  memset(&rectangle, 0, sizeof rectangle);
  rectangle.src_start = buffers.from + 20;
  rectangle.dst_start = buffers.to;
  rectangle.dir = DMA_MEM_TO_MEM;
  rectangle.src_sgl = rectangle.dst_sgl = true;
  rectangle.numf = 10;
  rectangle.frame_size = 1;
  rectangle.sgl[0].size = 50;
  rectangle.sgl[0].icg = 150;
  rectangle.dst_icg = 10;
  transfer_start(&transfer, dmaengine_prep_interleaved_dma(chan, &rectangle, 0));
  EXPECT(transfer_wait(&transfer));
  unmap_buffers(&buffers, SIZE);
  for (row = 0; row < 10; row++) {
    EXPECT_EQ(0, memcmp(buffers.target + 60 * row, buffers.source + 20 + 200 * row, 50));
    EXPECT_EQ(0xee, buffers.target[60 * row + 50]);
  }
  free_buffers(&buffers);
  dma_release_channel(chan);
}

KTEST(dmaengine_errors_are_told) {
  struct dma_chan* chan = copy_channel();
  struct buffers buffers;
  struct transfer bad_source;
  struct transfer bad_target;
  struct transfer good;
  if (chan == NULL) return;
  if (!get_buffers(&buffers, chan->device->dev, SIZE)) return;
  transfer_start(&bad_source, chan->device->device_prep_dma_memcpy(chan, buffers.to, NOWHERE, 64, 0));
  transfer_start(&bad_target, chan->device->device_prep_dma_memcpy(chan, NOWHERE, buffers.from, 64, 0));
  transfer_start(&good, dmaengine_prep_dma_memcpy(chan, buffers.to, buffers.from, 64, 0));
  EXPECT(transfer_wait(&good));
  EXPECT_EQ(DMA_TRANS_READ_FAILED, bad_source.result.result);
  EXPECT_EQ(64, bad_source.result.residue);
  EXPECT_EQ(DMA_TRANS_WRITE_FAILED, bad_target.result.result);
  EXPECT_EQ(DMA_TRANS_NOERROR, good.result.result);
  EXPECT_EQ(DMA_ERROR, dmaengine_tx_status(chan, bad_source.cookie, NULL));
  EXPECT_EQ(DMA_ERROR, dmaengine_tx_status(chan, bad_target.cookie, NULL));
  EXPECT_EQ(DMA_COMPLETE, dmaengine_tx_status(chan, good.cookie, NULL));
  unmap_buffers(&buffers, SIZE);
  free_buffers(&buffers);
  dma_release_channel(chan);
}

KTEST(dmaengine_terminate) {
  struct dma_chan* chan = copy_channel();
  struct buffers buffers;
  struct transfer transfer;
  struct transfer waiting;
  struct dma_tx_state state;
  struct dma_async_tx_descriptor* unused;
  if (chan == NULL) return;
  if (!get_buffers(&buffers, chan->device->dev, 1u << 19)) return;
  transfer_start(&transfer, dmaengine_prep_dma_memcpy(chan, buffers.to, buffers.from, 1u << 19, 0));
  transfer_start(&waiting, dmaengine_prep_dma_memcpy(chan, buffers.to, buffers.from, 64, 0));
  unused = dmaengine_prep_dma_memcpy(chan, buffers.to, buffers.from, 64, 0);
  EXPECT(unused != NULL);
  EXPECT_EQ(DMA_IN_PROGRESS, dmaengine_tx_status(chan, waiting.cookie, &state));
  EXPECT_EQ(64, state.residue);
  EXPECT_EQ(DMA_IN_PROGRESS, dmaengine_tx_status(chan, transfer.cookie, &state));
  EXPECT(state.residue > 0 && state.residue <= 1u << 19);
  EXPECT_EQ(0, dmaengine_terminate_all(chan));
  msleep(20);
  EXPECT_EQ(0, transfer.called + waiting.called);
  EXPECT_EQ(DMA_ERROR, dmaengine_tx_status(chan, transfer.cookie, NULL));
  EXPECT_EQ(DMA_ERROR, dmaengine_tx_status(chan, waiting.cookie, NULL));
  transfer_start(&transfer, dmaengine_prep_dma_memcpy(chan, buffers.to, buffers.from, 64, 0));
  EXPECT(transfer_wait(&transfer));
  unmap_buffers(&buffers, 1u << 19);
  EXPECT_EQ(0, memcmp(buffers.target, buffers.source, 64));
  free_buffers(&buffers);
  dma_release_channel(chan);  // the unused descriptor goes with it
}

KTEST(dmaengine_waits_by_polling) {
  struct dma_chan* chan = copy_channel();
  struct buffers buffers;
  struct dma_async_tx_descriptor* tx;
  if (chan == NULL) return;
  if (!get_buffers(&buffers, chan->device->dev, SIZE)) return;
  tx = dmaengine_prep_dma_memcpy(chan, buffers.to, buffers.from, SIZE, 0);
  EXPECT_EQ(DMA_COMPLETE, dma_sync_wait(chan, dmaengine_submit(tx)));
  unmap_buffers(&buffers, SIZE);
  free_buffers(&buffers);
  dma_release_channel(chan);
}

// Characters go out of the UART by one channel and, in loopback, come back by another.
KTEST(dmaengine_device_flow_control) {
  static const struct dma_slave_config config = {
      .src_addr = UART_PORT,
      .dst_addr = UART_PORT,
      .src_addr_width = DMA_SLAVE_BUSWIDTH_1_BYTE,
      .dst_addr_width = DMA_SLAVE_BUSWIDTH_1_BYTE,
      .port_space = true,
  };
  struct platform_device* uart = find_device("serial@3f8");
  struct dma_chan* rx = uart == NULL ? NULL : dma_request_slave_channel(&uart->dev, "rx");
  struct dma_chan* tx = uart == NULL ? NULL : dma_request_slave_channel(&uart->dev, "tx");
  struct scatterlist list[2];
  struct buffers buffers;
  struct transfer in;
  struct transfer out;
  if (rx == NULL || tx == NULL) {
    printk("ktest: no DMA controller, skipped\n");
    if (rx != NULL) dma_release_channel(rx);
    return;
  }
  EXPECT_EQ(0, device_unbind("serial@3f8"));
  if (!get_buffers(&buffers, tx->device->dev, 256)) return;
  EXPECT(dmaengine_prep_slave_single(tx, buffers.from, 16, DMA_MEM_TO_DEV, 0) == NULL);  // not configured
  EXPECT_EQ(0, dmaengine_slave_config(rx, &config));
  EXPECT_EQ(0, dmaengine_slave_config(tx, &config));
  outb(UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT, UART_PORT + UART_FCR);
  outb(MCR_LOOPBACK, UART_PORT + MCR);
  transfer_start(&in, dmaengine_prep_slave_single(rx, buffers.to, 48, DMA_DEV_TO_MEM, 0));
  sg_init_table(list, 2);
  sg_dma_address(&list[0]) = buffers.from;
  sg_dma_len(&list[0]) = 16;
  sg_dma_address(&list[1]) = buffers.from + 100;
  sg_dma_len(&list[1]) = 32;
  transfer_start(&out, dmaengine_prep_slave_sg(tx, list, 2, DMA_MEM_TO_DEV, 0));
  EXPECT(transfer_wait(&out));
  EXPECT(transfer_wait(&in));
  outb(0, UART_PORT + MCR);
  unmap_buffers(&buffers, 256);
  EXPECT_EQ(0, memcmp(buffers.target, buffers.source, 16));
  EXPECT_EQ(0, memcmp(buffers.target + 16, buffers.source + 100, 32));
  EXPECT_EQ(0xee, buffers.target[48]);
  free_buffers(&buffers);
  dma_release_channel(rx);
  dma_release_channel(tx);
  EXPECT_EQ(0, device_bind("serial@3f8"));
}

// On a machine whose controller does not see the caches: what the CPU has cached stays what it was until the
// buffer is given back to the CPU. tests/system/dma_test.py runs it on such a machine.
KTEST(only_dma_stale_data) {
  struct dma_chan* chan = copy_channel();
  struct buffers buffers;
  struct transfer transfer;
  volatile u8* target;
  if (chan == NULL) return;
  EXPECT(chan->device->dev->dma_noncoherent);
  if (!get_buffers(&buffers, chan->device->dev, 4096)) return;
  target = buffers.target;
  EXPECT_EQ(0xee, target[1000]);  // the line is cached now
  transfer_start(&transfer, dmaengine_prep_dma_memcpy(chan, buffers.to, buffers.from, 4096, 0));
  EXPECT(transfer_wait(&transfer));
  EXPECT_EQ(0xee, target[1000]);  // stale
  dma_sync_single_for_cpu(chan->device->dev, buffers.to, 4096, DMA_FROM_DEVICE);
  EXPECT_EQ(buffers.source[1000], target[1000]);
  // The other way: what the CPU writes stays in the cache until it is given to the device.
  dma_sync_single_for_cpu(chan->device->dev, buffers.from, 4096, DMA_TO_DEVICE);
  buffers.source[2000] = 0x99;
  dma_sync_single_for_device(chan->device->dev, buffers.to, 4096, DMA_FROM_DEVICE);
  transfer_start(&transfer, chan->device->device_prep_dma_memcpy(chan, buffers.to, buffers.from, 4096, 0));
  EXPECT(transfer_wait(&transfer));
  dma_sync_single_for_cpu(chan->device->dev, buffers.to, 4096, DMA_FROM_DEVICE);
  EXPECT(target[2000] != 0x99);
  dma_sync_single_for_device(chan->device->dev, buffers.from, 4096, DMA_TO_DEVICE);
  dma_sync_single_for_device(chan->device->dev, buffers.to, 4096, DMA_FROM_DEVICE);
  transfer_start(&transfer, dmaengine_prep_dma_memcpy(chan, buffers.to, buffers.from, 4096, 0));
  EXPECT(transfer_wait(&transfer));
  unmap_buffers(&buffers, 4096);
  EXPECT_EQ(0x99, target[2000]);
  free_buffers(&buffers);
  dma_release_channel(chan);
}
