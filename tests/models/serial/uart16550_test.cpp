// 16550A at the literal offsets and values of the PC16550D data sheet.
#include "serial/uart16550.h"

#include "models/register_bank/device_bench.h"

namespace memio {
namespace {

using test::DeviceBench;

constexpr std::uint64_t rbr = 0, thr = 0, dll = 0, ier = 1, dlm = 1, iir = 2, fcr = 2, lcr = 3, mcr = 4,
                        lsr = 5, msr = 6, scr = 7;

struct Bench {
  Uart16550 uart{"uart"};
  IrqSignal irq{"irq"};
  DeviceBench bus{uart};
  MemoryBackend line{true};
  Bench() {
    uart.irq(irq);
    uart.attach(line);
  }
  /// Puts the device in loopback and receives what is sent.
  void loop(const std::string& text) {
    bus.write8(mcr, 0x10);
    for (char c : text) bus.write8(thr, static_cast<unsigned char>(c));
  }
};

Bench& bench() {
  static Bench* const made = new Bench;
  made->bus.restart();
  return *made;
}

TEST(Uart, ResetValues) {
  Bench& b = bench();
  EXPECT_EQ(b.bus.read8(ier), 0x00u);
  EXPECT_EQ(b.bus.read8(iir), 0x01u);
  EXPECT_EQ(b.bus.read8(lcr), 0x00u);
  EXPECT_EQ(b.bus.read8(mcr), 0x08u);
  EXPECT_EQ(b.bus.read8(lsr), 0x60u);
  EXPECT_EQ(b.bus.read8(msr), 0xB0u);
  EXPECT_EQ(b.bus.read8(rbr), 0x00u);
}

TEST(Uart, TransmitsAtOnce) {
  Bench& b = bench();
  const std::string before = b.line.output();
  b.bus.write8(thr, 'H');
  b.bus.write8(thr, 'i');
  EXPECT_EQ(b.line.output(), before + "Hi");
  EXPECT_EQ(b.bus.read8(lsr), 0x60u);
}

TEST(Uart, DivisorLatchHidesDataAndInterruptEnable) {
  Bench& b = bench();
  const std::string before = b.line.output();
  b.bus.write8(ier, 0x05);
  b.bus.write8(lcr, 0x83);
  b.bus.write8(dll, 0x34);
  b.bus.write8(dlm, 0x12);
  EXPECT_EQ(b.bus.read8(dll), 0x34u);
  EXPECT_EQ(b.bus.read8(dlm), 0x12u);
  b.bus.write8(lcr, 0x03);
  EXPECT_EQ(b.bus.read8(ier), 0x05u);
  EXPECT_EQ(b.line.output(), before) << "nothing was sent";
}

TEST(Uart, UnusedBitsReadAsZero) {
  Bench& b = bench();
  b.bus.write8(ier, 0xFF);
  EXPECT_EQ(b.bus.read8(ier), 0x0Fu);
  b.bus.write8(mcr, 0xEF);
  EXPECT_EQ(b.bus.read8(mcr), 0x0Fu);
  b.bus.write8(lsr, 0xFF);
  EXPECT_EQ(b.bus.read8(lsr), 0x60u);
  b.bus.write8(scr, 0xA5);
  EXPECT_EQ(b.bus.read8(scr), 0xA5u);
}

TEST(Uart, InputIsSampledAtModelledTimes) {
  Bench& b = bench();
  b.bus.write8(ier, 0x01);
  b.line.type("x");
  EXPECT_EQ(b.bus.read8(lsr), 0x60u) << "typed between two samples";
  DeviceBench::run(100, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(lsr), 0x61u);
  EXPECT_TRUE(b.irq.read());
  EXPECT_EQ(b.bus.read8(iir), 0x04u);
  EXPECT_EQ(b.bus.read8(rbr), unsigned{'x'});
  EXPECT_FALSE(b.irq.read());
  EXPECT_EQ(b.bus.read8(lsr), 0x60u);
}

TEST(Uart, InputWaitsWhileTheReceiverIsFull) {
  Bench& b = bench();
  b.line.type("abc");
  DeviceBench::run(300, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(rbr), unsigned{'a'});
  EXPECT_EQ(b.bus.read8(lsr), 0x60u) << "one character fits without FIFOs";
  DeviceBench::run(100, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(rbr), unsigned{'b'});
  DeviceBench::run(100, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(lsr), 0x61u) << "no overrun";
  EXPECT_EQ(b.bus.read8(rbr), unsigned{'c'});
}

TEST(Uart, WhatIsDiscardedUnreadIsSentAgain) {
  Bench& b = bench();
  b.line.type("abc");
  DeviceBench::run(100, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(lsr), 0x61u);
  b.bus.write8(fcr, 0x01);
  EXPECT_EQ(b.bus.read8(lsr), 0x60u) << "switching the FIFOs on clears the receiver";
  DeviceBench::run(100, sc_core::SC_US);
  b.bus.write8(fcr, 0x03);
  EXPECT_EQ(b.bus.read8(lsr), 0x60u);
  DeviceBench::run(100, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(rbr), unsigned{'a'});
  b.uart.reset();
  EXPECT_EQ(b.bus.read8(lsr), 0x60u);
  DeviceBench::run(100, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(rbr), unsigned{'b'}) << "what was read is gone";
  b.loop("x");
  b.bus.write8(fcr, 0x01);
  b.bus.write8(mcr, 0x00);
  DeviceBench::run(100, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(rbr), unsigned{'c'});
  DeviceBench::run(100, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(lsr), 0x60u) << "a character looped back does not come again";
}

// A line whose input is one EOT for each start of the receiver.
struct EndedLine : SerialBackend {
  bool told = false;
  void put(std::uint8_t) override {}
  std::optional<std::uint8_t> get() override {
    if (told) return std::nullopt;
    told = true;
    return std::uint8_t{4};
  }
  bool has_input() const override { return !told; }
  void restart() override { told = false; }
};

TEST(Uart, AnEndedLineLearnsThatTheReceiverStartsAnew) {
  Bench& b = bench();
  static EndedLine line;
  b.uart.attach(line);
  DeviceBench::run(100, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(rbr), 4u);
  DeviceBench::run(300, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(lsr), 0x60u) << "once";
  b.uart.reset();
  b.bus.write8(fcr, 0x07);
  DeviceBench::run(100, sc_core::SC_US);
  b.bus.write8(fcr, 0x03);
  EXPECT_EQ(b.bus.read8(lsr), 0x60u);
  DeviceBench::run(100, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(rbr), 4u);
  DeviceBench::run(300, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(lsr), 0x60u) << "discarded unread and sent again, it is still the same one";
  b.bus.write8(fcr, 0x03);
  DeviceBench::run(100, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(rbr), 4u);
  b.uart.attach(b.line);
}

TEST(Uart, FifosShowInIirAndClearWhenSwitched) {
  Bench& b = bench();
  b.bus.write8(fcr, 0x01);
  EXPECT_EQ(b.bus.read8(iir), 0xC1u);
  b.loop("abc");
  EXPECT_EQ(b.bus.read8(lsr), 0x61u);
  b.bus.write8(fcr, 0x03);
  EXPECT_EQ(b.bus.read8(lsr), 0x60u) << "bit 1 clears the receiver";
  b.loop("d");
  b.bus.write8(fcr, 0x00);
  EXPECT_EQ(b.bus.read8(iir), 0x01u);
  EXPECT_EQ(b.bus.read8(lsr), 0x60u);
}

TEST(Uart, TriggerLevels) {
  Bench& b = bench();
  const struct { unsigned fcr, level; } cases[] = {{0x01, 1}, {0x41, 4}, {0x81, 8}, {0xC1, 14}};
  for (const auto& c : cases) {
    b.bus.restart();
    b.bus.write8(fcr, c.fcr);
    b.bus.write8(ier, 0x01);
    b.loop(std::string(c.level - 1, 'x'));
    EXPECT_FALSE(b.irq.read()) << c.level;
    b.loop("x");
    EXPECT_TRUE(b.irq.read()) << c.level;
    EXPECT_EQ(b.bus.read8(iir), 0xC4u);
    b.bus.read8(rbr);
    EXPECT_FALSE(b.irq.read()) << "below the level again";
  }
}

TEST(Uart, CharacterTimeout) {
  Bench& b = bench();
  b.bus.write8(lcr, 0x83);
  b.bus.write8(dll, 2);  // 3.6864 MHz / 16 / 2 = 115200 baud
  b.bus.write8(lcr, 0x03);
  b.bus.write8(fcr, 0x41);
  b.bus.write8(ier, 0x01);
  b.loop("x");
  DeviceBench::run(347, sc_core::SC_US);
  EXPECT_FALSE(b.irq.read()) << "4 characters of 10 bits take 347.2 us";
  DeviceBench::run(1, sc_core::SC_US);
  EXPECT_TRUE(b.irq.read());
  EXPECT_EQ(b.bus.read8(iir), 0xCCu);
  b.bus.read8(rbr);
  EXPECT_FALSE(b.irq.read());
}

TEST(Uart, ThrEmptyInterrupt) {
  Bench& b = bench();
  b.bus.write8(ier, 0x02);
  EXPECT_TRUE(b.irq.read()) << "enabling it while THR is empty raises it";
  EXPECT_EQ(b.bus.read8(iir), 0x02u);
  EXPECT_FALSE(b.irq.read()) << "reading IIR clears it";
  EXPECT_EQ(b.bus.read8(iir), 0x01u);
  b.bus.write8(thr, '.');
  EXPECT_EQ(b.bus.read8(iir), 0x02u) << "a character sent raises it again";
}

TEST(Uart, OverrunInLoopback) {
  Bench& b = bench();
  b.bus.write8(ier, 0x04);
  b.loop("ab");
  EXPECT_TRUE(b.irq.read());
  EXPECT_EQ(b.bus.read8(iir), 0x06u);
  EXPECT_EQ(b.bus.read8(lsr), 0x63u);
  EXPECT_EQ(b.bus.read8(lsr), 0x61u) << "reading LSR clears the error";
  EXPECT_FALSE(b.irq.read());
  EXPECT_EQ(b.bus.read8(rbr), unsigned{'b'}) << "without FIFO the new character replaces the old";
  b.bus.write8(fcr, 0x01);
  b.loop("0123456789abcdefX");
  EXPECT_EQ(b.bus.read8(lsr), 0x63u);
  for (char c : std::string("0123456789abcdef")) EXPECT_EQ(b.bus.read8(rbr), static_cast<unsigned char>(c));
  EXPECT_EQ(b.bus.read8(lsr), 0x60u) << "a full FIFO keeps what it has";
}

TEST(Uart, LoopbackOfModemLines) {
  Bench& b = bench();
  const std::string before = b.line.output();
  b.loop("quiet");
  EXPECT_EQ(b.line.output(), before);
  b.bus.read8(msr);
  for (const auto& [out, in] : {std::pair{0x11u, 0x22u}, {0x12u, 0x11u}, {0x14u, 0x40u}, {0x18u, 0x88u}}) {
    b.bus.write8(mcr, 0x10);
    b.bus.read8(msr);
    b.bus.write8(mcr, out);
    EXPECT_EQ(b.bus.read8(msr), in) << "DTR-DSR, RTS-CTS, OUT1-RI, OUT2-DCD; RI tells only of its end";
  }
  b.bus.write8(mcr, 0x14);
  b.bus.read8(msr);
  b.bus.write8(ier, 0x08);
  b.bus.write8(mcr, 0x10);
  EXPECT_EQ(b.bus.read8(iir), 0x00u);
  EXPECT_TRUE(b.irq.read());
  EXPECT_EQ(b.bus.read8(msr), 0x04u);
  EXPECT_FALSE(b.irq.read()) << "reading MSR clears the deltas";
}

TEST(Uart, PrioritiesOfInterrupts) {
  Bench& b = bench();
  b.bus.write8(ier, 0x0F);
  b.bus.read8(iir);
  b.loop("ab");
  b.bus.write8(mcr, 0x11);
  EXPECT_EQ(b.bus.read8(iir), 0x06u);
  b.bus.read8(lsr);
  EXPECT_EQ(b.bus.read8(iir), 0x04u);
  b.bus.read8(rbr);
  EXPECT_EQ(b.bus.read8(iir), 0x02u);
  EXPECT_EQ(b.bus.read8(iir), 0x00u);
  b.bus.read8(msr);
  EXPECT_EQ(b.bus.read8(iir), 0x01u);
}

TEST(Uart, PeekHasNoSideEffects) {
  Bench& b = bench();
  b.loop("ab");
  EXPECT_EQ(b.bus.peek(rbr, 1), std::uint64_t{'b'});
  EXPECT_EQ(b.bus.peek(lsr, 1), 0x63u);
  EXPECT_EQ(b.bus.peek(lsr, 1), 0x63u);
  EXPECT_EQ(b.bus.peek(rbr, 1), std::uint64_t{'b'});
}

TEST(Uart, PairsOfPorts) {
  Bench& b = bench();
  b.bus.write(ier, 0x0105, 2);  // IER = 5, FCR = 1
  EXPECT_EQ(b.bus.read8(ier), 0x05u);
  EXPECT_EQ(b.bus.read8(iir), 0xC1u);
  EXPECT_EQ(b.bus.try_read(scr, 2), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.try_read(0, 8), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST(Uart, Fuzz) { bench().bus.fuzz(4); }

}  // namespace
}  // namespace memio
