// The console's way out: the firmware until a driver takes over.
#include "kernel/driver.h"
#include "kernel/platform.h"

namespace memio {
namespace {

ConsoleWrite writer;

}  // namespace

void console_set(ConsoleWrite write) { writer = write; }

void console_write(const char* text, unsigned long length) {
  if (writer != nullptr) return writer(text, length);
  for (unsigned long i = 0; i < length; i++) sbi_put(text[i]);
}

}  // namespace memio
