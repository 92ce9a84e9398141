// Port 0x80: boot progress codes, as PC firmware shows them on a diagnostic card.
#include <asm/io.h>
#include <linux/kernel.h>

#include "kernel/driver.h"

namespace memio {
namespace {

unsigned port;

bool probe(const Device& device) {
  port = static_cast<unsigned>(device.address);
  printk("debug-port: progress codes at port 0x%x\n", port);
  return true;
}

}  // namespace

void post_code(u8 code) {
  if (port != 0) outb(code, port);
}

const Driver debug_port_driver = {"debug-port", "memio,debug-port", Space::kPort, probe};

}  // namespace memio
