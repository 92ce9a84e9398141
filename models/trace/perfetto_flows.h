// From an instruction to what it causes: TLB misses, page-table reads, cache misses, bus transactions, banks.
//
// Events of a hart arrive in the order of its program, so what arrives between two instructions belongs to
// the first. Its causes form up to three chains, each in the order of time: translation, fetch and data.
#pragma once

#include <string>
#include <vector>

#include "trace/trace_output.h"

namespace memio {

/// A place in a chain: the slice is a point of flow `id`.
struct FlowPoint {
  std::uint64_t id = 0;
  Cycles first = never;  ///< when the chain's first slice begins
  Cycles next = never;   ///< when its next one begins; `never` at the last
  bool is_first = false;
};

/// Something to draw: what lies on `track` from `begin` to `end`. A slice without length is an instant.
struct PerfettoItem {
  enum class Kind : std::uint8_t { slice, begin, end, counter };
  Kind kind = Kind::slice;
  unsigned track = 0;
  Cycles begin = 0, end = 0;
  std::string name, args;
  std::uint64_t value = 0;  ///< of a counter
  std::vector<FlowPoint> flows = {};
};

enum class Chain : std::uint8_t { translation, fetch, data };
inline constexpr unsigned chains = 3;

constexpr Chain chain_of(AccessKind kind) {
  return kind == AccessKind::walk    ? Chain::translation
         : kind == AccessKind::fetch ? Chain::fetch
                                     : Chain::data;
}

/// Links `items`, which are in the order of time, by a flow; those without length are left out. False if no
/// two are left.
bool link_chain(const std::vector<PerfettoItem*>& items, std::uint64_t id);

/// The instruction of one hart that is under way, and what it has caused so far.
class InstructionGroup {
 public:
  bool open() const { return open_; }
  Cycles begin() const { return instruction_.begin; }

  void start(PerfettoItem instruction);
  /// A first-level (or, with `second`, a second-level) miss; it lasts until the end of the walk that follows
  /// it.
  void miss(PerfettoItem item);
  void add(Chain chain, PerfettoItem item) { items_.push_back({chain, std::move(item)}); }
  void walked(PerfettoItem level, bool last);

  /// Ends at `end`; what is to be drawn. The instruction is drawn if it caused something. Flow numbers are
  /// `id`, `id` + `step`, ...
  std::vector<PerfettoItem> finish(Cycles end, std::uint64_t& id, std::uint64_t step);

 private:
  struct Entry {
    Chain chain;
    PerfettoItem item;
  };

  bool open_ = false;
  PerfettoItem instruction_;
  std::vector<Entry> items_;
  std::vector<std::size_t> misses_;  ///< of the translation under way
};

}  // namespace memio
