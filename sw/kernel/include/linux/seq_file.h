// Text that a file of /proc is made of. What is printed goes to `write` piece by piece; no size limit.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct seq_file {
  void (*write)(struct seq_file* file, const char* text, size_t length);
  void* private_data;  // the writer's
};

// At most 255 characters a call; formats as in common/format.h.
int seq_printf(struct seq_file* file, const char* format, ...) __attribute__((format(printf, 2, 3)));
void seq_puts(struct seq_file* file, const char* text);
void seq_putc(struct seq_file* file, char c);

#ifdef __cplusplus
}
#endif
