// seq_printf() and its relatives: format a piece, hand it to the file's writer.
#include <linux/seq_file.h>
#include <stdarg.h>

#include "format.h"
#include "string.h"

extern "C" int seq_printf(seq_file* file, const char* format, ...) {
  char piece[256];
  va_list arguments;
  va_start(arguments, format);
  const size_t length = format_text(piece, sizeof piece, format, arguments);
  va_end(arguments);
  file->write(file, piece, length);
  return 0;
}

extern "C" void seq_puts(seq_file* file, const char* text) { file->write(file, text, strlen(text)); }
extern "C" void seq_putc(seq_file* file, char c) { file->write(file, &c, 1); }
