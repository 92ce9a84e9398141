// Two harts on one memory: reservations that the other breaks, atomic operations that nothing splits, code
// and page tables that the other changes. Both harts use one port, whose waits can let the other hart run.
#include "cpu/riscv/hart_group.h"

#include "unit/riscv/hart_bench.h"
#include "unit/riscv/stat_value.h"

namespace memio::test {
namespace {

constexpr Word lr_w(Word rd, Word rs1) { return r_type(2 << 2, 0, rs1, 2, rd, 0x2f); }
constexpr Word sc_w(Word rd, Word rs2, Word rs1) { return r_type(3 << 2, rs2, rs1, 2, rd, 0x2f); }
constexpr Word amoadd_w(Word rd, Word rs2, Word rs1) { return r_type(0, rs2, rs1, 2, rd, 0x2f); }

class SharedPort : public FakePort {
 public:
  void synchronise(Cycles now) override {
    FakePort::synchronise(now);
    if (meanwhile) std::exchange(meanwhile, nullptr)();
  }
  std::function<void()> meanwhile;  ///< at the next wait
};

/// A member of the group that is no hart.
class OtherMember : public riscv::HartGroup::Member {
 public:
  std::size_t unproven = 0;  ///< pages, as last told

 private:
  void written(std::uint64_t, std::uint64_t) override {}
  bool watches(std::uint64_t) const override { return false; }
  void announce(std::vector<std::uint64_t>&) override {}
  void unprove_stores(const std::vector<std::uint64_t>& pages) override { unproven = pages.size(); }
  void snoop(std::uint64_t, bool) override {}
};

class TwoHarts : public EngineTest {
 protected:
  TwoHarts() { build(config()); }

  void build(riscv::HartConfig config) {
    group = {};
    config.group = &group;
    for (unsigned number = 0; number < 2; ++number) {
      config.hart_id = number;
      hart[number] = riscv::make_hart(config, port);
    }
    for (std::uint64_t at = 0; at < port.ram.size(); at += 4) port.put32(ram_base + at, nop);
  }

  /// Has hart `number` run these instructions at a place of their own, x10 being `data_at`.
  void run(unsigned number, std::initializer_list<Word> words, unsigned rounds = 1) {
    std::uint64_t at = code_of(number);
    for (const Word word : words) port.put32(std::exchange(at, at + 4), word);
    for (auto& each : hart) each->written(code_of(number), at - code_of(number));
    hart[number]->set_reg(10, data_at);
    for (unsigned i = 0; i < rounds; ++i) {
      hart[number]->set_pc(code_of(number));
      step(number, words.size());
    }
  }
  void step(unsigned number, std::uint64_t instructions) {
    hart[number]->set_instruction_limit(hart[number]->instructions() + instructions);
    while (hart[number]->run() == riscv::StopReason::horizon) port.synchronise(hart[number]->now());
  }
  static std::uint64_t code_of(unsigned number) { return code_at + 0x4000 * number; }

  /// What SC by hart 0 leaves in x5 if hart 1 runs `words` since the LR; 0: stored. Hart 1 has stored to the
  /// place before, as often as it takes to be sure of it.
  std::uint64_t failed_after(std::initializer_list<Word> words) {
    hart[1]->set_reg(6, 3);
    run(1, {sw(6, 10, 0), sw(6, 10, 4), nop}, 20);
    run(0, {lr_w(7, 10)});
    run(1, words);
    run(0, {sc_w(5, 7, 10)});
    return hart[0]->reg(5);
  }

