// Map, bindings and driver of the bench; see virtio_bench.h.
#include "models/virtio/virtio_bench.h"

namespace memio::test {
namespace {

BusConfig bus_config(Settler& settler, bool at) {
  BusConfig config;
  config.settler = &settler;
  config.at = at;
  return config;
}

MemoryConfig memory_config() {
  MemoryConfig config;
  config.size = 0x200000;
  config.read_latency = config.write_latency = 3;
  return config;
}

VirtioMmioConfig slot_config(bool legacy, bool at) {
  VirtioMmioConfig config;
  config.legacy = legacy;
  config.at = at;
  return config;
}

}  // namespace

Slot::Slot(const char* name, bool legacy, bool at, std::unique_ptr<VirtioFunction> function)
    : device(name, slot_config(legacy, at), std::move(function)),
      irq((std::string(name) + "_irq").c_str()),
      cpu((std::string(name) + "_cpu").c_str()) {
  cpu.socket.bind(device.socket);
  device.irq.bind(irq);
}

DiskSlot::DiskSlot(const char* name, bool legacy, bool at, TestDisk* storage)
    : Slot(name, legacy, at,
           std::make_unique<VirtioBlock>(VirtioBlockConfig{1'000'000, 100'000, "test disk"},
                                         std::unique_ptr<BlockStorage>(storage))),
      disk(storage) {}

VirtioWorld::VirtioWorld()
    : bus("bus", bus_config(settler, false)),
      at_bus("at_bus", bus_config(settler, true)),
      ram("ram", memory_config()),
      at_ram("at_ram", memory_config()),
      console("console", false, false, std::make_unique<VirtioConsole>(line, 100'000'000)),
      rng("rng", false, false, std::make_unique<VirtioRng>(5489)),
      empty("empty", slot_config(false, false), nullptr),
      empty_legacy("empty_legacy", slot_config(true, false), nullptr) {
  bus.map(Space::memory, ram_base, ram_base + 0x1FFFFF, "ram", ram.socket);
  bus.map(Space::memory, failing_base, failing_base + 0xFFF, "failing", failing.socket);
  at_bus.map(Space::memory, ram_base, ram_base + 0x1FFFFF, "ram", at_ram.socket);
  for (Slot* slot : std::initializer_list<Slot*>{&modern, &legacy, &locked, &console, &rng})
    slot->device.memory.bind(bus.add_initiator(slot->device.basename(), Space::memory));
  four_phase.device.memory.bind(at_bus.add_initiator("four_phase", Space::memory));
  empty_cpu.socket.bind(empty.socket);
  empty_legacy_cpu.socket.bind(empty_legacy.socket);
  failing.answer = [](tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  };
}

VirtioWorld& VirtioWorld::get() {
  static auto* world = new VirtioWorld;
  return *world;
}

// What happens at the end of the time has happened when it returns.
void VirtioWorld::pass(Cycles cycles) {
  sc_core::sc_start(sc_core::sc_time(static_cast<double>(cycles), sc_core::SC_NS));
  while (sc_core::sc_pending_activity_at_current_time()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
}

std::uint32_t Driver::get(std::uint64_t offset) {
  std::uint32_t value = 0;
  slot_.cpu.delay = sc_core::SC_ZERO_TIME;
  EXPECT_EQ(slot_.cpu.read(offset, &value, 4), tlm::TLM_OK_RESPONSE) << offset;
  return value;
}

void Driver::put(std::uint64_t offset, std::uint32_t value) {
  slot_.cpu.delay = sc_core::SC_ZERO_TIME;
  EXPECT_EQ(slot_.cpu.write(offset, &value, 4), tlm::TLM_OK_RESPONSE) << offset;
}

void Driver::start(unsigned count, std::uint64_t features) {
  begin(features);
  add_queue(count);
  run();
}

void Driver::begin(std::uint64_t features) {
  VirtioWorld::pass(10);
  std::memset(at(ram_base), 0, 0x100000);
  put(0x70, 0);
  put(0x70, 3);
  put(0x24, 0);
  put(0x20, static_cast<std::uint32_t>(features));
  put(0x24, 1);
  put(0x20, static_cast<std::uint32_t>(features >> 32));
  put(0x70, 0xB);
  EXPECT_EQ(get(0x70), 0xBu);
}

void Driver::add_queue(unsigned count) {
  entries = count;
  offered_ = 0;
  driver_ring = own(available);
  device_ring = own(used);
  put(0x30, queue_);
  put(0x38, entries);
  const std::uint64_t places[] = {own(descriptors), driver_ring, device_ring};
  for (unsigned i = 0; i < 3; ++i) {
    put(0x80 + 0x10 * i, static_cast<std::uint32_t>(places[i]));
    put(0x84 + 0x10 * i, static_cast<std::uint32_t>(places[i] >> 32));
  }
  put(0x44, 1);
}

void Driver::run() {
  put(0x70, 0xF);
  VirtioWorld::pass(100);
}

void Driver::start_legacy(unsigned count, bool aligns) {
  VirtioWorld::pass(10);
  std::memset(at(ram_base), 0, 0x20000);
  entries = count;
  offered_ = 0;
  put(0x28, 4096);  // before the reset, as Linux does
  put(0x70, 0);
  put(0x70, 3);
  put(0x24, 0);
  put(0x20, 0);
  put(0x30, queue_);
  put(0x38, entries);
  if (aligns) put(0x3C, 4096);
  put(0x40, static_cast<std::uint32_t>(descriptors / 4096));
  put(0x70, 7);
  driver_ring = descriptors + 16 * entries;
  device_ring = descriptors + 0x1000;
  VirtioWorld::pass(100);
}

void Driver::describe(std::uint64_t place, std::uint64_t address, std::uint32_t length, unsigned flags,
                      unsigned next) {
  store(place, address, 8);
  store(place + 8, length, 4);
  store(place + 12, flags, 2);
  store(place + 14, next, 2);
}

void Driver::offer(const std::vector<Piece>& pieces, unsigned first) {
  for (unsigned i = 0; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size();
    describe(own(descriptors) + 16 * (first + i), pieces[i].address, pieces[i].size,
             (last ? 0u : 1u) | (pieces[i].writable ? 2u : 0u), first + i + 1);
  }
  make_available(first);
}

void Driver::make_available(unsigned head) {
  store(driver_ring + 4 + 2 * (offered_ % entries), head, 2);
  store(driver_ring + 2, ++offered_, 2);
}

unsigned Driver::returned() { return static_cast<unsigned>(load(device_ring + 2, 2)); }

std::pair<unsigned, unsigned> Driver::back(unsigned index) {
  const std::uint64_t entry = device_ring + 4 + 8 * (index % entries);
  return {static_cast<unsigned>(load(entry, 4)), static_cast<unsigned>(load(entry + 4, 4))};
}

Cycles Driver::wait(unsigned count, Cycles limit) {
  for (Cycles cycles = 0; cycles <= limit; ++cycles) {
    if (returned() == count && slot_.irq.read()) return cycles;
    VirtioWorld::pass(1);
  }
  ADD_FAILURE() << "a request never ends";
  return 0;
}

unsigned Driver::request(unsigned type, std::uint64_t sector, std::uint32_t readable,
                         std::uint32_t writable) {
  store(header, type, 8);
  store(header + 8, sector, 8);
  store(status, 0xEE, 1);
  std::vector<Piece> pieces{{header, 16, false}};
  if (readable) pieces.push_back({data, readable, false});
  if (writable) pieces.push_back({data, writable, true});
  pieces.push_back({status, 1, true});
  put(0x64, 3);
  const unsigned before = returned();
  offer(pieces);
  notify();
  wait(before + 1);
  return static_cast<unsigned>(load(status, 1));
}

std::uint64_t stat(RegisterTarget& device, const std::string& path) {
  StatGroup root("root");
  device.register_stats(root);
  const std::size_t dot = path.find('.');
  const StatGroup& group = dot == std::string::npos ? root : root.child(path.substr(0, dot));
  for (const Stat& stat : group.stats())
    if (stat.name == path.substr(dot + 1)) return stat.value();
  ADD_FAILURE() << "no counter " << path;
  return 0;
}

}  // namespace memio::test
