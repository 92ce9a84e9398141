// What the architecture gives the rest of the kernel: firmware, time, port space, symbols, restart.
#pragma once

#include <linux/types.h>

namespace memio {

class Fdt;

// arch/riscv/sbi.cpp, or machine_mode.cpp where the kernel is its own firmware.
// Makes early_console_put() work, before anything is printed. `tree` need not be valid.
void early_console_init(const Fdt& tree);
void early_console_put(char c);
int early_console_get();  // -1: nothing has arrived
// Asks the firmware what it has; prints it.
void firmware_init();
// Whether it is memio's own, which opens the event counters.
bool firmware_is_memio();
// The next timer interrupt comes when time_now() has reached `deadline`.
void timer_set(u64 deadline);
// Ends the run with `status` (0: success). Firmware without memio's extension knows only success and failure.
[[noreturn]] void power_off(int status);
// What the run ends with unless another status is asked for: the exit status of init. main.cpp.
int run_exit_status();
// Restarts the machine by the firmware; returns if it cannot.
void firmware_reboot();
// Jumps to the reset vector in machine mode; returns if the firmware cannot.
void firmware_soft_reset();

// arch/riscv/time.cpp
void time_init(const Fdt& tree);
void timer_interrupt();
unsigned long tick_count();  // ticks since time_init
u64 time_now();              // in units of 1 / time_frequency()
u32 time_frequency();        // Hz
u64 cycles_now();            // of the hart so far
inline void wait_for_interrupt() { __asm__ volatile("wfi" ::: "memory"); }
// Waits for an interrupt until `done` is set by a handler or `microseconds` have passed; tells whether it was
// set.
bool wait_for_flag(const volatile bool& done, unsigned microseconds);

// arch/riscv/portio.cpp
enum class PortAccess { kNone, kWindow, kInstructions };
void portio_init(const Fdt& tree);
PortAccess port_access();

// arch/riscv/symbols.cpp: the function that contains `address`, or null outside the kernel's text.
struct Symbol {
  const char* name;
  unsigned long offset;
};
bool is_kernel_text(unsigned long address);
Symbol find_symbol(unsigned long address);

// arch/riscv/restart.cpp
// Starts the machine anew.
[[noreturn]] void restart();
// The soft reset that the option `reboot=` asks for, done once.
void restart_if_asked(const char* how);

}  // namespace memio
