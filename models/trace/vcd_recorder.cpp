// Changes of VCD variables in the order of time; see vcd_recorder.h.
#include "trace/vcd_recorder.h"

namespace memio {

bool VcdRecorder::in_time(Cycles time) {
  if (time >= now_) return true;
  note_misuse("an event of cycle " + std::to_string(time) + " came after cycle " + std::to_string(now_) +
              " had been written");
  return false;
}

void VcdRecorder::note_misuse(const std::string& what) {
  if (misuse_.empty()) misuse_ = path_ + ": " + what;
}

void VcdRecorder::set_window(Cycles start, Cycles stop) {
  file_.set_start(start > ~std::uint64_t{0} / period_ps_ ? ~std::uint64_t{0} : start * period_ps_);
  stop_ = stop;
}

void VcdRecorder::advance(Cycles now) {
  if (now <= now_) return;
  now_ = now;
  write_before(now);
}

void VcdRecorder::finish(Cycles end) {
  write_before(~Cycles{0});
  file_.close(std::min(end, stop_) * period_ps_);
}

void VcdRecorder::write_before(Cycles limit) {
  order_.take_before(limit, [this](Cycles time, const Action* actions, std::size_t count) {
    if (time >= stop_) return;
    for (std::size_t i = 0; i < count; ++i) write(time * period_ps_, actions[i]);
  });
}

void VcdRecorder::write(std::uint64_t time, const Action& action) {
  if (action.change == Action::Change::fire) return file_.fire(time, action.var);
  if (action.change == Action::Change::set) return file_.set(time, action.var, action.value);
  if (action.var >= raised_.size()) raised_.resize(action.var + 1);
  raised_[action.var] += action.change == Action::Change::raise ? 1u : ~0u;
  file_.set(time, action.var, raised_[action.var] > 0 ? 1 : 0);
}

}  // namespace memio
