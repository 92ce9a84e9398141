// The fast engine against the reference engine: random programs, every number equal.
//
// A program is a few thousand random instructions in some pages of code: arithmetic, loads and stores
// (aligned, misaligned, page crossing, to a device, to nowhere, into code), branches and jumps into
// the code, counters read, atomics, traps, privilege changes, paging on and off, fences, page-table
// writes. Whatever it does, both engines must do it alike, with host caches dropped at random too.
#include <gtest/gtest.h>

#include <random>

#include "unit/riscv/assembler.h"
#include "unit/riscv/fake_port.h"
#include "unit/riscv/figures.h"
#include "unit/riscv/random_config.h"

namespace memio::test {
namespace {

using riscv::Engine;
using riscv::HartConfig;

constexpr std::uint64_t code_base = ram_base, code_bytes = 3 * 4096, data_base = ram_base + 0x10000,
                        handler = ram_base + 0x8000, table_base = ram_base + 0x20000;

class ProgramGenerator {
 public:
  ProgramGenerator(unsigned seed, unsigned xlen, const riscv::Isa& isa)
      : random_(seed), xlen_(xlen), isa_(isa) {}

  void emit(FakePort& port) {
    for (std::uint64_t at = 0; at < code_bytes; at += 4) port.put32(code_base + at, instruction());
    // Every trap, interrupts too, goes on at a random word of the code in a random mode, with fresh
    // pointers, and takes the interrupt line down; so no program stays in a loop or in one mode.
    std::uint64_t at = handler;
    const auto put = [&](Word word) {
      port.put32(at, word);
      at += 4;
    };
    const auto constant = [&](Word rd, Word imm20) {  // zero-extended on RV64 as well
      put(lui(rd, imm20));
      if (xlen_ == 64) {
        put(i_type(32, rd, 1, rd, 0x13));
        put(i_type(32, rd, 5, rd, 0x13));
      }
    };
    constant(12, 0x10000);
    put(sw(0, 12, 0x7f0));
    put(lui(29, 0x41c65));
    put(addi(29, 29, -0x193));
    put(mul_(28, 28, 29));
    put(addi(28, 28, 0x3b));  // x28: a linear congruential sequence
    constant(30, 0x3);
    put(addi(30, 30, -4));
    put(i_type(12, 28, 5, 29, 0x13));
    put(r_type(0, 30, 29, 7, 29, 0x33));  // a word offset into the code
    constant(30, 0x80000);
    put(add(29, 29, 30));
    put(csrrw(0, 0x341, 29));  // mepc
    constant(29, 0xc8);
    put(addi(29, 29, -0x780));
    put(i_type(7, 28, 5, 30, 0x13));
    put(r_type(0, 29, 30, 7, 30, 0x33));  // random SUM, MXR, MPP, FS and MPIE
    put(csrrw(0, 0x300, 30));
    if (isa_.sstc) {
      put(csrrs(29, 0xc01, 0));
      put(addi(29, 29, 11));
      put(csrrw(0, 0x14d, 29));  // stimecmp
    }
    constant(10, 0x80010);
    constant(11, 0x80000 + pick(0x12));
    put(mret);
    for (int i = 0; i < 512; ++i) port.put64(table_base + 8 * i, 0);
    if (xlen_ == 64) {
      // Sv39: 0x80000000.. by a 4 KiB-paged gigabyte entry with assorted permissions.
      port.put64(table_base + 8 * 2, (table_base + 0x1000) >> 12 << 10 | 1);
      port.put64(table_base + 0x1000, (table_base + 0x2000) >> 12 << 10 | 1);
      port.put64(table_base + 8 * 0, 0x00000000ull >> 12 << 10 | 0xc7);  // device gigabyte: D A R W V
      for (std::uint64_t i = 0; i < 512; ++i) {
        const bool strange = i >= 0x11 && pick(3) == 0;
        const std::uint64_t flags = strange ? pick(256) : (i < 16 ? 0xcf : 0xc7) | (pick(2) ? 0x20u : 0u);
        const std::uint64_t type = isa_.svpbmt && i >= 0x10 && pick(4) == 0 ? 1 + pick(2) : 0;
        std::uint64_t page = (place(port, i) + 0x1000 * i) >> 12, napot = 0;
        if (isa_.svnapot && i >= 0x10 && pick(4) == 0) {  // some are not of the size that there is
          napot = 1;
          if (pick(4)) page = (page & ~15ull) | 8;
        }
        port.put64(table_base + 0x2000 + 8 * i, napot << 63 | type << 61 | page << 10 | flags);
      }
    } else {
      for (std::uint64_t i = 0; i < 1024; ++i) {
        const bool strange = i >= 0x11 && pick(3) == 0;
        const std::uint64_t flags = strange ? pick(256) : (i < 16 ? 0xcf : 0xc7) | (pick(2) ? 0x20u : 0u);
        port.put32(table_base + 0x1000 + 4 * i,
                   static_cast<Word>((place(port, i) + 0x1000 * i) >> 12 << 10 | flags));
        port.put32(table_base + 4 * i, 0);
      }
      port.put32(table_base + 4 * 0x200, static_cast<Word>((table_base + 0x1000) >> 12 << 10 | 1));
      port.put32(table_base + 4 * 0x40, static_cast<Word>(0x10000000 >> 12 << 10 | 0xc7));
    }
  }

