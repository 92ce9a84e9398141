// How the devices of the `virt` machine behave register by register: UART, PLIC, CLINT, real-time clock,
// finisher, empty virtio slots, and the PCI host bridge with nothing behind it. Prints a line a step, the
// same on every machine that has these devices; values that depend on time are compared here. Run it where
// nothing has touched the devices before (no firmware).
//
// QEMU 7.2 lets a write of an enable act with the next write of another register only, and a claim give
// nothing behind the threshold; the specification says otherwise. So each enable is followed by a write of a
// threshold, and nothing is claimed behind one.
#include "bare.h"

#define PLIC_BASE 0x0C000000ul
#define RTC_BASE 0x00101000ul
#define VIRTIO_BASE 0x10001000ul
#define PCI_IO 0x03001000ul  // behind the fixed ports of machines that have some
#define PCI_CONFIG 0x30000000ul
#define PCI_MEMORY 0x40000000ul
#define UART_IRQ 10u
#define RTC_IRQ 11u

enum { kFault = 0x1000 };  // plus the cause; above any value that is printed from a register of 8 bits

typedef struct {
  const char* name;
  unsigned long value;
  int faulted;
} Line;

static Line lines[300];
static unsigned line_count;

static volatile unsigned long fault;

unsigned long bare_trap(unsigned long cause, unsigned long pc, unsigned long tval) {
  (void)tval;
  fault = kFault + cause;
  return pc + instruction_length(pc);
}

// The console is a device under test: what is found is printed at the end.
static void note(const char* name, unsigned long value) { lines[line_count++] = (Line){name, value, 0}; }

#define DEFINE_ACCESS(bits)                                                                            \
  static unsigned long get##bits(unsigned long address) { return *(volatile uint##bits##_t*)address; } \
  static void put##bits(unsigned long address, unsigned long value) {                                  \
    *(volatile uint##bits##_t*)address = (uint##bits##_t)value;                                        \
  }                                                                                                    \
  static inline void read##bits(const char* name, unsigned long address) {                             \
    fault = 0;                                                                                         \
    const unsigned long value = get##bits(address);                                                    \
    lines[line_count++] = (Line){name, fault ? fault - kFault : value, fault != 0};                    \
  }                                                                                                    \
  static inline void write##bits(const char* name, unsigned long address, unsigned long value) {       \
    fault = 0;                                                                                         \
    put##bits(address, value);                                                                         \
    lines[line_count++] = (Line){name, fault ? fault - kFault : 0, fault != 0};                        \
  }

DEFINE_ACCESS(8)
DEFINE_ACCESS(16)
DEFINE_ACCESS(32)
#if __riscv_xlen == 64
DEFINE_ACCESS(64)
#endif

static unsigned long uart_get(unsigned reg) { return get8(UART_BASE + reg); }
static void uart_put(unsigned reg, unsigned long value) { put8(UART_BASE + reg, value); }

enum { kData, kIer, kIir, kLcr, kMcr, kLsr, kMsr, kScr };
enum { kFcr = kIir, kTimeout = 0x08 };

static int pending(unsigned irq) { return (int)(get32(PLIC_BASE + 0x1000) >> irq & 1); }
static unsigned long external(void) { return CSR_READ(mip) >> 9 & 5; }  // SEIP, MEIP

