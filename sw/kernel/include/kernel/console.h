// The console between the kernel and whichever driver has the line: a way out, and a ring of characters in.
#pragma once

namespace memio {

// Sends `length` characters; until a driver sets one, and after it takes it back with null, the firmware
// does.
using ConsoleWrite = void (*)(const char* text, unsigned long length);
void console_set(ConsoleWrite write);
void console_write(const char* text, unsigned long length);

// For the driver, from its interrupt. It takes a character out of the hardware only while there is room, and
// else switches its receive interrupt off; nothing is lost then, because the sender is held up.
unsigned console_receive_room();
void console_receive(char c);
// Called with interrupts off when a reader has made room: switches the receive interrupt on again. Null: the
// driver takes no interrupts (any more), and the firmware is asked for characters.
void console_set_resume(void (*resume)());

// The next character typed; sleeps until there is one.
int console_getc();
// The same, or -1 at once when there is none.
int console_try_getc();

}  // namespace memio
