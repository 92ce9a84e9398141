// Formatter for guest software; see format.h for what it knows.
#include "format.h"

#include <stdbool.h>
#include <stdint.h>

#include "string.h"

typedef struct {
  char* next;
  char* end;
  size_t length;  // of the whole text, stored or not
} Sink;

typedef struct {
  bool left;
  bool zero;
  bool prefix;  // flag #: 0x before %x
  int width;
  int precision;  // -1: none given
  int longs;      // number of l: 0, 1 or 2; of h, negative
} Spec;

static void put(Sink* sink, char c) {
  sink->length++;
  if (sink->next < sink->end) *sink->next++ = c;
}

// `sign` stands before the padding zeroes: "", "-" or "0x".
static void put_padded(Sink* sink, const char* text, int length, const char* sign, const Spec* spec) {
  const int used = length + (int)strlen(sign);
  const int padding = spec->width > used ? spec->width - used : 0;
  if (!spec->left && !spec->zero) {
    for (int i = 0; i < padding; i++) put(sink, ' ');
  }
  while (*sign != 0) put(sink, *sign++);
  if (!spec->left && spec->zero) {
    for (int i = 0; i < padding; i++) put(sink, '0');
  }
  for (int i = 0; i < length; i++) put(sink, text[i]);
  if (spec->left) {
    for (int i = 0; i < padding; i++) put(sink, ' ');
  }
}

static void put_number(Sink* sink, uint64_t value, const char* digit, const char* sign, const Spec* spec) {
  const unsigned base = (unsigned)strlen(digit);
  char digits[20];
  int at = sizeof digits;
  // A 64-bit division is a library call on RV32, so it is used only for values that need it.
  while (value > UINT32_MAX) {
    digits[--at] = digit[value % base];
    value /= base;
  }
  uint32_t small = (uint32_t)value;
  do {
    digits[--at] = digit[small % base];
    small /= base;
  } while (small != 0);
  put_padded(sink, digits + at, (int)sizeof digits - at, sign, spec);
}

// va_list may be an array type, so it travels by pointer to be advanced here.
static const char* parse_number(const char* format, va_list* arguments, int* number) {
  if (*format == '*') {
    *number = va_arg(*arguments, int);
    return format + 1;
  }
  for (*number = 0; *format >= '0' && *format <= '9'; format++) *number = *number * 10 + (*format - '0');
  return format;
}

static const char* parse_spec(const char* format, va_list* arguments, Spec* spec) {
  *spec = (Spec){.precision = -1};
  for (;; format++) {
    if (*format == '-') {
      spec->left = true;
    } else if (*format == '0') {
      spec->zero = true;
    } else if (*format == '#') {
      spec->prefix = true;
    } else {
      break;
    }
  }
  format = parse_number(format, arguments, &spec->width);
  if (spec->width < 0) {  // only a * can give this; ISO C 7.21.6.1 takes it as the flag -
    spec->left = true;
    spec->width = -spec->width;
  }
  if (*format == '.') format = parse_number(format + 1, arguments, &spec->precision);
  for (; *format == 'l' || *format == 'z'; format++) spec->longs++;
  for (; *format == 'h'; format++) spec->longs--;
  return format;
}

static uint64_t unsigned_argument(va_list* arguments, const Spec* spec) {
  if (spec->longs >= 2) return va_arg(*arguments, unsigned long long);
  if (spec->longs == 1) return va_arg(*arguments, unsigned long);
  const unsigned value = va_arg(*arguments, unsigned);
  return spec->longs == 0 ? value : spec->longs == -1 ? (unsigned short)value : (unsigned char)value;
}

static int64_t signed_argument(va_list* arguments, const Spec* spec) {
  if (spec->longs >= 2) return va_arg(*arguments, long long);
  if (spec->longs == 1) return va_arg(*arguments, long);
  const int value = va_arg(*arguments, int);
  return spec->longs == 0 ? value : spec->longs == -1 ? (short)value : (signed char)value;
}

static void put_string(Sink* sink, const char* text, const Spec* spec) {
  if (text == NULL) text = "(null)";
  int length = 0;
  while (text[length] != 0 && length != spec->precision) length++;
  put_padded(sink, text, length, "", spec);
}

static const char kDecimal[] = "0123456789";
static const char kHex[] = "0123456789abcdef";
static const char kUpperHex[] = "0123456789ABCDEF";

static void put_conversion(Sink* sink, char conversion, va_list* arguments, Spec* spec) {
  switch (conversion) {
    case 'd':
    case 'i': {
      const int64_t value = signed_argument(arguments, spec);
      const uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
      put_number(sink, size, kDecimal, value < 0 ? "-" : "", spec);
      break;
    }
    case 'u':
      put_number(sink, unsigned_argument(arguments, spec), kDecimal, "", spec);
      break;
    case 'x':
      put_number(sink, unsigned_argument(arguments, spec), kHex, spec->prefix ? "0x" : "", spec);
      break;
    case 'X':
      put_number(sink, unsigned_argument(arguments, spec), kUpperHex, spec->prefix ? "0X" : "", spec);
      break;
    case 'p':
      spec->zero = true;
      spec->width = 2 * sizeof(void*);
      put_number(sink, (uintptr_t)va_arg(*arguments, void*), kHex, "", spec);
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

size_t format_text_length(char* out, size_t size, const char* format, va_list arguments) {
  Sink sink = {out, size == 0 ? out : out + size - 1, 0};
  va_list rest;
  va_copy(rest, arguments);
  for (; *format != 0; format++) {
    if (*format != '%') {
      put(&sink, *format);
      continue;
    }
    Spec spec;
    format = parse_spec(format + 1, &rest, &spec);
    if (*format == 0) break;
    put_conversion(&sink, *format, &rest, &spec);
  }
  va_end(rest);
  if (size != 0) *sink.next = 0;
  return sink.length;
}

size_t format_text(char* out, size_t size, const char* format, va_list arguments) {
  if (size == 0) return 0;
  const size_t length = format_text_length(out, size, format, arguments);
  return length < size ? length : size - 1;
}
