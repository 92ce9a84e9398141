// Text that moves by DMA only, paced by the request lines of the serial ports: input of uart0 to memory, from
// there to uart1, which is in loopback, and from uart1 to the output of uart0. Exit status: the number of
// what went wrong.
#include "bare_dma.h"
#include "memio/portio.h"

#define BANNER "paced by request lines: "
#define BANNER_BYTES (sizeof BANNER - 1)
#define INPUT_BYTES 40u
#define BYTES (BANNER_BYTES + INPUT_BYTES)

#define UART1_PORT 0x3F8u
#define FIFO_CONTROL 2u
#define FIFOS_ON 1u
#define MODEM_CONTROL 4u
#define LOOPBACK 0x10u

// The request lines, and the channels.
enum { UART0_RECEIVES, UART0_SENDS, UART1_RECEIVES, UART1_SENDS };
enum { INPUT, TO_UART1, TO_OUTPUT };

static uint8_t text[256] LINE_ALIGNED;
static Descriptor descriptors[3] LINE_ALIGNED;

static int run(unsigned channel) { return wait_for_channel(&CHANNELS[channel]) == STATE_DONE; }

int main(void) {
  for (unsigned i = 0; i < BANNER_BYTES; i++) text[i] = (uint8_t)BANNER[i];
  ((volatile uint8_t*)UART_BASE)[FIFO_CONTROL] = FIFOS_ON;
  port_out8(UART1_PORT + FIFO_CONTROL, FIFOS_ON);
  port_out8(UART1_PORT + MODEM_CONTROL, LOOPBACK);

  descriptors[INPUT] =
      (Descriptor){.control = WIDTH_1 | SOURCE_FIXED | SOURCE_PACED_BY(UART0_RECEIVES) | FLAG_LAST,
                   .length = INPUT_BYTES,
                   .source = UART_BASE,
                   .destination = (unsigned long)&text[BANNER_BYTES]};
  descriptors[TO_UART1] = (Descriptor){.control = WIDTH_1 | DESTINATION_FIXED | DESTINATION_PORT |
                                                  DESTINATION_PACED_BY(UART1_SENDS) | FLAG_LAST,
                                       .length = BYTES,
                                       .source = (unsigned long)text,
                                       .destination = UART1_PORT};
  descriptors[TO_OUTPUT] =
      (Descriptor){.control = WIDTH_1 | SOURCE_FIXED | SOURCE_PORT | SOURCE_PACED_BY(UART1_RECEIVES) |
                              DESTINATION_FIXED | DESTINATION_PACED_BY(UART0_SENDS) | FLAG_LAST,
                   .length = BYTES,
                   .source = UART1_PORT,
                   .destination = UART_BASE};

  start_channel(&CHANNELS[INPUT], &descriptors[INPUT]);
  if (!run(INPUT)) return 1;
  start_channel(&CHANNELS[TO_OUTPUT], &descriptors[TO_OUTPUT]);
  start_channel(&CHANNELS[TO_UART1], &descriptors[TO_UART1]);
  if (!run(TO_UART1)) return 2;
  if (!run(TO_OUTPUT)) return 3;
  for (unsigned i = 0; i < 3; i++) {
    if (descriptors[i].status != DESCRIPTOR_DONE) return 4;
  }
  return 0;
}
