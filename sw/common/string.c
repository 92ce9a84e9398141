// Memory and string functions of ISO C 7.24 for freestanding guest code. Copies and fills move whole
// registers as far as alignment allows, 16 of them at a time: the loop then costs little beside the accesses.
#include "string.h"

#include <stdint.h>

typedef unsigned long __attribute__((may_alias)) Word;

enum { kWord = sizeof(Word), kBlockWords = 16, kBlock = kBlockWords * kWord };

// Bytes from `address` to the next word, not more than `count`.
static size_t bytes_to_word(const void* address, size_t count) {
  const size_t bytes = -(uintptr_t)address % kWord;
  return bytes < count ? bytes : count;
}

void* memcpy(void* to, const void* from, size_t count) {
  unsigned char* out = to;
  const unsigned char* in = from;
  if (((uintptr_t)out - (uintptr_t)in) % kWord == 0) {
    for (size_t head = bytes_to_word(out, count); head > 0; head--, count--) *out++ = *in++;
    for (; count >= kBlock; count -= kBlock, out += kBlock, in += kBlock) {
#pragma GCC unroll 16
      for (unsigned i = 0; i < kBlockWords; i++) ((Word*)out)[i] = ((const Word*)in)[i];
    }
    for (; count >= kWord; count -= kWord, out += kWord, in += kWord) *(Word*)out = *(const Word*)in;
  }
  while (count-- > 0) *out++ = *in++;
  return to;
}

void* memmove(void* to, const void* from, size_t count) {
  unsigned char* out = to;
  const unsigned char* in = from;
  if (out <= in || out >= in + count) return memcpy(to, from, count);
  while (count-- > 0) out[count] = in[count];
  return to;
}

void* memset(void* to, int value, size_t count) {
  unsigned char* out = to;
  const Word pattern = (~0UL / 0xff) * (unsigned char)value;
  for (size_t head = bytes_to_word(out, count); head > 0; head--, count--) *out++ = (unsigned char)value;
  for (; count >= kBlock; count -= kBlock, out += kBlock) {
#pragma GCC unroll 16
    for (unsigned i = 0; i < kBlockWords; i++) ((Word*)out)[i] = pattern;
  }
  for (; count >= kWord; count -= kWord, out += kWord) *(Word*)out = pattern;
  while (count-- > 0) *out++ = (unsigned char)value;
  return to;
}

int memcmp(const void* left, const void* right, size_t count) {
  const unsigned char* a = left;
  const unsigned char* b = right;
  for (; count > 0; count--, a++, b++) {
    if (*a != *b) return *a - *b;
  }
  return 0;
}

void* memchr(const void* bytes, int c, size_t count) {
  const unsigned char* at = bytes;
  for (; count > 0; count--, at++) {
    if (*at == (unsigned char)c) return (void*)at;
  }
  return NULL;
}

size_t strlen(const char* text) {
  const char* end = text;
  while (*end) end++;
  return (size_t)(end - text);
}

size_t strnlen(const char* text, size_t limit) {
  size_t length = 0;
  while (length < limit && text[length] != 0) length++;
  return length;
}

char* strcpy(char* to, const char* from) { return memcpy(to, from, strlen(from) + 1); }

char* strncpy(char* to, const char* from, size_t count) {
  const size_t length = strnlen(from, count);
  memcpy(to, from, length);
  memset(to + length, 0, count - length);
  return to;
}

size_t strlcpy(char* to, const char* from, size_t size) {
  const size_t length = strlen(from);
  if (size == 0) return length;
  const size_t count = length < size ? length : size - 1;
  memcpy(to, from, count);
  to[count] = 0;
  return length;
}

char* strcat(char* to, const char* from) {
  strcpy(to + strlen(to), from);
  return to;
}

char* strchr(const char* text, int c) { return memchr(text, c, strlen(text) + 1); }

char* strrchr(const char* text, int c) {
  for (const char* at = text + strlen(text);; at--) {
    if (*at == (char)c) return (char*)at;
    if (at == text) return NULL;
  }
}

int strcmp(const char* left, const char* right) { return strncmp(left, right, SIZE_MAX); }

int strncmp(const char* left, const char* right, size_t count) {
  for (; count > 0; count--, left++, right++) {
    if (*left != *right || *left == 0) return (unsigned char)*left - (unsigned char)*right;
  }
  return 0;
}

char* strstr(const char* text, const char* part) {
  const size_t length = strlen(part);
  for (;; text++) {
    if (strncmp(text, part, length) == 0) return (char*)text;
    if (*text == 0) return NULL;
  }
}
