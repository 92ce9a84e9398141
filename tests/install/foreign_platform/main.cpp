// Someone else's platform: their TLM-2.0 initiator on memio's bus with RAM and UART, and memio's TLB as a
// plain class. Exits with 0 if all of it works.
#include <tlm_utils/simple_initiator_socket.h>

#include "bus/bus.h"
#include "memory/memory.h"
#include "mmu/tlb.h"
#include "serial/uart16550.h"

struct Platform : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Platform> memory{"memory"}, ports{"ports"};
  memio::Bus bus{"bus", {}};
  memio::Memory ram{"ram", {1 << 20}};
  memio::Uart16550 uart{"uart"};
  memio::MemoryBackend terminal;
  bool ok = false;

  SC_CTOR(Platform) {
    memory.bind(bus.add_initiator("mine", memio::Space::memory));
    ports.bind(bus.add_initiator("mine", memio::Space::port));
    bus.map(memio::Space::memory, 0x80000000, 0x800fffff, "ram", ram.socket);
    bus.map(memio::Space::port, 0x3f8, 0x3ff, "uart", uart.socket);
    uart.attach(terminal);
    SC_THREAD(run);
  }

  bool access(decltype(memory)& socket, tlm::tlm_command command, sc_dt::uint64 address,
              unsigned char& byte) {
    tlm::tlm_generic_payload payload;
    sc_core::sc_time delay;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(&byte);
    payload.set_data_length(1);
    payload.set_streaming_width(1);
    socket->b_transport(payload, delay);
    wait(delay);
    return payload.is_response_ok();
  }

  void run() {
    unsigned char out = '!', in = 0;
    ok = access(memory, tlm::TLM_WRITE_COMMAND, 0x80000010, out) &&
         access(memory, tlm::TLM_READ_COMMAND, 0x80000010, in) &&
         access(ports, tlm::TLM_WRITE_COMMAND, 0x3f8, in) &&
         !access(memory, tlm::TLM_READ_COMMAND, 0x1000, in);  // nobody lives there
  }
};

int sc_main(int, char*[]) {
  Platform platform("platform");
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));

  memio::Tlb tlb({2});
  memio::TlbEntry page;
  page.virtual_page = 0x1000;
  if (!tlb.lookup(0x1234, 0)) tlb.fill(page);
  const bool translated = tlb.lookup(0x1238, 0) && tlb.hits == 1 && tlb.misses == 1;
  return platform.ok && platform.terminal.output() == "!" && translated ? 0 : 1;
}
