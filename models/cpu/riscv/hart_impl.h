// The hart itself: one template over the register type for RV32 and RV64.
//
// Spread over files by subject:
//   hart_run.cpp     the run loop, interrupts, waiting, reset
//   hart_step.cpp    the reference engine: fetch, decode and execute one instruction
//   hart_fast.cpp    the fast engine: blocks
//   hart_float.cpp   floating-point instructions
//   hart_branch.cpp  what branches and jumps cost
//   hart_memory.cpp  translation, protection, bus accesses, walker memory
//   hart_caches.cpp  accesses that look caches up, the way of the caches to the bus
//   hart_grants.cpp  what the fast engine remembers of memory: grants, L0 slots, contexts
//   hart_blocks.cpp  cache-block instructions
//   hart_system.cpp  system, atomic and port instructions
//   hart_csr.cpp     control and status registers
//   hart_trap.cpp    trap entry and return
//   hart_stats.cpp   statistics and inspection
//
// The order of events of one instruction, and so where its cycles go, is in docs/timing.md.
#pragma once

#include <cstring>
#include <list>
#include <random>
#include <unordered_set>

#include "cache/cache_hierarchy.h"
#include "cpu/riscv/code_cache.h"
#include "cpu/riscv/csr_state.h"
#include "cpu/riscv/event_counters.h"
#include "cpu/riscv/hart.h"
#include "cpu/riscv/hart_group.h"
#include "cpu/riscv/l0.h"
#include "cpu/riscv/pmp.h"
#include "cpu/riscv/triggers.h"

