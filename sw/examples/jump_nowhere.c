// A guest that jumps to an address where nothing is, with its trap handler there too.
#include "bare.h"

#define NOWHERE 0x08000000ul

int main(void) {
  CSR_WRITE(mtvec, NOWHERE);
  ((void (*)(void))NOWHERE)();
  return 1;
}
