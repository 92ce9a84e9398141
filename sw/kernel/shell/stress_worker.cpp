// See stress_worker.h.
#include "stress_worker.h"

#include <asm/page.h>
#include <linux/kernel.h>
#include <linux/sched.h>

#include "kernel/platform.h"

namespace memio {
namespace {

unsigned long pages_of(unsigned long size) { return (size + PAGE_SIZE - 1) >> PAGE_SHIFT; }

}  // namespace

void StressWorker::init(StressSlot* slots, unsigned count, unsigned first, u32 seed, unsigned long most_held,
                        StressBallast* ballast) {
  *this = {};
  slots_ = slots;
  count_ = count;
  first_ = first;
  random_ = Random(seed);
  most_held_ = most_held;
  ballast_ = ballast;
}

void StressWorker::run(const Limit& limit) {
  while (counts_.operations < limit.operations && (limit.time == ~u64{0} || time_now() < limit.time)) step();
  if (ballast_ != nullptr) ballast_->drop();
  for (unsigned i = 0; i < count_; i++) {
    if (slots_[i].kind != nullptr) release(&slots_[i]);
  }
}

void StressWorker::allocate(StressSlot* slot) {
  const unsigned number = first_ + static_cast<unsigned>(slot - slots_);
  *slot = {nullptr, nullptr, nullptr, 0, random_.next(), number};
  const StressKind& kind = random_kind(&random_);
  if (!kind.allocate(slot, &random_)) return refused();
  slot->kind = &kind;
  counts_.allocations++;
  stress_fill(*slot);
  held_ += pages_of(slot->size);
  if (held_ > counts_.most_pages) counts_.most_pages = held_;
}

void StressWorker::check(const StressSlot& slot, unsigned long size) {
  const unsigned long bad = stress_check(slot, size);
  if (bad == 0) return;
  counts_.bad_bytes += bad;
  report_bug("stress: operation %lu: %lu bytes of slot %u (%s, %lu bytes at 0x%lx) have changed",
             counts_.operations, bad, slot.number, slot.kind->name, slot.size,
             reinterpret_cast<unsigned long>(slot.address));
}

void StressWorker::resize(StressSlot* slot) {
  check(*slot, slot->size);
  const unsigned long old_size = slot->size;
  if (!slot->kind->resize(slot, &random_)) return refused();
  counts_.resizes++;
  held_ += pages_of(slot->size) - pages_of(old_size);
  StressSlot moved = *slot;
  moved.size = old_size;
  check(moved, old_size < slot->size ? old_size : slot->size);
  stress_fill(*slot);
}

void StressWorker::release(StressSlot* slot) {
  check(*slot, slot->size);
  held_ -= pages_of(slot->size);
  slot->kind->release(slot);
  slot->kind = nullptr;
  counts_.frees++;
}

// Some of what is held goes, so that later requests have a chance.
void StressWorker::refused() {
  counts_.refusals++;
  for (unsigned i = 0; i < 4; i++) {
    StressSlot* slot = &slots_[random_.below(count_)];
    if (slot->kind != nullptr) release(slot);
  }
}

// The ballast is taken anew several times in its phase: what waits for memory gets it back block by block.
void StressWorker::change_phase() {
  const bool scarce = counts_.operations / kPhase % kPhases == kPhases - 1;
  if (scarce && counts_.operations % (kPhase / 4) == 0) {
    ballast_->take();
    counts_.shortages++;
  }
  if (!scarce && ballast_->held()) ballast_->drop();
}

void StressWorker::step() {
  if (ballast_ != nullptr) change_phase();
  counts_.operations++;
  StressSlot* slot = &slots_[random_.below(count_)];
  if (slot->kind == nullptr) {
    if (held_ > most_held_) return refused();
    allocate(slot);
  } else if (slot->kind->resize != nullptr && random_.below(4) == 0) {
    resize(slot);
  } else {
    release(slot);
  }
  if (random_.below(kYieldOneOf) == 0) yield();
}

}  // namespace memio
