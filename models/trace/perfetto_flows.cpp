// Chains of causes; see perfetto_flows.h.
#include "trace/perfetto_flows.h"

#include <algorithm>

namespace memio {

bool link_chain(const std::vector<PerfettoItem*>& items, std::uint64_t id) {
  std::vector<PerfettoItem*> points;
  std::copy_if(items.begin(), items.end(), std::back_inserter(points),
               [](const PerfettoItem* item) { return item->end > item->begin; });
  if (points.size() < 2) return false;
  for (std::size_t i = 0; i < points.size(); ++i)
    points[i]->flows.push_back(
        {id, points.front()->begin, i + 1 < points.size() ? points[i + 1]->begin : never, i == 0});
  return true;
}

void InstructionGroup::start(PerfettoItem instruction) {
  open_ = true;
  instruction_ = std::move(instruction);
  items_.clear();
  misses_.clear();
}

void InstructionGroup::miss(PerfettoItem item) {
  misses_.push_back(items_.size());
  add(Chain::translation, std::move(item));
}

void InstructionGroup::walked(PerfettoItem level, bool last) {
  for (const std::size_t miss : misses_) items_[miss].item.end = level.end;
  if (last) misses_.clear();
  add(Chain::translation, std::move(level));
}

std::vector<PerfettoItem> InstructionGroup::finish(Cycles end, std::uint64_t& id, std::uint64_t step) {
  open_ = false;
  std::vector<PerfettoItem> done;
  if (items_.empty()) return done;
  instruction_.end = std::max(end, instruction_.begin);
  // At equal times causes come first: tracks are numbered from instructions to banks.
  std::stable_sort(items_.begin(), items_.end(), [](const Entry& a, const Entry& b) {
    return a.item.begin != b.item.begin ? a.item.begin < b.item.begin : a.item.track < b.item.track;
  });
  done.reserve(items_.size() + 1);
  done.push_back(std::move(instruction_));
  std::vector<PerfettoItem*> members[chains];
  for (auto& chain : members) chain.push_back(&done.front());
  for (Entry& entry : items_) {
    done.push_back(std::move(entry.item));
    members[static_cast<unsigned>(entry.chain)].push_back(&done.back());
  }
  for (const auto& chain : members)
    if (link_chain(chain, id)) id += step;
  return done;
}

}  // namespace memio
