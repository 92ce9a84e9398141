// The goldfish real-time clock (Android goldfish hardware description): nanoseconds since 1970, one alarm.
// The probe sets an alarm and waits for its interrupt, which tries the interrupt controller too.
#include <asm/io.h>
#include <linux/kernel.h>

#include "kernel/driver.h"
#include "kernel/interrupt.h"
#include "kernel/platform.h"

namespace memio {
namespace {

enum Register : unsigned {
  kTimeLow = 0x00,
  kTimeHigh = 0x04,
  kAlarmLow = 0x08,
  kAlarmHigh = 0x0c,
  kInterruptEnabled = 0x10,
  kClearInterrupt = 0x1c,
};

constexpr u32 kAlarmDelay = 200000;         // ns
constexpr unsigned kAlarmTimeout = 100000;  // us

u8* registers;
volatile bool alarm_rang;

// Reading the low half latches the high one.
u64 read_time() {
  const u32 low = readl(registers + kTimeLow);
  return u64{readl(registers + kTimeHigh)} << 32 | low;
}

void alarm(void*) {
  writel(1, registers + kClearInterrupt);
  alarm_rang = true;
}

// Writing the low half arms the alarm.
void set_alarm(u64 time) {
  writel(static_cast<u32>(time >> 32), registers + kAlarmHigh);
  writel(static_cast<u32>(time), registers + kAlarmLow);
}

bool probe(const Device& device) {
  registers = static_cast<u8*>(
      ioremap(static_cast<unsigned long>(device.address), static_cast<unsigned long>(device.size)));
  if (registers == nullptr) return false;
  const u64 now = read_time();
  printk("goldfish-rtc: %llu s since 1970\n", now / 1000000000u);
  if (!request_interrupt(device.irq, alarm, nullptr)) return true;
  writel(1, registers + kInterruptEnabled);
  set_alarm(now + kAlarmDelay);
  const bool rang = wait_for_flag(alarm_rang, kAlarmTimeout);
  writel(0, registers + kInterruptEnabled);
  printk("goldfish-rtc: alarm interrupt %u %s\n", device.irq, rang ? "taken" : "missing");
  return rang;
}

}  // namespace

const Driver goldfish_rtc_driver = {"goldfish-rtc", "google,goldfish-rtc", Space::kMemory, probe};

}  // namespace memio
