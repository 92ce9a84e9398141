// Console input. Output: console_write() in kernel/driver.h.
#pragma once

namespace memio {

// The next character of the console, waiting for it; 0..255.
int console_getc();
// Hands over a character that arrived; for the console's driver, also in its interrupt. Lost when 256 wait.
void console_received(char c);

}  // namespace memio
