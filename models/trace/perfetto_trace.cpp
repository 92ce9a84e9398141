// Trace events for Perfetto: sources, order and writing; perfetto_events.cpp has what each event becomes.
#include "trace/perfetto_trace.h"

#include <algorithm>

namespace memio {

namespace {

constexpr unsigned lanes_per_track = 64;

}  // namespace

PerfettoTrace::PerfettoTrace(const PerfettoOptions& options) : options_(options), file_(options.path) {}

unsigned PerfettoTrace::add_track(const std::string& process, const std::string& name, bool counter) {
  const auto [found, is_new] = processes_.try_emplace(process, static_cast<unsigned>(processes_.size()) + 1);
  if (is_new) file_.name_process(found->second, process);
  tracks_.push_back({found->second, name, order_.add_source(), counter, {}});
  return static_cast<unsigned>(tracks_.size()) - 1;
}

void PerfettoTrace::declare(const TraceSources& sources) {
  harts_.resize(sources.harts);
  for (unsigned h = 0; h < sources.harts; ++h) {
    const std::string process = "cpu" + std::to_string(h);
    Hart& hart = harts_[h];
    hart.instructions = add_track(process, "instructions");
    hart.functions = add_track(process, "functions");
    hart.traps = add_track(process, "traps");
    unsigned tlb = 0;
    for (const char* name : {"itlb", "dtlb", "l2tlb"}) hart.tlb[tlb++] = add_track(process, name);
    hart.walker = add_track(process, "walker");
    hart.flow = h + 1;
  }
  for (const auto& name : sources.caches) {
    const auto dot = name.find('.');
    names_["cache " + name] = add_track(name.substr(0, dot), name.substr(dot + 1));
  }
  flow_step_ = sources.harts + sources.initiators.size();
  std::uint64_t flow = sources.harts;
  for (const auto& name : sources.initiators) {
    // "cpu0" or a port of it, "cpu0.fetch"
    const std::string owner = name.substr(0, name.find('.'));
    Hart* hart = nullptr;
    for (unsigned h = 0; h < sources.harts; ++h)
      if (owner == "cpu" + std::to_string(h)) hart = &harts_[h];
    initiators_[name] = {add_track("bus", name), hart, ++flow};
  }
  for (const auto& [name, count] : sources.memories)
    for (unsigned bank = 0; bank < count; ++bank) {
      const std::string part = name + ".bank" + std::to_string(bank);
      names_["bank " + part] = add_track("memory", part);
    }
  for (const auto& [name, count] : sources.dmas)
    for (unsigned channel = 0; channel < count; ++channel) {
      const std::string part = name + ".channel" + std::to_string(channel);
      names_["channel " + part] = add_track("dma", part);
    }
  for (const auto& name : sources.iommus) names_["iommu " + name] = add_track("dma", name);
  for (const auto& name : sources.queues)
    if (names_.count("queue " + name) == 0) names_["queue " + name] = add_track("queues", name, true);
  for (const auto& name : sources.interrupt_lines)
    names_["line " + name] = add_track("interrupts", name, true);
  for (const auto& name : sources.kernel_numbers) names_["number " + name] = add_track("kernel", name, true);
  names_["alarm "] = add_track("alarms", "alarms");
}

void PerfettoTrace::set_window(Cycles start, Cycles stop) {
  start_ = start;
  stop_ = stop;
}

bool PerfettoTrace::wants(TraceTopic topic) const {
  if (now_ >= stop_ || !file_.ok()) return false;
  if (topic == TraceTopic::trap) return selected(TraceTopic::cpu);
  return selected(topic) || (topic == TraceTopic::cpu && options_.functions);
}

void PerfettoTrace::advance(Cycles now) {
  if (now <= now_) return;
  now_ = now;
  // What an instruction under way causes is known when the next one begins.
  Cycles limit = now;
  for (const Hart& hart : harts_) {
    if (hart.group.open()) limit = std::min(limit, hart.group.begin());
    if (!hart.function.empty()) limit = std::min(limit, hart.function_begin);
  }
  const auto unclaimed = std::stable_partition(banks_.begin(), banks_.end(),
                                               [now](const PerfettoItem& bank) { return bank.begin >= now; });
  std::for_each(unclaimed, banks_.end(), [this](PerfettoItem& bank) { add(std::move(bank)); });
  banks_.erase(unclaimed, banks_.end());
  write_before(limit);
}

void PerfettoTrace::finish(Cycles end) {
  for (Hart& hart : harts_) {
    if (hart.group.open()) end_instruction(hart, end);
    end_function(hart, end);
  }
  for (PerfettoItem& bank : banks_) add(std::move(bank));
  banks_.clear();
  write_before(never);
  const Cycles last = std::min(end, stop_);
  for (const auto& [track, begin] : running_)
    if (begin >= start_ && begin < stop_) file_.end(row_of(tracks_[track], begin, last), picoseconds(last));
  running_.clear();
  file_.close();
}

void PerfettoTrace::add(PerfettoItem item) {
  const TraceSource source = tracks_[item.track].source;
  const Cycles time = item.begin;
  order_.add(time, source, std::vector<PerfettoItem>{std::move(item)});
}

void PerfettoTrace::add_counter(unsigned track, Cycles at, std::uint64_t value) {
  PerfettoItem item;
  item.kind = PerfettoItem::Kind::counter;
  item.track = track;
  item.begin = item.end = at;
  item.value = value;
  add(std::move(item));
}

void PerfettoTrace::write_before(Cycles limit) {
  order_.take_before(limit, [this](Cycles, const PerfettoItem* items, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) write(items[i]);
  });
}

