// Statistics groups: named counters with unit and text, in a tree.
//
// A model owns its counters as plain members and registers how to read them; nothing is copied
// until a report asks. No model prints: platform/ turns the tree into text and JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace memio {

/// One counter: `unit` is a plural noun ("accesses", "cycles", "bytes"), `text` one line that says
/// what exactly is counted.
struct Stat {
  std::string name;
  std::string unit;
  std::string text;
  std::function<std::uint64_t()> value;
};

class StatGroup {
 public:
  explicit StatGroup(std::string name, std::string text = {})
      : name_(std::move(name)), text_(std::move(text)) {}

  /// Registers a counter that stays at `*value` for the life of the group.
  void add(std::string name, std::string unit, std::string text, const std::uint64_t* value) {
    add(std::move(name), std::move(unit), std::move(text), [value] { return *value; });
  }
  void add(std::string name, std::string unit, std::string text, std::function<std::uint64_t()> value) {
    stats_.push_back({std::move(name), std::move(unit), std::move(text), std::move(value)});
  }

  /// The group `name` below this one, made on first use. Order of creation is order of output.
  StatGroup& child(const std::string& name, const std::string& text = {}) {
    for (auto& group : children_)
      if (group->name() == name) return *group;
    children_.push_back(std::make_unique<StatGroup>(name, text));
    return *children_.back();
  }

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  const std::vector<Stat>& stats() const { return stats_; }
  const std::vector<std::unique_ptr<StatGroup>>& children() const { return children_; }

 private:
  std::string name_, text_;
  std::vector<Stat> stats_;
  std::vector<std::unique_ptr<StatGroup>> children_;
};

}  // namespace memio