  SharedPort port;
  riscv::HartGroup group;
  std::unique_ptr<riscv::Hart> hart[2];
};

TEST_P(TwoHarts, AStoreOfTheOtherBreaksAReservation) {
  EXPECT_EQ(failed_after({nop}), 0u);
  EXPECT_EQ(failed_after({sw(6, 10, 0)}), 1u);
  EXPECT_EQ(failed_after({sw(6, 10, 4)}), 0u) << "beside it";
  EXPECT_EQ(failed_after({sw(6, 10, -2)}), 1u) << "misaligned";
  EXPECT_EQ(failed_after({amoadd_w(0, 6, 10)}), 1u);
  EXPECT_EQ(failed_after({lr_w(8, 10), sc_w(8, 8, 10)}), 1u);
  EXPECT_EQ(failed_after({lr_w(8, 10)}), 0u) << "both reserve it";
  EXPECT_EQ(failed_after({sw(0, 10, 0), sw(6, 10, 0)}), 1u) << "the old value again";
  // Broken once, and reserved again before hart 0 has done anything else.
  run(0, {lr_w(7, 10)});
  run(1, {sw(6, 10, 0), sw(6, 10, 0), nop}, 20);
  run(0, {lr_w(7, 10)});
  run(1, {sw(6, 10, 0), nop});
  run(0, {sc_w(5, 7, 10)});
  EXPECT_EQ(hart[0]->reg(5), 1u);
}

TEST_P(TwoHarts, WithACacheToo) {
  riscv::HartConfig with_cache = config();
  with_cache.caches.l1d.size = 1024;
  with_cache.caches.l1d.line = 64;
  build(with_cache);
  EXPECT_EQ(failed_after({nop}), 0u);
  EXPECT_EQ(failed_after({sw(6, 10, 0)}), 1u);
  EXPECT_EQ(failed_after({sw(6, 10, 4)}), 0u);
  // Hart 1's line was dirty; hart 0's LR cleans it, its SC drops it.
  EXPECT_EQ(hart[1]->caches()->holds(data_at), false);
  EXPECT_TRUE(hart[0]->caches()->dirty(data_at));
  run(1, {lw(8, 10, 0)});
  EXPECT_FALSE(hart[0]->caches()->dirty(data_at));
  EXPECT_TRUE(hart[0]->caches()->holds(data_at));
}

TEST_P(TwoHarts, NothingComesBetweenReadAndWriteOfAnAtomic) {
  for (Cycles ahead = 1; ahead < 40; ++ahead) {
    port.horizon_at = ~Cycles{0};
    port.put32(data_at, 0);
    hart[0]->set_reg(6, 1);
    hart[1]->set_reg(6, 100);
    port.meanwhile = [&] { run(1, {amoadd_w(8, 6, 10)}); };
    port.horizon_at = hart[0]->now() + ahead;
    run(0, {amoadd_w(7, 6, 10)});
    EXPECT_EQ(port.get32(data_at), port.meanwhile ? 1u : 101u) << ahead;
    if (!port.meanwhile) {
      EXPECT_TRUE((hart[0]->reg(7) == 0) != (hart[1]->reg(8) == 0)) << "one of them was first";
    }
    port.meanwhile = nullptr;
  }
}

TEST_P(TwoHarts, AReservationBrokenDuringTheStoreConditional) {
  unsigned failures = 0;
  for (Cycles ahead = 1; ahead < 40; ++ahead) {
    port.horizon_at = ~Cycles{0};
    port.put32(data_at, 0);
    hart[0]->set_reg(6, 1);
    hart[0]->set_reg(5, 7);
    hart[1]->set_reg(6, 100);
    run(0, {lr_w(7, 10)});
    port.horizon_at = hart[0]->now() + ahead;
    port.meanwhile = [&] { run(1, {amoadd_w(8, 6, 10)}); };
    run(0, {sc_w(5, 6, 10)});
    const bool stored = hart[0]->reg(5) == 0;
    failures += hart[0]->reg(5) == 1;
    EXPECT_EQ(port.get32(data_at), stored ? (port.meanwhile ? 1u : 101u) : 100u) << ahead;
    port.meanwhile = nullptr;
  }
  EXPECT_GT(failures, 0u);
}

/// An atomic operation on a device begins when what others do there is done; others begin when it is done.
TEST_P(TwoHarts, AnAtomicOnADeviceIsAlone) {
  OtherMember other;
  // Waits of hart 1, to the first behind its first access to the device; at the third the other lets it go
  // on.
  unsigned waits = 0;
  const auto waits_of = [&](Word word, const std::function<void()>& go_on) {
    waits = 0;
    const std::function<void()> wait = [&] {
      if (port.device_accesses == 0) port.meanwhile = wait;
      if (++waits == 3) go_on();
    };
    hart[1]->set_reg(11, device_base);
    port.device_accesses = 0;
    port.meanwhile = wait;
    run(1, {word});
    port.meanwhile = nullptr;
    return waits;
  };
  const auto release = [&] { group.release_devices(other); };
  const auto end = [&] { group.end_device_access(); };
  for (const bool functional : {false, true}) {
    riscv::HartConfig c = config();
    c.functional = functional;
    build(c);
    const Cycles amo = functional ? 1 : 5 + 2 + 20 + 20, load = functional ? 1 : 5 + 1 + 20;
    const auto cycles_of = [&](Word word, unsigned expected_waits, const std::function<void()>& go_on) {
      const Cycles before = hart[1]->now();
      EXPECT_EQ(waits_of(word, go_on), expected_waits);
      hart[1]->settle();
      EXPECT_EQ(stack_sum(*hart[1]), hart[1]->now());
      return hart[1]->now() - before;
    };
    EXPECT_EQ(cycles_of(lw(8, 11, 0), 1, [] {}), load);
    EXPECT_EQ(cycles_of(amoadd_w(8, 6, 11), 3, [] {}), amo);
    group.hold_devices(other);
    EXPECT_EQ(cycles_of(lw(8, 11, 0), 3, release), load + 2) << "one cycle a wait but the first";
    group.hold_devices(other);
    EXPECT_EQ(cycles_of(amoadd_w(8, 6, 11), 5, release), amo + 2);
    group.begin_device_access();
    EXPECT_EQ(cycles_of(amoadd_w(8, 6, 11), 5, end), amo + 2);
    group.begin_device_access();
    EXPECT_EQ(cycles_of(lw(8, 11, 0), 1, [] {}), load) << "one access beside another";
    group.end_device_access();
    if (!functional) continue;
    // Sv39 by MPRV, with a PTE of the device: RAM as a gigapage.
    port.device_value = ram_base >> 12 << 10 | pte_data;
    hart[1]->set_reg(31, 8ull << 60 | device_base >> 12);
    hart[1]->set_reg(30, 1ull << 17 | 1ull << 11);
    hart[1]->set_reg(29, ~0ull);
    hart[1]->set_reg(28, 0x1f);
    run(1, {csrrw(0, 0x180, 31), csrrw(0, 0x3b0, 29), csrrw(0, 0x3a0, 28), csrrw(0, 0x300, 30)});
    group.hold_devices(other);
    EXPECT_EQ(cycles_of(lw(8, 10, 0), 3, release), 1 + 2u);
  }
}

TEST_P(TwoHarts, CodeThatTheOtherChanges) {
  // Hart 0 counts in x9; hart 1 has stored to the page often, when there was no code in it.
  const std::uint64_t place = data_at;
  hart[1]->set_reg(6, addi(9, 9, 1));
  hart[1]->set_reg(7, jal(0, -4));
  run(1, {sw(6, 10, 0), sw(7, 10, 4)}, 20);
  hart[0]->set_reg(9, 0);
  hart[0]->set_pc(place);
  step(0, 100);
  EXPECT_EQ(hart[0]->reg(9), 50u);
  hart[1]->set_reg(6, addi(9, 9, 10));
  run(1, {sw(6, 10, 0)});
  step(0, 100);
  EXPECT_EQ(hart[0]->reg(9), 50u + 500u);
}

TEST_P(TwoHarts, ManyPagesOfCode) {
  // Hart 0 adds to x9 once in each of 100 pages. What it tells of them is bounded, but the stores of hart 1,
  // which has stored to each before, must all be seen.
  constexpr unsigned pages = 100;
  OtherMember other;
  group.join(other);
  const auto page = [](unsigned number) { return data_at + 0x1000 * number; };
  const auto fill = [&](Word word) {
    hart[1]->set_reg(6, word);
    for (unsigned number = 0; number < pages; ++number) {
      hart[1]->set_reg(11, page(number));
      run(1, {sw(6, 11, 0)});
    }
  };
  const auto sum = [&] {
    hart[0]->set_reg(9, 0);
    hart[0]->set_pc(page(0));
    step(0, 2 * pages);
    return hart[0]->reg(9);
  };
  fill(addi(9, 9, 1));
  for (unsigned number = 0; number < pages; ++number) port.put32(page(number) + 4, jal(0, 0xffc));
  fill(addi(9, 9, 2));
  EXPECT_EQ(sum(), 2 * pages);
  group.running(other);
  if (GetParam() == riscv::Engine::fast) {
    EXPECT_GT(other.unproven, 16u) << "more than are dropped one by one";
    EXPECT_LT(other.unproven, 20u);
  }
  fill(addi(9, 9, 3));
  EXPECT_EQ(sum(), 3 * pages);
}

TEST_P(TwoHarts, TheWordInTheFetchBuffer) {
  // c.addi x9,1 twice in one word: the second half is replaced after the first has run.
  hart[1]->set_reg(6, 0x0489'0485);  // c.addi x9,2; c.addi x9,1
  run(1, {sw(6, 10, 0), sw(6, 10, 4)}, 20);
  port.put32(data_at, 0x0485'0485);
  for (auto& each : hart) each->written(data_at, 4);
  hart[0]->set_reg(9, 0);
  hart[0]->set_pc(data_at);
  step(0, 1);
  run(1, {sw(6, 10, 0)});
  step(0, 1);
  EXPECT_EQ(hart[0]->reg(9), 1u + 2u);
}

TEST_P(TwoHarts, PageTablesWithoutTlbs) {
  riscv::HartConfig functional = config();
  functional.functional = true;
  build(functional);
  // Sv39: RAM one to one by a gigapage; the page at 1 GiB by three levels, whose last entry hart 1 changes.
  const std::uint64_t root = ram_base + 0x20000, middle = root + 0x1000, leaf = root + 0x2000;
  const std::uint64_t first = ram_base + 0x30000, second = ram_base + 0x31000;
  const auto pte = [](std::uint64_t to, std::uint64_t flags) { return to >> 12 << 10 | flags; };
  for (std::uint64_t at = root; at < leaf + 4096; at += 8) port.put64(at, 0);
  port.put64(root + 16, pte(ram_base, pte_data | pte_x));
  port.put64(root + 8, pte(middle, pte_v));
  port.put64(middle, pte(leaf, pte_v));
  port.put32(first, 77);
  port.put32(second, 78);
  hart[1]->set_reg(6, pte(first, pte_data));
  hart[1]->set_reg(11, leaf);
  run(1, {sw(6, 11, 0), nop}, 20);

  hart[0]->set_reg(31, 8ull << 60 | root >> 12);
  hart[0]->set_reg(30, 1ull << 11);
  hart[0]->set_reg(29, ~0ull);
  hart[0]->set_reg(28, 0x1f);
  hart[0]->set_reg(27, code_of(0));
  run(0, {csrrw(0, 0x180, 31), csrrw(0, 0x300, 30), csrrw(0, 0x3b0, 29), csrrw(0, 0x3a0, 28),
          csrrw(0, 0x341, 27), mret});
  ASSERT_EQ(hart[0]->privilege(), Privilege::supervisor);
  hart[0]->set_reg(12, 0x40000000);
  run(0, {nop, lw(8, 12, 0), nop}, 20);
  EXPECT_EQ(hart[0]->reg(8), 77u);
  hart[1]->set_reg(6, pte(second, pte_data));
  run(1, {sw(6, 11, 0), nop});
  run(0, {nop, lw(8, 12, 0), nop});
  EXPECT_EQ(hart[0]->reg(8), 78u);
}

MEMIO_BOTH_ENGINES(TwoHarts);

}  // namespace
}  // namespace memio::test
