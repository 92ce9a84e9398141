// The goldfish real-time clock (Android goldfish hardware description): nanoseconds since 1970, one alarm.
// The probe sets an alarm and waits for its interrupt, which tries the interrupt controller too. It shows the
// flow of a driver for registers in memory space with everything given back by hand: request_mem_region,
// ioremap, readl and writel, iounmap, release_mem_region.
#include <linux/errno.h>
#include <linux/kernel.h>

#include "kernel/device.h"
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

constexpr const char* kName = "goldfish-rtc";
constexpr u32 kAlarmDelay = 200000;         // ns
constexpr unsigned kAlarmTimeout = 100000;  // us

struct Rtc {
  resource_size_t start;
  unsigned long size;
  u8* registers;
  int irq;  // not above 0: none
  volatile bool rang;
};

// Reading the low half latches the high one.
u64 read_time(const Rtc& rtc) {
  const u32 low = readl(rtc.registers + kTimeLow);
  return u64{readl(rtc.registers + kTimeHigh)} << 32 | low;
}

irqreturn_t alarm(int, void* dev_id) {
  Rtc& rtc = *static_cast<Rtc*>(dev_id);
  writel(1, rtc.registers + kClearInterrupt);
  rtc.rang = true;
  return IRQ_HANDLED;
}

// Writing the low half arms the alarm.
void set_alarm(const Rtc& rtc, u64 time) {
  writel(static_cast<u32>(time >> 32), rtc.registers + kAlarmHigh);
  writel(static_cast<u32>(time), rtc.registers + kAlarmLow);
}

bool try_alarm(Rtc& rtc, u64 now) {
  writel(1, rtc.registers + kInterruptEnabled);
  set_alarm(rtc, now + kAlarmDelay);
  const bool rang = wait_for_flag(rtc.rang, kAlarmTimeout);
  writel(0, rtc.registers + kInterruptEnabled);
  printk("%s: alarm interrupt %d %s\n", kName, rtc.irq, rang ? "taken" : "missing");
  return rang;
}

void stop(Rtc* rtc) {
  if (rtc->irq > 0) free_irq(static_cast<unsigned>(rtc->irq), rtc);
  if (rtc->registers != nullptr) iounmap(rtc->registers);
  release_mem_region(rtc->start, rtc->size);
  kfree(rtc);
}

int start(Rtc* rtc, int irq) {
  rtc->registers = static_cast<u8*>(ioremap(rtc->start, rtc->size));
  if (rtc->registers == nullptr) return -ENOMEM;
  const u64 now = read_time(*rtc);
  printk("%s: %llu s since 1970\n", kName, now / 1000000000u);
  if (irq <= 0) return 0;
  const int error = request_irq(static_cast<unsigned>(irq), alarm, 0, kName, rtc);
  if (error != 0) return error;
  rtc->irq = irq;
  return try_alarm(*rtc, now) ? 0 : -EIO;
}

int probe(platform_device* pdev) {
  const resource* range = platform_get_resource(pdev, IORESOURCE_MEM, 0);
  if (range == nullptr) return -ENODEV;
  Rtc* rtc = static_cast<Rtc*>(kzalloc(sizeof(Rtc), GFP_KERNEL));
  if (rtc == nullptr) return -ENOMEM;
  rtc->start = range->start;
  rtc->size = static_cast<unsigned long>(resource_size(range));
  if (request_mem_region(rtc->start, rtc->size, kName) == nullptr) {
    kfree(rtc);
    return -EBUSY;
  }
  const int error = start(rtc, platform_get_irq(pdev, 0));
  if (error != 0) {
    stop(rtc);
    return error;
  }
  platform_set_drvdata(pdev, rtc);
  return 0;
}

int remove(platform_device* pdev) {
  stop(static_cast<Rtc*>(platform_get_drvdata(pdev)));
  return 0;
}

const of_device_id kMatches[] = {{"google,goldfish-rtc", nullptr}, {nullptr, nullptr}};
platform_driver goldfish_rtc_driver = make_driver(kName, kMatches, probe, remove);
module_platform_driver(goldfish_rtc_driver);

}  // namespace
}  // namespace memio
