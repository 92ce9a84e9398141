// The virtio console and source of random numbers: greets through the console, prints eight random bytes on
// the serial port, then sends back what it receives until an EOT (Ctrl-D), whose end the run has.
#include "bare_virtio.h"

enum { kConsole = 3, kRng = 4 };
enum { kReceive = 0, kTransmit = 1 };
enum { kEndOfTransmission = 4 };

static VirtioRing receiving, transmitting, numbers;
static volatile uint8_t text[64];
static uint64_t number;

static void wait_for(const VirtioRing* ring) {
  while (ring->device.index != ring->driver.index) {
  }
  virtio_fence();
}

static void send(volatile uint32_t* slot, const volatile void* bytes, uint32_t size) {
  virtio_describe(&transmitting, 0, bytes, size, 0);
  virtio_offer(slot, kTransmit, &transmitting);
  wait_for(&transmitting);
}

int main(void) {
  const unsigned console_slot = virtio_find(kConsole), rng_slot = virtio_find(kRng);
  if (console_slot == VIRTIO_SLOTS || rng_slot == VIRTIO_SLOTS) return 1;
  volatile uint32_t* const console = VIRTIO_SLOT(console_slot);
  volatile uint32_t* const rng = VIRTIO_SLOT(rng_slot);
  if (!virtio_begin(console) || !virtio_begin(rng)) return 2;
  virtio_add_queue(console, kReceive, &receiving);
  virtio_add_queue(console, kTransmit, &transmitting);
  virtio_add_queue(rng, 0, &numbers);
  virtio_run(console);
  virtio_run(rng);

  send(console, "through virtio\n", 15);
  virtio_describe(&numbers, 0, &number, sizeof number, kWritable);
  virtio_offer(rng, 0, &numbers);
  wait_for(&numbers);
  print_value("random, low", (uint32_t)number);
  print_value("random, high", (uint32_t)(number >> 32));
  for (;;) {
    virtio_describe(&receiving, 0, text, sizeof text, kWritable);
    virtio_offer(console, kReceive, &receiving);
    wait_for(&receiving);
    const uint32_t size = virtio_written(&receiving);
    send(console, text, size);
    if (text[size - 1] == kEndOfTransmission) return 0;
  }
}
