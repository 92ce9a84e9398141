// What the scopes of a VCD write through: variables, changes in the order of time, the window.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "trace/time_order.h"
#include "trace/vcd_file.h"

namespace memio {

class VcdRecorder {
 public:
  using Var = VcdFile::Var;

  /// What happens to one variable. A raised wire is 1 until it is lowered as often.
  struct Action {
    enum class Change : std::uint8_t { set, fire, raise, lower };
    Change change;
    Var var;
    std::uint64_t value;
  };
  static Action set(Var var, std::uint64_t value) { return {Action::Change::set, var, value}; }
  template <class Enum>
  static Action set_enum(Var var, Enum value) {
    return set(var, static_cast<std::uint64_t>(value));
  }
  static Action fire(Var var) { return {Action::Change::fire, var, 0}; }
  static Action raise(Var var) { return {Action::Change::raise, var, 0}; }
  static Action lower(Var var) { return {Action::Change::lower, var, 0}; }

  /// Creates the file; see VcdFile. A cycle takes `period_ps` picoseconds.
  VcdRecorder(const std::string& path, const std::string& comment, std::uint64_t period_ps)
      : path_(path), period_ps_(period_ps), file_(path, comment) {}

  Var wire(const std::string& path, unsigned width, std::optional<std::uint64_t> initial = std::nullopt) {
    return file_.wire(path, width, initial);
  }
  Var event(const std::string& path) { return file_.event(path); }
  TraceSource add_source() { return order_.add_source(); }

  /// What happens at once in one source.
  void record(Cycles time, TraceSource source, std::initializer_list<Action> actions) {
    order_.add(time, source, actions);
  }
  /// Whether what begins at `time` can still be written; notes misuse if not.
  bool in_time(Cycles time);
  void note_misuse(const std::string& what);

  void set_window(Cycles start, Cycles stop);
  void advance(Cycles now);
  void finish(Cycles end);

  Cycles now() const { return now_; }  ///< the last `advance`
  bool writes() const { return now_ < stop_ && file_.ok(); }
  const std::string& error() const { return file_.ok() ? misuse_ : file_.error(); }

 private:
  void write_before(Cycles limit);
  void write(std::uint64_t time, const Action& action);

  std::string path_, misuse_;
  std::uint64_t period_ps_;
  VcdFile file_;
  TimeOrder<Action> order_;
  std::vector<std::uint32_t> raised_;  ///< by variable
  Cycles now_ = 0, stop_ = ~Cycles{0};
};

}  // namespace memio
