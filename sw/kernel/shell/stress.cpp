// The stress test: a table of slots, each empty or holding something allocated; every operation takes a
// random slot and allocates, resizes or frees.
#include "kernel/stress.h"

#include <linux/gfp.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "command.h"
#include "kernel/memory.h"
#include "kernel/page_allocator.h"
#include "kernel/platform.h"
#include "stress_kinds.h"
#include "string.h"

namespace memio {
namespace {

constexpr unsigned kSlots = 512;
constexpr u32 kDefaultSeed = 1;

unsigned long pages_of(unsigned long size) { return (size + PAGE_SIZE - 1) >> PAGE_SHIFT; }

unsigned long count_entries(const resource* parent) {
  unsigned long count = 0;
  for (const resource* child = parent->child; child != nullptr; child = child->sibling) {
    count += 1 + count_entries(child);
  }
  return count;
}

class Stress {
 public:
  // At most half of what is free at the start is held at a time, so that the rest of the system goes on.
  Stress(StressSlot* slots, u32 seed, StressReport* report)
      : slots_(slots), random_(seed), report_(report), most_held_(nr_free_pages() / 2) {}

  void step();
  void free_all();

 private:
  void allocate(StressSlot* slot);
  void resize(StressSlot* slot);
  void release(StressSlot* slot);
  void check(const StressSlot& slot, unsigned long size);
  void refused();

  StressSlot* slots_;
  Random random_;
  StressReport* report_;
  unsigned long most_held_;
  unsigned long held_ = 0;  // pages
};

void Stress::allocate(StressSlot* slot) {
  const unsigned number = static_cast<unsigned>(slot - slots_);
  *slot = {nullptr, nullptr, nullptr, 0, random_.next(), number};
  const StressKind& kind = random_kind(&random_);
  if (!kind.allocate(slot, &random_)) return refused();
  slot->kind = &kind;
  report_->allocations++;
  stress_fill(*slot);
  held_ += pages_of(slot->size);
  if (held_ > report_->most_pages) report_->most_pages = held_;
}

void Stress::check(const StressSlot& slot, unsigned long size) {
  const unsigned long bad = stress_check(slot, size);
  if (bad == 0) return;
  report_->bad_bytes += bad;
  report_bug("stress: operation %lu: %lu bytes of slot %u (%s, %lu bytes at 0x%lx) have changed",
             report_->operations, bad, slot.number, slot.kind->name, slot.size,
             reinterpret_cast<unsigned long>(slot.address));
}

void Stress::resize(StressSlot* slot) {
  check(*slot, slot->size);
  const unsigned long old_size = slot->size;
  if (!slot->kind->resize(slot, &random_)) return refused();
  report_->resizes++;
  held_ += pages_of(slot->size) - pages_of(old_size);
  StressSlot moved = *slot;
  moved.size = old_size;
  check(moved, old_size < slot->size ? old_size : slot->size);
  stress_fill(*slot);
}

void Stress::release(StressSlot* slot) {
  check(*slot, slot->size);
  held_ -= pages_of(slot->size);
  slot->kind->release(slot);
  slot->kind = nullptr;
  report_->frees++;
}

// Some of what is held goes, so that later requests have a chance.
void Stress::refused() {
  report_->refusals++;
  for (unsigned i = 0; i < 4; i++) {
    StressSlot* slot = &slots_[random_.below(kSlots)];
    if (slot->kind != nullptr) release(slot);
  }
}

void Stress::step() {
  report_->operations++;
  StressSlot* slot = &slots_[random_.below(kSlots)];
  if (slot->kind == nullptr) {
    if (held_ > most_held_) return refused();
    allocate(slot);
  } else if (slot->kind->resize != nullptr && random_.below(4) == 0) {
    resize(slot);
  } else {
    release(slot);
  }
  cond_resched();
}

void Stress::free_all() {
  for (unsigned i = 0; i < kSlots; i++) {
    if (slots_[i].kind != nullptr) release(&slots_[i]);
  }
}

// One line for each figure that differs.
bool same(const char* what, unsigned long before, unsigned long after) {
  if (before == after) return true;
  printk("stress: %s: %lu before, %lu after\n", what, before, after);
  return false;
}

template <typename GoOn>
bool run(u32 seed, StressReport* report, GoOn go_on) {
  *report = {};
  StressSlot* slots = static_cast<StressSlot*>(kzalloc(kSlots * sizeof(StressSlot), GFP_KERNEL));
  if (slots == nullptr) {
    printk("stress: no memory to start with\n");
    return false;
  }
  report->before = MemoryUse::now();
  if (stress_kinds_init()) {
    const u64 start = cycles_now();
    Stress stress(slots, seed, report);
    while (go_on()) stress.step();
    stress.free_all();
    report->cycles = cycles_now() - start;
    stress_kinds_exit();
  } else {
    printk("stress: no memory for caches\n");
  }
  report->after = MemoryUse::now();
  kfree(slots);
  return report->good();
}

bool print_report(const StressReport& report, u32 seed, bool good) {
  printk(
      "stress: seed %u, %lu operations in %llu cycles: %lu allocations, %lu resizes, %lu frees, %lu "
      "refused\n",
      seed, report.operations, report.cycles, report.allocations, report.resizes, report.frees,
      report.refusals);
  printk("stress: at most %lu pages held, %lu free pages before, %lu after: %s\n", report.most_pages,
         report.before.free_pages, report.after.free_pages, good ? "no loss" : "LOSS");
  return good;
}

}  // namespace

MemoryUse MemoryUse::now() {
  while (run_shrinkers(~0ul, GFP_KERNEL) != 0) {
  }
  drain_all_pages();
  vmalloc_info area;
  get_vmalloc_info(&area);
  return {nr_free_pages(), slab_page_count(), area.used, kernel_table_pages(),
          count_entries(&ioport_resource) + count_entries(&iomem_resource)};
}

bool StressReport::good() const {
  bool good = bad_bytes == 0 && operations != 0;
  good = same("slab pages", before.slab_pages, after.slab_pages) && good;
  good = same("bytes of the vmalloc area", before.vmalloc_bytes, after.vmalloc_bytes) && good;
  good = same("resources", before.resources, after.resources) && good;
  return same("free pages and page tables", before.free_pages + before.table_pages,
              after.free_pages + after.table_pages) &&
         good;
}

bool stress_run(unsigned long operations, u32 seed, StressReport* report) {
  return run(seed, report, [=] { return report->operations < operations; });
}

bool stress_run_for(unsigned long milliseconds, u32 seed, StressReport* report) {
  const u64 end = time_now() + u64{time_frequency()} * milliseconds / 1000;
  return run(seed, report, [=] { return time_now() < end; });
}

bool command_stress(const Words& words) {
  unsigned long amount;
  unsigned long seed = kDefaultSeed;
  char number[24];
  strlcpy(number, words[1], sizeof number);
  const size_t length = strlen(number);
  const bool seconds = length > 1 && number[length - 1] == 's';
  if (seconds) number[length - 1] = 0;
  if (!parse_number("stress", number, seconds ? 1000000 : ~0ul, &amount)) return false;
  if (words.count() > 2 && !parse_number("stress", words[2], ~u32{0}, &seed)) return false;
  StressReport report;
  const u32 start = static_cast<u32>(seed);
  const bool good =
      seconds ? stress_run_for(amount * 1000, start, &report) : stress_run(amount, start, &report);
  return print_report(report, start, good);
}

}  // namespace memio
