// The stress test: its workers in threads of their own, and the comparison of what is in use before and
// after.
#include "kernel/stress.h"

#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mmzone.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "command.h"
#include "kernel/memory.h"
#include "kernel/page_allocator.h"
#include "kernel/platform.h"
#include "stress_worker.h"
#include "string.h"

namespace memio {
namespace {

constexpr unsigned kSlots = 512;  // of all workers
constexpr u32 kDefaultSeed = 1;
constexpr unsigned kDefaultThreads = 3;

struct Thread {
  StressWorker worker;
  StressWorker::Limit limit;
  completion done;
  task_struct* task;
};

// All that a run needs.
struct Run {
  StressSlot slots[kSlots];
  Thread threads[kMostStressThreads];
  StressBallast ballast;
};

unsigned long count_entries(const resource* parent) {
  unsigned long count = 0;
  for (const resource* child = parent->child; child != nullptr; child = child->sibling) {
    count += 1 + count_entries(child);
  }
  return count;
}

int run_worker(void* data) {
  Thread* thread = static_cast<Thread*>(data);
  thread->worker.run(thread->limit);
  complete(&thread->done);
  return 0;
}

// All threads hold at most half of what is free, so that the rest of the system goes on.
void start_threads(Run* run, const StressRequest& request) {
  const unsigned count = request.threads;
  const unsigned slots = kSlots / count;
  const unsigned long most_held = nr_free_pages() / 2 / count;
  const u64 end =
      request.milliseconds == 0 ? ~u64{0} : time_now() + u64{time_frequency()} * request.milliseconds / 1000;
  for (unsigned i = 0; i < count; i++) {
    Thread* thread = &run->threads[i];
    const unsigned long share = request.operations / count + (i < request.operations % count ? 1 : 0);
    thread->worker.init(&run->slots[i * slots], slots, i * slots, request.seed + i, most_held,
                        i == 0 ? &run->ballast : nullptr);
    thread->limit = {request.milliseconds == 0 ? share : ~0ul, end};
    init_completion(&thread->done);
    thread->task = kthread_create(run_worker, thread, "stress/%u", i);
    if (IS_ERR(thread->task)) panic("stress: no memory for thread %u", i);
    get_task_struct(thread->task);
  }
  for (unsigned i = 0; i < count; i++) wake_up_process(run->threads[i].task);
}

void join_threads(Run* run, unsigned count, StressCounts* sum) {
  for (unsigned i = 0; i < count; i++) {
    Thread* thread = &run->threads[i];
    wait_for_completion(&thread->done);
    kthread_stop(thread->task);
    put_task_struct(thread->task);
    sum->add(thread->worker.counts());
  }
}

// One line for each figure that differs.
bool same(const char* what, unsigned long before, unsigned long after) {
  if (before == after) return true;
  printk("stress: %s: %lu before, %lu after\n", what, before, after);
  return false;
}

bool print_report(const StressReport& report, const StressRequest& request, bool good) {
  const StressCounts& counts = report.counts;
  printk(
      "stress: seed %u, %lu operations of %u threads in %llu cycles: %lu allocations, %lu resizes, %lu "
      "frees, ",
      request.seed, counts.operations, request.threads, report.cycles, counts.allocations, counts.resizes,
      counts.frees);
  printk("%lu refused, %lu shortages of memory\n", counts.refusals, counts.shortages);
  printk("stress: at most %lu pages held, %lu free pages before, %lu after: %s\n", counts.most_pages,
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

void StressCounts::add(const StressCounts& other) {
  operations += other.operations;
  allocations += other.allocations;
  frees += other.frees;
  resizes += other.resizes;
  refusals += other.refusals;
  shortages += other.shortages;
  most_pages += other.most_pages;
  bad_bytes += other.bad_bytes;
}

bool StressReport::good() const {
  bool good = counts.bad_bytes == 0 && counts.operations != 0;
  good = same("slab pages", before.slab_pages, after.slab_pages) && good;
  good = same("bytes of the vmalloc area", before.vmalloc_bytes, after.vmalloc_bytes) && good;
  good = same("resources", before.resources, after.resources) && good;
  return same("free pages and page tables", before.free_pages + before.table_pages,
              after.free_pages + after.table_pages) &&
         good;
}

bool stress_run(const StressRequest& request, StressReport* report) {
  *report = {};
  Run* run = static_cast<Run*>(vzalloc(sizeof(Run)));
  if (run == nullptr) {
    printk("stress: no memory to start with\n");
    return false;
  }
  report->before = MemoryUse::now();
  if (stress_kinds_init()) {
    const u64 start = cycles_now();
    run->ballast.init();
    start_threads(run, request);
    join_threads(run, request.threads, &report->counts);
    run->ballast.exit();
    report->cycles = cycles_now() - start;
    stress_kinds_exit();
  } else {
    printk("stress: no memory for caches\n");
  }
  report->after = MemoryUse::now();
  vfree(run);
  return report->good();
}

bool command_stress(const Words& words) {
  unsigned long amount;
  unsigned long seed = kDefaultSeed;
  unsigned long threads = kDefaultThreads;
  char number[24];
  strlcpy(number, words[1], sizeof number);
  const size_t length = strlen(number);
  const bool seconds = length > 1 && number[length - 1] == 's';
  if (seconds) number[length - 1] = 0;
  if (!parse_number("stress", number, seconds ? 1000000 : ~0ul, &amount)) return false;
  if (words.count() > 2 && !parse_number("stress", words[2], ~u32{0}, &seed)) return false;
  if (words.count() > 3 && !parse_number("stress", words[3], kMostStressThreads, &threads)) return false;
  if (amount == 0 || threads == 0) {
    printk("stress: nothing to do\n");
    return false;
  }
  const StressRequest request = {seconds ? 0 : amount, seconds ? amount * 1000 : 0, static_cast<u32>(seed),
                                 static_cast<unsigned>(threads)};
  StressReport report;
  const bool good = stress_run(request, &report);
  return print_report(report, request, good);
}

}  // namespace memio
