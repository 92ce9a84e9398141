// The kernel command line: words of the form `name` or `name=value`, separated by blanks.
#include "kernel/command_line.h"

#include <linux/kernel.h>

#include "fdt.h"
#include "string.h"

namespace memio {
namespace {

char text[1024];

// Start of the word `name`, behind an `=` if it has one; null when the line does not have it.
const char* find_word(const char* name) {
  const size_t length = strlen(name);
  for (const char* at = text; *at != 0;) {
    if (strncmp(at, name, length) == 0 && (at[length] == 0 || at[length] == ' ')) return at + length;
    if (strncmp(at, name, length) == 0 && at[length] == '=') return at + length + 1;
    while (*at != 0 && *at != ' ') at++;
    while (*at == ' ') at++;
  }
  return nullptr;
}

}  // namespace

void command_line_init(const Fdt& tree) {
  FdtNode chosen;
  if (!tree.find_top("chosen", &chosen)) return;
  const char* line = tree.property(chosen, "bootargs").text();
  while (*line == ' ') line++;
  const size_t length = strlen(line);
  memcpy(text, line, length < sizeof text ? length : sizeof text - 1);
  if (length >= sizeof text) {
    printk("command line: %zu characters, cut after the first %zu\n", length, sizeof text - 1);
  }
}

const char* command_line() { return text; }

bool command_line_has(const char* name) { return find_word(name) != nullptr; }

bool command_line_value(const char* name, char* value, size_t size) {
  const char* at = find_word(name);
  if (at == nullptr) return false;
  size_t length = 0;
  for (; at[length] != 0 && at[length] != ' ' && length + 1 < size; length++) value[length] = at[length];
  value[length] = 0;
  return true;
}

}  // namespace memio
