// What drivers offer to the rest of the kernel, and their start.
#pragma once

#include <linux/types.h>

#include "kernel/console.h"

namespace memio {

class Fdt;

// drivers/init.cpp: registers the drivers, then the devices of the tree, and runs the start functions of
// module_init(). Each probe tries its device; a driver without one says so.
void drivers_init(const Fdt& tree);

// debug_port.cpp: shows a progress code on port 0x80, if the machine has one.
void post_code(u8 code);

// cmos_rtc.cpp: battery-backed bytes 0x0E..0x7F; false without the device.
bool cmos_present();
u8 cmos_read(u8 index);
void cmos_write(u8 index, u8 value);

// reset_control.cpp: its port, or 0.
unsigned reset_control_port();

}  // namespace memio
