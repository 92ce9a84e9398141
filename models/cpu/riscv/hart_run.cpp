// The run loop: horizon, interrupts, waiting, limits; construction and reset.
#include <algorithm>

#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

namespace {

/// Traps in a row, none of which retired an instruction, after which a guest counts as stuck: its
/// handler traps at its first instruction, so nothing will ever change.
constexpr std::uint64_t stuck_after = 64;

unsigned log2_of_line(unsigned bytes) {
  unsigned shift = 4;
  while (1u << shift < bytes) ++shift;
  return shift;
}

HartConfig effective(HartConfig config) {
  config.asid_bits = std::min(config.asid_bits, config.isa.xlen == 32 ? 9u : 16u);
  config.predictor.pc_shift = config.isa.c ? 1 : 2;
  config.mmu.model_tlbs = config.has_mmu && !config.functional;
  config.mmu.ad = config.isa.svadu ? AdPolicy::svadu : AdPolicy::svade;
  if (config.functional) {
    InstructionTiming& t = config.timing;
    const unsigned fetch_width = t.fetch_width;
    t = {};
    t.fetch_width = fetch_width;
    t.alu = t.shift = t.bitmanip = t.mul = t.mulh = t.clmul = t.div = t.load = t.narrow_load = t.jump =
        t.amo = t.lrsc = t.csr = t.system = t.fence = t.port = {1, 0};
    t.branch_taken = t.jal_redirect = t.jalr_redirect = t.trap = 0;
    config.predictor.kind = PredictorKind::none;
    config.caches = {};
  }
  return config;
}

}  // namespace

template <class U>
HartImpl<U>::HartImpl(const HartConfig& config, HartPort& port)
    : config_(effective(config)),
      port_(port),
      pmp_(config_.pmp_regions, sizeof(U) == 4 ? 0xffffffffull : (1ull << 54) - 1),
      mmu_(config_.mmu, *this, config_.hart_id),
      events_(config_.isa.sscofpmf),
      triggers_(config_.triggers, config_.isa.xlen),
      l0_(config_.caches.l1d.size ? log2_of_line(config_.caches.l1d.line) : 12),
      drop_generator_(config_.drop_caches_seed) {
  if (mmu_.has_tlbs()) {
    mmu_.itlb().set_listener(this);
    mmu_.dtlb().set_listener(this);
  }
  make_caches();
  if (config_.predictor.kind != PredictorKind::none) predictor_.emplace(config_.predictor);
  connect_events();
  if (config_.drop_caches_every) next_drop_ = 1;
  if (config_.group) config_.group->join(*this);
  set_trace(nullptr);
  reset();
}

template <class U>
void HartImpl<U>::make_caches() {
  if (!config_.caches.any()) return;
  LineBus& bus = *this;
  caches_ = std::make_unique<CacheHierarchy>(config_.caches, "cpu" + std::to_string(config_.hart_id), bus);
  l1i_ = caches_->l1i();
  l1d_ = caches_->l1d();
  if (l1d_) l1d_->set_listener(this);
  const auto price = [&](FastCounts& counts, Cycles lookup) {
    const Cycles data = config_.caches.l1d.hit_latency + lookup;
    std::fill(std::begin(counts.load_cycles), std::end(counts.load_cycles), data);
    std::fill(std::begin(counts.store_cycles), std::end(counts.store_cycles), data);
    counts.fetch_cycles = config_.caches.l1i.hit_latency;
    dearest_access_ = std::max(dearest_access_, data);
  };
  price(cached_bare_, 0);
  price(cached_translated_, config_.mmu.dtlb.hit_latency);
}

template <class U>
void HartImpl<U>::reset() {
  std::fill(std::begin(x_), std::end(x_), U{0});
  std::fill(std::begin(f_), std::end(f_), std::uint64_t{0});
  const std::uint64_t lines = csr_.pending_lines;
  const std::uint64_t cycles = csr_.cycle_offset;
  const std::uint64_t retired = csr_.instret_offset;
  csr_ = {};
  csr_.pending_lines = lines;
  csr_.cycle_offset = cycles;
  csr_.instret_offset = retired;
  write_menvcfg(config_.isa.svadu ? envcfg::adue : 0);
  port_.set_supervisor_timer(csr_.stimecmp);
  pc_ = static_cast<U>(config_.reset_vector);
  privilege_ = Privilege::machine;
  reservation_ = no_address;
  fetched_word_ = no_address;
  waiting_ = false;
  scoreboard_ = {};
  now_ += config_.timing.reset;
  stack_.reset += config_.timing.reset;
  if (predictor_) predictor_->reset();
  traps_in_a_row_ = 0;
  events_.reset();
  triggers_.reset();
  pmp_.reset();
  mmu_.reset();
  if (caches_) caches_->reset();
  protection_changed();
  update_contexts();
  leave_block_ = attention_ = true;
}

template <class U>
StopReason HartImpl<U>::run() {
  for (;;) {
    look_around();
    attention_ = false;
    code_.collect();
    if (!revoked_.empty()) {
      settle();
      revoked_.clear();
    }
    if (config_.isa.sscofpmf) collect_overflows();
    if (stop_requested_) {
      stop_requested_ = false;
      return StopReason::requested;
    }
    if (watched_) {
      watched_ = false;
      return StopReason::watched_store;
    }
    if (traps_in_a_row_ >= stuck_after) return StopReason::stuck;
    if (retired_ >= limit_) return StopReason::instruction_limit;
    if (now_ >= horizon_) return StopReason::horizon;
    if (waiting_ && !wakes()) return StopReason::wait_for_interrupt;
    waiting_ = false;
    maybe_drop_host_caches();
    if (const std::optional<unsigned> cause = pending_interrupt()) {
      ++interrupts_;
      take_trap(static_cast<U>(*cause), true, 0);
      continue;
    }
    if (config_.engine == Engine::fast && !trace_steps_ && !triggers_.armed() && idle_targets())
      run_before_overflow();
    else
      step();
  }
}

