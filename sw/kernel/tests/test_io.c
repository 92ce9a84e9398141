// Access to ports and registers as a driver does it: both flows from request to release, string functions in
// order and in units of the data size, repeated and block accesses. On memio's default machine.
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/platform_device.h>
#include <linux/serial_reg.h>
#include <linux/slab.h>

#include "ktest.h"
#include "string.h"

#define CMOS_PORT 0x70u  // index; data behind it
#define CMOS_RAM 0x40u   // first of four battery-backed bytes that nobody else uses
#define UART_PORT 0x3f8u
#define GPIO_BASE 0x10020000ul
#define GPIO_SIZE 0x1000ul
#define GPIO_DATA_OUT 0x04

static unsigned cmos_read(unsigned index) {
  outb(index, CMOS_PORT);
  return inb(CMOS_PORT + 1);
}

// Whoever has the ports keeps them; a driver that wants them is told.
KTEST(io_ports_are_claimed_by_their_drivers) {
  EXPECT(request_region(CMOS_PORT, 2, "test") == NULL);
  EXPECT(request_region(CMOS_PORT + 1, 1, "test") == NULL);
  EXPECT(request_mem_region(GPIO_BASE + 0x10, 4, "test") == NULL);
  EXPECT(request_mem_region(0x80000000ul, 4, "test") == NULL);  // RAM
  EXPECT(request_region(0xfffe, 4, "test") == NULL);
  release_region(0x1234, 1);
  EXPECT_BUGS(1);
  EXPECT(request_region(0x1234, 0, "test") == NULL);
  EXPECT_BUGS(1);
}

// An access of 16 bits to the index port is one to the index and then one to the data.
KTEST(io_string_functions_of_words) {
  const u16 writes[4] = {0x1100 | CMOS_RAM, 0x2200 | (CMOS_RAM + 1), 0x3300 | (CMOS_RAM + 2),
                         0x4400 | (CMOS_RAM + 3)};
  u16 reads[4] = {0, 0, 0, 0xeeee};
  unsigned saved[4];
  unsigned i;

  EXPECT_EQ(0, device_unbind("rtc@70"));
  EXPECT(request_region(CMOS_PORT, 2, "test") != NULL);
  for (i = 0; i < 4; i++) saved[i] = cmos_read(CMOS_RAM + i);

  outsw(CMOS_PORT, writes, 4);
  for (i = 0; i < 4; i++) EXPECT_EQ(0x11 * (i + 1), cmos_read(CMOS_RAM + i));
  insw(CMOS_PORT, reads, 3);
  for (i = 0; i < 3; i++) EXPECT_EQ(0x4400 | (CMOS_RAM + 3), reads[i]);
  EXPECT_EQ(0xeeee, reads[3]);
  EXPECT_EQ(0x4400 | (CMOS_RAM + 3), inw(CMOS_PORT));
  outw(0x5500 | CMOS_RAM, CMOS_PORT);
  EXPECT_EQ(0x55, cmos_read(CMOS_RAM));

  for (i = 0; i < 4; i++) outw(saved[i] << 8 | (CMOS_RAM + i), CMOS_PORT);
  release_region(CMOS_PORT, 2);
  EXPECT_EQ(0, device_bind("rtc@70"));
}