 private:
  /// Where page `i` of RAM is mapped: some pages, code among them, through the alias.
  static std::uint64_t place(const FakePort& port, std::uint64_t i) {
    return port.alias && i % 3 == 1 ? port.alias : ram_base;
  }
  Word pick(Word below) { return static_cast<Word>(random_() % below); }
  Word reg() { return 1 + pick(9); }  // x1..x9 hold data
  Word pointer() { return pick(8) == 0 ? 12 : 10 + pick(2); }
  std::int32_t offset() {
    return static_cast<std::int32_t>(pick(4) ? pick(256) * 8 : pick(4096)) - (pick(2) ? 0 : 2048);
  }

  /// Any instruction of F, D and Zfh, now and then a reserved encoding or rounding mode; fcsr.
  Word floating() {
    const auto f = [this] { return pick(8); };
    const Word format = pick(3), rm = pick(8);
    switch (pick(10)) {
      case 0:
      case 1:
        return i_type(offset() & 0xfff, pointer(), 1 + pick(3), f(), 0x07);
      case 2:
      case 3:
        return s_type(offset(), f(), pointer(), 1 + pick(3), 0x27);
      case 4:
        return r_type(f() << 2 | format, f(), f(), rm, f(), 0x43 | pick(4) << 2);
      case 5:
        return csrrw(pick(2) ? reg() : 0, 1 + pick(3), pick(2) ? reg() : 0);
      case 6:  // to x
        return r_type((pick(2) ? 0x1cu : 0x14u) << 2 | format, pick(2) ? f() : 0, f(), pick(3), reg(), 0x53);
      case 7:
        return r_type((pick(2) ? 0x18u : 0x08u) << 2 | format, pick(4), f(), rm, reg(), 0x53);
      case 8:  // from x
        return r_type((pick(3) ? 0x1au : 0x1eu) << 2 | format, pick(4) * pick(2), reg(),
                      rm & (pick(2) ? 7 : 0), f(), 0x53);
      default: {
        constexpr Word kinds[] = {0, 1, 2, 3, 4, 5, 11};
        const Word kind = kinds[pick(7)];
        return r_type(kind << 2 | format, kind == 11 ? 0 : f(), f(),
                      kind == 4   ? pick(3)
                      : kind == 5 ? pick(2)
                                  : rm,
                      f(), 0x53);
      }
    }
  }

