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
char* strstr(const char* text, const char* part);

#ifdef __cplusplus
}
#endif
