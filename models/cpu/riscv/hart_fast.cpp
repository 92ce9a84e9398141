// The fast engine: decoded blocks, with the accounting of the reference engine to the bit.
//
// What a block costs is static, given the results pending at its entry, but for its loads and stores, its
// divisions and the outcome of the branch at its end: each op knows the cycles from the
// block's start through itself, so the time at any port call is the block's start + dynamic cycles so
// far + the op's prefix. Fetch words and costs are booked when the block is left, fetch look-ups when the
// chain of blocks that follow each other is.
#include <cstring>

#include "cpu/riscv/hart_impl.h"
#include "cpu/riscv/op_timing.h"

namespace memio::riscv {

namespace {

constexpr bool likely(bool condition) { return __builtin_expect(condition, true); }
constexpr unsigned log2_of(std::size_t size) { return size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3; }

}  // namespace

template <class U>
void HartImpl<U>::run_blocks() {
  const Block* last = nullptr;  // the block run last, while the scoreboard does not know what it left pending
  const auto catch_up = [&] {
    if (last) scoreboard_.load(code_.pending_sets[last->exit]);
    last = nullptr;
  };
  while (!attention_ && now_ < block_horizon_ && retired_ < block_limit_) {
    FetchSlot* const slot = proven_slot(pc_);
    if (!slot || scoreboard_.outstanding(now_)) {
      catch_up();
      step();
      continue;
    }
    if (code_.crowded()) {
      catch_up();
      drop_host_caches();
      code_.pending_sets.clear();
      attention_ = true;
      break;
    }
    if (!slot->page) {
      const bool known = code_.find_page(slot->physical) != nullptr;
      CodePage* const page = code_.page(slot->physical);
      if (!known) {  // stores to this page must be seen from now on
        l0_.drop_stores_to(slot->host);
        watch_page(slot->physical);
      }
      if (code_.garbage()) {  // the cache was full and began anew
        l0_.drop_code();
        attention_ = true;
        break;
      }
      slot->page = page;
    }
    const unsigned entry = last ? last->exit : code_.pending_sets.number(scoreboard_);
    const Block* block = slot->page->find(pc_, entry);
    if (!block) {
      block = slot->page->build(slot->physical | (pc_ & ~page_mask), entry, code_.pending_sets, slot->host,
                                slot->counts->fetch_cycles, config_);
      ++code_.blocks;
    }
    if (fits(*block, now_, retired_)) {
      last = run_from(block, *slot);
    } else {
      catch_up();
      step();
    }
  }
  catch_up();
}

/// True if all that the block fetches is in the instruction cache, and not on its way at `now`.
template <class U>
[[gnu::noinline]] bool HartImpl<U>::holds_lines(const Block& block, Cycles now) const {
  for (LineTouch& touch : block.lines) {
    if (!touch.held || touch.held->address != touch.address) touch.held = l1i_->probe(touch.address);
    if (!touch.held || touch.held->ready > now) return false;
  }
  block.held_at = l1i_->changes;
  return true;
}

/// Uses the instruction cache as the block's fetch words through number `words` did, one by one.
template <class U>
inline void HartImpl<U>::stamp_lines(const Frame& frame, unsigned words) {
  const std::uint64_t held = frame.held;
  const std::uint64_t before = l1i_->uses - held;
  l1i_->uses = before + words;
  const LineTouch& front = frame.block->lines.front();
  if (words <= front.last) {
    if (words > held) front.held->stamp = before + words;
    return;
  }
  for (const LineTouch& touch : frame.block->lines) {
    if (touch.first > words) break;
    const unsigned last = std::min<unsigned>(touch.last, words);
    if (last > held) touch.held->stamp = before + last;
  }
}

/// Books what the instructions of the frame's block through `last` cost by themselves.
template <class U>
inline void HartImpl<U>::book_costs(const Frame& frame, const Op* last) {
  frame.counts->fetches += last->words - frame.held;
  if (l1i_) stamp_lines(frame, last->words);
  stack_.base += last->base;
  stack_.operand += last->operand;
}

/// Books the instructions of the frame's block through `last`, except for their retirement, and the fetch
/// look-ups of all blocks before it; returns how many instructions they are.
template <class U>
inline unsigned HartImpl<U>::book(Frame& frame, const Op* last, Cycles t) {
  const unsigned n = last->number;
  book_costs(frame, last);
  const std::uint64_t lookups = retired_ + n - frame.looked_up;
  frame.looked_up += lookups;
  *fetch_lookups_ += lookups;
  stack_.itlb_lookup += lookups * fetch_lookup_cycles_;
  now_ = t + last->cycles + n * fetch_lookup_cycles_;
  fetched_word_ = frame.physical | last->last_word;
  return n;
}

/// Brings the scoreboard to where it is behind the instruction `last` of the frame's block.
template <class U>
void HartImpl<U>::rewind(const Frame& frame, const Op* last) {
  scoreboard_.load(code_.pending_sets[frame.block->entry]);
  for (const Op* op = frame.block->ops.data(); op <= last; ++op)
    scoreboard_.issue(issue_of(*op, config_.timing));
}

/// Refills the fetch buffer's bits, which `book` leaves behind, for an engine that looks at them.
template <class U>
void HartImpl<U>::refresh_word(const Frame& frame) {
  if (fetched_word_ != no_address)
    std::memcpy(fetched_bytes_, frame.host + (fetched_word_ & ~page_mask), config_.timing.fetch_width);
}

/// A load or store that no slot proves: done as the reference engine does it, at its exact time.
template <class U>
template <class Work>
auto HartImpl<U>::slow_access(Frame& frame, const Op* op, Cycles t, Work work) -> SlowAccess {
  const unsigned n = op->number;
  pc_ = static_cast<U>((pc_ & static_cast<U>(page_mask)) | op->offset);
  fetched_word_ = frame.physical | op->last_word;
  now_ = t + op->cycles + n * fetch_lookup_cycles_;
  const Cycles begin = now_;
  const std::uint64_t word = fetched_word_;
  const bool done = work();
  const Cycles end = now_;
  if (done) {
    const bool overwritten = fetched_word_ != word;
    const Cycles rest = frame.block->worst(dearest_access_);
    if (leave_block_ || overwritten || now_ + rest >= block_horizon_ || scoreboard_.outstanding(now_)) {
      book(frame, op, t);
      rewind(frame, op);
      now_ = end;
      if (overwritten) fetched_word_ = no_address;
      retired_ += n;
      pc_ = static_cast<U>(pc_ + op->length);
      return {t, false};
    }
    return {t + (end - begin), true};
  }
  book(frame, op, t);
  rewind(frame, op);
  now_ = end;
  retired_ += n - 1;
  take_trap(static_cast<U>(fault_.cause), false, fault_.tval);
  return {t, false};
}

template <class U>
[[gnu::noinline]] auto HartImpl<U>::slow_load(Frame& frame, const Op* op, Cycles t, U va, unsigned size)
    -> SlowAccess {
  return slow_access(frame, op, t, [&] {
    std::uint64_t value = 0;
    if (!load(va, size, value)) return false;
    loaded(*op, value);
    return true;
  });
}

template <class U>
[[gnu::noinline]] auto HartImpl<U>::slow_store(Frame& frame, const Op* op, Cycles t, U va, unsigned size)
    -> SlowAccess {
  const DataSlot& data = data_slots_->store[L0::data_index(va, l0_.shift())];
  const std::uint64_t offset = va & ~page_mask;
  const bool special = data.host && data.tag == ((va & (l0_.unit_mask() | (size - 1))) | l0_tag::slow);
  const bool plain =
      special && !(data.code && data.code->overlaps(data.code->physical() + offset,
                                                    data.code->physical() + offset + size - 1));
  if (plain && data.through)
    return slow_access(frame, op, t, [&] { return store_through(data, va, op, size); });
  if (plain) {
    const std::uint64_t value = stored(*op);
    std::memcpy(data.host + offset, &value, size);
    if (l1d_) data.line->stamp = ++l1d_->uses;
    *data.stamp = ++*data_lookups_;
    ++data.counts->stores[log2_of(size)];
    return {t + data.counts->store_cycles[log2_of(size)], true};
  }
  return slow_access(frame, op, t, [&] { return store(va, size, stored(*op)); });
}

/// A store that the TLB and a write-through cache are proven to hit.
template <class U>
bool HartImpl<U>::store_through(const DataSlot& data, U va, const Op* op, unsigned size) {
  const std::uint64_t physical = data.line->address | (va & ~l0_.unit_mask());
  const GrantRecord* const record = find_grant(physical, size, AccessKind::store);
  *data.stamp = ++*data_lookups_;
  if (data.counts == &cached_translated_) {
    now_ += config_.mmu.dtlb.hit_latency;
    stack_.dtlb_lookup += config_.mmu.dtlb.hit_latency;
  }
  std::uint8_t bytes[8];
  const std::uint64_t value = stored(*op);
  std::memcpy(bytes, &value, 8);
  cached_access(*record, physical, size, AccessKind::store, true, bytes);
  return true;
}

/// Runs `block`, of the slot's page, and what follows for as long as it fits. Returns the block that was left
/// last; null if an access ended it, and then the scoreboard knows what is pending.
template <class U>
const Block* HartImpl<U>::run_from(const Block* block, const FetchSlot& slot) {
  leave_block_ = false;
  Frame frame = enter_page(slot);
  const Block* const last = l1d_ ? run_chain<true>(block, frame) : run_chain<false>(block, frame);
  refresh_word(frame);
  return last;
}

/// The look-ups in a page follow each other, so that the first one's stamp orders as the last one's would.
template <class U>
inline auto HartImpl<U>::enter_page(const FetchSlot& slot) -> Frame {
  *slot.stamp = *fetch_lookups_ + 1;
  return {slot.physical, slot.host, slot.page, slot.counts, retired_};
}

/// Runs `block` and those that follow in decoded pages; returns what `run_from` does.
/// Threaded code: each operation jumps straight to the next one's label (GCC's labels as values), which the
/// host's branch predictor follows better than one shared switch.
template <class U>
template <bool by_line>
inline const Block* HartImpl<U>::run_chain(const Block* block, Frame& frame) {
  using Kind = BranchFacts::Kind;
  static const void* const labels[] = {
#define MEMIO_RR(name, class, expression) &&op_##name,
#define MEMIO_RI(name, class, expression) &&op_##name,
#define MEMIO_BRANCH(name, condition) &&op_##name,
#define MEMIO_LOAD(name, type) &&op_##name,
#define MEMIO_STORE(name, type) &&op_##name,
#define MEMIO_AMO(name, type, expression) &&block_end,
#define MEMIO_FLOW(name, class) &&op_##name,
#define MEMIO_FLOAD(name, type) &&op_##name,
#define MEMIO_FSTORE(name, type) &&op_##name,
#define MEMIO_FLOAT(name, class, operands, format, expression) &&op_float,
#define MEMIO_OTHER(name, class) &&block_end,
#include "cpu/riscv/instructions.def"
      &&block_end};
  U page = pc_ & static_cast<U>(page_mask);
  DataSlots& slots = *data_slots_;
  const unsigned shift = by_line ? l0_.shift() : 12;
  const std::uint64_t unit_mask = by_line ? l0_.unit_mask() : page_mask;
  // `t` + op->cycles is the time at which op has been fetched and has taken its class's cycles.
  Cycles t = 0, redirect = 0;
  const Op* op = nullptr;
  U next = 0;
  Exit* exit = nullptr;  // by which the block is left, if it can only be to one place
  [[maybe_unused]] constexpr auto w = [](auto value) { return extend_word<U>(value); };

#define MEMIO_GO goto* labels[static_cast<unsigned>(op->id)]
#define MEMIO_IMM static_cast<U>(static_cast<S>(op->imm))
#define MEMIO_PC static_cast<U>(page + op->offset)
enter:
  ++blocks_run_;
  frame.block = block;
  frame.held = fetched_word_ == block->first_word;
  op = block->ops.data();
  t = frame.held ? now_ - frame.counts->fetch_cycles : now_;
  MEMIO_GO;

#define MEMIO_RR(name, class, expression)                               \
  op_##name : {                                                         \
    const U a = x_[op->rs1], b = x_[op->rs2];                           \
    if constexpr (is_division(OpId::name)) t += division(op->id, a, b); \
    x_[op->rd] = static_cast<U>(expression);                            \
    ++op;                                                               \
    MEMIO_GO;                                                           \
  }
#define MEMIO_RI(name, class, expression)     \
  op_##name : {                               \
    [[maybe_unused]] const U a = x_[op->rs1]; \
    [[maybe_unused]] const U b = MEMIO_IMM;   \
    x_[op->rd] = static_cast<U>(expression);  \
    ++op;                                     \
    MEMIO_GO;                                 \
  }