  Word instruction() {
    if (isa_.f && pick(4) == 0) return floating();
    const Word kind = pick(100);
    if (kind < 24) return r_type(pick(3) == 0 ? 1 : 0, reg(), reg(), pick(8), reg(), 0x33);
    if (kind < 30) return bit_manipulation();
    if (kind < 45) return addi(reg(), reg(), static_cast<std::int32_t>(pick(4096)) - 2048);
    if (kind < 62) return i_type(offset() & 0xfff, pointer(), pick(xlen_ == 64 ? 7 : 3), reg(), 0x03);
    if (kind < 76) return s_type(offset(), reg(), pointer(), pick(xlen_ == 64 ? 4 : 3));
    if (kind < 86) {
      constexpr Word conditions[] = {0, 1, 4, 5, 6, 7};
      return b_type((static_cast<std::int32_t>(pick(64)) - 24) * 4, reg(), reg(), conditions[pick(6)]);
    }
    if (kind < 88) return jal(pick(2) ? 1 : 0, (static_cast<std::int32_t>(pick(200)) - 90) * 4);
    if (kind < 90) return addi(10, 10, static_cast<std::int32_t>(pick(512)) - 256);
    if (kind < 92) return csrrs(reg(), pick(4) == 0 ? 0xc03 + pick(12) : pick(2) ? 0xc00 : 0xc02, 0);
    if (kind < 94) return r_type(pick(32) << 2, reg(), 10, 2, reg(), 0x2f);
    if (kind < 95) return 0x00010001;  // two compressed nops
    return rare();
  }

  /// Of Zba, Zbb, Zbc, Zbs and Zicond, or an encoding beside them.
  Word bit_manipulation() {
    constexpr Word functions[] = {0x04, 0x05, 0x07, 0x10, 0x14, 0x20, 0x24, 0x30, 0x34, 0x35};
    constexpr Word opcodes[] = {0x33, 0x13, 0x3b, 0x1b};
    return r_type(functions[pick(10)], pick(4) ? reg() : pick(32), reg(), pick(8), reg(),
                  opcodes[pick(xlen_ == 64 ? 4 : 2)]);
  }

  Word rare() {
    switch (pick(17)) {
      case 0:
        return ecall;
      case 1:
        return 0xffffffff;
      case 2:
        return fence_i;
      case 3:
        return sfence_vma_all | pick(2) << 15 | pick(2) << 20;
      case 4:
        return csrrs(0, 0x300, 13);  // mstatus bits that x13 holds
      case 5:
        return csrrw(0, 0x180, 14 + pick(2));  // satp: paging on or off
      case 6:
        return wfi;
      case 7:
        return i_type(0x340, reg(), 1, reg(), 0x73);
      case 8:
        return outi(0, 0x80, reg());
      case 9:
        return in_(pick(3), reg(), 12);
      case 10:
        return i_type(0xb02 - 0x1000, reg(), 1, reg(), 0x73);  // minstret
      case 11:
        return event_counter_change();
      case 12:
        return csrrs(0, xlen_ == 64 ? 0x30a : 0x31a, 16) | pick(2) << 12;  // menvcfg: STCE, ADUE
      case 13:
        return csrrw(0, 0x7a1 + pick(2), 17 + pick(2));  // tdata1, tdata2: armed or not
      case 14:
        return csrrw(0, pick(2) ? 0x303 : 0x304, 19);  // mideleg, mie: with the overflow interrupt
      case 15: {
        constexpr Word inval[] = {0x16000073, 0x18000073, 0x18100073};
        const Word which = pick(3);
        return inval[which] | (which ? 0 : pick(2) << 15 | pick(2) << 20);
      }
      default:
        return jalr(1, 10, 0);
    }
  }

  /// csrrw or csrrwi of mhpmcounter, mhpmevent or mcountinhibit.
  Word event_counter_change() {
    const Word counter = 3 + pick(12);
    if (pick(3) == 0)
      return i_type(static_cast<std::int32_t>(0xb00 + counter) - 0x1000, reg(), 1, reg(), 0x73);
    if (pick(2)) return i_type(0x320 + static_cast<std::int32_t>(counter), pick(20), 5, reg(), 0x73);
    return i_type(0x320, reg(), pick(2) ? 1 : 3, reg(), 0x73);
  }

