// Formatter for guest software; see format.h for what it knows.
#include "format.h"

#include <stdbool.h>
#include <stdint.h>

#include "string.h"

typedef struct {
  char* next;
  char* end;
} Sink;

typedef struct {
  bool left;
  bool zero;
  int width;
  int precision;  // -1: none given
  int longs;      // number of l: 0, 1 or 2
} Spec;

static void put(Sink* sink, char c) {
  if (sink->next < sink->end) *sink->next++ = c;
}

static void put_padded(Sink* sink, const char* text, int length, bool negative, const Spec* spec) {
  const int used = length + (negative ? 1 : 0);
  const int padding = spec->width > used ? spec->width - used : 0;
  if (!spec->left && !spec->zero) {
    for (int i = 0; i < padding; i++) put(sink, ' ');
  }
  if (negative) put(sink, '-');
  if (!spec->left && spec->zero) {
    for (int i = 0; i < padding; i++) put(sink, '0');
  }
  for (int i = 0; i < length; i++) put(sink, text[i]);
  if (spec->left) {
    for (int i = 0; i < padding; i++) put(sink, ' ');
  }
}

static void put_number(Sink* sink, uint64_t value, unsigned base, bool negative, const Spec* spec) {
  char digits[20];
  int at = sizeof digits;
  // A 64-bit division is a library call on RV32, so it is used only for values that need it.
  while (value > UINT32_MAX) {
    digits[--at] = "0123456789abcdef"[value % base];
    value /= base;
  }
  uint32_t small = (uint32_t)value;
  do {
    digits[--at] = "0123456789abcdef"[small % base];
    small /= base;
  } while (small != 0);
  put_padded(sink, digits + at, (int)sizeof digits - at, negative, spec);
}

static const char* parse_spec(const char* format, Spec* spec) {
  *spec = (Spec){.precision = -1};
  for (;; format++) {
    if (*format == '-') {
      spec->left = true;
    } else if (*format == '0') {
      spec->zero = true;
    } else {
      break;
    }
  }
  for (; *format >= '0' && *format <= '9'; format++) spec->width = spec->width * 10 + (*format - '0');
  if (*format == '.') {
    spec->precision = 0;
    for (format++; *format >= '0' && *format <= '9'; format++) {
      spec->precision = spec->precision * 10 + (*format - '0');
    }
  }
  for (; *format == 'l' || *format == 'z'; format++) spec->longs++;
  return format;
}

// va_list may be an array type, so it travels by pointer to be advanced here.
static uint64_t unsigned_argument(va_list* arguments, const Spec* spec) {
  if (spec->longs >= 2) return va_arg(*arguments, unsigned long long);
  if (spec->longs == 1) return va_arg(*arguments, unsigned long);
  return va_arg(*arguments, unsigned);
}

static int64_t signed_argument(va_list* arguments, const Spec* spec) {
  if (spec->longs >= 2) return va_arg(*arguments, long long);
  if (spec->longs == 1) return va_arg(*arguments, long);
  return va_arg(*arguments, int);
}

static void put_string(Sink* sink, const char* text, const Spec* spec) {
  if (text == NULL) text = "(null)";
  int length = 0;
  while (text[length] != 0 && length != spec->precision) length++;
  put_padded(sink, text, length, false, spec);
}

static void put_conversion(Sink* sink, char conversion, va_list* arguments, Spec* spec) {
  switch (conversion) {
    case 'd':
    case 'i': {
      const int64_t value = signed_argument(arguments, spec);
      put_number(sink, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, value < 0, spec);
      break;
    }
    case 'u':
      put_number(sink, unsigned_argument(arguments, spec), 10, false, spec);
      break;
    case 'x':
      put_number(sink, unsigned_argument(arguments, spec), 16, false, spec);
      break;
    case 'p':
      spec->zero = true;
      spec->width = 2 * sizeof(void*);
      put_number(sink, (uintptr_t)va_arg(*arguments, void*), 16, false, spec);
      break;
    case 's':
      put_string(sink, va_arg(*arguments, const char*), spec);
      break;
    case 'c':
      put(sink, (char)va_arg(*arguments, int));
      break;
    default:
      put(sink, conversion);
      break;
  }
}

size_t format_text(char* out, size_t size, const char* format, va_list arguments) {
  if (size == 0) return 0;
  Sink sink = {out, out + size - 1};
  va_list rest;
  va_copy(rest, arguments);
  for (; *format != 0; format++) {
    if (*format != '%') {
      put(&sink, *format);
      continue;
    }
    Spec spec;
    format = parse_spec(format + 1, &spec);
    if (*format == 0) break;
    put_conversion(&sink, *format, &rest, &spec);
  }
  va_end(rest);
  *sink.next = 0;
  return (size_t)(sink.next - out);
}
