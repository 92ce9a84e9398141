// The interrupt controllers of the `virt` machine as several harts see them: PLIC contexts of M and S mode
// with priorities, thresholds, claims by several harts at once and level behaviour; CLINT software and timer
// interrupts of each hart; atomic operations on a register. Prints a line a finding, the same on every
// machine that has these devices; run it with 2 to 8 harts, where nothing has touched the devices before (no
// firmware). Sources are the serial port
// ("THR empty", which reading IIR ends) and the clock (its alarm).
//
// QEMU 7.2 lets a write of an enable act with the next write of another register only, claims give nothing
// behind the threshold there, a completion counts from any context, and a line that stays high is passed on
// again only when its device says so again. So each enable is followed by a write of a threshold, nothing is
// claimed behind one or completed where it is not enabled, and devices are touched after completions.
#include "smp.h"

namespace {

constexpr unsigned long kPlic = 0x0C000000, kRtc = 0x00101000, kMtime = CLINT_BASE + 0xBFF8;
constexpr unsigned kUart = 10, kClock = 11;
constexpr unsigned kIer = 1, kIir = 2;
constexpr unsigned kServed = 40, kCounted = 50;
constexpr unsigned long kMachineExternal = 1ul << 11;

struct Line {
  const char* name;
  unsigned long value;
};

Barrier barrier;
Line lines[600];
unsigned line_count;
unsigned harts;
unsigned claimed_sum, claimed_count, served, woken;
volatile bool serving;

volatile uint32_t& word(unsigned long address) { return *reinterpret_cast<volatile uint32_t*>(address); }
[[maybe_unused]] volatile uint64_t& double_word(unsigned long address) {
  return *reinterpret_cast<volatile uint64_t*>(address);
}
volatile uint8_t& uart(unsigned offset) { return *reinterpret_cast<volatile uint8_t*>(UART_BASE + offset); }

volatile uint32_t& priority(unsigned source) { return word(kPlic + 4 * source); }
volatile uint32_t& enable(unsigned context) { return word(kPlic + 0x2000 + 0x80ul * context); }
volatile uint32_t& threshold(unsigned context) { return word(kPlic + 0x200000 + 0x1000ul * context); }
volatile uint32_t& claim(unsigned context) { return word(kPlic + 0x200004 + 0x1000ul * context); }
unsigned pending() { return word(kPlic + 0x1000); }
volatile uint32_t& msip(unsigned hart) { return word(CLINT_BASE + 4ul * hart); }
unsigned long timecmp(unsigned hart) { return CLINT_BASE + 0x4000 + 8ul * hart; }

constexpr unsigned m_of(unsigned hart) { return 2 * hart; }
constexpr unsigned s_of(unsigned hart) { return 2 * hart + 1; }

void note(const char* name, unsigned long value) { lines[line_count++] = {name, value}; }

template <class Act>
void on(unsigned which, unsigned hart, Act act) {
  if (hart == which) act();
  barrier.meet(harts);
}

// A line a hart.
void note_everywhere(unsigned hart, const char* name, unsigned long value) {
  lines[line_count + hart] = {name, value};
  barrier.meet(harts);
  on(0, hart, [] { line_count += harts; });
}

void note_mip(unsigned hart, const char* name, unsigned bit) {
  note_everywhere(hart, name, CSR_READ(mip) >> bit & 1);
}

// SEIP and MEIP as bits 0 and 2.
void note_external(unsigned hart, const char* name) { note_everywhere(hart, name, CSR_READ(mip) >> 9 & 5); }

void set_context(unsigned context, unsigned sources, unsigned level) {
  enable(context) = sources;
  threshold(context) = level;
}

void set_contexts(unsigned m_sources, unsigned s_sources) {
  for (unsigned hart = 0; hart < harts; hart++) {
    set_context(m_of(hart), m_sources, 0);
    set_context(s_of(hart), s_sources, 0);
  }
}

// Reads IIR, which takes "THR empty" away.
unsigned uart_identify() { return uart(kIir); }

void raise_uart() {
  uart(kIer) = 0;
  uart(kIer) = 2;
}
void lower_uart() {
  uart_identify();
  uart(kIer) = 0;
}

void raise_clock() {
  word(kRtc + 16) = 1;
  word(kRtc + 12) = 0;
  word(kRtc + 8) = 1;  // an alarm in the past
}
void lower_clock() { word(kRtc + 28) = 1; }

// What serves a source that is pending: nothing of it is left behind.
void serve(unsigned context) {
  const unsigned source = claim(context);
  if (source == kUart) lower_uart();
  if (source == kClock) lower_clock();
  claim(context) = source;
}

void probe_contexts(unsigned hart) {
  on(0, hart, [] {
    priority(kUart) = 3;
    priority(kClock) = 5;
    raise_uart();
  });
  for (unsigned which = 0; which < harts; which++) {
    on(0, hart, [=] { set_context(m_of(which), 1u << kUart, 0); });
    note_external(hart, "M context of one hart");
    on(0, hart, [=] {
      set_context(m_of(which), 0, 0);
      set_context(s_of(which), 1u << kUart, 0);
    });
    note_external(hart, "S context of one hart");
    on(0, hart, [=] { set_context(s_of(which), 0, 0); });
  }
  on(0, hart, [] {
    for (unsigned each = 0; each < harts; each++) {
      set_context(m_of(each), 1u << kUart, each + 1);
      set_context(s_of(each), 1u << kUart | 1u << kClock, each + 2);
    }
  });
  note_external(hart, "thresholds, priority 3");
  on(0, hart, [] { raise_clock(); });
  note_external(hart, "thresholds, priorities 3 and 5");
  on(0, hart, [] {
    note("pending", pending());
    priority(kUart) = 7;
    priority(kClock) = 1;
  });
  note_external(hart, "thresholds, priorities 7 and 1");
}

void probe_claims(unsigned hart) {
  on(0, hart, [] {
    priority(kUart) = 3;
    priority(kClock) = 5;
    set_contexts(1u << kUart | 1u << kClock, 1u << kUart | 1u << kClock);
  });
  note_external(hart, "both for everybody");
  const unsigned last = harts - 1;
  on(last, hart, [=] { note("claim, last hart in S", claim(s_of(last))); });
  note_external(hart, "one claimed");
  on(0, hart, [] { note("claim, first hart", claim(m_of(0))); });
  note_external(hart, "both claimed");
  on(1, hart, [] {
    note("claim of none", claim(m_of(1)));
    note("pending while claimed", pending());
    lower_clock();
    claim(m_of(1)) = kClock;  // that another hart has claimed
    note("pending after completion", pending());
  });
  note_external(hart, "completed and lowered");
  on(last, hart, [=] {
    claim(s_of(last)) = kUart;
    uart(kIer) = 0;  // the condition still holds
    uart(kIer) = 2;
    note("pending, still high", pending());
  });
  note_external(hart, "completed while high");
  on(0, hart, [] { priority(kUart) = 1; });
  note_external(hart, "lower priority");
  on(1, hart, [] { serve(m_of(1)); });
  note_external(hart, "served");
}

// All harts claim as nearly at once as they can: one gets it.
void race_for_claims(unsigned hart) {
  for (unsigned round = 0; round < 10; round++) {
    on(0, hart, [] { raise_uart(); });
    const unsigned source = claim(round % 2 == 0 ? m_of(hart) : s_of(hart));
    __atomic_fetch_add(&claimed_sum, source, __ATOMIC_RELAXED);
    __atomic_fetch_add(&claimed_count, source != 0 ? 1u : 0u, __ATOMIC_RELAXED);
    barrier.meet(harts);
    if (source == kUart) {
      lower_uart();
      claim(m_of(hart)) = source;
    }
    barrier.meet(harts);
  }
  on(0, hart, [] {
    note("claims in the race", claimed_count);
    note("sources claimed in the race", claimed_sum);
  });
}

// Everybody serves what comes, woken by the interrupt; hart 0 raises one after the other.
void serve_together(unsigned hart) {
  serving = true;
  barrier.meet(harts);
  if (hart == 0) {
    for (unsigned i = 0; i < kServed; i++) {
      raise_uart();
      while (__atomic_load_n(&served, __ATOMIC_ACQUIRE) != i + 1) {
      }
    }
    serving = false;
    for (unsigned other = 1; other < harts; other++) msip(other) = 1;
  } else {
    CSR_WRITE(mie, kMachineExternal | IRQ_BIT_MSOFT);
    while (serving) {
      __asm__ volatile("wfi");
      const unsigned source = claim(m_of(hart));
      if (source == 0) continue;
      uart_identify();
      claim(m_of(hart)) = source;
      __atomic_fetch_add(&served, source == kUart ? 1u : 1000u, __ATOMIC_RELEASE);
    }
    while ((CSR_READ(mip) & IRQ_BIT_MSOFT) == 0) __asm__ volatile("wfi");
    msip(hart) = 0;
    CSR_WRITE(mie, 0);
  }
  barrier.meet(harts);
  on(0, hart, [] {
    note("served together", served);
    set_contexts(0, 0);
    uart(kIer) = 0;
  });
}

void set_timecmp(unsigned hart, uint32_t high, uint32_t low) {
  word(timecmp(hart) + 4) = 0xFFFFFFFF;
  word(timecmp(hart)) = low;
  word(timecmp(hart) + 4) = high;
}

void probe_clint(unsigned hart) {
  for (unsigned which = 0; which < harts; which++) {
    on(0, hart, [=] { msip(which) = 0xFFFFFFFF; });
    note_mip(hart, "software interrupt of one hart", 3);
    on(harts - 1, hart, [=] {
      note("msip", msip(which));
      msip(which) = 2;
      note("msip cleared", msip(which));
    });
    note_mip(hart, "software interrupt cleared", 3);
  }
  on(0, hart, [] {
    note("msip of no hart", msip(harts));
    msip(harts) = 1;
    note("msip of no hart written", msip(harts));
    note("timecmp of no hart", word(timecmp(harts)));
    for (unsigned each = 0; each < harts; each++) set_timecmp(each, 2 * each + 2, 0x89ABCDEF);
    for (unsigned each = 0; each < harts; each++) {
      note("timecmp high", word(timecmp(each) + 4));
      note("timecmp low", word(timecmp(each)));
    }
  });
  note_mip(hart, "timers before", 7);
  for (unsigned high = 3; high < 2 * harts + 2; high += 2) {
    on(1, hart, [=] { word(kMtime + 4) = high; });
    note_mip(hart, "timers by time", 7);
    note_everywhere(hart, "time of a hart", word(kMtime + 4));
  }
#if __riscv_xlen == 64
  on(1, hart, [] { double_word(kMtime) = 5ull << 32; });
  note_mip(hart, "timers by wide time", 7);
  note_everywhere(hart, "time CSR", CSR_READ(time) >> 32);
  on(1, hart, [] {
    for (unsigned each = 0; each < harts; each++) double_word(timecmp(each)) = (each % 2 ? 1ull : 7ull) << 32;
    note("wide timecmp", double_word(timecmp(0)) >> 32);
  });
  note_mip(hart, "timers by wide timecmp", 7);
#endif
  // Each hart sets the next one's timer and sleeps until its own rings.
  for (unsigned each = 0; each < harts && hart == 0; each++) set_timecmp(each, 0xFFFFFFFF, 0xFFFFFFFF);
  on(0, hart, [] { word(kMtime + 4) = 0; });
  CSR_WRITE(mie, IRQ_BIT_MTIMER);
  set_timecmp((hart + 1) % harts, word(kMtime + 4), word(kMtime) + 20000);
  while ((CSR_READ(mip) & IRQ_BIT_MTIMER) == 0) __asm__ volatile("wfi");
  __atomic_fetch_add(&woken, 1, __ATOMIC_RELAXED);
  CSR_WRITE(mie, 0);
  barrier.meet(harts);
  on(0, hart, [] { note("woken by timers", woken); });
}

// Read, change and write of a device's register as one, by AMO and by LR and SC.
void count_in_a_device(unsigned hart) {
  on(0, hart, [] { set_timecmp(1, 0, 0); });
  auto* const low = reinterpret_cast<volatile unsigned*>(timecmp(1));
  auto* const high = low + 1;
  for (unsigned i = 0; i < kCounted; i++) {
    __atomic_fetch_add(low, 1, __ATOMIC_RELAXED);
    while (store_conditional(high, load_reserved(high) + 1) != 0) {
    }
  }
  barrier.meet(harts);
  on(0, hart, [] {
    note("counted by AMO", word(timecmp(1)));
    note("counted by LR and SC", word(timecmp(1) + 4));
  });
}

}  // namespace

extern "C" int main(unsigned hart, const void* tree) {
  if (hart == 0) harts = count_harts(tree);
  while (__atomic_load_n(&harts, __ATOMIC_ACQUIRE) == 0) {
  }
  barrier.meet(harts);
  probe_contexts(hart);
  probe_claims(hart);
  race_for_claims(hart);
  serve_together(hart);
  probe_clint(hart);
  count_in_a_device(hart);
  if (hart != 0) {
    for (;;) __asm__ volatile("wfi");
  }
  for (unsigned i = 0; i < line_count; i++) print_value(lines[i].name, lines[i].value);
  return 0;
}
