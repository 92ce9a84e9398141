// Four channels with random chains, right and wrong ones, against a plain model of what they must do. Every
// channel has its own part of memory, so the order of their bursts does not matter. Nothing is lost, nothing
// is moved twice, every descriptor has its status, and the bytes on the bus are those that the channels
// count. Once more behind an IOMMU whose tables lack pages, and forbid to write others.
#include <cstring>
#include <random>

#include "models/dma/dma_bench.h"

namespace memio::test {
namespace {

constexpr unsigned channels = 4, rounds = 60, longest = 6;
constexpr std::uint64_t area = 0x20000;  // bytes of a channel, the descriptors at their start

/// What a channel must have done when it ends.
struct Expected {
  unsigned state = 4, error = 0, completed = 0;
  std::uint64_t bytes = 0;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> statuses;  ///< by address of the descriptor
};

class DmaStress : public DmaTest {
 protected:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  dma::Descriptor random_descriptor(unsigned channel) {
    const unsigned width = below(4), unit = 1U << width;
    const auto place = [&] {
      const std::uint64_t offset = 0x4000 + below(0x18000) / unit * unit;
      return ram_base + area * channel + offset;
    };
    dma::Descriptor d = b.copy(place(), place(), (1 + below(300)) * unit);
    d.control = width | below(3) << 2 | below(3) << 4 | below(2) << 8;
    d.rows = below(3);
    d.source_stride = (static_cast<int>(below(400)) - 200) * static_cast<int>(unit);
    d.destination_stride = (static_cast<int>(below(400)) - 200) * static_cast<int>(unit);
    switch (below(24)) {
      case 0:
        d.length = 0;
        break;
      case 1:
        d.source = nobody;
        break;
      case 2:
        d.destination = failing_base;
        break;
      case 3:
        d.destination = dma_base + 8 * below(0x100);
        break;
      case 4:
        d.control |= 1U << (24 + below(8));
        break;
      case 5:
        d.source += 1;
        break;
      default:
        break;
    }
    return d;
  }

  // A chain at the start of the channel's area; sometimes it loops or leads nowhere.
  void make_chain(unsigned channel) {
    const std::uint64_t base = ram_base + area * channel;
    const unsigned count = 1 + below(longest);
    for (unsigned i = 0; i < count; ++i) {
      dma::Descriptor d = random_descriptor(channel);
      d.next = base + 0x40 * (i + 1);
      if (i + 1 == count) {
        const unsigned end = below(16);
        if (end == 0)
          d.next = base;
        else if (end == 1)
          d.next = base + 0x20;
        else if (end == 2)
          d.next = nobody;
        else
          d.control |= dma::flag_last;
      }
      b.put(base + 0x40 * i, d);
    }
  }

  std::uint8_t* shadow(std::uint64_t address) { return &shadow_[address - ram_base]; }
  bool in_ram(std::uint64_t address, std::uint64_t size) const {
    return address >= ram_base && address + size <= ram_base + 0x100000;
  }

  // Sv39 tables that map memory to itself, but for what chance leaves out; descriptors are always mapped.
  void make_tables() {
    const auto put = [&](std::uint64_t table, unsigned index, std::uint64_t to, std::uint64_t flags) {
      const std::uint64_t entry = to >> 12 << 10 | flags;
      std::memcpy(b.memory(table) + 8 * index, &entry, 8);
    };
    put(tables, 2, tables + 0x1000, 0x01);
    put(tables + 0x1000, 0, tables + 0x2000, 0x01);
    for (unsigned i = 0; i < pages; ++i) {
      const unsigned chance = i % (area >> 12) == 0 ? 9 : below(10);
      pages_[i] = chance == 0 ? Page::absent : chance == 1 ? Page::read_only : Page::whole;
      put(tables + 0x2000, i, ram_base + 0x1000 * i,
          pages_[i] == Page::absent      ? 0
          : pages_[i] == Page::read_only ? 0xD3
                                         : 0xD7);
    }
    b.write_iommu(0x18, 1);
    translated_ = true;
  }

  bool granted(std::uint64_t address, std::uint64_t size, bool write) const {
    for (std::uint64_t page = address >> 12; page <= (address + size - 1) >> 12; ++page) {
      const std::uint64_t number = page - (ram_base >> 12);
      if (number >= pages || pages_[number] == Page::absent) return false;
      if (write && pages_[number] == Page::read_only) return false;
    }
    return true;
  }

  // Code of the error with which a transaction ends.
  unsigned refused(std::uint64_t address, std::uint64_t size, bool write) const {
    if (address >= dma_base && address < dma_base + 0x1000) return 7;
    if (translated_) return granted(address, size, write) ? 0 : 13;
    return in_ram(address, 1) ? 0 : write ? 11 : 8;
  }

  // One side of a burst, a transaction at a time: elements, or as many words as there are and then less.
  unsigned move_side(unsigned mode, std::uint64_t unit, std::uint64_t first, std::uint8_t* data,
                     std::uint64_t size, bool write) {
    for (std::uint64_t done = 0, part = 0; done < size; done += part) {
      const std::uint64_t left = size - done;
      part = mode != 0 ? unit : left >= 8 ? left / 8 * 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
      const std::uint64_t address = mode == 2 ? first : first + done;
      if (const unsigned error = refused(address, part, write)) return error;
      if (write)
        std::memcpy(shadow(address), data + done, part);
      else
        std::memcpy(data + done, shadow(address), part);
    }
    return 0;
  }

