// The TLM module of a hart, bound straight to a plain TLM memory: boot, time, interrupts, errors, debug.
// All times are literal and hold for every quantum, with direct memory access or without.
//
// Clock 1 ns; a fetch or load takes 4 cycles, a store 6. Each test runs a program from the reset vector
// to a WFI, in which it leaves the hart to the next test.
#include "cpu/riscv_cpu.h"

#include <gtest/gtest.h>

#include "models/cpu/plain_target.h"
#include "unit/riscv/assembler.h"

namespace memio::test {
namespace {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

constexpr std::uint64_t ram = PlainTarget::base, handler = ram + 0x1000, data = ram + 0x2000;
constexpr Word rdcycle(Word rd) { return csrrs(rd, 0xb00, 0); }
constexpr Word csrwi(Word csr, Word imm) { return csr << 20 | imm << 15 | 5u << 12 | 0x73; }

sc_time ns(std::uint64_t count) { return {static_cast<double>(count), sc_core::SC_NS}; }

RiscvCpuConfig cpu_config() {
  RiscvCpuConfig config;
  config.hart.reset_vector = ram;
  config.hart.use_dmi = USE_DMI;
  config.quantum = QUANTUM;
  return config;
}

/// Raises a line at a time of its own, as a timer does.
class Alarm : public sc_core::sc_module {
 public:
  explicit Alarm(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
    SC_HAS_PROCESS(Alarm);
    SC_METHOD(ring);
    sensitive << due_;
    dont_initialize();
  }
  IrqOutput line{"line"};
  void after(const sc_time& delay) { due_.notify(delay); }

 private:
  void ring() { line.set(true); }
  sc_core::sc_event due_;
};

struct Bench {
  RiscvCpu cpu{"cpu", cpu_config()};
  PlainTarget target{"target"};
  Alarm alarm{"alarm"};
  IrqSignal mtip{"mtip"};
  std::vector<riscv::StopReason> stops;
  std::vector<Cycles> syncs;

  Bench() {
    cpu.memory.bind(target.socket);
    cpu.mtip(mtip);
    alarm.line(mtip);
    cpu.set_time_source([](const sc_time& now) { return static_cast<std::uint64_t>(now / ns(100)); });
    cpu.set_stop_handler([this](riscv::StopReason reason) {
      stops.push_back(reason);
      return reason == riscv::StopReason::requested;  // a hart that is stuck ends, and its test fails
    });
    cpu.set_sync_handler([this](Cycles now) { syncs.push_back(now); });
    target.put(ram, wfi);
  }
};

Bench& the_bench() {
  static auto* const bench = new Bench;
  return *bench;
}

class Cpu : public ::testing::Test {
 protected:
  Cpu() : bench(the_bench()), cpu(bench.cpu), target(bench.target) {
    bench.alarm.line.set(false);
    sc_core::sc_start(ns(1000));
    EXPECT_TRUE(cpu.waiting());
    bench.stops.clear();
    bench.syncs.clear();
  }

  void put(std::uint64_t at, std::initializer_list<Word> words) {
    for (const Word word : words) {
      target.put(at, word);
      at += 4;
    }
    cpu.hart().written(ram, PlainTarget::size);
  }

  /// Starts the hart at the reset vector, now.
  void start(std::initializer_list<Word> words) {
    put(ram, words);
    put(handler,
        {csrrs(20, 0x342, 0), csrrs(21, 0x343, 0), csrrs(22, 0x341, 0), rdcycle(23), csrwi(0x304, 0), wfi});
    cpu.hart().reset();
    began = static_cast<Cycles>(sc_time_stamp() / ns(1));
    cpu.request_stop();
  }
  static void run(std::uint64_t for_ns) { sc_core::sc_start(ns(for_ns)); }

  /// Ends a program that loops over its first words: beyond the quantum in hand, it meets a WFI.
  void halt() {
    put(ram, {wfi, wfi, wfi});
    run(20000);
    EXPECT_TRUE(cpu.waiting());
  }

  std::uint64_t reg(unsigned index) const { return bench.cpu.hart().reg(index); }
  /// A register that holds a cycle count, from the start of the program.
  std::uint64_t since(unsigned index) const { return reg(index) - began; }

