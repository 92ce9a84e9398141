// The fast engine: decoded blocks, with the accounting of the reference engine to the bit.
//
// What a block costs is static but for its loads and stores: each op knows the cycles from the
// block's start through itself, so the time at any port call is the block's start + dynamic cycles so
// far + the op's prefix. Look-ups, fetch words and instructions are booked when the block is left.
#include <cstring>

#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

namespace {

constexpr unsigned log2_of(std::size_t size) { return size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3; }

}  // namespace

template <class U>
void HartImpl<U>::run_blocks() {
  while (!attention_ && now_ < horizon_ && retired_ < limit_) {
    FetchSlot& slot = l0_.fetch[L0::fetch_index(pc_)];
    if (slot.tag != ((pc_ & page_mask) | fetch_tag_)) {
      step();
      continue;
    }
    if (!slot.page) {
      const bool known = code_.has_page(slot.physical);
      slot.page = code_.page(slot.physical);
      if (!known) l0_.drop_stores();  // stores to this page must be seen from now on
    }
    const Block* block = slot.page->find(pc_);
    if (!block)
      block = slot.page->build(slot.physical | (pc_ & ~page_mask), slot.host, slot.counts->fetch_cycles, config_);
    if (block->length == 0 || !fits(*block, 0))
      step();
    else
      run_block(*block, slot);
  }
}

/// True if what follows instruction number `done` of the block surely begins before the horizon and
/// the instruction limit.
template <class U>
bool HartImpl<U>::fits(const Block& block, unsigned done) const {
  const Cycles spent = done ? block.ops[done - 1].cycles : 0;
  const Cycles worst = block.ops[block.length - 1].cycles - spent + block.accesses * dearest_access_ +
                       block.length * fetch_lookup_cycles_;
  return now_ + worst < horizon_ && retired_ + (block.length - done) <= limit_;
}

/// Books the instructions of the frame's block through `last`, except for their retirement; returns
/// how many they are.
template <class U>
unsigned HartImpl<U>::book(const Frame& frame, const Op* last, Cycles t) {
  const auto n = static_cast<unsigned>(last - frame.block.ops.data()) + 1;
  FastCounts& counts = frame.counts;
  counts.fetches += last->words - (frame.held ? 1u : 0u);
  *fetch_lookups_ += n;
  stack_.base += last->cycles - last->words * counts.fetch_cycles;
  stack_.itlb_lookup += n * fetch_lookup_cycles_;
  now_ = t + last->cycles + n * fetch_lookup_cycles_;
  hold_word(frame, last);
  return n;
}

/// The fetch buffer as it is once `op` has been fetched.
template <class U>
void HartImpl<U>::hold_word(const Frame& frame, const Op* op) {
  fetched_word_ = frame.physical | op->last_word;
  std::memcpy(&fetched_bits_, frame.host + op->last_word, sizeof fetched_bits_);
}

/// A load or store that no slot proves: done as the reference engine does it, at its exact time.
template <class U>
template <class Work>
auto HartImpl<U>::slow_access(const Frame& frame, const Op* op, Cycles t, Work work) -> SlowAccess {
  const auto n = static_cast<unsigned>(op - frame.block.ops.data()) + 1;
  pc_ = static_cast<U>((pc_ & static_cast<U>(page_mask)) | op->offset);
  hold_word(frame, op);
  now_ = t + op->cycles + n * fetch_lookup_cycles_;
  const Cycles begin = now_;
  const std::uint64_t word = fetched_word_;
  const bool done = work();
  const Cycles end = now_;
  if (done) {
    const bool overwritten = fetched_word_ != word;
    if (leave_block_ || overwritten || !fits(frame.block, n)) {
      book(frame, op, t);
      now_ = end;
      if (overwritten) fetched_word_ = no_address;
      retired_ += n;
      pc_ = static_cast<U>(pc_ + op->length);
      return {t, false};
    }
    return {t + (end - begin), true};
  }
  book(frame, op, t);
  now_ = end;
  retired_ += n - 1;
  take_trap(static_cast<U>(fault_.cause), false, fault_.tval);
  return {t, false};
}

template <class U>
auto HartImpl<U>::slow_load(const Frame& frame, const Op* op, Cycles t, U va, unsigned size) -> SlowAccess {
  return slow_access(frame, op, t, [&] {
    std::uint64_t value = 0;
    if (!load(va, size, value)) return false;
    x_[op->rd] = extend_load(op->id, value);
    return true;
  });
}

template <class U>
auto HartImpl<U>::slow_store(const Frame& frame, const Op* op, Cycles t, U va, unsigned size) -> SlowAccess {
  return slow_access(frame, op, t, [&] { return store(va, size, x_[op->rs2]); });
}

/// The register value of a load instruction from the bytes it read.
template <class U>
U HartImpl<U>::extend_load(OpId id, std::uint64_t value) {
  switch (id) {
#define MEMIO_LOAD(name, type) \
  case OpId::name:             \
    return static_cast<U>(static_cast<S>(static_cast<type>(value)));
#include "cpu/riscv/instructions.def"
    default:
      return 0;
  }
}

