// The kernel's formatting into memory, over common/format.h.
#include "format.h"

#include <linux/kernel.h>

extern "C" int vscnprintf(char* out, size_t size, const char* format, va_list arguments) {
  return static_cast<int>(format_text(out, size, format, arguments));
}

extern "C" int scnprintf(char* out, size_t size, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = vscnprintf(out, size, format, arguments);
  va_end(arguments);
  return length;
}

extern "C" int vsnprintf(char* out, size_t size, const char* format, va_list arguments) {
  return static_cast<int>(format_text_length(out, size, format, arguments));
}

extern "C" int snprintf(char* out, size_t size, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(out, size, format, arguments);
  va_end(arguments);
  return length;
}

extern "C" int sprintf(char* out, const char* format, ...) {
  // A size that no text reaches and with which `out` does not wrap.
  const size_t room = ~reinterpret_cast<size_t>(out);
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(out, room, format, arguments);
  va_end(arguments);
  return length;
}
