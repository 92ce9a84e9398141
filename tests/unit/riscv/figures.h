// All that a run of a hart on a FakePort leaves to be compared, as text; and what its figures must satisfy.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <sstream>
#include <string>

#include "unit/riscv/fake_port.h"
#include "unit/riscv/stat_value.h"

namespace memio::test {

/// All that can be compared: registers, CSRs, counts, memory.
inline std::string describe(riscv::Hart& hart, const FakePort& port) {
  hart.settle();
  std::ostringstream out;
  out << std::hex << "pc " << hart.pc() << "\nprivilege " << static_cast<int>(hart.privilege());
  for (unsigned i = 0; i < 32; ++i) out << "\nx" << i << ' ' << hart.reg(i);
  for (unsigned i = 0; i < 32; ++i) out << "\nf" << i << ' ' << hart.float_reg(i);
  for (unsigned csr = 0; csr < 0x1000; ++csr)
    if (const auto value = hart.csr(csr)) out << "\ncsr " << csr << ' ' << *value;
  StatGroup root("root");
  hart.register_stats(root);
  const std::function<void(const StatGroup&)> walk = [&](const StatGroup& group) {
    for (const Stat& stat : group.stats())
      out << '\n' << group.name() << '.' << stat.name << ' ' << stat.value();
    for (const auto& child : group.children()) walk(*child);
  };
  walk(root);
  for (unsigned kind = 0; kind < access_kinds; ++kind)
    out << "\nroute " << port.route.reads(static_cast<AccessKind>(kind)) << ' '
        << port.route.writes(static_cast<AccessKind>(kind));
  for (const Route* route : {&port.fetch_route, &port.walk_route})
    out << "\nroute " << route->initiator() << ' ' << route->reads(AccessKind::fetch) << ' '
        << route->reads(AccessKind::walk) << ' ' << route->beats_read() << ' ' << route->counts().busy_cycles;
  out << "\nbeats " << port.route.beats_read() << ' ' << port.route.beats_written();
  out << "\nbusy " << port.route.counts().busy_cycles << " bytes " << port.route.bytes_read() << ' '
      << port.route.bytes_written() << " device " << port.device_accesses << ' ' << port.device_value;
  out << "\nmemory "
      << std::hash<std::string_view>{}({reinterpret_cast<const char*>(port.ram.data()), port.ram.size()});
  return out.str();
}

/// The lines in which two descriptions differ.
inline std::string difference(const std::string& a, const std::string& b) {
  std::istringstream left(a), right(b);
  std::string x, y, out;
  while (std::getline(left, x) && std::getline(right, y))
    if (x != y) out += "is " + x + ", expected " + y + '\n';
  return out;
}

/// hits + misses = lookups; misses of a level are looked up in the next; what the caches did is what the bus
/// saw.
inline void check_cache_identities(const riscv::Hart& hart, const FakePort& port,
                                   const CacheHierarchyConfig& caches) {
  const auto value = [&](const std::string& path) { return stat_value(hart, path); };
  std::uint64_t read = value("uncached.bytes_read"), written = value("uncached.bytes_written");
  for (const char* name : {"l1i", "l1d", "l2"}) {
    const std::string path = std::string(name) + '.';
    const CacheConfig& cache = name[1] == '2' ? caches.l2 : name[2] == 'i' ? caches.l1i : caches.l1d;
    if (cache.size == 0) continue;
    EXPECT_EQ(value(path + "hits") + value(path + "misses"), value(path + "lookups")) << name;
    if (caches.l2.size && name[1] == '1') continue;
    read += value(path + "fills") * cache.line;
    written += value(path + "bytes_below");
  }
  EXPECT_EQ(port.route.bytes_read() + port.bytes_elsewhere_read, read);
  EXPECT_EQ(port.route.bytes_written() + port.bytes_elsewhere_written, written);
}

}  // namespace memio::test