  Bench& bench;
  RiscvCpu& cpu;
  PlainTarget& target;
  Cycles began = 0;
};

TEST_F(Cpu, BootsFromPlainMemory) {
  start({addi(5, 0, 5), addi(6, 5, 37), 0x00000517, sw(6, 10, 0x7f8), lw(7, 10, 0x7f8), rdcycle(8), wfi});
  run(1000);
  EXPECT_EQ(reg(6), 42u);
  EXPECT_EQ(reg(10), ram + 8) << "auipc";
  EXPECT_EQ(reg(7), 42u);
  EXPECT_EQ(target.word(ram + 0x800), 42u);
  EXPECT_EQ(since(8), 3 * 5 + (5 + 6) + (5 + 4) + 5u);
  EXPECT_EQ(cpu.hart().now() - began, 40 + 6u) << "through WFI";
  EXPECT_TRUE(cpu.waiting());
}

TEST_F(Cpu, AnInterruptWakesFromWfiAtItsTime) {
  start({addi(5, 0, 0x80), csrrw(0, 0x304, 5), wfi, rdcycle(7), csrwi(0x304, 0), wfi});
  bench.alarm.after(ns(500));
  run(499);
  EXPECT_TRUE(cpu.waiting());
  EXPECT_EQ(cpu.hart().now() - began, 16u);
  run(500);
  EXPECT_EQ(since(7), 505u) << "a fetch and one cycle after it";
}

TEST_F(Cpu, AnInterruptTrapsOutOfWfi) {
  start({addi(5, 0, 0x80), csrrw(0, 0x304, 5), 0x00001297, csrrw(0, 0x305, 5), addi(0, 0, 0), csrwi(0x300, 8),
         wfi, nop});
  put(ram + 8, {0x00001297, addi(5, 5, -8)});  // x5 = handler
  put(ram + 16, {csrrw(0, 0x305, 5)});
  bench.alarm.after(ns(700));
  run(1000);
  EXPECT_EQ(reg(20), 0x8000000000000007u);
  EXPECT_EQ(reg(22), ram + 28) << "behind WFI";
  EXPECT_EQ(since(23), 700 + 4 + 4 * 5u) << "entry, and four CSR reads";
}

TEST_F(Cpu, AnInterruptOfABusyHartIsTakenAtItsTime) {
  start({addi(5, 0, 0x80), csrrw(0, 0x304, 5), 0x00001297, addi(5, 5, -8), csrrw(0, 0x305, 5),
         csrwi(0x300, 8), jal(0, 0)});
  bench.alarm.after(ns(777));
  run(2000);
  // The loop begins at 30; its first round takes 4 + 2 cycles and each other 2: boundaries are even.
  EXPECT_EQ(reg(20), 0x8000000000000007u);
  EXPECT_EQ(reg(22), ram + 24);
  EXPECT_EQ(since(23), 778 + 4 + 4 * 5u);
}

TEST_F(Cpu, DevicesAreReachedAtTheirExactTime) {
  start({lui(10, 0x10000), addi(5, 0, 99), sw(5, 10, 0), lw(6, 10, 0), rdcycle(7), wfi});
  run(1000);
  EXPECT_EQ(target.value, 99u);
  EXPECT_EQ(reg(6), 99u);
  EXPECT_EQ(since(7), 5 + 5 + 25 + 25 + 5u);
  EXPECT_EQ(target.reached, ns(began + 5 + 5 + 25 + 5));
  EXPECT_EQ(target.kind, AccessKind::load);
  EXPECT_EQ(target.privilege, Privilege::machine);
}

TEST_F(Cpu, TlmErrorsAreAccessFaults) {
  const auto fault = [this](Word word, Word upper) {
    start({lui(10, upper), 0x00001297, addi(5, 5, -4), csrrw(0, 0x305, 5), word, wfi});
    run(1000);
    EXPECT_EQ(reg(22), word == jalr(0, 10, 0) ? reg(10) : ram + 16);
    return reg(20);
  };
  EXPECT_EQ(fault(lw(6, 10, 4), 0x40000), 5u) << "an address error";
  EXPECT_EQ(reg(21), 0x40000004u);
  EXPECT_EQ(fault(sw(6, 10, 0), 0x10001), 7u) << "a command error";
  EXPECT_EQ(reg(21), 0x10001000u);
  EXPECT_EQ(fault(jalr(0, 10, 0), 0x40000), 1u);
  EXPECT_EQ(reg(21), 0x40000000u);
  EXPECT_EQ(fault(outi(0, 0x80, 6), 0), 7u) << "the port socket is not bound";
  EXPECT_EQ(reg(21), 0x80u);
}

TEST_F(Cpu, AStopIsRequestedOutOfWfi) {
  start({wfi, rdcycle(7), wfi});
  run(300);
  EXPECT_EQ(bench.stops, std::vector<riscv::StopReason>{riscv::StopReason::requested}) << "by the start";
  EXPECT_TRUE(cpu.waiting());
  cpu.request_stop();
  run(1);
  EXPECT_EQ(bench.stops.size(), 2u);
  EXPECT_EQ(cpu.hart().now() - began, 300u) << "the time of the wait is booked";
  EXPECT_TRUE(cpu.waiting()) << "no interrupt has come: it waits on";
  EXPECT_EQ(reg(7), 0u);
}

TEST_F(Cpu, AStopIsRequestedOnTheWayToWfi) {
  // The hart is ahead: it gets to the WFI at 15, and waits there until the simulation has, too.
  for (const std::uint64_t at : {1u, 7u, 14u, 15u}) {
    start({nop, nop, wfi});
    run(at);
    cpu.request_stop();
    run(1000);
    EXPECT_EQ(bench.stops.size(), 2u) << "requested at " << at;
    EXPECT_TRUE(cpu.waiting());
    bench.stops.clear();
  }
}

TEST_F(Cpu, AStopEndsABusyHart) {
  start({addi(5, 5, 1), jal(0, -4)});
  run(1000);
  EXPECT_FALSE(cpu.waiting());
  cpu.request_stop();
  halt();
  EXPECT_EQ(bench.stops.size(), 2u);
  EXPECT_TRUE(cpu.waiting());
}

TEST_F(Cpu, ReadsTheTimeOfItsSource) {
  start({nop, csrrs(7, 0xc01, 0), wfi});
  run(1000);
  EXPECT_EQ(reg(7), (began + 10) / 100);
}

TEST_F(Cpu, DebugTransport) {
  const std::uint8_t bytes[] = {1, 2, 3, 4, 5};
  std::uint8_t back[5] = {};
  EXPECT_EQ(cpu.debug_write(data + 1, bytes, 5), 5u);
  EXPECT_EQ(target.word(data), 0x03020100u);
  EXPECT_EQ(cpu.debug_read(data + 1, back, 5), 5u);
  EXPECT_EQ(std::memcmp(bytes, back, 5), 0);
  EXPECT_EQ(cpu.debug_read(0x40000000, back, 4), 0u);
  EXPECT_EQ(cpu.debug_write(0x40000000, bytes, 4), 0u);
}

TEST_F(Cpu, CodeWrittenByOthersIsSeenWithTheirNotice) {
  start({addi(5, 5, 1), jal(0, -4)});
  run(1000);
  const std::uint64_t before = reg(5);
  EXPECT_GT(before, 0u);
  const Word change = addi(6, 6, 1);
  cpu.debug_write(ram, reinterpret_cast<const std::uint8_t*>(&change), 4);
  cpu.written(ram, 4);
  run(20000);
  EXPECT_LE(reg(5), before + 10000 / 11 + 1) << "not beyond the quantum in hand";
  EXPECT_GT(reg(6), 0u);
  halt();
}

TEST_F(Cpu, StorageMayMove) {
  start({addi(5, 5, 1), sw(5, 10, 0), jal(0, -8)});
  cpu.hart().set_reg(10, data);
  run(1000);
  const std::uint64_t before = reg(5);
  target.move_storage();
  run(20000);
  EXPECT_GT(reg(5), before);
  EXPECT_LE(reg(5) - target.word(data), 1u) << "stores go to the new place";
  halt();
}

TEST_F(Cpu, TheSyncHandlerHearsOfEveryQuantum) {
  start({jal(0, 0)});
  run(50000);
  ASSERT_GE(bench.syncs.size(), 4u);
  for (std::size_t i = 1; i < bench.syncs.size(); ++i) {
    EXPECT_GT(bench.syncs[i], bench.syncs[i - 1]);
    EXPECT_LE(bench.syncs[i] - bench.syncs[i - 1], QUANTUM + 6);
  }
  halt();
}

}  // namespace
}  // namespace memio::test