  std::mt19937 random_;
  unsigned xlen_;
  const riscv::Isa& isa_;
};

/// A memory that remembers the row it served last.
class RowMemory : public ServiceModel {
 public:
  Service serve(bool write, std::uint64_t address, std::uint32_t size, Cycles arrived) override {
    const bool hit = address / 1024 == row_;
    row_ = address / 1024;
    const Cycles done = arrived + (hit ? 2 : 9) + (write ? 1 : 0) + size / 16;
    return {done, std::min(done, arrived + 3)};
  }

 private:
  std::uint64_t row_ = 0;
};

/// The way to memory, where it is not that of a FakePort.
struct BusShape {
  std::uint32_t width = 8;
  bool rows = false;
};

struct Variant {
  Engine engine;
  bool dmi;
  std::uint64_t drop_every;
  Cycles quantum;
};

/// What the programs of a test did in all: a comparison of programs that do nothing proves nothing.
struct Coverage {
  std::uint64_t hits = 0, walks = 0, faults = 0, interrupts = 0, traps = 0, idle = 0, operand = 0,
                float_flags = 0;
};

std::string run(unsigned seed, unsigned xlen, const HartConfig& base, const Variant& variant,
                std::uint64_t limit, Coverage* coverage = nullptr, const BusShape& shape = {}) {
  FakePort port;
  RowMemory memory;
  for (Route* route : {&port.route, &port.fetch_route, &port.walk_route}) {
    route->timing.width = shape.width;
    if (shape.rows) route->set_service(&memory);
  }
  port.bus_ports = base.bus_ports;
  port.alias = base.alias.first;
  ProgramGenerator(seed, xlen, base.isa).emit(port);
  HartConfig config = base;
  config.isa.xlen = xlen;
  config.reset_vector = code_base;
  config.engine = variant.engine;
  config.use_dmi = variant.dmi;
  config.drop_caches_every = variant.drop_every;
  port.horizon_at = port.quantum = variant.quantum;
  const auto hart = riscv::make_hart(config, port);
  // Each second event is an interrupt, the others ask for a stop.
  port.interrupt = [&, events = 0u](bool level) mutable {
    if (level && ++events % 2)
      hart->request_stop();
    else
      hart->set_interrupt(riscv::Interrupt::machine_software, level);
  };
  port.timer = [&](bool level) { hart->set_interrupt(riscv::Interrupt::supervisor_timer, level); };
  std::string stops;  // a stop that is asked for while an access waits acts after its instruction
  port.event_period = 500 + seed;
  port.next_event = 500;
  const std::uint64_t paging = xlen == 64 ? (8ull << 60 | table_base >> 12) : (1ull << 31 | table_base >> 12);
  for (unsigned i = 1; i < 10; ++i) hart->set_reg(i, i * 0x0123456789abcdefull);
  hart->set_reg(10, data_base);
  hart->set_reg(11, code_base + 0x900);
  hart->set_reg(12, device_base);
  hart->set_reg(13, 0x1800 >> (seed % 3) | 0x20000 * (seed % 2) | 0xc0000);
  hart->set_reg(14, paging);
  hart->set_reg(15, seed % 4 ? paging | (xlen == 64 ? 1ull << 44 : 1ull << 22) : 0);
  hart->set_reg(16, xlen == 64 ? 5ull << 61 : 5u << 29);
  hart->set_reg(17, seed % 5 == 0 ? 0x5b + 0x80 * (seed % 4) : 0);  // of a trigger: loads, stores, all modes
  hart->set_reg(18, data_base + 256);
  hart->set_reg(19, 0x2028);
  hart->set_reg(20, handler);
  // mtvec, and all of memory for S and U mode by PMP: done by a short prologue in place of a loader.
  const std::uint64_t prologue = ram_base + 0x9000;
  std::vector<Word> words;
  if (base.isa.svpbmt) {
    hart->set_reg(21, 1ull << 62);
    words.push_back(csrrs(0, 0x30a, 21));  // menvcfg.PBMTE
  }
  if (base.isa.sstc) {
    words.push_back(csrrs(0, xlen == 64 ? 0x30a : 0x31a, 16));
    if (xlen == 32) words.push_back(csrrw(0, 0x15d, 0));
  }
  if (base.isa.sscofpmf)  // counters that overflow soon and again
    for (Word counter = 15; counter <= 18; ++counter)
      words.insert(words.end(), {i_type(0x320 + static_cast<std::int32_t>(counter), counter - 1, 5, 0, 0x73),
                                 addi(21, 0, -500 * static_cast<std::int32_t>(counter % 4 + 1)),
                                 csrrw(0, 0xb00 + counter, 21)});
  for (Word event = 1; event <= 12; ++event)
    words.push_back(i_type(static_cast<std::int32_t>(0x322 + event), event, 5, 0, 0x73));  // mhpmevent
  words.insert(words.end(), {csrrw(0, 0x305, 20), addi(21, 0, -1), csrrw(0, 0x3b0, 21), addi(21, 0, 0x1f),
                             csrrw(0, 0x3a0, 21), csrrw(0, 0x306, 21), csrrw(0, 0x106, 21),
                             csrrw(0, 0x180, 14), addi(21, 0, 0x28), csrrw(0, 0x304, 21), ecall});
  for (std::size_t i = 0; i < words.size(); ++i) port.put32(prologue + 4 * i, words[i]);
  hart->set_reg(28, seed);
  hart->set_pc(prologue);
  hart->set_instruction_limit(limit);
  for (;;) {
    const riscv::StopReason reason = hart->run();
    if (reason == riscv::StopReason::horizon) {
      port.synchronise(hart->now());
    } else if (reason == riscv::StopReason::wait_for_interrupt) {
      hart->idle_until(port.next_event);
      port.synchronise(hart->now());
    } else if (reason == riscv::StopReason::requested) {
      stops += "\nstop " + std::to_string(hart->instructions()) + ' ' + std::to_string(hart->now());
    } else {
      break;
    }
  }
  const std::string text = describe(*hart, port) + stops;
  if (coverage) {
    coverage->hits += stat_value(*hart, "mmu.dtlb.hits");
    coverage->walks += stat_value(*hart, "mmu.walker.walks");
    coverage->faults += stat_value(*hart, "mmu.walker.faults");
    coverage->interrupts += stat_value(*hart, "interrupts");
    coverage->traps += stat_value(*hart, "traps");
    coverage->idle += stat_value(*hart, "cycle_stack.idle");
    coverage->float_flags |= hart->csr(1).value_or(0);
    coverage->operand += stat_value(*hart, "cycle_stack.operand");
    EXPECT_EQ(stack_sum(*hart), stat_value(*hart, "cycles"));
    for (const char* tlb : {"itlb", "dtlb", "l2tlb"}) {
      const std::string path = std::string("mmu.") + tlb + '.';
      EXPECT_EQ(stat_value(*hart, path + "hits") + stat_value(*hart, path + "misses"),
                stat_value(*hart, path + "lookups"))
          << tlb;
    }
    EXPECT_EQ(stat_value(*hart, "mmu.l2tlb.lookups"),
              stat_value(*hart, "mmu.itlb.misses") + stat_value(*hart, "mmu.dtlb.misses"));
    if (config.caches.any()) {
      check_cache_identities(*hart, port, config.caches);
      return text;
    }
    EXPECT_EQ(stat_value(*hart, "mmu.walker.reads"), port.route.reads(AccessKind::walk) +
                                                         port.walks_elsewhere -
                                                         stat_value(*hart, "mmu.walker.ad_updates"));
  }
  return text;
}

constexpr Variant undisturbed{Engine::reference, true, 0, 1u << 30};
constexpr Variant disturbed[] = {{Engine::fast, true, 0, 1u << 30},
                                 {Engine::fast, true, 0, 97},
                                 {Engine::fast, true, 40, 1000},
                                 {Engine::fast, false, 0, 500},
                                 {Engine::reference, false, 0, 13}};

/// Whether `figures(variant)`, the description of a run of program `seed`, is the same for all of them.
template <class Figures>
testing::AssertionResult agree(unsigned seed, const Figures& figures) {
  const std::string expected = figures(undisturbed);
  for (const Variant& variant : disturbed) {
    const std::string differing = difference(figures(variant), expected);
    if (differing.empty()) continue;
    return testing::AssertionFailure()
           << differing << "seed " << seed << " engine " << static_cast<int>(variant.engine) << " dmi "
           << variant.dmi << " drop " << variant.drop_every << " quantum " << variant.quantum;
  }
  return testing::AssertionSuccess();
}

class Engines : public testing::TestWithParam<unsigned> {};

TEST_P(Engines, AgreeOnRandomPrograms) {
  Coverage coverage;
  for (unsigned seed = 0; seed < 120; ++seed) {
    HartConfig config = small_tlbs(seed);
    if (seed % 3) randomise_timing(config, seed);
    ASSERT_TRUE(agree(seed, [&](const Variant& variant) {
      return run(seed, GetParam(), config, variant, 6000 + seed, &coverage);
    }));
  }
  EXPECT_GT(coverage.hits, 10000u);
  EXPECT_GT(coverage.walks, 4000u);
  EXPECT_GT(coverage.faults, 1000u);
  EXPECT_GT(coverage.interrupts, 1000u);
  EXPECT_GT(coverage.traps, 10000u);
  EXPECT_GT(coverage.idle, 1000u);
  EXPECT_GT(coverage.operand, 100000u);
  EXPECT_EQ(coverage.float_flags, 31u);
}

TEST_P(Engines, AgreeWithCaches) {
  Coverage coverage;
  for (unsigned seed = 0; seed < 150; ++seed) {
    HartConfig config = small_tlbs(seed);
    if (seed % 3 == 1) randomise_timing(config, seed);
    config.caches = random_caches(seed);
    config.isa.svpbmt = GetParam() == 64 && seed % 2;
    ASSERT_TRUE(agree(seed, [&](const Variant& variant) {
      return run(seed, GetParam(), config, variant, 6000 + seed, &coverage);
    }));
  }
}

/// Ports of their own for fetches and walks, other widths, a memory with rows, an alias through which the
/// program runs and changes its own code; some with caches.
TEST_P(Engines, AgreeOnAnyBus) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    HartConfig config = small_tlbs(seed);
    if (seed % 4 == 3) config.caches = random_caches(seed);
    config.bus_ports = static_cast<riscv::BusPorts>(seed % 3);
    if (seed % 2) config.alias = {0x1'4000'0000, 1 << 22, ram_base};
    const BusShape shape{4u << seed / 3 % 4, seed % 5 == 2};
    config.caches.beat_bytes = shape.width;
    ASSERT_TRUE(agree(seed, [&](const Variant& variant) {
      return run(seed, GetParam(), config, variant, 6000, nullptr, shape);
    }));
  }
}

TEST_P(Engines, AgreeInFunctionalMode) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    HartConfig config = small_tlbs(seed);
    config.functional = true;
    config.isa.svadu = true;
    const std::string expected = run(seed, GetParam(), config, undisturbed, 3000);
    const std::string fast = run(seed, GetParam(), config, {Engine::fast, true, 0, 100}, 3000);
    ASSERT_EQ(difference(fast, expected), "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, Engines, testing::Values(32u, 64u),
                         [](const auto& width) { return "Rv" + std::to_string(width.param); });

}  // namespace
}  // namespace memio::test
