// Statistics of the bus: derived from its routes when a report asks.
#include "bus/bus.h"
#include "bus/bus_parts.h"

namespace memio {

namespace {

constexpr AccessKind kinds[] = {AccessKind::fetch, AccessKind::load, AccessKind::store, AccessKind::walk,
                                AccessKind::dma};

std::uint64_t all_reads(const Route& route) {
  std::uint64_t sum = 0;
  for (const AccessKind kind : kinds) sum += route.reads(kind);
  return sum;
}

std::uint64_t all_writes(const Route& route) {
  std::uint64_t sum = 0;
  for (const AccessKind kind : kinds) sum += route.writes(kind);
  return sum;
}

std::uint64_t all_bytes(const Route& route) { return route.bytes_read() + route.bytes_written(); }

void register_route(StatGroup& group, const Route& route) {
  const auto of_kind = [&route](AccessKind kind) {
    return [&route, kind] { return route.reads(kind) + route.writes(kind); };
  };
  group.add("reads", "transactions", "reads of all kinds", [&route] { return all_reads(route); });
  group.add("writes", "transactions", "writes of all kinds", [&route] { return all_writes(route); });
  group.add("fetches", "transactions", "of these, instruction fetches", of_kind(AccessKind::fetch));
  group.add("walks", "transactions", "of these, page-table accesses", of_kind(AccessKind::walk));
  group.add("dma", "transactions", "of these, by DMA", of_kind(AccessKind::dma));
  group.add("bytes_read", "bytes", "bytes read", [&route] { return route.bytes_read(); });
  group.add("bytes_written", "bytes", "bytes written", [&route] { return route.bytes_written(); });
  group.add("read_beats", "beats", "words of the bus's width read, narrower ones included",
            [&route] { return route.beats_read(); });
  group.add("write_beats", "beats", "words of the bus's width written, narrower ones included",
            [&route] { return route.beats_written(); });
  const RouteCounts& counts = route.counts();
  group.add("wait_cycles", "cycles", "from the requests until the target was free", &counts.wait_cycles);
  group.add("busy_cycles", "cycles", "from the starts of service until done", &counts.busy_cycles);
  group.add("errors", "transactions", "transactions the target answered with an error", &counts.errors);
}

}  // namespace

const Route* Bus::route(Space space, const std::string& initiator, const std::string& target) const {
  for (const auto& from : initiators_) {
    if (from->name != initiator || from->space != space) continue;
    for (const auto& route : from->routes)
      if (route && route->target() == target) return route.get();
  }
  return nullptr;
}

std::uint64_t Bus::unmapped(Space space) const {
  std::uint64_t sum = 0;
  for (const auto& initiator : initiators_)
    if (initiator->space == space) sum += initiator->unmapped;
  return sum;
}

void Bus::register_stats(StatGroup& group) const {
  for (const Space space : {Space::memory, Space::port}) {
    const auto total = [this, space](std::uint64_t (*value)(const Route&)) {
      return [this, space, value] {
        std::uint64_t sum = 0;
        for (const auto& initiator : initiators_)
          for (const auto& route : initiator->routes)
            if (route && initiator->space == space) sum += value(*route);
        return sum;
      };
    };
    StatGroup& totals = group.child(space_name(space), std::string(space_name(space)) + " space");
    totals.add("transactions", "transactions", "reads and writes that reached a target",
               total([](const Route& route) { return all_reads(route) + all_writes(route); }));
    totals.add("bytes", "bytes", "bytes of these transactions", total(all_bytes));
    totals.add("unmapped", "transactions", "transactions to an address nobody owns",
               [this, space] { return unmapped(space); });
    for (const auto& initiator : initiators_) {
      if (initiator->space != space) continue;
      StatGroup& from = totals.child(initiator->name, "initiator");
      from.add("unmapped", "transactions", "of this initiator, to an address nobody owns",
               &initiator->unmapped);
      for (const auto& route : initiator->routes)
        if (route) register_route(from.child(route->target(), "initiator at target"), *route);
    }
  }
}

ProtocolChecker* Bus::checker(Space space, const std::string& initiator) const {
  for (const auto& from : initiators_)
    if (from->name == initiator && from->space == space) return from->checker.get();
  return nullptr;
}

void Bus::register_phase_stats(StatGroup& group) const {
  for (const auto& initiator : initiators_)
    if (initiator->checker)
      initiator->checker->register_stats(
          group.child(space_name(initiator->space), std::string(space_name(initiator->space)) + " space")
              .child(initiator->name, "initiator"));
}

std::string Bus::violations() const {
  std::string text;
  for (const auto& initiator : initiators_) {
    const ProtocolChecker* const checker = initiator->checker.get();
    if (!checker || checker->violations() == 0) continue;
    text += std::string(space_name(initiator->space)) + " space, initiator " + initiator->name + ": " +
            std::to_string(checker->violations()) +
            " violations of the base protocol, the first: " + checker->first_violation() + "\n";
  }
  return text;
}

}  // namespace memio
