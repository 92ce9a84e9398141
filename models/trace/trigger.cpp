// The language of triggers, and what meets them; see trigger.h.
#include "trace/trigger.h"

#include <algorithm>
#include <charconv>

namespace memio {
namespace {

using Kind = TriggerCondition::Kind;

std::optional<std::uint64_t> parse_integer(std::string text) {
  const bool hex = text.compare(0, 2, "0x") == 0;
  if (hex) text.erase(0, 2);
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, hex ? 16 : 10);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::string list_of_events() {
  std::string list;
  for (const auto& name : event_names()) list += (list.empty() ? "" : ", ") + name;
  return list;
}

void parse_symbol(TriggerCondition& condition, const std::string& text, const TriggerNames& names) {
  const auto plus = text.find('+');
  const std::string name = text.substr(0, plus);
  const auto address = names.symbol(name);
  if (!address) throw TriggerError("a symbol of a loaded image; there is no \"" + name + "\"");
  const auto offset = plus == std::string::npos ? 0 : parse_integer(text.substr(plus + 1));
  if (!offset) throw TriggerError("symbol:NAME+OFFSET with a number as offset");
  condition.first = *address + *offset;
}

void parse_range(TriggerCondition& condition, const std::string& text) {
  const auto dots = text.find("..");
  const auto first = parse_integer(text.substr(0, dots));
  const auto last = dots == std::string::npos ? first : parse_integer(text.substr(dots + 2));
  if (!first || !last || *last < *first) throw TriggerError("address:FIRST or address:FIRST..LAST, in order");
  condition.first = *first;
  condition.last = *last;
}

void parse_event(TriggerCondition& condition, const std::string& text) {
  const auto& known = event_names();
  const auto found = std::find(known.begin(), known.end(), text);
  if (found == known.end()) throw TriggerError("event: and one of " + list_of_events());
  condition.event = static_cast<TriggerEvent>(found - known.begin());
}

TriggerCondition parse_condition(std::string text, const TriggerNames& names) {
  TriggerCondition condition;
  if (const auto hash = text.find('#'); hash != std::string::npos) {
    const auto count = parse_integer(text.substr(hash + 1));
    if (!count || *count == 0) throw TriggerError("#N with a number N from 1");
    condition.count = *count;
    text.erase(hash);
  }
  const auto colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  const std::string argument = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (kind == "symbol" && !argument.empty()) {
    condition.kind = Kind::symbol;
    parse_symbol(condition, argument, names);
  } else if (kind == "address") {
    condition.kind = Kind::address;
    parse_range(condition, argument);
  } else if (kind == "event") {
    condition.kind = Kind::event;
    parse_event(condition, argument);
  } else if (kind == "time" && condition.count == 1) {
    const auto time = names.time(argument);
    if (!time) throw TriggerError("time: and a time such as 10us");
    condition.kind = Kind::time;
    condition.first = *time;
  } else {
    throw TriggerError(
        "symbol:NAME[+OFFSET], address:FIRST[..LAST] or event:NAME, each with #N or not, or time:T; "
        "several with commas between");
  }
  return condition;
}

std::uint32_t bits(TraceTopic topic) { return static_cast<std::uint32_t>(topic); }

TraceTopic topic_of(TriggerEvent event) {
  switch (event) {
    case TriggerEvent::page_fault:
    case TriggerEvent::interrupt:
    case TriggerEvent::trap:
      return TraceTopic::trap;
    case TriggerEvent::tlb_miss:
    case TriggerEvent::walk:
      return TraceTopic::mmu;
    case TriggerEvent::bus_error:
      return TraceTopic::bus;
    case TriggerEvent::iommu_fault:
    case TriggerEvent::dma_error:
      return TraceTopic::dma;
    case TriggerEvent::cache_miss:
    case TriggerEvent::stale:
      return TraceTopic::cache;
  }
  return TraceTopic::trap;
}

bool is_page_fault(const TrapEvent& trap) {
  return !trap.interrupt && (trap.cause == 12 || trap.cause == 13 || trap.cause == 15);
}

bool is(TriggerEvent wanted, const AnyEvent& event) {
  const auto* trap = std::get_if<TrapEvent>(&event);
  const auto* alarm = std::get_if<AlarmEvent>(&event);
  switch (wanted) {
    case TriggerEvent::page_fault:
      return trap && is_page_fault(*trap);
    case TriggerEvent::interrupt:
      return trap && trap->interrupt;
    case TriggerEvent::trap:
      return trap;
    case TriggerEvent::tlb_miss:
      return std::get_if<TlbMissEvent>(&event);
    case TriggerEvent::walk:
      return std::get_if<WalkEvent>(&event);
    case TriggerEvent::cache_miss: {
      const auto* cache = std::get_if<CacheEvent>(&event);
      return cache && cache->kind == CacheEvent::Kind::miss;
    }
    case TriggerEvent::bus_error: {
      const auto* bus = std::get_if<BusEvent>(&event);
      return bus && bus->status != Status::ok;
    }
    case TriggerEvent::iommu_fault: {
      const auto* iommu = std::get_if<IommuEvent>(&event);
      return iommu && iommu->kind == IommuEvent::Kind::fault;
    }
    case TriggerEvent::dma_error:
      return alarm && alarm->kind == AlarmEvent::Kind::dma_error;
    case TriggerEvent::stale:
      return alarm && alarm->kind == AlarmEvent::Kind::stale;
  }
  return false;
}

bool touches(const TriggerCondition& condition, std::uint64_t address, std::uint32_t size) {
  return address <= condition.last && condition.first <= address + (size - 1);
}

bool is(const TriggerCondition& condition, const AnyEvent& event) {
  switch (condition.kind) {
    case Kind::symbol: {
      const auto* instruction = std::get_if<InstructionEvent>(&event);
      return instruction && instruction->pc == condition.first;
    }
    case Kind::address: {
      if (const auto* access = std::get_if<AccessEvent>(&event))
        return touches(condition, access->address, access->size);
      const auto* bus = std::get_if<BusEvent>(&event);
      return bus && bus->kind == AccessKind::dma && bus->space == Space::memory && bus->size != 0 &&
             touches(condition, bus->address, bus->size);
    }
    case Kind::event:
      return is(condition.event, event);
    case Kind::time:
      return false;
  }
  return false;
}

}  // namespace

const std::vector<std::string>& event_names() {
  static const std::vector<std::string> names{"page-fault", "interrupt", "trap",        "tlb-miss",  "walk",
                                              "cache-miss", "bus-error", "iommu-fault", "dma-error", "stale"};
  return names;
}

Trigger parse_trigger(const std::string& text, const TriggerNames& names) {
  Trigger trigger;
  for (std::size_t begin = 0; begin < text.size() + (text.empty() ? 0 : 1);) {
    const auto comma = std::min(text.find(',', begin), text.size());
    trigger.push_back(parse_condition(text.substr(begin, comma - begin), names));
    begin = comma + 1;
  }
  return trigger;
}

std::uint32_t TriggerWatch::topics() const {
  std::uint32_t topics = 0;
  for (const auto& condition : trigger_) {
    if (condition.kind == Kind::symbol) topics |= bits(TraceTopic::cpu);
    if (condition.kind == Kind::address) topics |= bits(TraceTopic::access) | bits(TraceTopic::bus);
    if (condition.kind == Kind::event) topics |= bits(topic_of(condition.event));
  }
  return topics;
}

bool TriggerWatch::met_by(const AnyEvent& event) {
  bool met = false;
  for (std::size_t i = 0; i < trigger_.size(); ++i)
    if (is(trigger_[i], event)) met |= ++seen_[i] == trigger_[i].count;
  return met;
}

Cycles TriggerWatch::time() const {
  Cycles earliest = ~Cycles{0};
  for (const auto& condition : trigger_)
    if (condition.kind == Kind::time) earliest = std::min(earliest, condition.first);
  return earliest;
}

}  // namespace memio