static void probe_uart(void) {
  note("uart ier", uart_get(kIer));
  note("uart iir", uart_get(kIir));
  note("uart lcr", uart_get(kLcr));
  note("uart mcr", uart_get(kMcr));
  note("uart lsr", uart_get(kLsr));
  note("uart msr", uart_get(kMsr));
  note("uart scr", uart_get(kScr));
  uart_put(kScr, 0xA5);
  note("uart scr written", uart_get(kScr));
  uart_put(kLcr, 0x83);
  note("uart dll at reset", uart_get(kData));
  note("uart dlm at reset", uart_get(kIer));
  uart_put(kData, 0x34);
  uart_put(kIer, 0x12);
  note("uart dll", uart_get(kData));
  note("uart dlm", uart_get(kIer));
  uart_put(kData, 1);
  uart_put(kIer, 0);
  uart_put(kLcr, 0x1B);
  note("uart lcr written", uart_get(kLcr));
  note("uart ier beside the divisor", uart_get(kIer));
  uart_put(kIer, 0xF0);
  note("uart ier high bits", uart_get(kIer));
  uart_put(kFcr, 0x01);
  note("uart iir with fifo", uart_get(kIir));
  uart_put(kFcr, 0x00);
  note("uart iir without fifo", uart_get(kIir));

  // Loopback from here on: nothing leaves.
  uart_put(kMcr, 0xFF);
  note("uart mcr written", uart_get(kMcr));
  note("uart msr looped", uart_get(kMsr) & 0xF0);
  uart_put(kMcr, 0x11);
  note("uart msr dtr", uart_get(kMsr) & 0xF0);
  uart_put(kMcr, 0x12);
  note("uart msr rts", uart_get(kMsr) & 0xF0);
  uart_put(kMcr, 0x10);
  note("uart msr none", uart_get(kMsr) & 0xF0);

  uart_put(kIer, 0x02);
  note("uart iir thre enabled", uart_get(kIir));
  note("uart iir thre read", uart_get(kIir));
  uart_put(kIer, 0x00);
  uart_put(kIer, 0x02);
  note("uart iir thre enabled again", uart_get(kIir));
  uart_put(kData, 'A');
  note("uart iir sent", uart_get(kIir));
  note("uart iir sent read", uart_get(kIir));
  note("uart lsr received", uart_get(kLsr));
  uart_put(kIer, 0x03);
  note("uart iir received", uart_get(kIir));
  note("uart rbr", uart_get(kData));
  note("uart iir empty", uart_get(kIir));
  note("uart lsr empty", uart_get(kLsr));

  uart_put(kIer, 0x05);
  uart_put(kData, 'B');
  uart_put(kData, 'C');
  note("uart iir overrun", uart_get(kIir));
  note("uart lsr overrun", uart_get(kLsr));
  note("uart lsr overrun read", uart_get(kLsr));
  note("uart iir after overrun", uart_get(kIir));
  note("uart rbr overwritten", uart_get(kData));

  uart_put(kFcr, 0x07);
  for (unsigned i = 0; i < 17; i++) uart_put(kData, 'a' + i);
  note("uart fifo iir overrun", uart_get(kIir));
  note("uart fifo lsr overrun", uart_get(kLsr));
  note("uart fifo iir", uart_get(kIir) & ~kTimeout);
  for (unsigned i = 0; i < 15; i++) uart_get(kData);
  note("uart fifo lsr one left", uart_get(kLsr));
  note("uart fifo last", uart_get(kData));
  note("uart fifo lsr empty", uart_get(kLsr));
  uart_put(kFcr, 0x41);  // trigger at 4
  for (unsigned i = 0; i < 4; i++) uart_put(kData, '0' + i);
  note("uart trigger iir", uart_get(kIir) & ~kTimeout);
  note("uart trigger first", uart_get(kData));
  unsigned long iir = 0;
  for (unsigned i = 0; i < 2000000 && (iir & kTimeout) == 0; i++) iir = uart_get(kIir);
  note("uart timeout iir", iir);
  note("uart timeout rbr", uart_get(kData));
  uart_put(kFcr, 0x43);
  note("uart cleared lsr", uart_get(kLsr));
  note("uart cleared iir", uart_get(kIir));
  for (unsigned i = 0; i < 3; i++) uart_put(kData, 'x');
  uart_put(kFcr, 0x00);  // a change of the FIFOs' switch clears them
  note("uart switched lsr", uart_get(kLsr));
  uart_put(kIer, 0);
  note("uart iir off", uart_get(kIir));
}

