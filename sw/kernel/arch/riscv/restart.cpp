// Soft reset on request (kernel option `reboot=`): through reset control in port space, or by a call of the
// reset vector's address in machine mode. Each is done once: a mark that survives it breaks the loop.
#include <asm/io.h>
#include <linux/kernel.h>

#include "kernel/driver.h"
#include "kernel/platform.h"
#include "string.h"

namespace memio {
namespace {

constexpr u8 kCmosMarkIndex = 0x50;
constexpr u8 kCmosMark = 0xA5;
constexpr u32 kMemoryMark = 0x6d656d72;
constexpr u8 kResetCommand = 6;  // PC reset control: bit 1 full reset, bit 2 reset now

__attribute__((section(".noinit"))) u32 memory_mark;

// Reset control resets the machine, memory image included; the CMOS bytes are on battery.
void restart_by_port() {
  const unsigned port = reset_control_port();
  if (port == 0 || !cmos_present()) {
    printk("restart: no reset control in port space, going on\n");
    return;
  }
  if (cmos_read(kCmosMarkIndex) == kCmosMark) {
    cmos_write(kCmosMarkIndex, 0);
    printk("restart: second start after a reset by port 0x%x\n", port);
    return;
  }
  cmos_write(kCmosMarkIndex, kCmosMark);
  printk("restart: outb(%u, 0x%x)\n", kResetCommand, port);
  outb(kResetCommand, port);
}

// The call leaves memory as it is, so a word that nothing clears is enough.
void restart_by_call() {
  if (memory_mark == kMemoryMark) {
    memory_mark = 0;
    printk("restart: second start after a call of the reset vector\n");
    return;
  }
  memory_mark = kMemoryMark;
  printk("restart: calling the reset vector\n");
  firmware_soft_reset();
  memory_mark = 0;
  printk("restart: the firmware cannot, going on\n");
}

}  // namespace

void restart() {
  firmware_reboot();
  const unsigned port = reset_control_port();
  if (port != 0) outb(kResetCommand, port);
  panic("restart: neither the firmware nor a port can");
}

void restart_if_asked(const char* how) {
  if (strcmp(how, "port") == 0) {
    restart_by_port();
  } else if (strcmp(how, "call") == 0) {
    restart_by_call();
  } else {
    printk("restart: unknown reboot=%s (port, call)\n", how);
  }
}

}  // namespace memio
