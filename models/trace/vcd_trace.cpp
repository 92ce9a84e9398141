// Trace events as a VCD; see vcd_trace.h.
#include "trace/vcd_trace.h"

#include <algorithm>

namespace memio {
namespace {

constexpr const char* legend =
    "  privilege  0 user, 1 supervisor, 3 machine\n"
    "  space      0 memory, 1 port\n"
    "  kind       0 fetch, 1 load, 2 store, 3 walk, 4 dma\n"
    "  status     0 ok, 1 address error, 2 command error, 3 size error, 4 target error\n"
    "  memory_type  of the page: 0 as the address has it, 1 NC, 2 IO\n"
    "  latency    cycles; walk_level: 0 is the last level\n";

constexpr const char* miss_names[] = {"itlb_miss", "dtlb_miss", "l2_miss"};

}  // namespace

VcdTrace::VcdTrace(const VcdOptions& options)
    : options_(options), file_(options.path, legend, options.start * options.period_ps) {}

VcdTrace::~VcdTrace() { finish(now_); }

void VcdTrace::declare_hart(unsigned hart) {
  if (hart >= harts_.size()) harts_.resize(hart + 1);
  Hart& h = harts_[hart];
  const std::string scope = "cpu" + std::to_string(hart) + ".";
  if (selected(TraceTopic::cpu) && !h.cpu) {
    h.cpu = true;
    h.cpu_source = next_source();
    h.pc = file_.wire(scope + "pc", 64);
    h.privilege = file_.wire(scope + "privilege", 2);
    h.trap = file_.event(scope + "trap");
    h.cause = file_.wire(scope + "trap_cause", 6);  // the specification designates causes 0..63
    h.interrupt = file_.wire(scope + "trap_interrupt", 1);
    h.epc = file_.wire(scope + "trap_epc", 64);
    h.tval = file_.wire(scope + "trap_tval", 64);
  }
  if (selected(TraceTopic::mmu) && !h.mmu) {
    h.mmu = true;
    h.mmu_source = next_source();
    for (unsigned tlb = 0; tlb < 3; ++tlb) h.miss[tlb] = file_.event(scope + "mmu." + miss_names[tlb]);
    h.miss_address = file_.wire(scope + "mmu.miss_address", 64);
    h.walk_active = file_.wire(scope + "mmu.walk_active", 1, 0);
    h.walk_level = file_.wire(scope + "mmu.walk_level", 3);
    h.pte_address = file_.wire(scope + "mmu.pte_address", 64);
  }
}

void VcdTrace::declare_initiator(const std::string& name) {
  if (!selected(TraceTopic::bus) || find(initiators_, name)) return;
  const std::string scope = "bus." + name + ".";
  Initiator initiator{};
  initiator.name = name;
  initiator.source = next_source();
  initiator.begin = file_.event(scope + "begin");
  initiator.active = file_.wire(scope + "active", 1, 0);
  initiator.space = file_.wire(scope + "space", 1);
  initiator.kind = file_.wire(scope + "kind", 3);
  initiator.write = file_.wire(scope + "write", 1);
  initiator.address = file_.wire(scope + "address", 64);
  initiator.size = file_.wire(scope + "size", 32);
  initiator.latency = file_.wire(scope + "latency", 64);
  initiator.status = file_.wire(scope + "status", 3);
  initiator.memory_type = file_.wire(scope + "memory_type", 2);
  initiators_.push_back(initiator);
}

void VcdTrace::declare_irq(const std::string& line) {
  if (!selected(TraceTopic::irq) || find(lines_, line)) return;
  const std::uint64_t source = next_source();
  lines_.push_back({line, source, file_.wire("irq." + line, 1, 0)});
}

bool VcdTrace::wants(TraceTopic topic) const { return selected(topic) && now_ < options_.stop && file_.ok(); }

void VcdTrace::instruction(const InstructionEvent& event) {
  const Hart* const hart = find_hart(event.hart, &Hart::cpu);
  if (!hart || !in_time(event.at)) return;
  record(event.at, hart->cpu_source,
         {set(hart->pc, event.pc), set(hart->privilege, static_cast<std::uint64_t>(event.privilege))});
}

void VcdTrace::trap(const TrapEvent& event) {
  const Hart* const hart = find_hart(event.hart, &Hart::cpu);
  if (!hart || !in_time(event.at)) return;
  record(event.at, hart->cpu_source,
         {fire(hart->trap), set(hart->cause, event.cause), set(hart->interrupt, event.interrupt ? 1 : 0),
          set(hart->epc, event.epc), set(hart->tval, event.tval)});
}

void VcdTrace::tlb_miss(const TlbMissEvent& event) {
  const Hart* const hart = find_hart(event.hart, &Hart::mmu);
  if (!hart || !in_time(event.at)) return;
  record(event.at, hart->mmu_source,
         {fire(hart->miss[static_cast<unsigned>(event.tlb)]), set(hart->miss_address, event.address)});
}

void VcdTrace::walk(const WalkEvent& event) {
  const Hart* const hart = find_hart(event.hart, &Hart::mmu);
  if (!hart || !in_time(event.start)) return;
  record(event.start, hart->mmu_source,
         {set(hart->walk_active, 1), set(hart->walk_level, event.level),
          set(hart->pte_address, event.pte_address)});
  if (event.last) record(event.done, hart->mmu_source, {set(hart->walk_active, 0)});
}

void VcdTrace::bus(const BusEvent& event) {
  const Initiator* const initiator = find(initiators_, *event.initiator);
  if (!initiator) return note_misuse("initiator " + *event.initiator + " is not declared");
  if (!in_time(event.start)) return;
  record(event.start, initiator->source,
         {fire(initiator->begin),
          {Change::raise, initiator->active, 0},
          set(initiator->space, static_cast<std::uint64_t>(event.space)),
          set(initiator->kind, static_cast<std::uint64_t>(event.kind)),
          set(initiator->write, event.write ? 1 : 0),
          set(initiator->address, event.address),
          set(initiator->size, event.size),
          set(initiator->latency, event.done - event.start),
          set(initiator->status, static_cast<std::uint64_t>(event.status)),
          set(initiator->memory_type, static_cast<std::uint64_t>(event.memory_type))});
  record(event.done, initiator->source, {{Change::lower, initiator->active, 0}});
}

void VcdTrace::irq(const IrqEvent& event) {
  const Line* const line = find(lines_, *event.line);
  if (!line) return note_misuse("interrupt line " + *event.line + " is not declared");
  if (in_time(event.at)) record(event.at, line->source, {set(line->level, event.level ? 1 : 0)});
}

void VcdTrace::advance(Cycles now) {
  if (now <= now_) return;
  now_ = now;
  write_before(now);
}

void VcdTrace::finish(Cycles end) {
  write_before(std::numeric_limits<Cycles>::max());
  file_.close(picoseconds(std::min(end, options_.stop)));
}

const VcdTrace::Hart* VcdTrace::find_hart(unsigned hart, bool Hart::*part) {
  if (hart < harts_.size() && harts_[hart].*part) return &harts_[hart];
  note_misuse("hart " + std::to_string(hart) + " is not declared");
  return nullptr;
}

template <class Entry>
const Entry* VcdTrace::find(const std::vector<Entry>& entries, const std::string& name) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

bool VcdTrace::in_time(Cycles time) {
  if (time >= now_) return true;
  note_misuse("an event of cycle " + std::to_string(time) + " came after cycle " + std::to_string(now_) +
              " had been written");
  return false;
}

void VcdTrace::record(Cycles time, std::uint64_t source, std::initializer_list<Action> actions) {
  if (time >= options_.stop) return;
  records_.push_back({time, source | sequence_++, static_cast<std::uint32_t>(actions_.size()),
                      static_cast<std::uint32_t>(actions.size())});
  actions_.insert(actions_.end(), actions.begin(), actions.end());
}

// Writes the records that no later event can precede; the others stay, with their actions.
void VcdTrace::write_before(Cycles limit) {
  std::sort(records_.begin(), records_.end(), [](const Record& a, const Record& b) {
    return a.time != b.time ? a.time < b.time : a.order < b.order;
  });
  auto next = records_.begin();
  for (; next != records_.end() && next->time < limit; ++next)
    for (std::uint32_t i = 0; i < next->count; ++i) write(picoseconds(next->time), actions_[next->first + i]);
  records_.erase(records_.begin(), next);
  kept_.clear();
  for (Record& record : records_) {
    const auto first = actions_.begin() + record.first;
    record.first = static_cast<std::uint32_t>(kept_.size());
    kept_.insert(kept_.end(), first, first + record.count);
  }
  actions_.swap(kept_);
}

void VcdTrace::write(std::uint64_t time, const Action& action) {
  if (action.change == Change::fire) return file_.fire(time, action.var);
  if (action.change == Change::set) return file_.set(time, action.var, action.value);
  if (action.var >= raised_.size()) raised_.resize(action.var + 1);
  raised_[action.var] += action.change == Change::raise ? 1u : ~0u;
  file_.set(time, action.var, raised_[action.var] > 0 ? 1 : 0);
}

void VcdTrace::note_misuse(const std::string& what) {
  if (misuse_.empty()) misuse_ = options_.path + ": " + what;
}

}  // namespace memio