static void probe_plic(void) {
  const unsigned long enable = PLIC_BASE + 0x2000, context = PLIC_BASE + 0x200000;
  write32("plic priority 0", PLIC_BASE, 7);
  read32("plic priority 0", PLIC_BASE);
  put32(PLIC_BASE + 4 * 95, 0xFFFFFFFF);
  read32("plic priority 95", PLIC_BASE + 4 * 95);
  put32(PLIC_BASE + 4 * 95, 0);
  read32("plic no priority", PLIC_BASE + 4 * 200);
  write32("plic no priority written", PLIC_BASE + 4 * 200, 1);
  write32("plic pending written", PLIC_BASE + 0x1000, ~0ul);
  read32("plic pending", PLIC_BASE + 0x1000);
  put32(enable + 4, 0xFFFFFFFF);
  read32("plic enable 32", enable + 4);
  put32(enable + 8, 0xFFFFFFFF);
  read32("plic enable 64", enable + 8);
  put32(enable + 4, 0);
  put32(enable + 8, 0);
  read32("plic enable beyond", enable + 12);
  put32(context, 0xFFFFFFFF);
  read32("plic threshold", context);
  put32(context, 0);
  read32("plic claim of none", context + 4);
  read32("plic other hart enable", enable + 0x100);
  read32("plic other hart threshold", context + 0x2000);
  read32("plic hole", PLIC_BASE + 0x1F0000);
  read8("plic byte", PLIC_BASE + 4);
  read16("plic half", PLIC_BASE + 4);

  // The serial port as a source: "THR empty", which reading IIR ends.
  put32(PLIC_BASE + 4 * UART_IRQ, 3);
  put32(enable, 1u << UART_IRQ);
  put32(context, 0);
  note("plic remembers", external());
  read32("plic claim remembered", context + 4);
  put32(context + 4, UART_IRQ);
  note("plic before", external());
  uart_put(kIer, 2);
  note("plic pending uart", (unsigned long)pending(UART_IRQ));
  note("plic raises", external());
  put32(enable + 0x80, 1u << UART_IRQ);
  put32(context + 0x1000, 0);
  note("plic raises both", external());
  put32(context, 3);
  note("plic behind the threshold", external());
  put32(context, 2);
  note("plic above the threshold", external());
  put32(PLIC_BASE + 4 * UART_IRQ, 0);
  note("plic priority none", external());
  put32(PLIC_BASE + 4 * UART_IRQ, 7);
  read32("plic claim", context + 4);
  note("plic claimed pending", (unsigned long)pending(UART_IRQ));
  note("plic claimed", external());
  read32("plic claim again", context + 4);
  read32("plic claim by the other", context + 0x1004);
  uart_get(kIir);
  put32(context + 4, 5);  // of another source: nothing happens
  note("plic completed another", external());
  put32(context + 4, UART_IRQ);
  note("plic completed pending", (unsigned long)pending(UART_IRQ));
  note("plic completed", external());
  uart_put(kIer, 0);
  uart_put(kIer, 2);
  note("plic raises again", external());
  read32("plic claim by S", context + 0x1004);
  uart_get(kIir);
  put32(context + 0x1004, UART_IRQ);
  note("plic done", external());
  put32(enable, 0);
  put32(enable + 0x80, 0);
  put32(context, 0);
  uart_put(kIer, 0);
}

static unsigned long mip_bit(unsigned bit) { return CSR_READ(mip) >> bit & 1; }

static void probe_clint(void) {
  const unsigned long compare = CLINT_BASE + 0x4000, time = CLINT_BASE + 0xBFF8;
  read32("clint msip", CLINT_BASE);
  put32(CLINT_BASE, 0xFFFFFFFF);
  read32("clint msip set", CLINT_BASE);
  note("clint msip raised", mip_bit(3));
  put32(CLINT_BASE, 0xFFFFFFFE);
  read32("clint msip cleared", CLINT_BASE);
  note("clint msip lowered", mip_bit(3));
  read32("clint other msip", CLINT_BASE + 4);
  read16("clint msip half", CLINT_BASE);
  read8("clint msip byte", CLINT_BASE);
  put32(compare, 0x89ABCDEF);
  put32(compare + 4, 0x7FFFFFFF);
  read32("clint compare low", compare);
  read32("clint compare high", compare + 4);
  note("clint timer before", mip_bit(7));
  put32(compare + 4, 0);
  put32(compare, 0);
  note("clint timer raised", mip_bit(7));
  put32(compare + 4, 1);
  note("clint timer lowered", mip_bit(7));
  put32(time + 4, 5);
  note("clint time high", get32(time + 4));
  note("clint time raised", mip_bit(7));
  put32(time + 4, 0);
  put32(time, 0);
  note("clint time high again", get32(time + 4));
  note("clint time small", get32(time) < 1000000);
  note("clint time lowered", mip_bit(7));
  read16("clint compare half", compare);
  read32("clint other compare", compare + 8);
  read32("clint hole", CLINT_BASE + 0x3000);
#if __riscv_xlen == 64
  *(volatile uint64_t*)compare = 0x123456789ABCDEF0ull;
  note("clint wide high", *(volatile uint64_t*)compare >> 32);
  note("clint wide low", get32(compare));
  *(volatile uint64_t*)time = 1ull << 40;
  note("clint wide time", *(volatile uint64_t*)time >> 32);
  note("clint csr time", CSR_READ(time) >> 32);
#endif
  put32(compare, ~0ul);
  put32(compare + 4, ~0ul);
}

