// Measures each call with all translations in the TLB (the average of several rounds), right after a fence
// that empties every level of the TLB, and what touching a word of each page costs then.
#include "kernel/bench.h"

#include <asm/counters.h>
#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mmzone.h>

#include "string.h"

enum { kWarmUpRounds = 4, kRounds = 16 };

// What is measured in a round.
enum { kMake, kTouch, kUndo, kParts };

typedef void (*bench_part)(struct bench_target* target);

struct round {
  struct event_counts parts[kParts];
};

static void nothing(struct bench_target* target) { (void)target; }

// The first word of each page is read.
static void touch(struct bench_target* target) {
  const volatile char* end = (const volatile char*)target->address + target->amount;
  for (const volatile char* at = target->address; at < end; at += PAGE_SIZE) {
    (void)*(const volatile unsigned long*)at;
  }
}

// The fence is part of what is counted; in front of it, counting would fill the TLB again.
static struct event_counts measure(bench_part part, struct bench_target* target, bool cold) {
  struct event_counts start;
  struct event_counts end;
  read_event_counts(&start);
  if (cold) flush_tlb_all();
  part(target);
  read_event_counts(&end);
  return event_counts_between(&start, &end);
}

static bool run_round(const struct bench_call* call, bool cold, struct round* round) {
  struct bench_target target = {call->amount, call->flags, NULL, NULL};
  round->parts[kMake] = measure(call->make, &target, cold);
  if (target.address == NULL && target.page == NULL) return false;
  struct bench_target touched = {call->touch, 0, target.address, NULL};
  round->parts[kTouch] = measure(touch, &touched, cold);
  round->parts[kUndo] = measure(call->undo, &target, cold);
  return true;
}

// Rounds that a tick of the timer fell into count its work too, so they are done again.
static bool run_quiet_round(const struct bench_call* call, bool cold, struct round* round) {
  unsigned long begin;
  do {
    begin = jiffies;
    if (!run_round(call, cold, round)) return false;
  } while (jiffies != begin);
  return true;
}

static void add(unsigned long* sum, const unsigned long* part) {
  for (unsigned i = 0; i < sizeof(struct event_counts) / sizeof(long); i++) sum[i] += part[i];
}

static unsigned long average(unsigned long sum) { return (sum + kRounds / 2) / kRounds; }

// High memory is measured only where there is some: else the request would be served from low memory.
static bool applies(const struct bench_call* call) {
  return (call->flags & __GFP_HIGHMEM) == 0 || nr_free_zone_pages(ZONE_HIGHMEM) != 0;
}

static bool average_rounds(const struct bench_call* call, bool cold, struct round* mean) {
  struct round round;
  memset(mean, 0, sizeof *mean);
  for (int i = -kWarmUpRounds; i < kRounds; i++) {
    if (!run_quiet_round(call, cold, &round)) return false;
    if (i < 0) continue;
    for (int part = 0; part < kParts; part++) {
      add((unsigned long*)&mean->parts[part], (const unsigned long*)&round.parts[part]);
    }
  }
  unsigned long* sums = (unsigned long*)mean;
  for (unsigned i = 0; i < sizeof *mean / sizeof(long); i++) sums[i] = average(sums[i]);
  return true;
}

// What counting and calling cost by themselves.
static struct event_counts overhead(void) {
  struct event_counts counts;
  struct bench_target target = {0, 0, NULL, NULL};
  for (int i = 0; i < kWarmUpRounds; i++) counts = measure(nothing, &target, false);
  return counts;
}

static void print_row(const char* what, const char* name, const char* tlb, const struct event_counts* gross,
                      const struct event_counts* empty) {
  const struct event_counts net = event_counts_between(empty, gross);
  char label[48];
  scnprintf(label, sizeof label, "%s%s", what, name);
  printk("bench: %-36s %-4s %8lu %8lu %5lu %5lu %5lu %7lu %5lu\n", label, tlb, net.cycles, net.instructions,
         net.itlb_misses, net.dtlb_misses, net.l2tlb_misses, net.walk_cycles, net.pte_reads);
}

static bool bench_one(const struct bench_call* call, const struct event_counts* empty) {
  static const char* const kTlb[] = {"warm", "cold"};
  struct round means[2];
  for (int cold = 0; cold < 2; cold++) {
    if (average_rounds(call, cold != 0, &means[cold])) continue;
    printk("bench: %s failed\n", call->name);
    return false;
  }
  for (int cold = 0; cold < 2; cold++)
    print_row("", call->name, kTlb[cold], &means[cold].parts[kMake], empty);
  for (int cold = 0; cold < 2 && call->touch != 0; cold++) {
    print_row("touch, ", call->name, kTlb[cold], &means[cold].parts[kTouch], empty);
  }
  for (int cold = 0; cold < 2; cold++) {
    print_row("", call->undo_name, kTlb[cold], &means[cold].parts[kUndo], empty);
  }
  return true;
}

bool bench_run(const char* area) {
  const bool all = area == NULL || area[0] == 0;
  const struct event_counts empty = overhead();
  bool found = false;
  bool good = true;
  printk("bench: %-36s %-4s %8s %8s %5s %5s %5s %7s %5s\n", "call", "TLB", "cycles", "instrs", "ITLB", "DTLB",
         "L2TLB", "walk", "PTEs");
  for (const struct bench_call* call = bench_calls; call->name != NULL; call++) {
    if (!all && strcmp(area, call->area) != 0) continue;
    found = true;
    if (applies(call)) good = bench_one(call, &empty) && good;
  }
  if (!found) printk("bench: no area '%s': pages, kmalloc, cache, vmalloc, ioremap, kmap\n", area);
  return found && good;
}
