// The accelerator's registers (docs/devices.md), and what its driver's two files share.
#pragma once

#include <linux/completion.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>

#define ACCEL_CONTROL 0x00
#define ACCEL_INTERRUPT 0x1
#define ACCEL_COMMAND 0x04
#define ACCEL_COMMAND_STOP 0
#define ACCEL_COMMAND_CRC32 1
#define ACCEL_COMMAND_MULTIPLY 2
#define ACCEL_STATUS 0x08
#define ACCEL_DONE 0x2
#define ACCEL_ERROR 0x4
#define ACCEL_SIZE 0x0C
#define ACCEL_RESULT 0x10
#define ACCEL_DATA 0x20
#define ACCEL_MOST_ROWS 64
#define ACCEL_GROUP 8  // words that a request line stands for

#define ACCEL_BUFFER 16384u  // bytes: the largest matrix

// A side of the data register that a DMA channel serves.
struct accel_side {
  struct dma_chan* chan;  // null: no DMA
  dma_addr_t data;        // the register, as the controller sees it
  enum dma_data_direction direction;
};

struct accelerator {
  struct device* dev;
  void __iomem* registers;
  u32* buffer;  // ACCEL_BUFFER bytes
  struct completion done;
  struct accel_side input, output;
};

static inline bool accel_has_dma(const struct accelerator* accel) { return accel->output.chan != NULL; }

// accelerator_dma.c. Asks for the channels that the device tree names; without them the driver polls only.
void accel_dma_open(struct accelerator* accel, phys_addr_t registers);
void accel_dma_close(struct accelerator* accel);
// Moves `words` words between the buffer and the device: 0, -ENODEV without channels, or -EIO.
int accel_dma_send(struct accelerator* accel, unsigned words);
int accel_dma_receive(struct accelerator* accel, unsigned words);