static void probe_rtc(void) {
  const unsigned long low = RTC_BASE, high = RTC_BASE + 4, alarm_low = RTC_BASE + 8,
                      alarm_high = RTC_BASE + 12, enabled = RTC_BASE + 16, clear_alarm = RTC_BASE + 20,
                      alarm = RTC_BASE + 24, clear_irq = RTC_BASE + 28;
  read32("rtc alarm status", alarm);
  read32("rtc irq enabled", enabled);
  put32(enabled, 0xFFFFFFFE);
  read32("rtc irq enabled even", enabled);
  put32(enabled, 0xFFFFFFFF);
  read32("rtc irq enabled odd", enabled);
  put32(high, 0x12345678);
  put32(low, 0);
  const unsigned long begin = get32(low);
  note("rtc time high", get32(high));
  note("rtc time small", begin < 1000000000);
  put32(alarm_high, 0x12345679);
  put32(alarm_low, 5);
  read32("rtc alarm armed", alarm);
  read32("rtc alarm low", alarm_low);
  read32("rtc alarm high", alarm_high);
  note("rtc pending", (unsigned long)pending(RTC_IRQ));
  put32(clear_alarm, 1);
  read32("rtc alarm cleared", alarm);
  put32(alarm_high, 0x12345677);
  put32(alarm_low, 5);
  read32("rtc alarm rang", alarm);
  note("rtc pending rang", (unsigned long)pending(RTC_IRQ));
  put32(PLIC_BASE + 4 * RTC_IRQ, 1);
  put32(PLIC_BASE + 0x2000, 1u << RTC_IRQ);
  put32(PLIC_BASE + 0x200000, 0);
  put32(clear_irq, 1);
  read32("rtc claim", PLIC_BASE + 0x200004);
  put32(PLIC_BASE + 0x200004, RTC_IRQ);
  note("rtc completed", (unsigned long)pending(RTC_IRQ));
  put32(enabled, 0);
  put32(alarm_low, 6);
  note("rtc silent", (unsigned long)pending(RTC_IRQ));
  read32("rtc clear alarm", clear_alarm);
  read32("rtc clear interrupt", clear_irq);
  read16("rtc half", low);
  read8("rtc byte", low);
}

static void probe_rest(void) {
  write32("finisher", FINISHER_BASE, 0);
  read32("finisher", FINISHER_BASE);
  read16("finisher half", FINISHER_BASE);
  read8("finisher byte", FINISHER_BASE);
  read32("finisher word 2", FINISHER_BASE + 8);
  for (unsigned n = 0; n < 8; n++) {
    const unsigned long slot = VIRTIO_BASE + 0x1000ul * n;
    read32("virtio magic", slot);
    read32("virtio version", slot + 4);
    read32("virtio device", slot + 8);
    read32("virtio vendor", slot + 12);
  }
  read32("virtio features", VIRTIO_BASE + 0x10);
  write32("virtio status", VIRTIO_BASE + 0x70, 1);
  read32("virtio status", VIRTIO_BASE + 0x70);
  read32("virtio configuration", VIRTIO_BASE + 0x100);
}

static void probe_pci(void) {
  const unsigned long absent = PCI_CONFIG + (2ul << 15), last_config = PCI_CONFIG + 0x0FFFFFFCul;
  read32("pci bridge", PCI_CONFIG);
  read16("pci bridge device", PCI_CONFIG + 2);
  read8("pci bridge class", PCI_CONFIG + 11);
  read32("pci bridge behind 256 bytes", PCI_CONFIG + 0x100);
  read32("pci absent function", absent);
  read16("pci absent function half", absent + 2);
  read8("pci absent function byte", absent + 0xFFF);
  write32("pci absent function written", absent + 4, 7);
  read32("pci absent function", absent + 4);
  read32("pci last function", last_config);
  for (unsigned long port = PCI_IO; port < 0x03010000ul; port += 0xEFFC) {
    write32("pci io written", port, 0x12345678);
    read32("pci io", port);
    write16("pci io half written", port + 2, 0x1234);
    read16("pci io half", port + 2);
    write8("pci io byte written", port + 3, 0x12);
    read8("pci io byte", port + 3);
  }
  read16("pci io unaligned", PCI_IO + 1);
  for (unsigned long place = PCI_MEMORY; place < 0x80000000ul; place += 0x3FFFFFF8ul) {
    write32("pci memory written", place + 4, 0x12345678);
    read32("pci memory", place + 4);
    write16("pci memory half written", place + 2, 0x1234);
    read16("pci memory half", place + 2);
    write8("pci memory byte written", place + 1, 0x12);
    read8("pci memory byte", place + 1);
    read32("pci memory unaligned", place + 1);
#if __riscv_xlen == 64
    write64("pci memory double written", place, 0x12345678);
    read64("pci memory double", place);
#endif
  }
#if __riscv_xlen == 64
  read64("pci bridge double", PCI_CONFIG + 8);
  write64("pci absent function double written", absent, 1);
  read64("pci absent function double", absent);
#endif
}

int main(void) {
  probe_uart();
  probe_plic();
  probe_clint();
  probe_rtc();
  probe_rest();
  probe_pci();
  uart_put(kMcr, 0);
  for (unsigned i = 0; i < line_count; i++) {
    print_value(lines[i].name, lines[i].value);
    if (lines[i].faulted) print("  is a fault of that cause\n");
  }
  return 0;
}