// The upper four registers of the UART in one access: the scratch register is the highest byte.
KTEST(io_string_functions_of_bytes_and_long_words) {
  const u32 writes[3] = {0x12000000, 0x34000000, 0xa5000000};
  const u8 patterns[3] = {0x01, 0x80, 0x3c};
  u32 reads[3] = {0, 0, 0x77777777};
  u8 bytes[4] = {0, 0, 0, 0xee};

  EXPECT_EQ(0, device_unbind("serial@3f8"));
  EXPECT(request_region(UART_PORT, 8, "test") != NULL);
  outsl(UART_PORT + 4, writes, 3);
  EXPECT_EQ(0xa5, inb(UART_PORT + UART_SCR));
  insl(UART_PORT + 4, reads, 2);
  EXPECT_EQ(0xa5, reads[0] >> 24);
  EXPECT_EQ(0x60, reads[0] >> 8 & 0xff);  // line status: nothing to send
  EXPECT_EQ(reads[0] >> 24, reads[1] >> 24);
  EXPECT_EQ(0x77777777, reads[2]);
  outl(0x5a000000, UART_PORT + 4);
  EXPECT_EQ(0x5a, inl(UART_PORT + 4) >> 24);
  outsb(UART_PORT + UART_SCR, patterns, 3);
  insb(UART_PORT + UART_SCR, bytes, 3);
  EXPECT_EQ(0x3c, bytes[0]);
  EXPECT_EQ(0x3c, bytes[2]);
  EXPECT_EQ(0xee, bytes[3]);
  release_region(UART_PORT, 8);
  EXPECT_EQ(0, device_bind("serial@3f8"));
}

KTEST(io_memory_flow) {
  const u32 writes[3] = {1, 2, 0xcafe0003};
  u32 reads[3] = {0, 0, 0x77777777};
  u8* registers;

  EXPECT_EQ(0, device_unbind("gpio@10020000"));
  EXPECT(request_mem_region(GPIO_BASE, GPIO_SIZE, "test") != NULL);
  registers = ioremap(GPIO_BASE, GPIO_SIZE);
  EXPECT(registers != NULL);
  if (registers != NULL) {
    writel(0x12345678, registers + GPIO_DATA_OUT);
    EXPECT_EQ(0x12345678, readl(registers + GPIO_DATA_OUT));
    EXPECT_EQ(0x12345678, readl_relaxed(registers + GPIO_DATA_OUT));
    writel_relaxed(0x55aa55aa, registers + GPIO_DATA_OUT);
    EXPECT_EQ(0x55aa55aa, __raw_readl(registers + GPIO_DATA_OUT));
    iowrite32(7, registers + GPIO_DATA_OUT);
    EXPECT_EQ(7, ioread32(registers + GPIO_DATA_OUT));
    iowrite32_rep(registers + GPIO_DATA_OUT, writes, 3);
    ioread32_rep(registers + GPIO_DATA_OUT, reads, 2);
    EXPECT_EQ(0xcafe0003, reads[0]);
    EXPECT_EQ(0xcafe0003, reads[1]);
    EXPECT_EQ(0x77777777, reads[2]);
    writel(0, registers + GPIO_DATA_OUT);
    iounmap(registers);
  }
  release_mem_region(GPIO_BASE, GPIO_SIZE);
  EXPECT_EQ(0, device_bind("gpio@10020000"));
}

// The scratch register of the console's UART: 8 bits in memory space.
KTEST(io_bytes_in_memory_space) {
  const u8 writes[3] = {0x11, 0x22, 0x33};
  u8 reads[3] = {0, 0, 0xee};
  u8* uart = ioremap(0x10000000, 8);
  EXPECT(uart != NULL);
  if (uart == NULL) return;
  iowrite8(0x42, uart + UART_SCR);
  EXPECT_EQ(0x42, ioread8(uart + UART_SCR));
  iowrite8_rep(uart + UART_SCR, writes, 3);
  ioread8_rep(uart + UART_SCR, reads, 2);
  EXPECT_EQ(0x33, reads[0]);
  EXPECT_EQ(0x33, reads[1]);
  EXPECT_EQ(0xee, reads[2]);
  memset_io(uart + UART_SCR, 0x5a, 1);
  memcpy_fromio(reads, uart + UART_SCR, 1);
  EXPECT_EQ(0x5a, reads[0]);
  memcpy_toio(uart + UART_SCR, writes, 1);
  EXPECT_EQ(0x11, readb(uart + UART_SCR));
  // The upper pair in one access of 16 bits: modem status, scratch.
  iowrite16(0x6600, uart + 6);
  EXPECT_EQ(0x66, ioread16(uart + 6) >> 8);
  iounmap(uart);
}
