// The one formatter of all guest software: firmware, kernel and user programs print through it.
// It knows %d %i %u %x %X %p %s %c %%, the lengths hh, h, l, ll and z, the flags -, 0 and #, width and (for
// %s) precision, also as *. It does not model floating point, %n, %o and the flags + and blank.
#pragma once

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Formats into `out`, at most `size` bytes including the final zero. Returns the number of characters stored,
// without the zero (unlike ISO C's vsnprintf, which returns what it would have needed).
size_t format_text(char* out, size_t size, const char* format, va_list arguments);

// As format_text, but returns the length of the whole text, as ISO C's vsnprintf; `size` may be 0.
size_t format_text_length(char* out, size_t size, const char* format, va_list arguments);

#ifdef __cplusplus
}
#endif
