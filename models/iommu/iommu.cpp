// Translation of devices' transactions; see iommu.h.
#include "iommu/iommu.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace memio {

using iommu::FaultKind;
using iommu::Mode;

namespace {

constexpr std::uint64_t page_size = std::uint64_t{1} << PageFormat::base_shift;

MmuConfig configure_mmu(const IommuConfig& config) {
  MmuConfig mmu;
  mmu.itlb.entries = 1;  // devices do not fetch
  mmu.dtlb = config.tlb;
  mmu.l2tlb.entries = 0;
  mmu.pwc_entries = config.pwc_entries;
  mmu.pwc_hit_latency = config.pwc_hit_latency;
  mmu.walk_step_latency = config.walk_step_latency;
  mmu.ad = config.ad;
  mmu.model_tlbs = config.model_tlb;
  return mmu;
}

BusMasterConfig configure_master(const IommuConfig& config, const std::string& initiator) {
  BusMasterConfig master;
  master.clock = config.clock;
  master.initiator = initiator;
  master.at = config.at;
  return master;
}

PageFormatId format_of(Mode mode) {
  switch (mode) {
    case Mode::sv32:
      return PageFormatId::sv32;
    case Mode::sv39:
      return PageFormatId::sv39;
    case Mode::sv48:
      return PageFormatId::sv48;
    case Mode::sv57:
      return PageFormatId::sv57;
    default:
      return PageFormatId::bare;
  }
}

}  // namespace

/// Registers that say how a device's addresses are translated.
struct Iommu::Context {
  Context(RegisterBank& bank, unsigned number)
      : mode(bank, {"MODE" + std::to_string(number), at(number) + iommu::reg_mode, 4, 0, 7}),
        domain(bank, {"DOMAIN" + std::to_string(number), at(number) + iommu::reg_domain, 4, 0, 0xFFFF}),
        root(bank,
             {"ROOT" + std::to_string(number), at(number) + iommu::reg_root, 8, 0, 0xFFFFFFFFFFF, 4 | 8}) {}

  static std::uint64_t at(unsigned number) { return iommu::context_base + number * iommu::context_stride; }

  Mode translation() const { return static_cast<Mode>(mode.value()); }

  Register mode, domain, root;
};

struct Iommu::Device {
  Device(RegisterBank& bank, unsigned number, const BusMasterConfig& config)
      : context(bank, number),
        socket(("from_" + config.initiator).c_str()),
        master(config.initiator.c_str(), config) {}

  Context context;
  DeviceSocket socket;
  BusMaster master;
};

Iommu::Iommu(const sc_core::sc_module_name& name, const IommuConfig& config)
    : RegisterTarget(name, config.latency),
      walker("walker", configure_master(config, basename())),
      config_(config),
      name_(basename()),
      mmu_(configure_mmu(config), *this),
      faults_(registers_, [this] { update_irq(); }) {
  if (config_.devices.size() > iommu::max_devices)
    throw std::invalid_argument("an IOMMU serves at most 8 devices");
  for (const std::string& device : config_.devices) {
    const auto number = static_cast<unsigned>(devices_.size());
    devices_.push_back(std::make_unique<Device>(registers_, number, configure_master(config_, device)));
    devices_.back()->socket.register_b_transport(this, &Iommu::b_transport, static_cast<int>(number));
  }
  capabilities_.on_peek([this] { return devices_.size() | std::uint64_t{config_.tlb.entries} << 8; });
  control_.on_write([this](std::uint64_t value) {
    control_.set(value);
    update_irq();
  });
  invalidate_.on_peek([this]() -> std::uint64_t { return stale_ > 0; });
  invalidate_.on_write([this](std::uint64_t value) { invalidate(value); });
}

Iommu::~Iommu() = default;

Iommu::DeviceSocket& Iommu::device(unsigned number) { return devices_.at(number)->socket; }

BusMaster& Iommu::master(unsigned number) { return devices_.at(number)->master; }

void Iommu::reset() {
  RegisterTarget::reset();
  mmu_.reset();
  outdate();
  faults_.reset();
  update_irq();
}

