// A hart on a FakePort for tests that look at one rule each: code is put into memory word by word,
// CSRs are written by instructions of the hart's own, modes are entered by MRET.
//
// Each retired instruction of the set-up costs cycles: tests of timing take differences. The bench
// starts in M mode at `code_at` with PMP open for all modes; mtvec is `handler_at`, stvec is
// `supervisor_handler_at`, and all of memory holds nops.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>

#include "mmu/page_format.h"
#include "unit/riscv/assembler.h"
#include "unit/riscv/fake_port.h"
#include "unit/riscv/stat_value.h"

namespace memio::test {

inline constexpr std::uint64_t code_at = ram_base, handler_at = ram_base + 0x8000,
                               supervisor_handler_at = ram_base + 0x9000, data_at = ram_base + 0x10000,
                               tables_at = ram_base + 0x300000, scratch_at = ram_base + 0x3ff000;

/// Bits of a PTE.
inline constexpr std::uint64_t pte_v = 1, pte_r = 2, pte_w = 4, pte_x = 8, pte_u = 16, pte_a = 64,
                               pte_d = 128, pte_code = pte_v | pte_r | pte_x | pte_a,
                               pte_data = pte_v | pte_r | pte_w | pte_a | pte_d;

/// A configuration of the given width; both engines must do all tests alike.
inline riscv::HartConfig hart_config(unsigned xlen = 64, riscv::Engine engine = riscv::Engine::fast) {
  riscv::HartConfig config;
  config.isa.xlen = xlen;
  config.reset_vector = code_at;
  config.engine = engine;
  return config;
}

class HartBench {
 public:
  explicit HartBench(const riscv::HartConfig& config = hart_config())
      : port(std::make_unique<FakePort>()), hart(riscv::make_hart(config, *port)) {
    for (std::uint64_t at = 0; at < port->ram.size(); at += 4) port->put32(ram_base + at, nop);
    if (config.pmp_regions) {
      set_csr(0x3b0, ~0ull);
      set_csr(0x3a0, 0x1f);
    }
    set_csr(0x305, handler_at);
    set_csr(0x105, supervisor_handler_at);
  }

  /// Puts `words` at `at`, and tells the hart as a loader would.
  void put(std::uint64_t at, std::initializer_list<Word> words) {
    std::uint64_t next = at;
    for (const Word word : words) {
      port->put32(next, word);
      next += 4;
    }
    hart->written(at, next - at);
  }

  /// Runs until `n` more instructions have retired.
  riscv::StopReason run(std::uint64_t n) {
    hart->set_instruction_limit(hart->instructions() + n);
    const riscv::StopReason reason = hart->run();
    hart->set_instruction_limit(~0ull);
    return reason;
  }

  /// Puts `words` at `at` and runs as many instructions from there.
  void execute(std::initializer_list<Word> words, std::uint64_t at = code_at) {
    put(at, words);
    hart->set_pc(at);
    run(words.size());
  }

  /// Runs `word` behind two nops, so that it stands in the middle of a block, until the first
  /// instruction of a trap handler (or the next one in order) has retired. True if it trapped.
  bool traps(Word word, std::uint64_t at = code_at) {
    const std::uint64_t before = hart->last_trap().taken;
    put(at, {nop, nop, word});
    hart->set_pc(at);
    run(3);
    return hart->last_trap().taken != before;
  }

  /// CSRW from M mode by an instruction in a page of its own; registers and pc stay.
  void set_csr(unsigned number, std::uint64_t value) {
    ASSERT_EQ(hart->privilege(), Privilege::machine);
    const std::uint64_t pc = hart->pc(), x31 = hart->reg(31);
    hart->set_reg(31, value);
    execute({csrrw(0, number, 31)}, scratch_at);
    hart->set_reg(31, x31);
    hart->set_pc(pc);
  }
  std::uint64_t csr(unsigned number) const { return hart->csr(number).value(); }

  /// From M mode to `privilege` at `pc` by MRET; `status` are further bits of mstatus to set.
  void enter(Privilege privilege, std::uint64_t pc = code_at, std::uint64_t status = 0) {
    set_csr(0x300, static_cast<std::uint64_t>(privilege) << 11 | status);
    set_csr(0x341, pc);
    execute({mret}, scratch_at);
    ASSERT_EQ(hart->privilege(), privilege);
  }

  /// A statistic by its path, such as "mmu.dtlb.hits".
  std::uint64_t stat(const std::string& path) {
    hart->settle();
    return stat_value(*hart, path);
  }

  std::unique_ptr<FakePort> port;
  std::unique_ptr<riscv::Hart> hart;
};

/// Page tables in the bench's memory from `tables_at` on.
class PageTables {
 public:
  PageTables(HartBench& bench, PageFormatId id) : bench_(bench), format_(page_format(id)) { table(); }

  /// Maps the page at `va` (of level `level`) to `pa`.
  void map(std::uint64_t va, std::uint64_t pa, std::uint64_t flags, unsigned level = 0) {
    std::uint64_t at = tables_at;
    for (unsigned i = format_.levels - 1; i > level; --i) {
      const std::uint64_t slot = at + format_.index(va, i) * format_.pte_bytes;
      if (get(slot) == 0) put(slot, table() >> 12 << 10 | pte_v);
      at = get(slot) >> 10 << 12;
    }
    put(at + format_.index(va, level) * format_.pte_bytes, pa >> 12 << 10 | flags);
  }

  /// The value of satp for address space `asid`.
  std::uint64_t satp(std::uint64_t asid = 0) const {
    if (format_.pte_bytes == 4) return 1ull << 31 | asid << 22 | tables_at >> 12;
    return static_cast<std::uint64_t>(format_.levels + 5) << 60 | asid << 44 | tables_at >> 12;
  }

 private:
  std::uint64_t table() {
    const std::uint64_t at = next_;
    next_ += 4096;
    for (unsigned i = 0; i < 4096; i += 8) bench_.port->put64(at + i, 0);
    return at;
  }
  std::uint64_t get(std::uint64_t at) const { return bench_.port->get32(at); }  // our tables lie below 16 TiB
  void put(std::uint64_t at, std::uint64_t pte) {
    bench_.port->put32(at, static_cast<Word>(pte));
    if (format_.pte_bytes == 8) bench_.port->put32(at + 4, static_cast<Word>(pte >> 32));
  }

  HartBench& bench_;
  const PageFormat& format_;
  std::uint64_t next_ = tables_at;
};

/// The base of tests that both engines run.
class EngineTest : public ::testing::TestWithParam<riscv::Engine> {
 protected:
  static riscv::HartConfig config(unsigned xlen = 64) { return hart_config(xlen, GetParam()); }
};

#define MEMIO_BOTH_ENGINES(suite)                                                       \
  INSTANTIATE_TEST_SUITE_P(                                                             \
      Engines, suite, ::testing::Values(riscv::Engine::reference, riscv::Engine::fast), \
      [](const auto& engine) { return engine.param == riscv::Engine::fast ? "Fast" : "Reference"; })

}  // namespace memio::test