namespace memio::riscv {

/// memcpy; of 1, 2, 4 or 8 bytes a plain move.
inline void copy_sized(std::uint8_t* to, const std::uint8_t* from, std::uint32_t size) {
  switch (size) {
    case 1:
      *to = *from;
      return;
    case 2:
      std::memcpy(to, from, 2);
      return;
    case 4:
      std::memcpy(to, from, 4);
      return;
    case 8:
      std::memcpy(to, from, 8);
      return;
    default:
      std::memcpy(to, from, size);
      return;
  }
}

/// Where the cycles of a hart went; the components add up to its cycles.
struct CycleStack {
  Cycles base = 0, operand = 0, branch = 0, trap = 0, fetch = 0, memory = 0, itlb_lookup = 0, itlb_walk = 0,
         dtlb_lookup = 0, dtlb_walk = 0, icache = 0, dcache = 0, store = 0, bus_wait = 0, device = 0,
         idle = 0, reset = 0;
};

template <class U>
class HartImpl final : public Hart,
                       private WalkMemory,
                       private TlbListener,
                       private LineBus,
                       private CacheListener,
                       private HartGroup::Member {
 public:
  using S = std::make_signed_t<U>;

  HartImpl(const HartConfig& config, HartPort& port);

  StopReason run() override;
  void reset() override;
  void set_interrupt(Interrupt line, bool level) override;
  bool wakes() const override { return (csr_.pending() & csr_.mie) != 0; }
  void request_stop() override { stop_requested_ = leave_block_ = attention_ = true; }
  bool stop_requested() const override { return stop_requested_; }
  Cycles now() const override { return now_; }
  void idle_until(Cycles now) override;
  std::uint64_t instructions() const override { return retired_; }
  void set_instruction_limit(std::uint64_t limit) override { limit_ = limit; }
  void watch_stores(std::uint64_t address) override;
  void written(std::uint64_t first, std::uint64_t size) override;
  void revoke(std::uint64_t first, std::uint64_t last) override;

  unsigned xlen() const override { return 8 * sizeof(U); }
  std::uint64_t pc() const override { return pc_; }
  void set_pc(std::uint64_t pc) override { pc_ = static_cast<U>(pc); }
  Privilege privilege() const override { return privilege_; }
  std::uint64_t reg(unsigned index) const override { return x_[index]; }
  void set_reg(unsigned index, std::uint64_t value) override;
  std::uint64_t float_reg(unsigned index) const override { return f_[index]; }
  std::optional<std::uint64_t> csr(unsigned number) const override;
  std::optional<std::uint64_t> debug_translate(std::uint64_t va) const override;
  const TrapRecord& last_trap() const override { return last_trap_; }

  CacheHierarchy* caches() override { return caches_.get(); }
  void set_trace(TraceSink* sink) override;
  void settle() override;
  void register_stats(StatGroup& group) const override;
  void register_host_stats(StatGroup& group) const override;

 private:
  static constexpr U shift_mask = 8 * sizeof(U) - 1;
  static constexpr std::uint64_t no_address = ~std::uint64_t{0};
  static constexpr U top_bit = U{1} << shift_mask;
  static constexpr std::uint64_t page_of(std::uint64_t address) {
    return address == no_address ? no_address : address & page_mask;
  }

  // hart_run.cpp
  void make_caches();
  std::optional<unsigned> pending_interrupt() const;
  bool idle_targets() const;
  void look_around();
  void drop_host_caches();
  void maybe_drop_host_caches();
  void collect_overflows();
  void run_before_overflow();

  // hart_step.cpp
  void step();
  void issue(const Op& op);
  bool fetch(std::uint32_t& bits);
  bool fetch_word(U va, std::uint64_t physical, std::uint32_t& word);
  bool execute(const Op& op, U& next);
  bool jump(U target, U& next);
  Cycles division(OpId id, U a, U b);

  // hart_float.cpp
  bool execute_float(const Op& op);
  void float_operation(const Op& op);
  /// Whether any floating-point instruction may be executed; some may be if it says no.
  bool float_ready() const { return (csr_.status & mstatus::fs) && csr_.frm <= 4; }
  /// Writes an f register with a value of any format, NaN-boxed.
  template <class T>
  void set_float(unsigned rd, T value) {
    static_assert(std::is_unsigned_v<T>);
    if constexpr (sizeof(T) < 8)
      f_[rd] = ~std::uint64_t{std::numeric_limits<T>::max()} | value;
    else
      f_[rd] = value;
    csr_.status |= mstatus::fs;
  }

  // hart_branch.cpp; what branches and jumps cost beside their class
  /// Of one at `pc` that goes on at `next`.
  Cycles branch_cycles(BranchFacts::Kind kind, const Op& op, U pc, bool taken, U next) {
    using Kind = BranchFacts::Kind;
    if (predictor_) {
      if (kind == Kind::indirect || !predictor_->by_displacement())
        return foretold_cycles(kind, op, pc, taken, next);
      if (kind == Kind::conditional && !predictor_->follows_displacement(op.imm < 0, taken))
        return mispredicted(op, pc, taken);
    }
    return taken ? late_redirect(kind) : 0;
  }
  /// Of a conditional branch at `pc` that was foretold wrongly.
  Cycles mispredicted(const Op& op, U pc, bool taken) {
    stray(static_cast<U>(pc + (taken ? static_cast<U>(op.length) : static_cast<U>(static_cast<S>(op.imm)))));
    return config_.timing.mispredict;
  }
  /// Meanwhile fetches go on at `va`.
  void stray(U va) {
    if (l1i_ && config_.timing.wrong_path) astray_ = va;
  }
  /// Charges it.
  void branch(Cycles cycles) {
    if (astray_)
      follow_astray(now_ + cycles);
    else
      now_ += cycles;
    stack_.branch += cycles;
  }
  Cycles foretold_cycles(BranchFacts::Kind kind, const Op& op, U pc, bool taken, U next);
  void follow_astray(Cycles redirected);
  bool fetch_astray(U va);
  Cycles late_redirect(BranchFacts::Kind kind) const {
    return kind == BranchFacts::Kind::conditional ? config_.timing.branch_taken
           : kind == BranchFacts::Kind::direct    ? config_.timing.jal_redirect
                                                  : config_.timing.jalr_redirect;
  }

  // hart_fast.cpp
  struct Frame {
    std::uint64_t physical;    ///< of the page
    const std::uint8_t* host;  ///< of its first byte
    const CodePage* code;
    FastCounts* counts;
    std::uint64_t looked_up;  ///< instructions retired when the look-ups of fetches were booked last
    const Block* block = nullptr;
    std::uint64_t held = 0;  ///< 1 if the fetch buffer held the block's first word
  };
  struct SlowAccess {
    Cycles t;    ///< the block's start, dynamic cycles so far included
    bool go_on;  ///< false: the block has been left and everything is booked
  };
  void run_blocks();
  const Block* run_from(const Block* block, const FetchSlot& slot);
  /// The slot of the page that `va` lies in, null if it does not prove that an instruction can be fetched
  /// there.
  FetchSlot* proven_slot(U va) {
    FetchSlot& slot = l0_.fetch[L0::fetch_index(va)];
    return slot.tag == ((va & page_mask) | fetch_tag_) ? &slot : nullptr;
  }
  Frame enter_page(const FetchSlot& slot);
  template <bool by_line>
  const Block* run_chain(const Block* block, Frame& frame);
  bool store_through(const DataSlot& data, U va, const Op* op, unsigned size);
  /// True if all of the block, entered at `now` with that many instructions retired, surely begins before the
  /// horizon and the instruction limit, and no floating-point instruction of it can trap.
  bool fits(const Block& block, Cycles now, std::uint64_t retired) const {
    return now + block.worst(dearest_access_) < block_horizon_ && retired + block.length <= block_limit_ &&
           (block.plain || (block.length != 0 && float_ready())) &&
           (!l1i_ || (!astray_ && (block.held_at == l1i_->changes || holds_lines(block, now))));
  }
  bool holds_lines(const Block& block, Cycles now) const;
  void stamp_lines(const Frame& frame, unsigned words);
  void book_costs(const Frame& frame, const Op* last);
  unsigned book(Frame& frame, const Op* last, Cycles t);
  void rewind(const Frame& frame, const Op* last);
  void refresh_word(const Frame& frame);
  template <class Work>
  SlowAccess slow_access(Frame& frame, const Op* op, Cycles t, Work work);
  SlowAccess slow_load(Frame& frame, const Op* op, Cycles t, U va, unsigned size);
  SlowAccess slow_store(Frame& frame, const Op* op, Cycles t, U va, unsigned size);

  // hart_memory.cpp; on false a trap is pending in `fault_`
  struct Transferred {
    Status status = Status::ok;
    bool memory = false;  ///< granted storage, not a device
    Cycles cycles = 0;    ///< in all
    Cycles wait = 0;      ///< of these, waiting for a busy target
  };
  /// True if a debug trigger fires on an access at `va`, which is then refused.
  bool breaks(U va, unsigned size, AccessKind kind) {
    return triggers_.armed() && trigger_fires(va, size, kind);
  }
  bool trigger_fires(U va, unsigned size, AccessKind kind);
  bool load(U va, unsigned size, std::uint64_t& value);
  bool store(U va, unsigned size, std::uint64_t value);
  void loaded(const Op& op, std::uint64_t value);
  /// What a store instruction writes.
  std::uint64_t stored(const Op& op) const { return is_float_store(op.id) ? f_[op.rs2] : x_[op.rs2]; }
  bool misaligned(U va, unsigned size, AccessKind kind, std::uint8_t* bytes);
  bool translate(U va, AccessKind kind, std::uint64_t& physical, const TlbEntry*& entry);
  bool locate(U va, unsigned size, AccessKind kind, std::uint64_t& physical, const TlbEntry*& entry);
  Status access(std::uint64_t physical, unsigned size, AccessKind kind, std::uint8_t* data);
  bool quick_transfer(std::uint64_t physical, unsigned size, AccessKind kind, bool write, std::uint8_t* data,
                      Cycles& wait);
  Transferred transfer(const Access& access);
  void wait_for_devices();
  Status walk_transfer(std::uint64_t address, unsigned size, bool write, std::uint8_t* data);
  /// The grant of these bytes to accesses of `kind`, asked for if need be; null for a device.
  GrantRecord* find_grant(std::uint64_t physical, unsigned size, AccessKind kind) {
    GrantRecord*& recent = recent_grant(kind);
    if (recent && recent->grant.covers(physical, size)) return recent;
    return recent = find_other_grant(physical, size, channel_of(kind, config_.bus_ports));
  }
  GrantRecord*& recent_grant(AccessKind kind) {
    return recent_grants_[static_cast<unsigned>(channel_of(kind, config_.bus_ports))];
  }
  GrantRecord* find_other_grant(std::uint64_t physical, unsigned size, Channel channel);
  void forget_fetched(std::uint64_t first, std::uint64_t last);
  bool watches(std::uint64_t page) const override;
  void announce(std::vector<std::uint64_t>& pages) override;
  void unprove_stores(const std::vector<std::uint64_t>& pages) override;
  /// Memory has changed by a store that moves past the bus: the other harts must know at once.
  void tell(std::uint64_t physical, unsigned size) {
    if (config_.group) config_.group->stored(config_.alias.resolve(physical), size, *this);
  }
  void after_store(std::uint64_t physical, unsigned size);
  /// True if what passes a slot always costs the same.
  bool static_price(const GrantRecord& record) const {
    return config_.functional || record.grant.route->fixed();
  }
  void fill_data_slot(U va, std::uint64_t physical, AccessKind kind, const TlbEntry* entry);
  void fill_fetch_slot(U va, std::uint64_t physical, const TlbEntry* entry);
  void update_contexts();
  TranslationContext translation_of_satp() const;
  bool fail(Cause cause, U tval);
  WalkReply read_pte(std::uint64_t address, unsigned size, Cycles now) override;
  WalkReply update_pte(std::uint64_t address, unsigned size, std::uint64_t expected, std::uint64_t desired,
                       Cycles now) override;
  const WalkWindow* window(Cycles now) override;
  void book_reads(unsigned reads, unsigned size, Cycles done) override;
  void protection_changed();
  void forget_translations();
  void watch_page(std::uint64_t page);
  void entry_dropped(const TlbEntry& entry) override;

  // hart_caches.cpp
  void settle_grant(GrantRecord& record);
  void settle_caches();
  GrantRecord* cached(std::uint64_t physical, unsigned size, AccessKind kind);
  void cached_access(const GrantRecord& record, std::uint64_t physical, unsigned size, AccessKind kind,
                     bool write, std::uint8_t* data);
  bool buffered_store(std::uint64_t physical, unsigned size, std::uint8_t* data);
  void drain_buffers();
  /// The load just made may have gone on before its data: a register, numbered as in the scoreboard, has it
  /// then.
  void announce_arrival(unsigned reg) {
    if (cache_reply_.data > now_) scoreboard_.arrives(reg, cache_reply_.data);
  }
  void keep_bus_busy();
  void count_uncached(const Access& access);
  Completion transfer(const Access& access, Cycles now) override;
  Ticket post(const Access& access, Cycles now) override;
  Completion completion(Ticket ticket) override;
  void line_changed(const CacheLine& line) override { l0_.drop_line(line); }
  void claim(std::uint64_t line, bool write) override;
  void snoop(std::uint64_t line, bool write) override;

  // hart_blocks.cpp
  bool block_enabled(std::uint64_t bits) const;
  bool block_operation(const Op& op);
  bool zero_block(const Op& op);

  // hart_system.cpp
  bool execute_system(const Op& op, U& next);
  bool execute_atomic(const Op& op);
  template <class T, class Function>
  bool atomic(const Op& op, Function function);
  template <class T>
  bool load_reserved(const Op& op);
  template <class T>
  bool store_conditional(const Op& op);
  void hold_devices();
  void release_devices() {
    if (config_.group) config_.group->release_devices(*this);
  }
  GrantRecord* ready_to_store(std::uint64_t physical, unsigned size, AccessKind kind);
  Status store_at_once(GrantRecord* record, std::uint64_t physical, unsigned size, AccessKind kind,
                       std::uint8_t* data);
  bool execute_port(const Op& op);
  bool execute_csr(const Op& op);
  bool fence_vma(const Op& op);
  bool illegal();

  // hart_csr.cpp
  bool csr_exists(unsigned number) const;
  bool csr_allowed(unsigned number, bool write) const;
  U read_csr(unsigned number) const;
  void write_csr(unsigned number, U value);
  void write_status(std::uint64_t value, std::uint64_t mask);
  void write_satp(U value);
  std::uint64_t environment(std::uint64_t value) const;
  void write_menvcfg(std::uint64_t value);
  void write_stimecmp(std::uint64_t value);
  std::uint64_t lower_interrupts() const;
  void write_inhibit(std::uint32_t value);
  void write_counter(unsigned number, U value);
  U status_view(std::uint64_t view) const;
  std::uint64_t cycle_count() const;
  std::uint64_t retired_count() const;
  void connect_events();

  // hart_trap.cpp
  void take_trap(U cause, bool interrupt, U tval);
  void return_from(Privilege level, U& next);

  struct Fault {
    Cause cause = Cause::illegal_instruction;
    U tval = 0;
  };

  HartConfig config_;
  HartPort& port_;
  Pmp pmp_;
  Mmu mmu_;
  std::unique_ptr<CacheHierarchy> caches_;  ///< null: none
  Cache* l1i_ = nullptr;
  Cache* l1d_ = nullptr;
  TraceSink* trace_ = nullptr;
  bool trace_cpu_ = false, trace_trap_ = false, trace_bus_ = false, trace_access_ = false;
  bool trace_steps_ = false;      ///< what is traced can be seen only instruction by instruction
  bool plain_transfers_ = false;  ///< grants may be used, and time charged, without further ado

  // Architectural state.
  U x_[register_slots] = {};
  std::uint64_t f_[32] = {};
  U pc_ = 0;
  Privilege privilege_ = Privilege::machine;
  CsrState<U> csr_;
  EventCounters events_;
  Triggers triggers_;
  std::uint64_t reservation_ = no_address;
  unsigned reservation_size_ = 0;
  bool waiting_ = false;

  // Time, counts, and the one-word fetch buffer (physical address of the word last fetched).
  Cycles now_ = 0;
  Cycles horizon_ = 0;
  std::uint64_t retired_ = 0;
  std::uint64_t limit_ = ~std::uint64_t{0};
  /// Blocks run up to here: to the limit and the horizon, but pass over no overflow of a counter (Sscofpmf).
  std::uint64_t block_limit_ = ~std::uint64_t{0};
  Cycles block_horizon_ = 0, overflow_horizon_ = ~Cycles{0};
  std::uint64_t fetched_word_ = no_address;
  std::uint8_t fetched_bytes_[16] = {};  ///< `timing.fetch_width` of them
  std::uint32_t instruction_bits_ = 0;   ///< the instruction in hand, for tval
  std::optional<Predictor> predictor_;
  Scoreboard scoreboard_;  ///< behind while blocks run: these know what is pending
  CycleStack stack_;
  TrapRecord last_trap_;
  std::uint64_t interrupts_ = 0, page_faults_ = 0;
  std::uint64_t traps_in_a_row_ = 0, retired_at_trap_ = 0;

  // What the run loop must look at before the next instruction.
  bool attention_ = true;
  bool stop_requested_ = false;
  bool watched_ = false;
  std::uint64_t watch_ = no_address;
  bool leave_block_ = false;  ///< the block must end after the instruction in hand
  Fault fault_;
  std::optional<U> astray_;  ///< where the fetch went on from the branch in hand, if it went wrong
  MemoryType memory_type_ = MemoryType::pma;  ///< of the page translated last
  CacheReply cache_reply_;                    ///< of the access that a cache took last
  Cycles line_wait_ = 0;                      ///< cycles that its transactions waited for the bus
  bool may_defer_ = false;                    ///< the load in hand can go on before its data arrives
  bool moved_ = false;                        ///< the data of the store in hand is in memory already

  // Derived from the state above by `update_contexts`.
  TranslationContext fetch_context_, data_context_;
  std::uint64_t fetch_tag_ = 0;
  DataSlots* data_slots_ = nullptr;
  std::uint64_t* fetch_lookups_ = nullptr;  ///< look-up counters to advance, or `unused_` in bare mode
  std::uint64_t* data_lookups_ = nullptr;
  Cycles fetch_lookup_cycles_ = 0;

  // Host state (design rule 8).
  std::list<GrantRecord> grants_;   ///< a list: slots keep pointers to its elements
  std::list<GrantRecord> revoked_;  ///< in use until the running block has been left
  GrantRecord* recent_grants_[channels] = {};
  WalkWindow window_;
  std::unordered_set<std::uint64_t> table_pages_;  ///< functional mode: pages that walks have read
  bool walked_device_ = false;                     ///< functional mode: the last walk read what is not memory
  static constexpr std::size_t many_pages = 16;    ///< to watch: the others prove all their stores anew
  std::vector<std::uint64_t> watched_pages_;       ///< of code and tables, not yet announced to the others
  std::uint64_t announced_[2] = {no_address, no_address};  ///< of the reservation and the fetch buffer
  L0 l0_;
  FastCounts cached_translated_, cached_bare_;  ///< of accesses that hit a cache
  CodeCache code_;
  Cycles dearest_access_ = 0;  ///< the most that one load or store through an L0 slot can take
  std::uint64_t unused_ = 0;
  std::mt19937_64 drop_generator_;
  std::uint64_t next_drop_ = ~std::uint64_t{0};
  std::uint64_t blocks_run_ = 0, steps_ = 0, cache_drops_ = 0;
};

}  // namespace memio::riscv
