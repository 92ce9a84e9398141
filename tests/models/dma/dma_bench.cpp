// Map and bindings of the bench; see dma_bench.h.
#include "models/dma/dma_bench.h"

#include <cstdlib>
#include <cstring>
#include <random>

namespace memio::test {

namespace {

bool has_environment(const char* name, const char* value) {
  const char* const set = std::getenv(name);
  return set && std::strcmp(set, value) == 0;
}

bool timing_at() { return has_environment("MEMIO_TIMING", "at"); }

BusConfig bus_config(Settler& settler) {
  BusConfig config;
  config.at = timing_at();
  config.settler = &settler;
  return config;
}

MemoryConfig memory_config(bool read_only) {
  MemoryConfig config;
  config.size = 0x100000;
  config.read_only = read_only;
  config.read_latency = config.write_latency = 3;
  return config;
}

DmaConfig dma_config() {
  DmaConfig config;
  config.at = timing_at();
  config.limits.max_descriptors = 100;
  config.base = dma_base;
  config.behind_iommu = true;
  return config;
}

IommuConfig iommu_config() {
  IommuConfig config;
  config.at = timing_at();
  config.devices = {"dma0"};
  config.tlb = {4, 0, TlbPolicy::lru, 1, 1};
  if (DmaBench::svadu()) config.ad = AdPolicy::svadu;
  return config;
}

const StatGroup* find(const StatGroup& group, const std::string& name) {
  for (const auto& child : group.children())
    if (child->name() == name) return child.get();
  return nullptr;
}

DmaBench& the_bench() {
  static auto* bench = new DmaBench;
  return *bench;
}

}  // namespace

WordPort::WordPort(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
  socket.register_b_transport(this, &WordPort::b_transport);
}

void WordPort::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  delay += sc_core::sc_time(2, sc_core::SC_NS);
  addresses.push_back(payload.get_address());
  if (payload.get_data_length() != 4) return payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  std::uint32_t word = 0;
  if (payload.is_write()) {
    std::memcpy(&word, payload.get_data_ptr(), 4);
    output.push_back(word);
  } else if (input.empty()) {
    return payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  } else {
    word = input.front();
    input.pop_front();
    std::memcpy(payload.get_data_ptr(), &word, 4);
  }
  update();
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

DmaBench::DmaBench()
    : bus("bus", bus_config(settler)),
      ram("ram", memory_config(false)),
      rom("rom", memory_config(true)),
      dma("dma0", dma_config()),
      iommu("iommu0", iommu_config()) {
  bus.map(Space::memory, ram_base, ram_base + 0xFFFFF, "ram", ram.socket);
  bus.map(Space::memory, rom_base, rom_base + 0xFFFFF, "rom", rom.socket);
  bus.map(Space::memory, failing_base, failing_base + 0xFFF, "failing", failing.socket);
  bus.map(Space::memory, word_base, word_base + 0xFFF, "words", words.socket);
  bus.map(Space::port, word_port, word_port + 0xFF, "port_words", port_words.socket);
  dma.memory.bind(iommu.device(0));
  iommu.master(0).bind(bus.add_initiator("dma0", Space::memory));
  iommu.walker.bind(bus.add_initiator("iommu0", Space::memory));
  dma.ports.bind(bus.add_initiator("dma0", Space::port));
  cpu.socket.bind(dma.socket);
  iommu_cpu.socket.bind(iommu.socket);
  dma.irq.bind(irq);
  iommu.irq.bind(iommu_irq);
  words.request.bind(request);
  dma.requests[word_line].bind(request);
}

void DmaBench::reset() {
  dma.reset();
  iommu.reset();
  words.input.clear();
  words.output.clear();
  words.addresses.clear();
  port_words.output.clear();
  port_words.addresses.clear();
  words.update();
  failing.reset();
  failing.answer = [](tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  };
  std::memset(ram.storage().data(), 0, ram.storage().size());
  pass(100);
}

std::uint64_t DmaBench::get(TestInitiator& from, std::uint64_t offset, unsigned size) {
  std::uint64_t value = 0;
  from.delay = sc_core::SC_ZERO_TIME;
  EXPECT_EQ(from.read(offset, &value, size), tlm::TLM_OK_RESPONSE) << offset;
  return value;
}

void DmaBench::put(TestInitiator& from, std::uint64_t offset, std::uint64_t value, unsigned size) {
  from.delay = sc_core::SC_ZERO_TIME;
  EXPECT_EQ(from.write(offset, &value, size), tlm::TLM_OK_RESPONSE) << offset;
}

void DmaBench::fill(std::uint64_t address, std::size_t size, unsigned seed) {
  std::minstd_rand random(seed);
  for (std::size_t i = 0; i < size; ++i) memory(address)[i] = static_cast<std::uint8_t>(random() >> 8);
}

bool DmaBench::same(std::uint64_t a, std::uint64_t b, std::size_t size) {
  return std::memcmp(memory(a), memory(b), size) == 0;
}

dma::Descriptor DmaBench::copy(std::uint64_t source, std::uint64_t destination, std::uint32_t length) {
  dma::Descriptor descriptor{};
  descriptor.control = dma::flag_last;
  descriptor.source = source;
  descriptor.destination = destination;
  descriptor.length = length;
  return descriptor;
}

void DmaBench::put(std::uint64_t address, const dma::Descriptor& descriptor) {
  std::memcpy(memory(address), &descriptor, sizeof descriptor);
}

dma::Descriptor DmaBench::get(std::uint64_t address) {
  dma::Descriptor descriptor;
  std::memcpy(&descriptor, memory(address), sizeof descriptor);
  return descriptor;
}

void DmaBench::start(unsigned channel, std::uint64_t descriptor, unsigned priority) {
  write(at(channel, 0x10), descriptor, 8);
  write(at(channel, 0x00), 1 | priority << 8);
}

Cycles DmaBench::finish(Cycles limit) {
  for (Cycles cycles = 0; cycles <= limit; ++cycles) {
    if (read(0x08) == 0) return cycles;
    pass(1);
  }
  ADD_FAILURE() << "a channel never ends";
  return 0;
}

bool DmaBench::svadu() { return has_environment("MEMIO_AD", "svadu"); }

Cycles DmaBench::run(const dma::Descriptor& descriptor) {
  put(ram_base, descriptor);
  start(0, ram_base);
  return finish();
}

// What happens at the end of the time has happened when it returns.
void DmaBench::pass(Cycles cycles) {
  sc_core::sc_start(sc_core::sc_time(static_cast<double>(cycles), sc_core::SC_NS));
  while (sc_core::sc_pending_activity_at_current_time()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
}

std::uint64_t DmaBench::stat(RegisterTarget& device, const std::string& path) {
  StatGroup root("root");
  device.register_stats(root);
  const StatGroup* group = &root;
  std::string rest = path;
  for (std::size_t dot; (dot = rest.find('.')) != std::string::npos; rest.erase(0, dot + 1))
    group = find(*group, rest.substr(0, dot));
  for (const Stat& stat : group->stats())
    if (stat.name == rest) return stat.value();
  ADD_FAILURE() << "no counter " << path;
  return 0;
}

std::uint64_t DmaBench::bus_bytes() const {
  std::uint64_t bytes = 0;
  for (const char* target : {"ram", "rom", "failing", "words"}) {
    const Route* route = bus.route(Space::memory, "dma0", target);
    bytes += route->bytes_read() + route->bytes_written();
  }
  const Route* route = bus.route(Space::port, "dma0", "port_words");
  return bytes + route->bytes_read() + route->bytes_written();
}

DmaTest::DmaTest() : b(the_bench()) { b.reset(); }

// In `at`, what a test began, and what it left behind, kept to the protocol.
DmaTest::~DmaTest() { EXPECT_EQ(b.bus.violations(), ""); }

}  // namespace memio::test
