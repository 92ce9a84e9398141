// Soft reset without a reset: the address of the first instruction, called as a function that has no body.
// Memory stays as it is, so a word that nothing clears tells the second start from the first.
#include "bare.h"

typedef void (*lpFunction)(void);

#define SECOND_START 0x5245534Eu

static uint32_t mark __attribute__((section(".noinit")));

int main(void) {
  if (mark == SECOND_START) {
    mark = 0;
    print("soft reset: second start\n");
    return 0;
  }
  mark = SECOND_START;
  print("soft reset: first start, calling the reset vector\n");
  const lpFunction lpReset = (lpFunction)RESET_VECTOR;
  lpReset();
  return 1;
}
