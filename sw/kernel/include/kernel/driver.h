// Drivers and the devices they find: one driver a compatible string and space.
#pragma once

#include <linux/types.h>

#include "fdt.h"

namespace memio {

enum class Space { kMemory, kPort };

// A node of the device tree with what every driver asks of it.
struct Device {
  const char* name;  // as in the tree, with unit address
  Space space;
  u64 address;    // physical address or first port
  u64 size;       // bytes or ports
  unsigned irq;   // 0: none
  u32 frequency;  // property clock-frequency, Hz; 0: absent
};

struct Driver {
  const char* name;
  const char* compatible;
  Space space;
  // False when the device does not answer as it should; the reason has been printed.
  bool (*probe)(const Device& device);
};

extern const Driver uart16550_driver;
extern const Driver port_uart_driver;
extern const Driver goldfish_rtc_driver;
extern const Driver gpio_driver;
extern const Driver cmos_rtc_driver;
extern const Driver pit_driver;
extern const Driver debug_port_driver;

// Probes each driver's devices; a driver without one says so.
void drivers_init(const Fdt& tree);

// console.cpp: printk's way out, until a driver sets another one the firmware.
using ConsoleWrite = void (*)(const char* text, unsigned long length);
void console_set(ConsoleWrite write);
void console_write(const char* text, unsigned long length);

// debug_port.cpp: shows a progress code on port 0x80, if the machine has one.
void post_code(u8 code);

// cmos_rtc.cpp: battery-backed bytes 0x0E..0x7F; false without the device.
bool cmos_present();
u8 cmos_read(u8 index);
void cmos_write(u8 index, u8 value);

// reset control, found with the drivers: its port, or 0.
unsigned reset_control_port();

}  // namespace memio