void PerfettoTrace::write(const PerfettoItem& item) {
  using Kind = PerfettoItem::Kind;
  Track& track = tracks_[item.track];
  const bool inside = item.begin >= start_ && item.begin < stop_;
  const std::uint64_t begin = picoseconds(item.begin);
  if (item.kind == Kind::end) {
    const auto running = running_.find(item.track);
    if (inside && running != running_.end() && running->second >= start_)
      file_.end(row_of(track, item.begin, item.begin), begin);
    if (item.begin < stop_) running_.erase(item.track);
    return;
  }
  if (item.kind == Kind::begin && item.begin < stop_) running_[item.track] = item.begin;
  if (!inside) return;
  if (item.kind == Kind::counter) return file_.counter(track.process, track.name, begin, item.value);
  const Cycles end = std::min(item.end, stop_);
  const PerfettoRow row = row_of(track, item.begin, end);
  if (item.kind == Kind::begin) return file_.begin(row, item.name, begin, item.args);
  if (end <= item.begin) return file_.instant(row, item.name, begin, item.args);
  file_.slice(row, item.name, begin, picoseconds(end), item.args);
  for (const FlowPoint& point : item.flows) {
    // A flow is cut where the window cuts it: only whole ends are drawn.
    const bool is_last = point.next >= stop_;
    if (point.first < start_ || (point.is_first && is_last)) continue;
    file_.flow(row, point.is_first ? 's' : is_last ? 'f' : 't', point.id, begin);
  }
}

// A row of the track in which nothing else lies at `begin`.
PerfettoRow PerfettoTrace::row_of(Track& track, Cycles begin, Cycles end) {
  const unsigned base = static_cast<unsigned>(&track - tracks_.data()) * lanes_per_track + 1;
  unsigned lane = 0;
  while (lane < track.lanes.size() && lane + 1 < lanes_per_track && track.lanes[lane] > begin) ++lane;
  const PerfettoRow row{track.process, base + lane};
  if (lane == track.lanes.size()) {
    file_.name_thread(row, lane == 0 ? track.name : track.name + " (" + std::to_string(lane + 1) + ")");
    track.lanes.push_back(0);
  }
  track.lanes[lane] = std::max(track.lanes[lane], end);
  return row;
}

}  // namespace memio
