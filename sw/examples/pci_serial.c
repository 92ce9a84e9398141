// A PCI device whose registers lie in port space: found in configuration space, its size asked for, moved to
// ports of our choice, worked through the window of port space as a stock kernel's inb and outb do, and its
// interrupt taken. Runs on any machine with a `virt`-like host bridge and a PCI serial port as device 1; the
// exit status is the number of the first check that failed.
#include "bare.h"
#include "bare_check.h"

#define ECAM_BASE 0x30000000ul
#define PORT_WINDOW 0x03000000ul
#define PLIC_BASE 0x0C000000ul
#define INTB_IRQ 33u  // INTA# of device 1

#define DEVICE 1u
#define FIRST_PORT 0x1040ul
#define SECOND_PORT 0xFFF8ul

enum { kIds = 0x00, kCommand = 0x04, kClass = 0x08, kBar0 = 0x10, kInterrupt = 0x3C };
enum { kCommandIo = 1, kStatusInterrupt = 1 << 19, kInta = 1 };
enum { kData = 0, kInterruptEnable = 1, kModemControl = 4, kLineStatus = 5, kScratch = 7 };

static volatile unsigned interrupts;

static volatile uint32_t* config(unsigned device, unsigned reg) {
  return (volatile uint32_t*)(ECAM_BASE + ((unsigned long)device << 15) + reg);
}

static volatile uint8_t* port(unsigned long number) { return (volatile uint8_t*)(PORT_WINDOW + number); }

unsigned long bare_trap(unsigned long cause, unsigned long pc, unsigned long tval) {
  (void)tval;
  if (cause != (INTERRUPT_FLAG | 11)) exit_run(90);
  volatile uint32_t* const claim = (volatile uint32_t*)(PLIC_BASE + 0x200004);
  const uint32_t source = *claim;
  if (source != INTB_IRQ) exit_run(91);
  if (!(*config(DEVICE, kCommand) & kStatusInterrupt)) exit_run(92);
  *port(SECOND_PORT + kInterruptEnable) = 0;
  *claim = source;
  interrupts = interrupts + 1;
  return pc;
}

static void take_an_interrupt(void) {
  volatile uint32_t* const enables = (volatile uint32_t*)(PLIC_BASE + 0x2000);
  *(volatile uint32_t*)(PLIC_BASE + 4 * INTB_IRQ) = 1;
  enables[INTB_IRQ / 32] = 1u << INTB_IRQ % 32;
  CSR_SET(mie, 1ul << 11);
  CSR_SET(mstatus, MSTATUS_MIE);
  *port(SECOND_PORT + kInterruptEnable) = 2;  // the transmitter is empty
  for (unsigned i = 0; i < 1000 && interrupts == 0; i++) (void)*port(SECOND_PORT + kScratch);
}

int main(void) {
  check("device 1 is there", *config(DEVICE, kIds) == 0x00021B36);
  check("device 2 is not", *config(2, kIds) == 0xFFFFFFFF);
  check("a 16550", *config(DEVICE, kClass) >> 8 == 0x070002);
  check("INTA#", *config(DEVICE, kInterrupt) >> 8 == kInta);
  *config(DEVICE, kBar0) = 0xFFFFFFFF;
  check("eight ports", *config(DEVICE, kBar0) == 0xFFFFFFF9);

  *config(DEVICE, kBar0) = FIRST_PORT;
  *config(DEVICE, kCommand) = kCommandIo;
  *port(FIRST_PORT + kScratch) = 0x5A;
  check("reached", *port(FIRST_PORT + kScratch) == 0x5A);
  *port(FIRST_PORT + kModemControl) = 0x10;  // loopback
  *port(FIRST_PORT + kData) = 0x42;
  check("a character came back", (*port(FIRST_PORT + kLineStatus) & 1) && *port(FIRST_PORT + kData) == 0x42);
  *port(FIRST_PORT + kModemControl) = 0;

  *config(DEVICE, kBar0) = SECOND_PORT;
  check("moved", *port(SECOND_PORT + kScratch) == 0x5A);
  take_an_interrupt();
  check("one interrupt", interrupts == 1);
  check("and no more", !(*config(DEVICE, kCommand) & kStatusInterrupt));
  print("pci-serial: all checks passed\n");
  return 0;
}
