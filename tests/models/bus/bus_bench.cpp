// Map and bindings of the bench; see bus_bench.h.
#include "bus_bench.h"

#include <stdexcept>

namespace memio::test {

namespace {

BusConfig bus_config(Settler& settler, bool dmi) {
  BusConfig config;
  config.hop = 2;
  config.beat = 3;
  config.dmi = dmi;
  config.settler = &settler;
  return config;
}

MemoryConfig ram_config() {
  MemoryConfig config;
  config.size = 0x10000;
  config.read_latency = 3;
  config.write_latency = 5;
  return config;
}

template <typename Attempt>
std::string refusal(Attempt attempt) {
  try {
    attempt();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

BusBench& the_bench() {
  static auto* bench = new BusBench;
  return *bench;
}

}  // namespace

BusBench::BusBench()
    : bus("bus", bus_config(settler, true)),
      closed("closed", bus_config(settler, false)),
      ram("ram", ram_config()),
      twin("twin", ram_config()),
      closed_ram("closed_ram", ram_config()),
      window("window", bus, Clock(ns(1)), 4) {
  cpu.socket.bind(bus.add_initiator("cpu0", Space::memory));
  bus.map(Space::memory, 0x80000000, 0x8000ffff, "ram", ram.socket);
  bus.map(Space::memory, 0x90000000, 0x9000ffff, "twin", twin.socket);
  bus.map(Space::memory, 0x10000000, 0x100000ff, "device", device.socket);
  bus.map(Space::memory, 0x20000000, 0x200000ff, "absolute", absolute.socket, {0});
  bus.map(Space::memory, 0x40001000, 0x40001fff, "twice", twice.socket);
  bus.map(Space::memory, 0x40008000, 0x40008fff, "twice", twice.socket);
  bus.map(Space::memory, 0x3000000, 0x300ffff, "window", window.socket);
  bus.map(Space::port, 0x3f8, 0x3ff, "port", port.socket);
  cpu_ports.socket.bind(bus.add_initiator("cpu0", Space::port));
  outsider.socket.bind(closed.add_initiator("cpu0", Space::memory));
  closed.map(Space::memory, 0x80000000, 0x8000ffff, "ram", closed_ram.socket);

  overlap = refusal([this] { bus.map(Space::memory, 0x100000ff, 0x100001ff, "port", port.socket); });
  two_sockets = refusal([this] { bus.map(Space::memory, 0x50000000, 0x500000ff, "ram", port.socket); });
  two_initiators = refusal([this] { bus.add_initiator("cpu0", Space::port); });
}

BusTest::BusTest() : bench(the_bench()) {
  sc_core::sc_start(ns(1000));
  for (TestTarget* target : {&bench.device, &bench.absolute, &bench.twice, &bench.port}) target->reset();
  for (TestInitiator* initiator : {&bench.cpu, &bench.cpu_ports, &bench.outsider}) {
    initiator->delay = sc_core::SC_ZERO_TIME;
    initiator->extension = {};
    initiator->invalidated.clear();
  }
}

}  // namespace memio::test
