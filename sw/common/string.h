// The memory and string functions of the C library that freestanding guest code needs; the compiler may emit
// calls to the mem* ones itself. Semantics: ISO C 7.24.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void* memcpy(void* to, const void* from, size_t count);
void* memmove(void* to, const void* from, size_t count);
void* memset(void* to, int value, size_t count);
int memcmp(const void* left, const void* right, size_t count);
size_t strlen(const char* text);
int strcmp(const char* left, const char* right);
int strncmp(const char* left, const char* right, size_t count);
size_t strnlen(const char* text, size_t limit);
char* strcpy(char* to, const char* from);
char* strncpy(char* to, const char* from, size_t count);
char* strcat(char* to, const char* from);
char* strchr(const char* text, int c);
char* strrchr(const char* text, int c);
void* memchr(const void* bytes, int c, size_t count);
char* strstr(const char* text, const char* part);

// Copies at most size - 1 characters and always ends them with a zero, if `size` is not 0 (BSD's strlcpy).
// The length of `from`: not less than `size` when the copy was cut.
size_t strlcpy(char* to, const char* from, size_t size);

#ifdef __cplusplus
}
#endif
