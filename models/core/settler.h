// Waiting until everything at the current simulation time has happened.
//
// At equal times devices act first, then harts by index, and simultaneous requests to a bus are
// ordered by its policy, not by the scheduler's order of processes. Both need to know that the delta
// cycles of a time are over, which SystemC tells only by asking. Two askers would each take the other
// for activity, for ever: so one Settler serves the whole simulation.
#pragma once

#include <memory>
#include <optional>
#include <systemc>
#include <vector>

namespace memio {

class Settler : public sc_core::sc_module {
 public:
  /// The rank of those who decide when all requests of a time are known.
  static constexpr unsigned last = ~0u;

  explicit Settler(const sc_core::sc_module_name& name);

  /// True if nothing is left to run at this time but the caller and settling threads.
  bool quiet();

  /// If it is quiet: the time of the next event; none if there is none.
  std::optional<sc_core::sc_time> next_event();

  /// True if threads of other ranks than 1 to `harts` wait in `settle`: this time is not over for devices.
  bool waiting(unsigned harts) const;

  /// Blocks the calling thread until it is quiet. The waiting threads of the lowest rank go on first; the
  /// next rank follows when all that they caused at this time is done. Returns at once if it is quiet and
  /// no thread of that rank or a lower one waits. Ranks: 0 for bus arbitration in `lt`, 1 and
  /// up for initiators that act after devices, `last` for bus arbitration in `at`.
  void settle(unsigned rank);

 private:
  struct Rank {
    unsigned number;
    sc_core::sc_event go;
    unsigned waiting = 0;

    explicit Rank(unsigned rank) : number(rank) {}
  };

  template <class Question>
  auto ask(Question question);
  Rank& rank_of(unsigned number);
  Rank* first_waiting();
  void poll_again();
  void poll();

  std::vector<std::unique_ptr<Rank>> ranks_;  ///< by number
  sc_core::sc_event poll_event_;
  bool polling_ = false;
};

}  // namespace memio
