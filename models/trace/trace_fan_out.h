// Several files of one run.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "trace/any_event.h"
#include "trace/trace_output.h"

namespace memio {

class TraceFanOut : public AnyEventSink<TraceOutput> {
 public:
  void add(std::unique_ptr<TraceOutput> output) { outputs_.push_back(std::move(output)); }
  std::size_t count() const { return outputs_.size(); }
  /// A single file needs nobody in front of it.
  std::unique_ptr<TraceOutput> take_first() { return std::move(outputs_.front()); }

  void declare(const TraceSources& sources) override {
    for (const auto& output : outputs_) output->declare(sources);
  }
  void set_window(Cycles start, Cycles stop) override {
    for (const auto& output : outputs_) output->set_window(start, stop);
  }
  bool wants(TraceTopic topic) const override {
    return std::any_of(outputs_.begin(), outputs_.end(),
                       [topic](const auto& output) { return output->wants(topic); });
  }
  void advance(Cycles now) override {
    for (const auto& output : outputs_) output->advance(now);
  }
  void finish(Cycles end) override {
    for (const auto& output : outputs_) output->finish(end);
  }
  const std::string& error() const override {
    static const std::string none;
    const auto failed =
        std::find_if(outputs_.begin(), outputs_.end(), [](const auto& output) { return !output->ok(); });
    return failed == outputs_.end() ? none : (*failed)->error();
  }

 protected:
  void any(const AnyEvent& event) override {
    for (const auto& output : outputs_) tell(*output, event);
  }

 private:
  std::vector<std::unique_ptr<TraceOutput>> outputs_;
};

}  // namespace memio
