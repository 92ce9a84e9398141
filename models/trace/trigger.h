// Conditions at which a trace begins or ends, and their small language.
//
//   condition  = one { "," one }              the first that is met counts
//   one        = kind ":" argument [ "#" n ]  its n-th time, 1 if not said
//   symbol:NAME[+OFFSET]   an instruction at this virtual address begins
//   address:FIRST[..LAST]  a load or store, or a transfer by DMA, touches these physical bytes
//   time:T                 modelled time T ("10us")
//   event:NAME             see `event_names`
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/trace.h"
#include "trace/any_event.h"

namespace memio {

enum class TriggerEvent : std::uint8_t {
  page_fault,
  interrupt,
  trap,
  tlb_miss,
  walk,
  cache_miss,
  bus_error,
  iommu_fault,
  dma_error,
  stale
};

struct TriggerCondition {
  enum class Kind : std::uint8_t { symbol, address, time, event };
  Kind kind = Kind::time;
  std::uint64_t first = 0, last = 0;  ///< pc; addresses; cycle
  TriggerEvent event = TriggerEvent::trap;
  std::uint64_t count = 1;  ///< which time, from 1
};

using Trigger = std::vector<TriggerCondition>;

/// What the language needs to know of its surroundings. Each gives nothing for a text that it cannot read.
struct TriggerNames {
  std::function<std::optional<std::uint64_t>(const std::string&)> symbol;  ///< virtual address
  std::function<std::optional<Cycles>(const std::string&)> time;
};

/// A text that is no trigger; `what` says what would be.
class TriggerError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Throws TriggerError. An empty text has no conditions.
Trigger parse_trigger(const std::string& text, const TriggerNames& names);

/// The names of the events, in the order of `TriggerEvent`.
const std::vector<std::string>& event_names();

/// Watches for a trigger in events that come in the order of time.
class TriggerWatch {
 public:
  explicit TriggerWatch(Trigger trigger) : trigger_(std::move(trigger)), seen_(trigger_.size()) {}

  bool empty() const { return trigger_.empty(); }
  /// The topics whose events the conditions look at.
  std::uint32_t topics() const;
  /// True if this event meets a condition.
  bool met_by(const AnyEvent& event);
  /// The earliest `time:` condition, or `never`.
  Cycles time() const;

 private:
  Trigger trigger_;
  std::vector<std::uint64_t> seen_;  ///< how often each condition has been met
};

}  // namespace memio
