// Commands of /dev/accel0, shared by its driver and programs. Every job is done in one call; the three ways
// of doing it are there to be compared.
#pragma once

#define ACCEL_POLLED 0  // the CPU moves each word and asks for the end
#define ACCEL_DMA 1     // a DMA channel moves them, an interrupt tells the end

// CRC-32 of `bytes` (at least 1) bytes at `data`.
struct accel_crc32 {
  unsigned mode;
  unsigned bytes;
  const void* data;
  unsigned result;
};

// product = left * right: matrices of rows * rows (1 to 64) words of 32 bits, row by row, modulo 2^32.
struct accel_multiply {
  unsigned mode;
  unsigned rows;
  const void* left;
  const void* right;
  void* product;
};

// ioctl(file, ACCEL_CRC32, struct accel_crc32*): 0, or a negative error number: EFAULT, EINVAL (mode, bytes,
// rows), EIO (the device lost a word or did not end in time), ENODEV (no driver, or no DMA channel).
#define ACCEL_CRC32 0xA101
#define ACCEL_MULTIPLY 0xA102
