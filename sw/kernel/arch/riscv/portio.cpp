// Port space: by the CPU's port instructions where it has them, else through the memory window of a host
// bridge (device tree: "memio,port-space" with `memio,window` and `memio,native`).
#include "memio/portio.h"

#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/kernel.h>

#include "fdt.h"
#include "kernel/platform.h"

namespace memio {
namespace {

PortAccess access_way;
u8* window;

}  // namespace

void portio_init(const Fdt& tree) {
  FdtNode node;
  if (!tree.find_compatible("memio,port-space", &node)) {
    printk("portio: this machine has no port space\n");
    return;
  }
  if (tree.property(node, "memio,native")) {
    access_way = PortAccess::kInstructions;
    printk("portio: port instructions\n");
    return;
  }
  const FdtProperty value = tree.property(node, "memio,window");
  if (!value) return;
  const u64 base = value.number(0, node.address_cells);
  const u64 size = value.number(node.address_cells, node.size_cells);
  if (request_mem_region(base, size, "port window") == nullptr) return;
  window = static_cast<u8*>(ioremap(base, static_cast<unsigned long>(size)));
  if (window == nullptr) return;
  access_way = PortAccess::kWindow;
  printk("portio: memory window at 0x%llx\n", base);
}

PortAccess port_access() { return access_way; }

// clang-format off
#define PORT_ACCESSORS(letter, bits, type, mmio)                                           \
  extern "C" unsigned in##letter(unsigned port) {                                          \
    if (access_way == PortAccess::kInstructions) return port_in##bits(port);               \
    if (access_way == PortAccess::kWindow) return read##mmio(window + (port & 0xffff));    \
    return static_cast<type>(~0u);                                                         \
  }                                                                                        \
  static void put_##letter(type value, unsigned port) {                                    \
    if (access_way == PortAccess::kInstructions) return port_out##bits(port, value);       \
    if (access_way == PortAccess::kWindow) write##mmio(value, window + (port & 0xffff));   \
  }                                                                                        \
  extern "C" void ins##letter(unsigned port, void* addr, unsigned long count) {            \
    type* to = static_cast<type*>(addr);                                                   \
    while (count-- > 0) *to++ = static_cast<type>(in##letter(port));                       \
  }                                                                                        \
  extern "C" void outs##letter(unsigned port, const void* addr, unsigned long count) {     \
    const type* from = static_cast<const type*>(addr);                                     \
    while (count-- > 0) put_##letter(*from++, port);                                       \
  }
// clang-format on

PORT_ACCESSORS(b, 8, u8, b)
PORT_ACCESSORS(w, 16, u16, w)
PORT_ACCESSORS(l, 32, u32, l)

extern "C" void outb(unsigned char byte, unsigned port) { put_b(byte, port); }
extern "C" void outw(unsigned short word, unsigned port) { put_w(word, port); }
extern "C" void outl(unsigned longword, unsigned port) { put_l(longword, port); }

}  // namespace memio
