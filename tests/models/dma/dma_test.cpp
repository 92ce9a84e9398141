// What a descriptor can do, and what each transfer costs. Times worked out by hand: reading a descriptor is
// 1 + 3 + 7 = 11 and 4 of set-up, a burst of 64 bytes 1 + 11 + 11 = 23, writing a status 1 + 3 = 4.
#include "models/dma/dma_bench.h"

namespace memio::test {
namespace {

constexpr std::uint64_t from = ram_base + 0x10000, to = ram_base + 0x20000;

TEST_F(DmaTest, CopiesAndTellsSo) {
  b.fill(from, 256, 1);
  b.run(b.copy(from, to, 256));
  EXPECT_TRUE(b.same(from, to, 256));
  EXPECT_EQ(b.memory(to)[256], 0);
  EXPECT_EQ(b.state(), 4u);
  EXPECT_EQ(b.read(b.at(0, 0x20), 8), 256u) << "BYTES";
  EXPECT_EQ(b.read(b.at(0, 0x28)), 1u) << "COMPLETED";
  EXPECT_EQ(b.get(ram_base).status, 1u);
  EXPECT_EQ(b.get(ram_base).bytes_done, 256u);
}

TEST_F(DmaTest, TakesItsTimeByFormula) {
  EXPECT_EQ(b.run(b.copy(from, to, 64)), 11u + 4 + 23 + 4);
  EXPECT_EQ(b.run(b.copy(from, to, 256)), 11u + 4 + 4 * 23 + 4);
  EXPECT_EQ(b.run(b.copy(from, to, 0x10000)), 11u + 4 + 1024 * 23 + 4);
  EXPECT_EQ(b.run(b.copy(from, to, 8)), 11u + 4 + (1 + 4 + 4) + 4);
  // 13 bytes are transactions of 8, 4 and 1.
  EXPECT_EQ(b.run(b.copy(from, to, 13)), 11u + 4 + (1 + 3 * 4 + 3 * 4) + 4);
  // 100 bytes: a burst of 64, then one of 32 (four beats) and 4.
  EXPECT_EQ(b.run(b.copy(from, to, 100)), 11u + 4 + 23 + (1 + (7 + 4) + (7 + 4)) + 4);
}

TEST_F(DmaTest, EveryByteOnTheBusHasAName) {
  const std::uint64_t before = b.bus_bytes();
  const auto all = [this] {
    std::uint64_t sum = 0;
    for (const char* name : {"bytes_read", "bytes_written", "descriptor_bytes", "status_bytes"})
      sum += b.stat(b.dma, std::string("channel0.") + name);
    return sum;
  };
  const std::uint64_t counted = all();
  b.run(b.copy(from, to, 1000));
  EXPECT_EQ(b.bus_bytes() - before, 2 * 1000u + 64 + 8);
  EXPECT_EQ(all() - counted, 2 * 1000u + 64 + 8);
}

TEST_F(DmaTest, ChainsGatherAndScatter) {
  b.fill(from, 0x3000, 2);
  auto first = b.copy(from, to + 100, 100), second = b.copy(from + 0x1000, to, 100),
       third = b.copy(from + 0x2000, to + 200, 50);
  first.control = second.control = 0;
  first.next = ram_base + 0x8000;
  second.next = ram_base + 0x40;
  b.put(ram_base + 0x8000, second);
  b.put(ram_base + 0x40, third);
  b.run(first);
  EXPECT_TRUE(b.same(from + 0x1000, to, 100));
  EXPECT_TRUE(b.same(from, to + 100, 100));
  EXPECT_TRUE(b.same(from + 0x2000, to + 200, 50));
  EXPECT_EQ(b.read(b.at(0, 0x28)), 3u);
  EXPECT_EQ(b.read(b.at(0, 0x20), 8), 250u);
  EXPECT_EQ(b.read(b.at(0, 0x18), 8), ram_base + 0x40) << "CURRENT";
  for (const std::uint64_t address : {ram_base, ram_base + 0x8000, ram_base + 0x40})
    EXPECT_EQ(b.get(address).status, 1u);
}

TEST_F(DmaTest, RowsGoByTheirStrides) {
  b.fill(from, 0x1000, 3);
  auto rows = b.copy(from, to + 0x300, 24);
  rows.rows = 4;
  rows.source_stride = 100;
  rows.destination_stride = -0x100;
  b.run(rows);
  for (unsigned row = 0; row < 4; ++row)
    EXPECT_TRUE(b.same(from + 100 * row, to + 0x300 - 0x100 * row, 24)) << row;
  EXPECT_EQ(b.memory(to + 0x318)[0], 0);
  EXPECT_EQ(b.get(ram_base).bytes_done, 96u);
}

TEST_F(DmaTest, FixedAddressesMoveElementByElement) {
  b.fill(from, 16, 4);
  auto out = b.copy(from, word_base + 0x20, 16);
  out.control |= 2 | 2 << 4;  // 4 bytes; the destination stays
  b.run(out);
  ASSERT_EQ(b.words.output.size(), 4u);
  EXPECT_EQ(std::memcmp(b.words.output.data(), b.memory(from), 16), 0);
  for (const auto address : b.words.addresses) EXPECT_EQ(address, 0x20u);

  b.words.input = {1, 2, 3};
  auto in = b.copy(word_base, to, 12);
  in.control |= 2 | 2 << 2;
  b.run(in);
  const std::uint32_t expected[] = {1, 2, 3};
  EXPECT_EQ(std::memcmp(expected, b.memory(to), 12), 0);
}

TEST_F(DmaTest, RegistersSideBySideAreWrittenOneByOne) {
  auto out = b.copy(from, word_base + 0x10, 12);
  out.control |= 2 | 1 << 4;
  b.run(out);
  EXPECT_EQ(b.words.addresses, (std::vector<std::uint64_t>{0x10, 0x14, 0x18}));
}

TEST_F(DmaTest, ReachesPortSpace) {
  b.fill(from, 8, 5);
  auto out = b.copy(from, word_port + 4, 8);
  out.control |= 2 | 1 << 7;
  b.run(out);
  EXPECT_EQ(b.state(), 4u);
  EXPECT_EQ(b.port_words.addresses, (std::vector<std::uint64_t>{4, 8}));
  EXPECT_EQ(std::memcmp(b.port_words.output.data(), b.memory(from), 8), 0);
}

TEST_F(DmaTest, InterruptsWhenToldTo) {
  auto first = b.copy(from, to, 64);
  first.control = 1 << 8;
  first.next = ram_base + 0x40;
  b.put(ram_base + 0x40, b.copy(from, to, 64));
  b.run(first);
  EXPECT_EQ(b.read(b.at(0, 0x08)), 3u) << "a descriptor and the chain ended well";
  EXPECT_FALSE(b.irq.read());
  EXPECT_EQ(b.read(0x04), 0u);
  b.write(b.at(0, 0x0C), 2);
  b.pass(1);
  EXPECT_TRUE(b.irq.read());
  EXPECT_EQ(b.read(0x04), 1u);
  b.write(b.at(0, 0x08), 2);
  b.pass(1);
  EXPECT_FALSE(b.irq.read());
  EXPECT_EQ(b.read(b.at(0, 0x08)), 1u);
}

TEST_F(DmaTest, TellsTheMemorysListeners) {
  struct Ear : WriteListener {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> heard;
    void written(std::uint64_t first, std::uint64_t size) override { heard.emplace_back(first, size); }
  };
  static auto* const ear = new Ear;  // listeners stay for good
  b.ram.add_write_listener(ear);
  ear->heard.clear();
  b.run(b.copy(from, to, 72));
  EXPECT_EQ(ear->heard,
            (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0x20000, 64}, {0x20040, 8}, {0x30, 8}}));
}

}  // namespace
}  // namespace memio::test