/// After a call that may have waited: others may have run, and the horizon has moved.
template <class U>
void HartImpl<U>::look_around() {
  if (config_.group) config_.group->running(*this);
  horizon_ = port_.horizon();
  block_horizon_ = std::min(horizon_, overflow_horizon_);
}

template <class U>
void HartImpl<U>::collect_overflows() {
  if (events_.collect_overflows()) csr_.software_pending |= std::uint64_t{1} << 13;
}

/// Runs blocks for as long as no counter can overflow but by the last instruction; steps if one may soon.
template <class U>
void HartImpl<U>::run_before_overflow() {
  constexpr std::uint64_t most_events = 64;  // of one kind, cycles apart, in one instruction
  block_limit_ = limit_;
  if (config_.isa.sscofpmf) {
    const std::uint64_t room = events_.room();
    if (room < 64 * most_events) return step();
    block_limit_ = std::min(limit_, retired_ + room / most_events);
    overflow_horizon_ = now_ + std::min(room, ~Cycles{0} - now_);
    block_horizon_ = std::min(horizon_, overflow_horizon_);
  }
  run_blocks();
}

/// Blocks are charged as uncontended; while another initiator keeps a memory busy, step. With both caches,
/// blocks make no transactions.
template <class U>
bool HartImpl<U>::idle_targets() const {
  if (l1i_ && l1d_) return true;
  return std::all_of(grants_.begin(), grants_.end(),
                     [this](const GrantRecord& record) { return record.grant.route->idle(now_); });
}

/// The interrupt to take now, by the priorities of the privileged specification, section 3.1.9.
template <class U>
std::optional<unsigned> HartImpl<U>::pending_interrupt() const {
  const std::uint64_t pending = csr_.pending() & csr_.mie;
  if (!pending) return std::nullopt;
  const bool machine_on = privilege_ != Privilege::machine || (csr_.status & mstatus::mie);
  const bool supervisor_on =
      privilege_ == Privilege::user || (privilege_ == Privilege::supervisor && (csr_.status & mstatus::sie));
  std::uint64_t taken = machine_on ? pending & ~std::uint64_t{csr_.mideleg} : 0;
  if (!taken && supervisor_on) taken = pending & csr_.mideleg;
  for (const unsigned cause : {11u, 3u, 7u, 9u, 1u, 5u, 13u})
    if (taken >> cause & 1) return cause;
  return std::nullopt;
}

template <class U>
void HartImpl<U>::set_interrupt(Interrupt line, bool level) {
  const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(line);
  csr_.pending_lines = level ? csr_.pending_lines | bit : csr_.pending_lines & ~bit;
  leave_block_ = attention_ = true;
}

template <class U>
void HartImpl<U>::idle_until(Cycles now) {
  if (now <= now_) return;
  stack_.idle += now - now_;
  scoreboard_.pass(now - now_);
  now_ = now;
}

template <class U>
void HartImpl<U>::watch_stores(std::uint64_t address) {
  watch_ = address;
  l0_.drop_stores();
}

template <class U>
void HartImpl<U>::set_reg(unsigned index, std::uint64_t value) {
  if (index != 0) x_[index] = static_cast<U>(value);
}

template <class U>
void HartImpl<U>::drop_host_caches() {
  l0_.drop();
  code_.drop_all();
  ++cache_drops_;
}

/// Drops the host caches at random moments, `drop_caches_every` instructions apart in the mean.
template <class U>
void HartImpl<U>::maybe_drop_host_caches() {
  if (retired_ < next_drop_) return;
  drop_host_caches();
  next_drop_ = retired_ + 1 + drop_generator_() % (2 * config_.drop_caches_every);
}

template <class U>
void HartImpl<U>::set_trace(TraceSink* sink) {
  trace_ = sink;
  const auto wants = [sink](TraceTopic topic) { return sink && sink->wants(topic); };
  trace_cpu_ = wants(TraceTopic::cpu);
  trace_trap_ = wants(TraceTopic::trap);
  trace_bus_ = wants(TraceTopic::bus);
  trace_access_ = wants(TraceTopic::access);
  // With both caches, what blocks prove by themselves makes no transaction.
  trace_steps_ = trace_cpu_ || trace_access_ || (trace_bus_ && !(l1i_ && l1d_));
  plain_transfers_ = config_.use_dmi && !config_.functional && !config_.at && !trace_bus_;
  mmu_.set_trace(sink);
  if (caches_) caches_->set_trace(sink);
  attention_ = true;
}

// A port of a hart that never posts: one transaction at a time, and so done when it has been posted.
Ticket HartPort::post(const Access& access, Cycles now) { return this->access(access, now).done; }
Completion HartPort::completion(Ticket ticket) { return {Status::ok, ticket}; }

std::unique_ptr<Hart> make_hart(const HartConfig& config, HartPort& port) {
  if (config.isa.xlen == 32) return std::make_unique<HartImpl<std::uint32_t>>(config, port);
  return std::make_unique<HartImpl<std::uint64_t>>(config, port);
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