#define MEMIO_BRANCH(name, condition)         \
  op_##name : {                               \
    const U a = x_[op->rs1], b = x_[op->rs2]; \
    if (condition) goto branch_taken;         \
    goto branch_not_taken;                    \
  }
#define MEMIO_LOAD_TO(name, type, write)                                 \
  op_##name : {                                                          \
    const U va = static_cast<U>(x_[op->rs1] + MEMIO_IMM);                \
    const DataSlot& data = slots.load[L0::data_index(va, shift)];        \
    if (likely(data.tag == (va & (unit_mask | (sizeof(type) - 1))))) {   \
      type value;                                                        \
      std::memcpy(&value, data.host + (va & ~page_mask), sizeof(type));  \
      *data.stamp = ++*data_lookups_;                                    \
      if constexpr (by_line) data.line->stamp = ++l1d_->uses;            \
      ++data.counts->loads[log2_of(sizeof(type))];                       \
      t += data.counts->load_cycles[log2_of(sizeof(type))];              \
      write;                                                             \
    } else {                                                             \
      const SlowAccess slow = slow_load(frame, op, t, va, sizeof(type)); \
      if (!slow.go_on) return nullptr;                                   \
      t = slow.t;                                                        \
    }                                                                    \
    ++op;                                                                \
    MEMIO_GO;                                                            \
  }
