// Characters that arrived at the console and wait to be read.
#include "kernel/console.h"
#include "kernel/interrupt.h"

namespace memio {
namespace {

constexpr unsigned kRingSize = 256;

char ring[kRingSize];
volatile unsigned received;  // characters ever put in
volatile unsigned read;      // characters ever taken out

}  // namespace

void console_received(char c) {
  if (received - read == kRingSize) return;
  ring[received % kRingSize] = c;
  received = received + 1;
}

int console_getc() {
  while (received == read) {
    // With interrupts off, so that none is taken between the test and wfi; wfi wakes up all the same.
    disable_interrupts();
    if (received == read) __asm__ volatile("wfi");
    enable_interrupts();
  }
  const char c = ring[read % kRingSize];
  read = read + 1;
  return static_cast<unsigned char>(c);
}

}  // namespace memio