template <class U>
void HartImpl<U>::run_block(const Block& block, FetchSlot& slot) {
  const Frame frame{block, slot.physical, slot.host, *slot.counts, fetched_word_ == block.first_word};
  const Op* op = block.ops.data();
  U* const x = x_;
  const U page = pc_ & static_cast<U>(page_mask);
  const std::uint64_t data_tag = data_tag_;
  std::uint64_t* const data_lookups = data_lookups_;
  // `t` + op->cycles is the time at which op has been fetched and has taken its class's cycles.
  Cycles t = now_ - (frame.held ? frame.counts.fetch_cycles : 0);
  Cycles taken = 0;
  U next = 0;

  ++blocks_run_;
  leave_block_ = false;
  *slot.stamp = *fetch_lookups_ + 1;
  [[maybe_unused]] constexpr auto w = [](auto value) { return extend_word<U>(value); };

  for (;;) {
    [[maybe_unused]] const U a = x[op->rs1];
    [[maybe_unused]] const U imm = static_cast<U>(static_cast<S>(op->imm));
    switch (op->id) {
#define MEMIO_RR(name, class, expression)   \
  case OpId::name: {                        \
    const U b = x[op->rs2];                 \
    x[op->rd] = static_cast<U>(expression); \
    ++op;                                   \
    continue;                               \
  }
#define MEMIO_RI(name, class, expression)   \
  case OpId::name: {                        \
    const U b = imm;                        \
    x[op->rd] = static_cast<U>(expression); \
    ++op;                                   \
    continue;                               \
  }
#define MEMIO_BRANCH(name, condition)                       \
  case OpId::name: {                                        \
    const U b = x[op->rs2];                                 \
    if (condition) {                                        \
      next = static_cast<U>(page + op->offset + imm);       \
      taken = config_.timing.branch_taken;                  \
    } else {                                                \
      next = static_cast<U>(page + op->offset + op->length); \
    }                                                       \
    break;                                                  \
  }
#define MEMIO_LOAD(name, type)                                                             \
  case OpId::name: {                                                                       \
    const U va = static_cast<U>(a + imm);                                                  \
    const DataSlot& data = l0_.load[L0::data_index(va)];                                   \
    if (data.tag == ((va & (page_mask | (sizeof(type) - 1))) | data_tag)) {                \
      type value;                                                                          \
      std::memcpy(&value, data.host + (va & ~page_mask), sizeof(type));                    \
      *data.stamp = ++*data_lookups;                                                       \
      ++data.counts->loads[log2_of(sizeof(type))];                                         \
      t += data.counts->load_cycles;                                                       \
      x[op->rd] = static_cast<U>(static_cast<S>(value));                                   \
    } else {                                                                               \
      const SlowAccess slow = slow_load(frame, op, t, va, sizeof(type));                   \
      if (!slow.go_on) return;                                                             \
      t = slow.t;                                                                          \
    }                                                                                      \
    ++op;                                                                                  \
    continue;                                                                              \
  }
#define MEMIO_STORE(name, type)                                                            \
  case OpId::name: {                                                                       \
    const U va = static_cast<U>(a + imm);                                                  \
    const DataSlot& data = l0_.store[L0::data_index(va)];                                  \
    if (data.tag == ((va & (page_mask | (sizeof(type) - 1))) | data_tag)) {                \
      const type value = static_cast<type>(x[op->rs2]);                                    \
      std::memcpy(data.host + (va & ~page_mask), &value, sizeof(type));                    \
      *data.stamp = ++*data_lookups;                                                       \
      ++data.counts->stores[log2_of(sizeof(type))];                                        \
      t += data.counts->store_cycles;                                                      \
    } else {                                                                               \
      const SlowAccess slow = slow_store(frame, op, t, va, sizeof(type));                  \
      if (!slow.go_on) return;                                                             \
      t = slow.t;                                                                          \
    }                                                                                      \
    ++op;                                                                                  \
    continue;                                                                              \
  }
#include "cpu/riscv/instructions.def"
      case OpId::auipc:
        x[op->rd] = static_cast<U>(page + op->offset + imm);
        ++op;
        continue;
      case OpId::fence:
        ++op;
        continue;
      case OpId::jal:
        next = static_cast<U>(page + op->offset + imm);
        x[op->rd] = static_cast<U>(page + op->offset + op->length);
        break;
      case OpId::jalr:
        next = static_cast<U>((a + imm) & ~U{1});
        x[op->rd] = static_cast<U>(page + op->offset + op->length);
        break;
      default:  // block_end: on to the next instruction; book through the last one
        next = static_cast<U>(page + op->offset);
        --op;
        break;
    }
    break;
  }
  retired_ += book(frame, op, t);
  now_ += taken;
  stack_.base += taken;
  pc_ = next;
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