void Iommu::update_irq() { irq.set(faults_.any() && control_.value() & iommu::control_fault_irq); }

void Iommu::register_stats(StatGroup& group) {
  RegisterTarget::register_stats(group);
  group.add("transactions", "transactions", "transactions of devices", &transactions_);
  group.add("bypassed", "transactions", "of these, not translated", &bypassed_);
  group.add("split", "transactions", "of these, translated as several pages", &split_);
  faults_.register_stats(group);
  if (!mmu_.has_tlbs()) return;
  mmu_.dtlb().register_stats(group.child("tlb", "IOTLB"));
  mmu_.walker().register_stats(group.child("walker", "page-table walker"), mmu_.walk_cache() != nullptr);
}

void Iommu::b_transport(int number, Payload& payload, sc_core::sc_time& delay) {
  const auto device = static_cast<unsigned>(number);
  if (payload.get_byte_enable_ptr()) return payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  if (payload.get_streaming_width() < payload.get_data_length() || payload.get_data_length() == 0)
    return payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  const std::uint64_t began = commands_;
  ++transactions_;
  ++fresh_;
  Cycles now = config_.clock.cycles_up(sc_core::sc_time_stamp() + delay);
  std::vector<Piece> pieces;
  Status status = Status::iommu_fault;
  if (translate(device, payload, pieces, now)) status = transfer(device, payload, pieces, now);
  if (auto* extension = payload.get_extension<InitiatorExtension>())
    extension->iommu_fault = status == Status::iommu_fault;
  payload.set_response_status(to_tlm(status));
  walker.wait_until(now);
  delay = sc_core::SC_ZERO_TIME;
  end_transaction(began);
}

// Cuts a transaction at the ends of its pages and translates it; false if it is refused.
bool Iommu::translate(unsigned number, const Payload& payload, std::vector<Piece>& pieces, Cycles& now) {
  const Context& device = devices_[number]->context;
  const std::uint64_t address = payload.get_address(), size = payload.get_data_length();
  const Mode mode = device.translation();
  if (!(control_.value() & iommu::control_enable) || mode == Mode::bypass) {
    ++bypassed_;
    pieces.push_back({0, size, address});
    return true;
  }
  const bool write = writes(payload);
  TranslationContext context;
  context.format = format_of(mode);
  if (context.format == PageFormatId::bare) {
    refuse(number, address, write, FaultKind::mode, now);
    return false;
  }
  context.asid = static_cast<std::uint16_t>(device.domain.value());
  context.root = device.root.value() << PageFormat::base_shift;
  context.privilege = Privilege::user;
  for (std::uint64_t offset = 0; offset < size; offset += pieces.back().size) {
    const std::uint64_t at = address + offset;
    pieces.push_back({offset, std::min(size - offset, page_size - at % page_size), 0});
    if (!translate(number, at, write, context, pieces.back(), now)) return false;
  }
  if (pieces.size() > 1) ++split_;
  return true;
}

bool Iommu::translate(unsigned number, std::uint64_t address, bool write, const TranslationContext& context,
                      Piece& piece, Cycles& now) {
  walker.wait_until(now);
  struct Lock {
    explicit Lock(sc_core::sc_mutex& mutex) : held(mutex) { held.lock(); }
    ~Lock() { held.unlock(); }
    sc_core::sc_mutex& held;
  } const lock(translating_);
  now = std::max(now, config_.clock.cycles_up(sc_core::sc_time_stamp()));

  const std::uint64_t commands = commands_;
  current_ = {number, address, mmu_.has_tlbs() ? mmu_.dtlb().misses : 0};
  const AccessKind kind = write ? AccessKind::store : AccessKind::load;
  const Translation translation = mmu_.translate(address, kind, context, now);
  // What a command meant to remove must not come back by a walk that was under way.
  if (commands != commands_) mmu_.fence(address, std::nullopt);
  now = translation.done;
  walker.wait_until(now);
  piece.physical = translation.physical;
  if (translation.outcome == TranslationOutcome::ok) return true;
  const bool page = translation.outcome == TranslationOutcome::page_fault;
  refuse(number, address, write, page ? FaultKind::page : FaultKind::access, now);
  return false;
}

