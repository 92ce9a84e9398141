// The tohost convention: exits, characters, system calls.
#include "platform/htif.h"

#include <gtest/gtest.h>

#include <cstring>

#include "serial/serial_backend.h"

namespace memio {
namespace {

constexpr std::uint64_t base = 0x80000000, tohost = base + 0x100, fromhost = base + 0x140;

class HtifTest : public testing::Test {
 protected:
  void put(std::uint64_t address, std::uint64_t value) {
    std::memcpy(ram_.storage().data() + (address - base), &value, sizeof value);
  }
  std::uint64_t get(std::uint64_t address) {
    std::uint64_t value = 0;
    std::memcpy(&value, ram_.storage().data() + (address - base), sizeof value);
    return value;
  }
  std::optional<std::uint64_t> store(std::uint64_t value) {
    put(tohost, value);
    return htif_.serve();
  }
  /// The number and arguments of a system call at base + 0x200.
  std::optional<std::uint64_t> call(std::uint64_t number, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    std::uint64_t address = base + 0x200;
    for (const std::uint64_t value : {number, a, b, c}) {
      put(address, value);
      address += 8;
    }
    return store(base + 0x200);
  }

  Memory ram_{sc_core::sc_gen_unique_name("ram"), MemoryConfig{4096}};
  MemoryBackend output_;
  Htif htif_{ram_, base, tohost, fromhost, output_};
};

TEST_F(HtifTest, AnOddValueEndsWithItsUpperBits) {
  EXPECT_EQ(store(1), 0u);
  EXPECT_EQ(store(42 << 1 | 1), 42u);
  EXPECT_EQ(store(0xfffffffffffful), 0x7fffffffffffu);
}

TEST_F(HtifTest, ZeroAndUnknownDevicesAreIgnored) {
  EXPECT_FALSE(store(0));
  EXPECT_FALSE(store(0x7f00000000000001));
  EXPECT_FALSE(store(0x0105000000000001));
  EXPECT_EQ(output_.output(), "");
}

TEST_F(HtifTest, DeviceOneCommandOnePrints) {
  EXPECT_FALSE(store(0x0101000000000000 | 'A'));
  EXPECT_EQ(output_.output(), "A");
  EXPECT_EQ(get(tohost), 0u);
  EXPECT_EQ(get(fromhost), 0x0101000000000141u);
}

TEST_F(HtifTest, WriteGoesToTheConsole) {
  std::memcpy(ram_.storage().data() + 0x300, "text", 4);
  EXPECT_FALSE(call(64, 1, base + 0x300, 4));
  EXPECT_EQ(output_.output(), "text");
  EXPECT_EQ(get(base + 0x200), 4u);
  EXPECT_EQ(get(tohost), 0u);
  EXPECT_EQ(get(fromhost), 1u);
}

TEST_F(HtifTest, ExitEndsWithItsArgument) { EXPECT_EQ(call(93, 7, 0, 0), 7u); }

TEST_F(HtifTest, NonsenseDoesNoHarm) {
  EXPECT_FALSE(call(64, 1, base + 0xff0, 0x100));
  EXPECT_FALSE(call(64, 1, 0, ~0ull));
  EXPECT_EQ(get(base + 0x200), 0u);
  EXPECT_FALSE(call(1234, 0, 0, 0));
  EXPECT_EQ(get(base + 0x200), 0xffffffffffffffdau);  // -38, ENOSYS
  EXPECT_FALSE(store(0x1000));
  EXPECT_FALSE(store(base + 4090));
  EXPECT_EQ(output_.output(), "");
}

}  // namespace
}  // namespace memio
