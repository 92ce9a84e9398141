// Does with the virtio disk what the console says, a letter at a time: r(ead), w(rite), f(lush) of sector 1,
// and tells the status; q(uit), as does the end of input. So whoever types can do something to the disk in
// between.
#include "bare_disk.h"

static char next_letter(void) {
  volatile uint8_t* const uart = (volatile uint8_t*)UART_BASE;
  while ((uart[5] & 1) == 0) {
  }
  return (char)uart[0];
}

int main(void) {
  if (!start()) return 1;
  for (;;) {
    switch (next_letter()) {
      case 'r':
        request(kIn, 1);
        break;
      case 'w':
        request(kOut, 1);
        break;
      case 'f':
        request(kFlush, 0);
        break;
      case 'q':
      case 4:  // memio tells an end by Ctrl-D
        return 0;
    }
  }
}
