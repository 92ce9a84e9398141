// The console's two directions: out through the driver or the firmware, in through a ring that the driver
// fills and one reader empties. While no driver takes interrupts of the line, the firmware is asked each
// tick.
#include "kernel/console.h"

#include <linux/wait.h>

#include "kernel/platform.h"

namespace memio {
namespace {

constexpr unsigned kRingSize = 256;

ConsoleWrite writer;
void (*resume_input)();
char ring[kRingSize];
volatile unsigned received;  // characters ever put in
volatile unsigned taken;     // and out
DECLARE_WAIT_QUEUE_HEAD(readers);

}  // namespace

void console_set(ConsoleWrite write) { writer = write; }

void console_write(const char* text, unsigned long length) {
  if (writer != nullptr) return writer(text, length);
  for (unsigned long i = 0; i < length; i++) early_console_put(text[i]);
}

unsigned console_receive_room() { return kRingSize - (received - taken); }

void console_receive(char c) {
  ring[received % kRingSize] = c;
  received = received + 1;
  wake_up(&readers);
}

void console_set_resume(void (*resume)()) { resume_input = resume; }

int console_try_getc() {
  if (received == taken) return resume_input == nullptr ? early_console_get() : -1;
  const int c = static_cast<unsigned char>(ring[taken % kRingSize]);
  const unsigned long flags = arch_local_irq_save();
  taken = taken + 1;
  if (resume_input != nullptr && console_receive_room() >= kRingSize / 2) resume_input();
  arch_local_irq_restore(flags);
  return c;
}

int console_getc() {
  int c;
  while ((c = console_try_getc()) < 0) {
    wait_event_timeout(readers, received != taken, resume_input == nullptr ? 1 : MAX_SCHEDULE_TIMEOUT);
  }
  return c;
}

}  // namespace memio
