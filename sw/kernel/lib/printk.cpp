// printk(): formats a line and hands it to the console.
#include <linux/kernel.h>
#include <stdarg.h>

#include "format.h"
#include "kernel/driver.h"

extern "C" int printk(const char* format, ...) {
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  const size_t length = format_text(line, sizeof line, format, arguments);
  va_end(arguments);
  memio::console_write(line, length);
  return static_cast<int>(length);
}
