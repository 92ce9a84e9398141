// Options of the kernel, from `bootargs` in the device tree. At most 1023 characters are kept.
#pragma once

#include <stddef.h>

namespace memio {

class Fdt;

void command_line_init(const Fdt& tree);
const char* command_line();
// Whether the word `name` is there, with or without a value.
bool command_line_has(const char* name);
// The value of `name`, "" if it has none; false when the word is not there. Cut to `size` - 1 characters.
bool command_line_value(const char* name, char* value, size_t size);

}  // namespace memio