#define MEMIO_LOAD(name, type) MEMIO_LOAD_TO(name, type, x_[op->rd] = static_cast<U>(static_cast<S>(value)))
#define MEMIO_FLOAD(name, type) MEMIO_LOAD_TO(name, type, set_float(op->rd, value))
#define MEMIO_STORE_FROM(name, type, source)                              \
  op_##name : {                                                           \
    const U va = static_cast<U>(x_[op->rs1] + MEMIO_IMM);                 \
    const DataSlot& data = slots.store[L0::data_index(va, shift)];        \
    if (likely(data.tag == (va & (unit_mask | (sizeof(type) - 1))))) {    \
      const type value = static_cast<type>(source[op->rs2]);              \
      std::memcpy(data.host + (va & ~page_mask), &value, sizeof(type));   \
      *data.stamp = ++*data_lookups_;                                     \
      if constexpr (by_line) data.line->stamp = ++l1d_->uses;             \
      ++data.counts->stores[log2_of(sizeof(type))];                       \
      t += data.counts->store_cycles[log2_of(sizeof(type))];              \
    } else {                                                              \
      const SlowAccess slow = slow_store(frame, op, t, va, sizeof(type)); \
      if (!slow.go_on) return nullptr;                                    \
      t = slow.t;                                                         \
    }                                                                     \
    ++op;                                                                 \
    MEMIO_GO;                                                             \
  }
