// A virtio disk behind its registers: offsets, bits and figures of "VIRTIO Version 1.2", sections 4.2
// and 5.2.
#include "models/virtio/virtio_bench.h"

namespace memio::test {
namespace {

class VirtioBlockTest : public ::testing::Test {
 protected:
  VirtioBlockTest() {
    for (DiskSlot* slot : {&w.modern, &w.legacy, &w.locked, &w.four_phase}) {
      slot->disk->fails = false;
      for (std::size_t i = 0; i < slot->disk->bytes.size(); ++i)
        slot->disk->bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 512);
    }
  }
  std::uint32_t read_empty(TestInitiator& cpu, std::uint64_t offset) {
    std::uint32_t value = 0xDEAD;
    EXPECT_EQ(cpu.read(offset, &value, 4), tlm::TLM_OK_RESPONSE);
    return value;
  }
  bool same(Driver& driver, DiskSlot& slot, std::uint64_t sector, std::size_t size) {
    return std::memcmp(driver.at(Driver::data), &slot.disk->bytes[sector * 512], size) == 0;
  }

  VirtioWorld& w = VirtioWorld::get();
  Driver d{w.modern, w.ram};
};

TEST_F(VirtioBlockTest, EmptySlotsAnswerMagicVersionVendorAndDeviceZero) {
  for (auto [cpu, version] : {std::pair(&w.empty_cpu, 2u), std::pair(&w.empty_legacy_cpu, 1u)}) {
    const std::uint32_t expected[] = {0x74726976, version, 0, 0x554D4551, 0, 0};
    for (unsigned i = 0; i < 6; ++i) EXPECT_EQ(read_empty(*cpu, 4 * i), expected[i]) << i;
    const std::uint32_t value = 1;
    EXPECT_EQ(cpu->write(0x70, &value, 4), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(read_empty(*cpu, 0x70), 0u);
    EXPECT_EQ(read_empty(*cpu, 0x100), 0u);
  }
}

TEST_F(VirtioBlockTest, RegistersAndFeatures) {
  d.start();
  EXPECT_EQ(d.get(0x08), 2u) << "a block device";
  EXPECT_EQ(d.get(0x34), 1024u);
  d.put(0x14, 0);
  EXPECT_EQ(d.get(0x10), 0x30006244u) << "SEG_MAX BLK_SIZE FLUSH DISCARD WRITE_ZEROES INDIRECT EVENT_IDX";
  d.put(0x14, 1);
  EXPECT_EQ(d.get(0x10), 1u) << "VERSION_1";
  d.put(0x14, 2);
  EXPECT_EQ(d.get(0x10), 0u);
  EXPECT_EQ(d.get(0x100), disk_sectors);
  EXPECT_EQ(d.get(0x104), 0u);
  EXPECT_EQ(d.get(0x10C), 254u);
  EXPECT_EQ(d.get(0x114), 512u);
  EXPECT_EQ(d.get(0xFC), 0u);
  EXPECT_EQ(d.get(0xB0), 0xFFFFFFFFu) << "no shared memory";
  EXPECT_EQ(d.get(0x44), 1u);
  d.put(0x30, 1);
  EXPECT_EQ(d.get(0x34), 0u) << "no second queue";
  EXPECT_EQ(d.get(0x44), 0u);
  d.put(0x44, 1);
  EXPECT_EQ(d.get(0x44), 0u);

  Driver legacy{w.legacy, w.ram};
  EXPECT_EQ(legacy.get(0x04), 1u);
  legacy.put(0x14, 0);
  EXPECT_EQ(legacy.get(0x10), 0x38006244u) << "and ANY_LAYOUT";
  legacy.put(0x14, 1);
  EXPECT_EQ(legacy.get(0x10), 0u);
  Driver locked{w.locked, w.ram};
  locked.put(0x14, 0);
  EXPECT_EQ(locked.get(0x10), 0x30000264u) << "SEG_MAX RO BLK_SIZE FLUSH INDIRECT EVENT_IDX";
}

TEST_F(VirtioBlockTest, RefusesFeaturesThatItDoesNotOffer) {
  d.put(0x70, 0);
  d.put(0x70, 3);
  d.put(0x24, 1);
  d.put(0x20, 1);
  d.put(0x24, 0);
  d.put(0x20, 1);  // SIZE_MAX
  d.put(0x70, 0xB);
  EXPECT_EQ(d.get(0x70), 3u);
  d.put(0x20, 0);
  d.put(0x70, 0xB);
  EXPECT_EQ(d.get(0x70), 0xBu);
  d.put(0x20, 1);  // too late
  d.put(0x70, 0xF);
  EXPECT_EQ(d.get(0x70), 0xFu);
  d.put(0x70, 0);
  d.put(0x70, 3);
  d.put(0x70, 0xB);
  EXPECT_EQ(d.get(0x70), 3u) << "without VERSION_1";
}

TEST_F(VirtioBlockTest, ReadsAtItsTime) {
  // Rings: 4 + 4; three descriptors of 16 bytes: 3 * 5; header: 5; disk: 1100; 8 bursts of 64 bytes: 8 * 11;
  // status 4; used entry, which lies at 4 modulo 8: 2 * 4; used index 4; flags 4.
  d.start();
  d.store(Driver::header + 8, 5, 8);
  d.offer({{Driver::header, 16, false}, {Driver::data, 512, true}, {Driver::status, 1, true}});
  d.notify();
  EXPECT_EQ(d.wait(1), 1236u);
  EXPECT_EQ(d.back(0), std::pair(0u, 513u));
  EXPECT_TRUE(same(d, w.modern, 5, 512));
  EXPECT_EQ(d.get(0x60), 1u);
  d.put(0x64, 1);
  EXPECT_EQ(d.get(0x60), 0u);
  VirtioWorld::pass(1);
  EXPECT_FALSE(w.modern.irq.read());
}

TEST_F(VirtioBlockTest, FourPhasesTakeTheSameTimeUncontended) {
  Driver at{w.four_phase, w.at_ram};
  at.start();
  at.store(Driver::header + 8, 5, 8);
  at.offer({{Driver::header, 16, false}, {Driver::data, 512, true}, {Driver::status, 1, true}});
  at.notify();
  EXPECT_EQ(at.wait(1), 1236u);
  EXPECT_TRUE(same(at, w.four_phase, 5, 512));
}

TEST_F(VirtioBlockTest, WritesFlushesClearsAndNamesItself) {
  d.start();
  for (unsigned i = 0; i < 4096; ++i) *d.at(Driver::data + i) = static_cast<std::uint8_t>(i * 3);
  EXPECT_EQ(d.request(1, 56, 4096, 0), 0u) << "the last eight sectors";
  EXPECT_TRUE(same(d, w.modern, 56, 4096));
  EXPECT_EQ(d.back(0).second, 1u);
  EXPECT_EQ(d.request(4, 0, 0, 0), 0u);
  EXPECT_EQ(w.modern.disk->flushes, 1u);
  d.store(Driver::data, 57, 8);
  d.store(Driver::data + 8, 2, 8);
  EXPECT_EQ(d.request(11, 0, 16, 0), 0u);
  for (unsigned i = 0; i < 1024; ++i) ASSERT_EQ(w.modern.disk->bytes[57 * 512 + i], 0u);
  EXPECT_EQ(w.modern.disk->bytes[59 * 512], static_cast<std::uint8_t>(1536 * 3));
  d.store(Driver::data, 60, 8);
  d.store(Driver::data + 8, 1 | 1ull << 32, 8);
  EXPECT_EQ(d.request(13, 0, 16, 0), 0u) << "zeroes, may unmap";
  EXPECT_EQ(w.modern.disk->bytes[60 * 512 + 511], 0u);
  EXPECT_EQ(d.request(11, 0, 16, 0), 2u) << "a discard has no flags";
  EXPECT_EQ(d.request(8, 0, 0, 20), 0u);
  EXPECT_STREQ(reinterpret_cast<char*>(d.at(Driver::data)), "test disk");
  EXPECT_EQ(d.request(99, 0, 0, 0), 2u) << "unknown";
  EXPECT_FALSE(d.needs_reset());
}

TEST_F(VirtioBlockTest, AnswersWithIoErrors) {
  d.start();
  const std::uint64_t before = stat(w.modern.device, "block.errors");
  EXPECT_EQ(d.request(0, 64, 0, 512), 1u) << "behind the end";
  EXPECT_EQ(d.back(0).second, 0u);
  EXPECT_EQ(d.request(0, 63, 0, 1024), 1u);
  EXPECT_EQ(d.request(1, ~0ull, 512, 0), 1u);
  EXPECT_EQ(d.request(0, 0, 0, 100), 1u) << "no whole sectors";
  w.modern.disk->fails = true;
  EXPECT_EQ(d.request(0, 0, 0, 512), 1u);
  EXPECT_EQ(d.request(1, 0, 512, 0), 1u);
  EXPECT_EQ(d.request(4, 0, 0, 0), 1u);
  w.modern.disk->fails = false;
  d.store(Driver::data, 63, 8);
  d.store(Driver::data + 8, 2, 8);
  EXPECT_EQ(d.request(13, 0, 16, 0), 1u);
  EXPECT_EQ(d.request(0, 63, 0, 512), 0u);
  EXPECT_FALSE(d.needs_reset());
  EXPECT_EQ(stat(w.modern.device, "block.errors") - before, 8u);

  Driver locked{w.locked, w.ram};
  locked.start();
  EXPECT_EQ(locked.request(1, 0, 512, 0), 1u);
  locked.store(Driver::data, 0, 8);
  locked.store(Driver::data + 8, 1, 8);
  EXPECT_EQ(locked.request(11, 0, 16, 0), 1u);
  EXPECT_EQ(locked.request(0, 0, 0, 512), 0u);
}

TEST_F(VirtioBlockTest, LegacyInterface) {
  Driver legacy{w.legacy, w.ram};
  legacy.start_legacy();
  EXPECT_EQ(legacy.get(0x40), 0x80001u);
  EXPECT_EQ(legacy.request(0, 7, 0, 1024), 0u);
  EXPECT_TRUE(same(legacy, w.legacy, 7, 1024));
  EXPECT_EQ(legacy.request(1, 9, 512, 0), 0u);
  EXPECT_TRUE(same(legacy, w.legacy, 9, 512));
  legacy.put(0x40, 0);
  EXPECT_EQ(legacy.get(0x40), 0u);
  legacy.notify();
  VirtioWorld::pass(5000);
  EXPECT_EQ(legacy.returned(), 2u);
}

TEST_F(VirtioBlockTest, LegacyRingIsAlignedToAPageUnlessSaidOtherwise) {
  Driver legacy{w.legacy, w.ram};
  legacy.start_legacy(8, false);
  EXPECT_EQ(legacy.request(0, 7, 0, 1024), 0u);
  EXPECT_EQ(legacy.returned(), 1u);
  EXPECT_TRUE(same(legacy, w.legacy, 7, 1024));
}

TEST_F(VirtioBlockTest, ConfigurationTakesAnyAlignedSizeAndNoWrites) {
  d.start();
  std::uint64_t wide = 0;
  w.modern.cpu.delay = sc_core::SC_ZERO_TIME;
  EXPECT_EQ(w.modern.cpu.read(0x100, &wide, 8), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(wide, disk_sectors);
  std::uint8_t byte = 0xFF;
  EXPECT_EQ(w.modern.cpu.write(0x100, &byte, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(w.modern.cpu.read(0x100, &byte, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(byte, disk_sectors);
  std::uint16_t half = 0;
  EXPECT_EQ(w.modern.cpu.read(0x114, &half, 2), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(half, 512u);
}

}  // namespace
}  // namespace memio::test
