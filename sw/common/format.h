// The one formatter of all guest software: firmware, kernel and user programs print through it.
// It knows %d %i %u %x %p %s %c %%, the lengths l, ll and z, the flags - and 0, width and (for %s) precision.
// It does not model floating point, %n, %o and field widths given as *.
#pragma once

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Formats into `out`, at most `size` bytes including the final zero. Returns the number of characters stored,
// without the zero (unlike ISO C's vsnprintf, which returns what it would have needed).
size_t format_text(char* out, size_t size, const char* format, va_list arguments);

#ifdef __cplusplus
}
#endif