#define MEMIO_STORE(name, type) MEMIO_STORE_FROM(name, type, x_)
#define MEMIO_FSTORE(name, type) MEMIO_STORE_FROM(name, type, f_)
#include "cpu/riscv/instructions.def"

op_float:  // it cannot trap: the block would not have been entered
  float_operation(*op);
  ++op;
  MEMIO_GO;
op_auipc:
  x_[op->rd] = static_cast<U>(MEMIO_PC + MEMIO_IMM);
op_fence:
  ++op;
  MEMIO_GO;
op_jal:
  x_[op->rd] = static_cast<U>(MEMIO_PC + op->length);
  redirect = branch_cycles(Kind::direct, *op, MEMIO_PC, true, static_cast<U>(MEMIO_PC + MEMIO_IMM));
  exit = &block->exits[1];
  goto follow;
op_jalr:
  next = static_cast<U>((x_[op->rs1] + MEMIO_IMM) & ~U{1});
  x_[op->rd] = static_cast<U>(MEMIO_PC + op->length);
  redirect = branch_cycles(Kind::indirect, *op, MEMIO_PC, true, next);
  exit = nullptr;
  goto leave;
branch_taken:
  redirect = branch_cycles(Kind::conditional, *op, MEMIO_PC, true, static_cast<U>(MEMIO_PC + MEMIO_IMM));
  exit = &block->exits[1];
  goto follow;
branch_not_taken:
  redirect = branch_cycles(Kind::conditional, *op, MEMIO_PC, false, static_cast<U>(MEMIO_PC + op->length));
  exit = &block->exits[0];
  goto follow;
block_end:  // on to the next instruction; book through the last one
  --op;
  redirect = 0;
  exit = &block->exits[0];
follow:
  if (const Block* const to = exit->to) {
    const std::uint64_t retired = retired_ + op->number;
    const Cycles begin = t + op->cycles + op->number * fetch_lookup_cycles_ + redirect - exit->saved;
    if (likely(!leave_block_ && fits(*to, begin, retired))) {
      book_costs(frame, op);
      stack_.branch += redirect;
      retired_ = retired;
      ++blocks_run_;
      frame.block = block = to;
      frame.held = exit->held;
      op = to->ops.data();
      t = begin;
      MEMIO_GO;
    }
  }
  next = static_cast<U>(MEMIO_PC + (exit == &block->exits[1] ? MEMIO_IMM : op->length));
leave:
  retired_ += book(frame, op, t);
  branch(redirect);
  pc_ = next;
  if (leave_block_) return block;
  const FetchSlot* other = nullptr;  // of the page that control goes to, if it is another one
  if ((next & static_cast<U>(page_mask)) != page) {
    other = proven_slot(next);
    if (!other || !other->page) return block;
  }
  const Block* const following = (other ? other->page : frame.code)->find(next, block->exit);
  if (!following || !fits(*following, now_, retired_)) return block;
  if (other) {
    frame = enter_page(*other);
    page = next & static_cast<U>(page_mask);
  } else if (exit) {
    const bool held = fetched_word_ == following->first_word;
    *exit = {following, held, held ? frame.counts->fetch_cycles : 0};
  }
  block = following;
  goto enter;
#undef MEMIO_LOAD_TO
#undef MEMIO_STORE_FROM
#undef MEMIO_GO
#undef MEMIO_IMM
#undef MEMIO_PC
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
