// A world for one hart without a simulator: a flat RAM behind a grant, a device that counts, and a
// source of interrupts: it raises its line every `event_period` cycles, a store to the device at
// offset 0x7f0 lowers it. The horizon is the earlier of the quantum's end and the next such event.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

#include "cpu/riscv/hart.h"

namespace memio::test {

inline constexpr std::uint64_t ram_base = 0x80000000;
inline constexpr std::uint64_t device_base = 0x10000000;

class FakePort : public riscv::HartPort {
 public:
  explicit FakePort(std::uint64_t size = 1 << 22) : ram(size), route("cpu0", "ram", occupancy) {
    for (Route* each : {&route, &fetch_route, &walk_route}) each->timing = {1, 4, 6, 1};
  }

  Completion access(const Access& access, Cycles now) override {
    if (access.space == Space::port) {
      if (access.address != 0x80) return {Status::address_error, now + 1};
      if (access.write)
        std::memcpy(&device_value, access.data, access.size);
      else
        std::memcpy(access.data, &device_value, access.size);
      ++device_accesses;
      return {Status::ok, now + 10};
    }
    const std::uint64_t offset = access.address - (in_alias(access.address) ? alias : ram_base);
    if (offset < ram.size() && offset + access.size <= ram.size()) {
      std::uint8_t* host = ram.data() + offset;
      if (access.write)
        std::memcpy(host, access.data, access.size);
      else
        std::memcpy(access.data, host, access.size);
      return {Status::ok, route_of(riscv::channel_of(access.kind, bus_ports))
                              .charge(access.kind, access.write, offset, access.size, now)};
    }
    memory_type = access.memory_type;
    (access.write ? bytes_elsewhere_written : bytes_elsewhere_read) += access.size;
    if (access.kind == AccessKind::walk) ++walks_elsewhere;
    if (access.address < device_base || access.address >= device_base + 4096)
      return {Status::address_error, now + 1};
    ++device_accesses;
    if (on_device) on_device();
    if (access.write && access.address == device_base + 0x7f0 && interrupt) interrupt(false);
    if (access.write)
      std::memcpy(&device_value, access.data, access.size);
    else
      std::memcpy(access.data, &device_value, access.size);
    return {Status::ok, now + 20};
  }

  bool grant(std::uint64_t address, riscv::Channel channel, Grant& out) override {
    const bool aliased = in_alias(address);
    const std::uint64_t base = aliased ? alias : ram_base;
    if (address < base || address >= base + ram.size()) return false;
    out = {ram.data(), base, base + ram.size() - 1, true, true, &route_of(channel), !aliased};
    return true;
  }

  bool in_alias(std::uint64_t address) const { return alias && address - alias < ram.size(); }
  Route& route_of(riscv::Channel channel) {
    return channel == riscv::Channel::fetch  ? fetch_route
           : channel == riscv::Channel::walk ? walk_route
                                             : route;
  }

  Cycles horizon() override {
    return std::min({horizon_at, next_event, timer_at > synchronised ? timer_at : ~Cycles{0}});
  }
  void synchronise(Cycles now) override {
    ++synchronisations;
    horizon_at = now + quantum;
    synchronised = now;
    drive_timer();
    if (now < next_event) return;
    while (next_event <= now) next_event += event_period;
    interrupt(true);
  }
  std::uint64_t time(Cycles now) override { return now / 100; }
  void set_supervisor_timer(std::uint64_t deadline) override {
    timer_at = deadline > ~Cycles{0} / 100 ? ~Cycles{0} : deadline * 100;
    drive_timer();
  }
  void drive_timer() const {
    if (timer) timer(synchronised >= timer_at);
  }

  void put32(std::uint64_t address, std::uint32_t value) { std::memcpy(&ram[address - ram_base], &value, 4); }
  void put64(std::uint64_t address, std::uint64_t value) { std::memcpy(&ram[address - ram_base], &value, 8); }
  std::uint32_t get32(std::uint64_t address) const {
    std::uint32_t value;
    std::memcpy(&value, &ram[address - ram_base], 4);
    return value;
  }

  std::vector<std::uint8_t> ram;
  std::uint64_t alias = 0;  ///< where the RAM is seen once more; 0: nowhere
  riscv::BusPorts bus_ports = riscv::BusPorts::shared;
  Occupancy occupancy;
  Route route, fetch_route{"cpu0_fetch", "ram", occupancy}, walk_route{"cpu0_walk", "ram", occupancy};
  Cycles horizon_at = ~Cycles{0};
  Cycles quantum = ~Cycles{0} / 2;
  Cycles next_event = ~Cycles{0};
  Cycles event_period = 1;
  std::function<void(bool)> interrupt, timer;
  std::function<void()> on_device;  ///< called in the midst of an access to the device
  Cycles timer_at = ~Cycles{0}, synchronised = 0;
  std::uint64_t device_value = 0;
  unsigned device_accesses = 0;
  MemoryType memory_type = MemoryType::pma;  ///< of the last access in memory space that is not of the RAM
  std::uint64_t bytes_elsewhere_read = 0, bytes_elsewhere_written = 0;
  unsigned walks_elsewhere = 0;  ///< PTE reads that are not of the RAM
  unsigned synchronisations = 0;
};

}  // namespace memio::test
