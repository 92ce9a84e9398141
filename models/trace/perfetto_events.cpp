// What each event becomes in Perfetto; see perfetto_trace.h.
#include <algorithm>

#include "trace/perfetto_trace.h"

namespace memio {
namespace {

using Kind = PerfettoItem::Kind;

constexpr const char* kind_names[] = {"fetch", "load", "store", "walk", "dma"};
constexpr const char* status_names[] = {"ok", "address error", "command error", "size error", "target error"};
constexpr const char* privilege_names[] = {"user", "supervisor", "", "machine"};
constexpr const char* tlb_names[] = {"itlb miss", "dtlb miss", "l2tlb miss"};
constexpr const char* cache_names[] = {"miss", "fill", "write-back", "prefetch", "clean", "invalidate"};
constexpr const char* row_names[] = {"row hit", "row closed", "row conflict"};
constexpr const char* iommu_names[] = {"miss", "walk", "fault"};
constexpr const char* alarm_names[] = {"stale", "dma error"};

template <class Enum, std::size_t size>
const char* name_of(const char* const (&names)[size], Enum value) {
  return names[std::min(static_cast<std::size_t>(value), size - 1)];
}

std::string hex(const std::string& name, std::uint64_t value) {
  return PerfettoFile::hex_member(name, value);
}

PerfettoItem slice(unsigned track, Cycles begin, Cycles end, std::string name, std::string args) {
  return {Kind::slice, track, begin, end, std::move(name), std::move(args)};
}

}  // namespace

unsigned PerfettoTrace::track_of(const char* kind, const std::string& name) {
  const auto found = names_.find(std::string(kind) + " " + name);
  if (found != names_.end()) return found->second;
  if (misuse_.empty()) misuse_ = options_.path + ": " + kind + " " + name + " is not declared";
  return names_.at("alarm ");
}

PerfettoTrace::Hart* PerfettoTrace::hart(unsigned index) {
  if (index < harts_.size()) return &harts_[index];
  if (misuse_.empty()) misuse_ = options_.path + ": hart " + std::to_string(index) + " is not declared";
  return nullptr;
}

// The function and, if there is none, the address.
std::string PerfettoTrace::place(std::uint64_t pc) const {
  std::string name = options_.symbol ? options_.symbol(pc) : std::string();
  if (!name.empty()) return name;
  name = hex("", pc);
  return name.substr(4, name.size() - 5);
}

void PerfettoTrace::end_instruction(Hart& hart, Cycles end) {
  auto items = hart.group.finish(end, hart.flow, flow_step_);
  if (items.empty()) return;
  // Most instructions cause nothing: only those that are drawn get a name.
  items.front().name = place(hart.event.pc);
  items.front().args =
      hex("pc", hart.event.pc) + "," +
      PerfettoFile::member("privilege", std::string(name_of(privilege_names, hart.event.privilege)));
  for (PerfettoItem& item : items) add(std::move(item));
}

void PerfettoTrace::end_function(Hart& hart, Cycles end) {
  if (hart.function.empty()) return;
  add(slice(hart.functions, hart.function_begin, end, hart.function, ""));
  hart.function.clear();
}

void PerfettoTrace::instruction(const InstructionEvent& event) {
  Hart* const source = hart(event.hart);
  if (!source) return;
  if (source->group.open()) end_instruction(*source, event.at);
  if (options_.functions) {
    const std::string name = place(event.pc);
    if (name != source->function) {
      end_function(*source, event.at);
      source->function = name;
      source->function_begin = event.at;
    }
  }
  if (!selected(TraceTopic::cpu)) return;
  source->event = event;
  source->group.start(slice(source->instructions, event.at, event.at, {}, {}));
}

void PerfettoTrace::trap(const TrapEvent& event) {
  Hart* const source = hart(event.hart);
  if (!source) return;
  if (source->group.open()) end_instruction(*source, event.at);
  add(slice(source->traps, event.at, event.at,
            (event.interrupt ? "interrupt " : "exception ") + std::to_string(event.cause),
            hex("epc", event.epc) + "," + hex("tval", event.tval)));
}

void PerfettoTrace::tlb_miss(const TlbMissEvent& event) {
  Hart* const source = hart(event.hart);
  if (!source) return;
  PerfettoItem item = slice(source->tlb[static_cast<unsigned>(event.tlb)], event.at, event.at,
                            name_of(tlb_names, event.tlb), hex("address", event.address));
  if (source->group.open())
    source->group.miss(std::move(item));
  else
    add(std::move(item));
}

void PerfettoTrace::walk(const WalkEvent& event) {
  Hart* const source = hart(event.hart);
  if (!source) return;
  PerfettoItem item = slice(source->walker, event.start, event.done, "level " + std::to_string(event.level),
                            hex("pte", event.pte_address));
  if (source->group.open())
    source->group.walked(std::move(item), event.last);
  else
    add(std::move(item));
}

// The transfers of banks that belong to a transaction: told before it, and within its time.
std::vector<PerfettoItem> PerfettoTrace::banks_of(const BusEvent& event) {
  std::vector<PerfettoItem> found;
  if (!event.target) return found;
  const std::string target = *event.target + ".bank";
  const auto belongs = [&](const PerfettoItem& bank) {
    return bank.begin >= event.start && bank.end <= event.done &&
           tracks_[bank.track].name.compare(0, target.size(), target) == 0;
  };
  const auto own = std::stable_partition(banks_.begin(), banks_.end(),
                                         [&](const PerfettoItem& bank) { return !belongs(bank); });
  found.assign(std::make_move_iterator(own), std::make_move_iterator(banks_.end()));
  banks_.erase(own, banks_.end());
  return found;
}

void PerfettoTrace::bus(const BusEvent& event) {
  const auto found = initiators_.find(*event.initiator);
  if (found == initiators_.end()) {
    if (misuse_.empty()) misuse_ = options_.path + ": initiator " + *event.initiator + " is not declared";
    return;
  }
  Initiator& initiator = found->second;
  std::string args = hex("address", event.address) + "," + PerfettoFile::member("size", event.size) + "," +
                     PerfettoFile::member("status", std::string(name_of(status_names, event.status)));
  if (event.space == Space::port) args += "," + PerfettoFile::member("space", std::string("port"));
  const std::string target = event.target ? *event.target : "unmapped";
  std::vector<PerfettoItem> items{slice(
      initiator.track, event.start, event.done,
      target + (event.write ? " write " : " read ") + name_of(kind_names, event.kind), std::move(args))};
  for (PerfettoItem& bank : banks_of(event)) items.push_back(std::move(bank));
  if (initiator.hart && initiator.hart->group.open()) {
    for (PerfettoItem& item : items) initiator.hart->group.add(chain_of(event.kind), std::move(item));
    return;
  }
  std::vector<PerfettoItem*> chain;
  for (PerfettoItem& item : items) chain.push_back(&item);
  if (link_chain(chain, initiator.flow)) initiator.flow += flow_step_;
  for (PerfettoItem& item : items) add(std::move(item));
}

void PerfettoTrace::irq(const IrqEvent& event) {
  add_counter(track_of("line", *event.line), event.at, event.level ? 1 : 0);
}

void PerfettoTrace::cache(const CacheEvent& event) {
  PerfettoItem item =
      slice(track_of("cache", *event.cache), event.start, event.done,
            std::string(name_of(cache_names, event.kind)) + " " + name_of(kind_names, event.cause),
            hex("address", event.address));
  const std::string owner = event.cache->substr(0, event.cache->find('.'));
  for (unsigned h = 0; h < harts_.size(); ++h)
    if (harts_[h].group.open() && owner == "cpu" + std::to_string(h))
      return harts_[h].group.add(chain_of(event.cause), std::move(item));
  add(std::move(item));
}

void PerfettoTrace::dram(const DramEvent& event) {
  const unsigned track = track_of("bank", *event.target + ".bank" + std::to_string(event.bank));
  std::string args = PerfettoFile::member("row", event.row);
  if (event.refresh != 0) args += "," + PerfettoFile::member("refresh_cycles", event.refresh);
  banks_.push_back(slice(track, event.start, event.done, name_of(row_names, event.outcome), std::move(args)));
}

void PerfettoTrace::queue(const QueueEvent& event) {
  add_counter(track_of("queue", *event.target), event.at, event.waiting);
}

void PerfettoTrace::dma(const DmaEvent& event) {
  const unsigned track = track_of("channel", *event.device + ".channel" + std::to_string(event.channel));
  add({Kind::end, track, event.at, event.at, {}, {}});
  if (event.descriptor == 0) return;
  add({Kind::begin, track, event.at, event.at, "descriptor",
       hex("descriptor", event.descriptor) + "," + PerfettoFile::member("state", event.state) + "," +
           PerfettoFile::member("remaining", event.remaining)});
}

void PerfettoTrace::iommu(const IommuEvent& event) {
  add(slice(track_of("iommu", *event.iommu), event.start, event.done, name_of(iommu_names, event.kind),
            PerfettoFile::member("device", event.device) + "," + hex("address", event.address)));
}

void PerfettoTrace::alarm(const AlarmEvent& event) {
  add(slice(names_.at("alarm "), event.at, event.at,
            name_of(alarm_names, event.kind) + (" in " + *event.source), hex("address", event.address)));
}

void PerfettoTrace::kernel(const KernelEvent& event) {
  add_counter(track_of("number", *event.name), event.at, event.value);
}

}  // namespace memio