  // The data sheet, read plainly: a burst at a time, on the shadow of memory.
  unsigned run_descriptor(const dma::Descriptor& d, std::uint64_t& moved) {
    const std::uint64_t unit = std::uint64_t{1} << (d.control & 3);
    const unsigned in = d.control >> 2 & 3, out = d.control >> 4 & 3;
    if (d.control & 0xFF00F000 || in == 3 || out == 3) return 3;
    if (d.length == 0) return 5;
    for (const std::uint64_t value : {d.source, d.destination, std::uint64_t{d.length},
                                      static_cast<std::uint64_t>(std::int64_t{d.source_stride}),
                                      static_cast<std::uint64_t>(std::int64_t{d.destination_stride})})
      if (value % unit != 0) return 6;
    for (unsigned row = 0; row < (d.rows ? d.rows : 1); ++row)
      for (std::uint64_t column = 0; column < d.length; column += 64) {
        const std::uint64_t size = std::min<std::uint64_t>(64, d.length - column);
        const auto address = [&](unsigned mode, std::uint64_t base, std::int32_t stride) {
          return mode == 2 ? base : base + static_cast<std::uint64_t>(std::int64_t{stride} * row) + column;
        };
        const std::uint64_t source = address(in, d.source, d.source_stride),
                            destination = address(out, d.destination, d.destination_stride);
        std::uint8_t data[64];
        if (const unsigned error = move_side(in, unit, source, data, size, false)) return error;
        if (const unsigned error = move_side(out, unit, destination, data, size, true)) return error;
        moved += size;
      }
    return 0;
  }

  Expected run_chain(unsigned channel) {
    Expected e;
    std::uint64_t at = ram_base + area * channel;
    for (unsigned read = 0;; ++read) {
      if (read == 100)
        e.error = 4;
      else if (at % 64)
        e.error = 1;
      else if (!in_ram(at, 64))
        e.error = translated_ ? 13 : 2;
      if (e.error) break;
      dma::Descriptor d;
      std::memcpy(&d, shadow(at), sizeof d);
      std::uint64_t moved = 0;
      e.error = run_descriptor(d, moved);
      e.bytes += moved;
      const std::uint32_t words[2] = {e.error ? 2 | e.error << 8 : 1, static_cast<std::uint32_t>(moved)};
      std::memcpy(shadow(at) + 0x30, words, 8);
      if (e.error) break;
      ++e.completed;
      if (d.control & dma::flag_last) return e;
      at = d.next;
    }
    e.state = 6;
    return e;
  }

  std::uint64_t counted() {
    std::uint64_t sum = 0;
    for (unsigned channel = 0; channel < channels; ++channel)
      for (const char* name : {"bytes_read", "bytes_written", "descriptor_bytes", "status_bytes"})
        sum += b.stat(b.dma, "channel" + std::to_string(channel) + "." + name);
    return sum;
  }

  void run_rounds(bool behind_iommu);

  enum class Page : std::uint8_t { absent, read_only, whole };
  static constexpr std::uint64_t tables = ram_base + 0x80000;
  static constexpr unsigned pages = 4 * area >> 12;

  std::mt19937 random_{12345};
  std::vector<std::uint8_t> shadow_;
  bool translated_ = false;
  Page pages_[pages] = {};
};

void DmaStress::run_rounds(bool behind_iommu) {
  b.fill(ram_base, 0x80000, 77);
  unsigned failed = 0, done = 0, faults = 0;
  const Route& failing = *b.bus.route(Space::memory, "dma0", "failing");
  const Route& walks = *b.bus.route(Space::memory, "iommu0", "ram");
  const std::uint64_t faulted = b.stat(b.iommu, "faults");
  if (behind_iommu) {
    b.write_iommu(0x04, 1);
    b.write_iommu(0x100, 3);
    b.write_iommu(0x108, tables >> 12, 8);
  }
  for (unsigned round = 0; round < rounds; ++round) {
    if (behind_iommu) make_tables();
    for (unsigned channel = 0; channel < channels; ++channel) make_chain(channel);
    shadow_.assign(b.ram.storage().data(), b.ram.storage().data() + b.ram.storage().size());
    Expected expected[channels];
    for (unsigned channel = 0; channel < channels; ++channel) expected[channel] = run_chain(channel);
    for (unsigned channel = 0; channel < channels; ++channel) {
      b.start(channel, ram_base + area * channel, below(3));
      b.pass(below(200));
    }
    b.finish();
    for (unsigned channel = 0; channel < channels; ++channel) {
      const Expected& e = expected[channel];
      SCOPED_TRACE("round " + std::to_string(round) + " channel " + std::to_string(channel));
      ASSERT_EQ(b.state(channel), e.state);
      ASSERT_EQ(b.error(channel), e.error);
      ASSERT_EQ(b.read(b.at(channel, 0x28)), e.completed);
      ASSERT_EQ(b.read(b.at(channel, 0x20), 8), e.bytes);
      ++(e.error ? failed : done);
      faults += e.error == 13;
    }
    ASSERT_EQ(std::memcmp(shadow_.data(), b.ram.storage().data(), shadow_.size()), 0) << "round " << round;
    ASSERT_EQ(b.bus_bytes(), counted() + failing.bytes_written());
  }
  EXPECT_GT(failed, 50u);
  EXPECT_GT(done, 40u);
  EXPECT_EQ(b.stat(b.iommu, "faults") - faulted, faults);
  if (!behind_iommu) return;
  EXPECT_GT(faults, 50u);
  EXPECT_EQ(b.stat(b.iommu, "tlb.hits") + b.stat(b.iommu, "tlb.misses"), b.stat(b.iommu, "tlb.lookups"));
  EXPECT_EQ(b.stat(b.iommu, "walker.reads"), walks.reads(AccessKind::walk));
}

TEST_F(DmaStress, NothingIsLostOrDoubled) { run_rounds(false); }

TEST_F(DmaStress, NothingIsLostOrDoubledBehindAnIommuThatRefusesSome) { run_rounds(true); }

}  // namespace
}  // namespace memio::test
