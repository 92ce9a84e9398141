// Building and dropping of decoded blocks; see code_cache.h.
#include "cpu/riscv/code_cache.h"

#include <cstring>

#include "cpu/riscv/decode.h"
#include "cpu/riscv/op_timing.h"

namespace memio::riscv {

namespace {

constexpr unsigned longest_block = 64;

enum class Role : std::uint8_t { inside, ends, stepped };

Role role_of(OpId id) {
  switch (id) {
#define MEMIO_RR(name, class, expression) case OpId::name:
#define MEMIO_RI(name, class, expression) case OpId::name:
#define MEMIO_LOAD(name, type) case OpId::name:
#define MEMIO_STORE(name, type) case OpId::name:
#define MEMIO_FLOAD(name, type) case OpId::name:
#define MEMIO_FSTORE(name, type) case OpId::name:
#define MEMIO_FLOAT(name, class, operands, format, expression) case OpId::name:
#include "cpu/riscv/instructions.def"
    case OpId::auipc:
    case OpId::fence:
      return Role::inside;
#define MEMIO_BRANCH(name, condition) case OpId::name:
#include "cpu/riscv/instructions.def"
    case OpId::jal:
    case OpId::jalr:
      return Role::ends;
    default:
      return Role::stepped;
  }
}

bool accesses_memory(OpId id) {
  switch (id) {
#define MEMIO_LOAD(name, type) case OpId::name:
#define MEMIO_STORE(name, type) case OpId::name:
#define MEMIO_FLOAD(name, type) case OpId::name:
#define MEMIO_FSTORE(name, type) case OpId::name:
#include "cpu/riscv/instructions.def"
    return true;
    default:
      return false;
  }
}

/// The block fetches its word number `word` from `address`.
void touch(Block& block, std::uint64_t address, std::uint32_t word, std::uint64_t line_bytes) {
  const std::uint64_t line = address & ~(line_bytes - 1);
  if (block.lines.empty() || block.lines.back().address != line)
    block.lines.push_back({line, static_cast<std::uint16_t>(word), 0, nullptr});
  block.lines.back().last = static_cast<std::uint16_t>(word);
}

/// A jump whose target could be misaligned without C is left to `step`, which checks it.
bool may_misalign(const Op& op, const Isa& isa) {
  return !isa.c && role_of(op.id) == Role::ends && (op.id == OpId::jalr || (op.imm & 2));
}

}  // namespace

Block* CodePage::build(std::uint64_t address, unsigned entry, PendingSets& sets, const std::uint8_t* host,
                       Cycles fetch_cost, const HartConfig& config) {
  const auto begin = static_cast<unsigned>(address & ~page_mask);
  auto block = std::make_unique<Block>();
  const std::uint64_t line_bytes = config.caches.l1i.size ? config.caches.l1i.line : 0;
  const unsigned width = config.timing.fetch_width;
  block->first_word = address & ~std::uint64_t{width - 1};
  block->entry = entry;
  Scoreboard scoreboard;
  scoreboard.load(sets[entry]);
  Cycles cycles = 0, operand = 0, base = 0, divisions = 0;
  std::uint32_t words = 0;
  unsigned next_word = begin & ~(width - 1);  // the first fetch word that is not counted yet
  unsigned at = begin;
  bool open = true, floating = false;
  while (open && block->length < longest_block && at + 2 <= page_bytes) {
    std::uint16_t half = 0;
    std::uint32_t bits = 0;
    std::memcpy(&half, host + at, 2);
    bits = half;
    if (!is_compressed(bits)) {
      if (at + 4 > page_bytes) break;
      std::memcpy(&bits, host + at, 4);
    }
    Op op = decode(bits, config.isa, config.port_space);
    const bool drains = op.id == OpId::fence && config.caches.any();
    if (role_of(op.id) == Role::stepped || drains || may_misalign(op, config.isa)) break;
    const unsigned last_word = (at + op.length - 1) & ~(width - 1);
    for (; next_word <= last_word; next_word += width) {
      ++words;
      if (line_bytes) touch(*block, (address & page_mask) | next_word, words, line_bytes);
      cycles += fetch_cost;
    }
    const Issue issue = issue_of(op, config.timing);
    const Cycles wait = scoreboard.issue(issue);
    operand += wait;
    base += issue.cycles;
    cycles += wait + issue.cycles;
    if (is_division(op.id)) divisions += longest_division(config.isa.xlen, config.timing);
    op.offset = static_cast<std::uint16_t>(at);
    op.last_word = static_cast<std::uint16_t>(last_word);
    op.words = static_cast<std::uint16_t>(words);
    op.number = static_cast<std::uint16_t>(++block->length);
    op.cycles = static_cast<std::uint32_t>(cycles);
    op.operand = static_cast<std::uint32_t>(operand);
    op.base = static_cast<std::uint32_t>(base);
    block->ops.push_back(op);
    block->accesses += accesses_memory(op.id);
    floating |= is_float(op.id);
    at += op.length;
    open = role_of(op.id) == Role::inside;
  }
  block->most = cycles + divisions + block->length * config.mmu.itlb.hit_latency;
  block->plain = block->length != 0 && !floating;
  block->exit = sets.number(scoreboard);
  block->variant = blocks_[begin >> 1];
  Op end;
  end.id = OpId::block_end;
  end.offset = static_cast<std::uint16_t>(at);
  block->ops.push_back(end);
  for (unsigned i = begin >> granule_shift; i <= (at - 1) >> granule_shift && block->length; ++i)
    covered_.set(i);
  storage_.push_back(std::move(block));
  return blocks_[begin >> 1] = storage_.back().get();
}

bool CodePage::overlaps(std::uint64_t first, std::uint64_t last) const {
  const std::uint64_t end = physical_ + page_bytes - 1;
  if (last < physical_ || first > end) return false;
  const std::uint64_t low = first < physical_ ? 0 : first - physical_;
  const std::uint64_t high = last > end ? page_bytes - 1 : last - physical_;
  for (std::uint64_t i = low >> granule_shift; i <= high >> granule_shift; ++i)
    if (covered_[i]) return true;
  return false;
}

CodePage* CodeCache::page(std::uint64_t physical) {
  physical &= page_mask;
  if (const auto found = pages_.find(physical); found != pages_.end()) return found->second.get();
  if (pages_.size() >= most_pages) drop_all();
  ++builds;
  return (pages_[physical] = std::make_unique<CodePage>(physical)).get();
}

bool CodeCache::written(std::uint64_t first, std::uint64_t last) {
  if (pages_.empty()) return false;
  bool touched = false;
  const auto drop_if_hit = [&](auto it) {
    if (!it->second->overlaps(first, last)) return std::next(it);
    touched = true;
    ++invalidations;
    dropped_.push_back(std::move(it->second));
    return pages_.erase(it);
  };
  if ((last - first) / page_bytes >= pages_.size()) {
    for (auto it = pages_.begin(); it != pages_.end();) it = drop_if_hit(it);
  } else {
    for (std::uint64_t page = first & page_mask; page <= last; page += page_bytes)
      if (const auto it = pages_.find(page); it != pages_.end()) drop_if_hit(it);
  }
  return touched;
}

void CodeCache::drop_all() {
  for (auto& [address, page] : pages_) dropped_.push_back(std::move(page));
  pages_.clear();
  blocks = 0;
}

}  // namespace memio::riscv
