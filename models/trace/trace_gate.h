// Begins and ends a trace at triggers, and keeps the time before one: stands between the models and the
// files.
//
//   start trigger  ring  what is written
//   -              -     all, until the stop trigger
//   met at T       -     from T on
//   met at T       R     from T - R on
//   -              R     the last R before the stop trigger, or before the end of the run
//   not met        R     the last R before the end of the run; without a ring nothing
//
// A stop trigger counts after the start. What happens in the cycle of an event that stops the trace is still
// written; a `time:` ends it before that time. Triggers are looked for in the order of time, so the window
// depends on neither engine nor quantum. The ring keeps at most `ring_events` events; if there are more in R,
// the window begins behind the latest that is not among the last `ring_events`.
#pragma once

#include <deque>
#include <memory>

#include "trace/trace_output.h"
#include "trace/trigger.h"

namespace memio {

struct TraceGateOptions {
  Trigger start, stop;
  Cycles ring = 0;  ///< 0: none
  std::size_t ring_events = 1'000'000;
};

class TraceGate : public AnyEventSink<TraceOutput> {
 public:
  TraceGate(std::unique_ptr<TraceOutput> output, const TraceGateOptions& options);

  void declare(const TraceSources& sources) override { output_->declare(sources); }
  void set_window(Cycles start, Cycles stop) override { output_->set_window(start, stop); }
  bool wants(TraceTopic topic) const override;
  void advance(Cycles now) override;
  void finish(Cycles end) override;
  const std::string& error() const override { return output_->error(); }

  /// False while the start trigger has not been met.
  bool started() const { return started_; }

 protected:
  void any(const AnyEvent& event) override;

 private:
  bool watches(TraceTopic topic) const;
  void look_before(Cycles limit);
  void look_at_times(Cycles until);
  void start_at(Cycles time);
  void stop_at(Cycles time, Cycles end);
  void open(Cycles start, Cycles until);
  Cycles limit_of_ring(Cycles start, Cycles until) const;
  void pass_on(std::size_t count, Cycles limit);

  std::unique_ptr<TraceOutput> output_;
  TriggerWatch start_, stop_;
  Cycles ring_;
  std::size_t ring_events_;
  std::deque<AnyEvent> kept_;        ///< not yet passed on, in the order of arrival
  std::vector<AnyEvent> unwatched_;  ///< that triggers have not looked at
  struct Mark {
    std::uint64_t arrived;  ///< events until then
    Cycles now;
  };
  std::deque<Mark> marks_;  ///< the calls of `advance` that lie between what is kept
  std::uint64_t arrived_ = 0;
  Cycles passed_ = 0;  ///< all that begins before has been passed on
  bool started_ = false, stopped_ = false, open_ = false;
  Cycles started_at_ = 0;
  Cycles begin_ = never;  ///< of the window
};

}  // namespace memio
