// Triggers and the ring buffer; see trace_gate.h.
#include "trace/trace_gate.h"

#include <algorithm>

namespace memio {

TraceGate::TraceGate(std::unique_ptr<TraceOutput> output, const TraceGateOptions& options)
    : output_(std::move(output)),
      start_(options.start),
      stop_(options.stop),
      ring_(options.ring),
      ring_events_(options.ring_events) {
  started_ = start_.empty();
  open_ = started_ && ring_ == 0;
  begin_ = open_ ? 0 : never;
  output_->set_window(begin_, never);
}

bool TraceGate::watches(TraceTopic topic) const {
  const std::uint32_t topics = stopped_ ? 0 : started_ ? stop_.topics() : start_.topics() | stop_.topics();
  return (topics & static_cast<std::uint32_t>(topic)) != 0;
}

bool TraceGate::wants(TraceTopic topic) const {
  return !stopped_ && output_->ok() && (watches(topic) || output_->wants(topic));
}

void TraceGate::any(const AnyEvent& event) {
  const TraceTopic topic = topic_of(event);
  if (output_->wants(topic)) {
    kept_.push_back(event);
    ++arrived_;
  }
  if (watches(topic)) unwatched_.push_back(event);
}

void TraceGate::advance(Cycles now) {
  look_before(now);
  if (open_) {
    pass_on(kept_.size(), never);
    output_->advance(now);
    return;
  }
  marks_.push_back({arrived_, now});
  pass_on(kept_.size(), now > ring_ ? now - ring_ : 0);
  // Twice as many as will be written: they are counted in the order of arrival, the window is one of time.
  if (kept_.size() > 3 * ring_events_) pass_on(kept_.size() - 2 * ring_events_, never);
}

void TraceGate::finish(Cycles end) {
  look_before(never);
  if (end != 0) look_at_times(end - 1);
  if (!open_ && ring_ != 0) open(end > ring_ ? end - ring_ : 0, never);
  pass_on(kept_.size(), never);
  output_->finish(end);
}

// Looks for triggers in the events that begin before `limit`, in the order of time.
void TraceGate::look_before(Cycles limit) {
  const auto later = std::stable_partition(unwatched_.begin(), unwatched_.end(),
                                           [&](const AnyEvent& event) { return begin_of(event) < limit; });
  std::stable_sort(unwatched_.begin(), later,
                   [](const AnyEvent& a, const AnyEvent& b) { return begin_of(a) < begin_of(b); });
  for (auto event = unwatched_.begin(); event != later && !stopped_; ++event) {
    const Cycles time = begin_of(*event);
    look_at_times(time);
    if (!started_) {
      if (start_.met_by(*event)) start_at(time);
    } else if (!stopped_ && (start_.empty() || time > started_at_)) {
      if (stop_.met_by(*event)) stop_at(time, time + 1);
    }
  }
  unwatched_.erase(unwatched_.begin(), later);
  if (limit != never && limit != 0) look_at_times(limit - 1);
}

void TraceGate::look_at_times(Cycles until) {
  if (!started_ && start_.time() <= until) start_at(start_.time());
  if (started_ && !stopped_ && stop_.time() <= until) {
    const Cycles time = std::max(stop_.time(), started_at_);
    stop_at(time, time);
  }
}

void TraceGate::start_at(Cycles time) {
  started_ = true;
  started_at_ = time;
  open(time > ring_ ? time - ring_ : 0, time);
}

// The trace stops at `time`: what begins before `end` is written.
void TraceGate::stop_at(Cycles time, Cycles end) {
  stopped_ = true;
  if (!open_) open(time > ring_ ? time - ring_ : 0, time);
  output_->set_window(begin_, end);
}

// The window begins at `start`, or behind what is more than the ring may hold of what begins by `until`.
void TraceGate::open(Cycles start, Cycles until) {
  open_ = true;
  begin_ = std::max(limit_of_ring(start, until), passed_);
  output_->set_window(begin_, never);
}

Cycles TraceGate::limit_of_ring(Cycles start, Cycles until) const {
  std::vector<Cycles> times;
  for (const AnyEvent& event : kept_)
    if (const Cycles time = begin_of(event); time >= start && time <= until) times.push_back(time);
  if (times.size() <= ring_events_) return start;
  const auto first = times.end() - static_cast<std::ptrdiff_t>(ring_events_) - 1;
  std::nth_element(times.begin(), first, times.end());
  return *first + 1;
}

// Passes on, in the order of arrival, which for one source is that of its program, at most `count` events, up
// to the first that begins at or after `limit`; then says how far nothing can follow.
void TraceGate::pass_on(std::size_t count, Cycles limit) {
  for (; count != 0 && begin_of(kept_.front()) < limit; --count) {
    tell(*output_, kept_.front());
    kept_.pop_front();
  }
  // What arrived after a mark begins at or after it.
  for (; !marks_.empty() && marks_.front().arrived <= arrived_ - kept_.size(); marks_.pop_front())
    passed_ = std::max(passed_, std::min(marks_.front().now, limit));
  if (!open_) output_->advance(passed_);
}

}  // namespace memio