// To be told before the walk takes its time: events begin in order.
void Iommu::trace_miss(Cycles at) {
  if (!traced() || !mmu_.has_tlbs() || current_.misses == mmu_.dtlb().misses) return;
  current_.misses = mmu_.dtlb().misses;
  trace_->iommu({at, at, &name_, IommuEvent::Kind::miss, current_.device, current_.address});
}

void Iommu::refuse(unsigned number, std::uint64_t address, bool write, FaultKind kind, Cycles now) {
  if (traced()) trace_->iommu({now, now, &name_, IommuEvent::Kind::fault, number, address});
  faults_.add({number, write, kind, address});
}

Status Iommu::transfer(unsigned number, const Payload& payload, const std::vector<Piece>& pieces,
                       Cycles& now) {
  BusMaster& bus = devices_[number]->master;
  const auto* extension = payload.get_extension<InitiatorExtension>();
  Access access;
  access.kind = access_kind(payload);
  access.write = writes(payload);
  access.memory_type = memory_type(payload);
  if (extension) access.privilege = extension->privilege;
  for (const Piece& piece : pieces) {
    access.address = piece.physical;
    access.size = static_cast<std::uint32_t>(piece.size);
    access.data = data_moved(payload) ? nullptr : payload.get_data_ptr() + piece.offset;
    const Completion completion = bus.transfer(access, now);
    now = completion.done;
    bus.wait_until(now);
    if (completion.status != Status::ok) return completion.status;
  }
  return Status::ok;
}

void Iommu::invalidate(std::uint64_t value) {
  const auto domain = static_cast<std::uint16_t>(value >> iommu::invalidate_domain_shift);
  switch (value & 3) {
    case iommu::invalidate_all:
      mmu_.fence(std::nullopt, std::nullopt);
      break;
    case iommu::invalidate_domain:
      mmu_.fence(std::nullopt, domain);
      break;
    case iommu::invalidate_address:
      mmu_.fence(invalidate_address_.value(), domain);
      break;
    default:
      return;
  }
  outdate();
}

// What is under way has begun before the translations were forgotten.
void Iommu::outdate() {
  ++commands_;
  stale_ += fresh_;
  fresh_ = 0;
}

void Iommu::end_transaction(std::uint64_t began) { --(began == commands_ ? fresh_ : stale_); }

WalkReply Iommu::read_pte(std::uint64_t address, unsigned size, Cycles now) {
  return access_pte(false, address, size, 0, now);
}

WalkReply Iommu::update_pte(std::uint64_t address, unsigned size, std::uint64_t expected,
                            std::uint64_t desired, Cycles now) {
  WalkReply reply = access_pte(false, address, size, 0, now);
  if (reply.outcome != WalkReply::Outcome::ok) return reply;
  if (reply.value != expected) return {reply.outcome, 0, reply.done};
  reply = access_pte(true, address, size, desired, reply.done);
  reply.value = 1;
  return reply;
}

// One bus transaction; the caller's time, the simulation's too, is its end.
WalkReply Iommu::access_pte(bool write, std::uint64_t address, unsigned size, std::uint64_t value,
                            Cycles now) {
  std::uint8_t bytes[8];
  std::memcpy(bytes, &value, sizeof bytes);
  trace_miss(now);
  walker.wait_until(now);
  reading_since_ = now;
  const Completion completion = walker.transfer(
      {address, size, AccessKind::walk, write, Space::memory, Privilege::supervisor, bytes}, now);
  reading_since_ = never;
  if (traced())
    trace_->iommu({now, completion.done, &name_, IommuEvent::Kind::walk, current_.device, current_.address});
  walker.wait_until(completion.done);
  std::memcpy(&value, bytes, size);
  if (completion.status != Status::ok) return {WalkReply::Outcome::error, 0, completion.done};
  return {WalkReply::Outcome::ok, value, completion.done};
}

}  // namespace memio
