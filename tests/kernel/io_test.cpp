// Accessors of registers (order of values and fences), and the console's ring with its flow control.
#include <asm/io.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_machine.h"
#include "kernel/console.h"
#include "kernel/platform.h"

namespace memio {

static std::string firmware_output;
void early_console_put(char c) { firmware_output += c; }
int early_console_get() { return -1; }

namespace {

using ::testing::ElementsAre;

class Accessors : public ::testing::Test {
 protected:
  Accessors() { fake_read_fences = fake_write_fences = 0; }
};

TEST_F(Accessors, PlainFormsFenceAndRelaxedFormsDoNot) {
  alignas(8) u8 registers[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(readb(registers + 1), 2u);
  EXPECT_EQ(readw(registers + 2), 0x0403u);
  EXPECT_EQ(readl(registers + 4), 0x08070605u);
  EXPECT_EQ(readq(registers), 0x0807060504030201u);
  EXPECT_EQ(ioread8(registers + 7) + ioread16(registers) + ioread32(registers), 8u + 0x0201 + 0x04030201);
  EXPECT_EQ(fake_read_fences, 7u);
  EXPECT_EQ(readl_relaxed(registers) + __raw_readb(registers), 0x04030202u);
  EXPECT_EQ(fake_read_fences, 7u);
  writeb(0x11, registers);
  writew(0x2222, registers + 2);
  writel(0x33333333, registers + 4);
  iowrite8(0x12, registers + 1);
  iowrite16(0x4444, registers + 2);
  iowrite32(0x55555555, registers + 4);
  EXPECT_EQ(fake_write_fences, 6u);
  writeb_relaxed(0x66, registers + 7);
  __raw_writew(0x7777, registers + 2);
  EXPECT_EQ(fake_write_fences, 6u);
  EXPECT_THAT(registers, ElementsAre(0x11, 0x12, 0x77, 0x77, 0x55, 0x55, 0x55, 0x66));
}

TEST_F(Accessors, RepeatedFormsCountInUnitsOfTheSizeAndFenceOnce) {
  alignas(4) u8 port[8] = {0x11, 0x22, 0x33, 0x44, 0x55, 0, 0, 0};
  u32 words[4] = {};
  ioread32_rep(port, words, 3);
  EXPECT_THAT(words, ElementsAre(0x44332211, 0x44332211, 0x44332211, 0));
  u16 halves[3] = {};
  ioread16_rep(port, halves, 2);
  EXPECT_THAT(halves, ElementsAre(0x2211, 0x2211, 0));
  u8 bytes[3] = {};
  ioread8_rep(port, bytes, 2);
  EXPECT_THAT(bytes, ElementsAre(0x11, 0x11, 0));
  EXPECT_EQ(fake_read_fences, 3u);
  const u16 out[2] = {0xaaaa, 0xbbcc};
  iowrite16_rep(port, out, 2);
  EXPECT_THAT(port, ElementsAre(0xcc, 0xbb, 0x33, 0x44, 0x55, 0, 0, 0));
  const u32 out_words[2] = {1, 0x0a0b0c0d};
  iowrite32_rep(port, out_words, 2);
  iowrite8_rep(port + 4, "xyz", 3);
  EXPECT_THAT(port, ElementsAre(0x0d, 0x0c, 0x0b, 0x0a, 'z', 0, 0, 0));
  EXPECT_EQ(fake_write_fences, 3u);
}

TEST_F(Accessors, BlocksGoToConsecutiveBytes) {
  u8 device[7] = {};
  memcpy_toio(device + 1, "hello", 5);
  EXPECT_THAT(device, ElementsAre(0, 'h', 'e', 'l', 'l', 'o', 0));
  memset_io(device + 2, 0x1ff, 2);
  char back[6] = {};
  memcpy_fromio(back, device + 1, 5);
  EXPECT_STREQ(back, "h\xff\xfflo");
}

unsigned resumed;

class Console : public ::testing::Test {
 protected:
  Console() {
    resumed = 0;
    console_set_resume([] { resumed++; });
  }
  ~Console() override {
    console_set_resume(nullptr);
    EXPECT_EQ(console_try_getc(), -1);
  }
  FakeMachine machine_{1 << 20};
};

TEST_F(Console, KeepsTheOrderAndTellsItsRoom) {
  EXPECT_EQ(console_receive_room(), 256u);
  for (unsigned i = 0; i < 256; i++) console_receive(static_cast<char>(i));
  EXPECT_EQ(console_receive_room(), 0u);
  for (unsigned i = 0; i < 256; i++) {
    EXPECT_EQ(console_getc(), static_cast<int>(i));
    EXPECT_EQ(console_receive_room(), i + 1);
    // The driver is asked to go on once half of the ring is free.
    EXPECT_EQ(resumed, i + 1 < 128 ? 0 : i + 1 - 127);
  }
  EXPECT_EQ(machine_.sleeps, 0u);
}

TEST_F(Console, AReaderSleepsUntilACharacterComes) {
  machine_.on_sleep = [&] {
    if (machine_.sleeps == 3) console_receive('x');
  };
  EXPECT_EQ(console_getc(), 'x');
  EXPECT_EQ(machine_.sleeps, 3u);
}

TEST_F(Console, OutputGoesToTheDriverOrElseToTheFirmware) {
  static std::string driver_output;
  console_write("early ", 6);
  console_set([](const char* text, unsigned long length) { driver_output.append(text, length); });
  console_write("late", 4);
  console_set(nullptr);
  console_write("end", 3);
  EXPECT_EQ(firmware_output, "early end");
  EXPECT_EQ(driver_output, "late");
}

}  // namespace
}  // namespace memio
