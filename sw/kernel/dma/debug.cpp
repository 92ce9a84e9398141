// The debug mode of the DMA functions, after that of Linux (Documentation/DMA-API.txt, "DMA API debug
// interface"). Beyond it, transfers of the DMA engine are checked against the mappings, and so are frees.
#include <linux/kernel.h>
#include <linux/spinlock.h>

#include "kernel/command_line.h"
#include "kernel/dma_debug.h"

namespace memio {

bool dma_debug_on;

namespace {

DmaTracker tracker;
spinlock_t tracker_lock;

constexpr size_t kSymbolSize = 64;
constexpr size_t kTextSize = 190;

const char* kind_name(DmaKind kind) {
  static const char* const kNames[] = {"dma_map_single", "dma_map_page", "dma_map_sg", "dma_alloc_coherent",
                                       "dma_map_resource"};
  return kNames[static_cast<unsigned>(kind)];
}

// "FUNCTION(DEVICE, 0x80412000, 64 bytes, to device) by SYMBOL".
void describe_call(const DmaCall& call, dma_addr_t address, size_t size, dma_data_direction dir, char* text) {
  char by[kSymbolSize];
  scnprintf(text, kTextSize, "%s(%s, 0x%llx, %zu bytes, %s) by %s", call.function, dev_name(call.dev),
            address, size, dma_direction_name(dir), symbol_text(call.caller, by, sizeof by));
}

// "64 bytes at 0x80412000, to device, by dma_map_single in SYMBOL".
void describe_mapping(const DmaMapping& mapping, char* text) {
  char by[kSymbolSize];
  scnprintf(text, kTextSize, "%zu bytes at 0x%llx, %s, by %s in %s", mapping.size, mapping.address,
            dma_direction_name(mapping.direction), kind_name(mapping.kind),
            symbol_text(mapping.maker, by, sizeof by));
}

void report_missing(const DmaCall& call, dma_addr_t address, size_t size, dma_data_direction dir) {
  char what[kTextSize];
  describe_call(call, address, size, dir, what);
  const DmaMapping* ended = tracker.ended_at(call.dev, address);
  if (ended == nullptr) return report_bug("%s: not mapped", what);
  char mapping[kTextSize];
  char by[kSymbolSize];
  describe_mapping(*ended, mapping);
  report_bug("%s: unmapped by %s; it was %s", what, symbol_text(ended->ender, by, sizeof by), mapping);
}

void report_mismatch(const DmaCall& call, dma_addr_t address, size_t size, dma_data_direction dir,
                     const char* why, const DmaMapping& mapping) {
  char what[kTextSize];
  char text[kTextSize];
  describe_call(call, address, size, dir, what);
  describe_mapping(mapping, text);
  report_bug("%s: %s; mapped are %s", what, why, text);
}

// What is wrong with ending `mapping` as `wanted`, or null.
const char* mismatch(const DmaMapping& mapping, const DmaMapping& wanted) {
  if (mapping.kind != wanted.kind) return "wrong function";
  if (mapping.size != wanted.size) return "wrong size";
  if (mapping.direction != wanted.direction) return "wrong direction";
  if (mapping.kind == DmaKind::kCoherent && mapping.cpu != wanted.cpu) return "wrong address for the CPU";
  if (wanted.entries != 0 && mapping.entries != wanted.entries) return "wrong number of entries";
  return mapping.unchecked ? "dma_mapping_error was never asked" : nullptr;
}

// What forbids a sync of [address, address + size) of `mapping`, or null.
const char* sync_mistake(const DmaMapping& mapping, dma_addr_t address, size_t size, dma_data_direction dir) {
  if (mapping.kind == DmaKind::kCoherent) return "coherent memory needs no sync";
  if (mapping.kind == DmaKind::kResource) return "registers need no sync";
  if (size > mapping.size - (address - mapping.address)) return "reaches beyond the mapping";
  return mapping.direction == DMA_BIDIRECTIONAL || mapping.direction == dir ? nullptr : "wrong direction";
}

// What forbids the device to do this with `mapping`, or null.
const char* use_mistake(const DmaMapping& mapping, dma_data_direction dir) {
  if (mapping.with_cpu) return "the buffer is the CPU's; dma_sync_..._for_device is missing";
  if (mapping.direction == DMA_BIDIRECTIONAL || mapping.direction == dir) return nullptr;
  return "wrong direction";
}

// The tracker with its lock held. Reports are made under it: the list must hold still meanwhile.
class Locked {
 public:
  Locked() { spin_lock_irqsave(&tracker_lock, flags_); }
  ~Locked() { spin_unlock_irqrestore(&tracker_lock, flags_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  unsigned long flags_;
};

}  // namespace

const char* dma_direction_name(dma_data_direction dir) {
  switch (dir) {
    case DMA_BIDIRECTIONAL:
      return "both ways";
    case DMA_TO_DEVICE:
      return "to device";
    case DMA_FROM_DEVICE:
      return "from device";
    default:
      return "no direction";
  }
}

void dma_debug_init() {
  spin_lock_init(&tracker_lock);
  tracker.init();
  dma_debug_on = command_line_has("dma-debug");
  if (dma_debug_on) printk("dma: debug mode\n");
}

void dma_debug_mapped(const DmaCall& call, DmaKind kind, dma_addr_t address, size_t size,
                      dma_data_direction dir, phys_addr_t memory, const void* cpu, unsigned entries) {
  if (likely(!dma_debug_on)) return;
  const bool unchecked = kind == DmaKind::kSingle || kind == DmaKind::kPage;
  const Locked locked;
  if (tracker.add({{nullptr, nullptr},
                   call.dev,
                   kind,
                   dir,
                   unchecked,
                   false,
                   entries,
                   address,
                   size,
                   memory,
                   cpu,
                   call.caller,
                   0})) {
    return;
  }
  printk("dma: no memory to remember a mapping; debug mode is off\n");
  dma_debug_on = false;
}

bool dma_debug_unmapped(const DmaCall& call, DmaKind kind, dma_addr_t address, size_t size,
                        dma_data_direction dir, const void* cpu, unsigned entries) {
  if (likely(!dma_debug_on)) return true;
  const Locked locked;
  const DmaMapping wanted = {
      {nullptr, nullptr}, call.dev, kind, dir, false, false, entries, address, size, 0, cpu, call.caller, 0};
  DmaMapping* mapping = tracker.find(wanted);
  if (mapping == nullptr) {
    report_missing(call, address, size, dir);
    return false;
  }
  const char* why = mismatch(*mapping, wanted);
  if (why != nullptr) report_mismatch(call, address, size, dir, why, *mapping);
  tracker.end(mapping, call.caller);
  return true;
}

bool dma_debug_synced(const DmaCall& call, dma_addr_t address, size_t size, dma_data_direction dir,
                      bool to_cpu) {
  if (likely(!dma_debug_on)) return true;
  const Locked locked;
  DmaMapping* mapping = tracker.containing(call.dev, address);
  if (mapping == nullptr) {
    report_missing(call, address, size, dir);
    return false;
  }
  const char* why = sync_mistake(*mapping, address, size, dir);
  if (why != nullptr) report_mismatch(call, address, size, dir, why, *mapping);
  mapping->with_cpu = to_cpu;
  return why == nullptr;
}

void dma_debug_checked(const device* dev, dma_addr_t address) {
  if (likely(!dma_debug_on)) return;
  const Locked locked;
  tracker.mark_checked(dev, address);
}

void dma_debug_used(const DmaCall& call, dma_addr_t address, size_t size, dma_data_direction dir) {
  if (likely(!dma_debug_on)) return;
  const Locked locked;
  // Neighbouring mappings may make one piece.
  for (dma_addr_t at = address; at - address < size;) {
    const DmaMapping* mapping = tracker.containing(call.dev, at);
    if (mapping == nullptr) return report_missing(call, at, size - static_cast<size_t>(at - address), dir);
    const char* why = use_mistake(*mapping, dir);
    if (why != nullptr) return report_mismatch(call, address, size, dir, why, *mapping);
    at = mapping->address + mapping->size;
  }
}

void dma_debug_freed(const char* function, phys_addr_t memory, size_t size, unsigned long caller) {
  // The tracker's own memory comes here too.
  if (likely(!dma_debug_on) || spin_is_locked(&tracker_lock)) return;
  const Locked locked;
  const DmaMapping* mapping = tracker.of_memory(memory, size);
  if (mapping == nullptr || mapping->kind == DmaKind::kCoherent) return;
  char text[kTextSize];
  char by[kSymbolSize];
  describe_mapping(*mapping, text);
  report_bug("%s of %zu bytes at 0x%llx by %s: still mapped for %s: %s", function, size, memory,
             symbol_text(caller, by, sizeof by), dev_name(mapping->dev), text);
}

void dma_debug_detached(const device* dev) {
  if (likely(!dma_debug_on)) return;
  const Locked locked;
  DmaMapping* mapping = tracker.first_of(dev);
  if (mapping == nullptr) return;
  char text[kTextSize];
  describe_mapping(*mapping, text);
  report_bug("%s: detached with %u DMA mappings left; the first: %s", dev_name(dev), tracker.count_of(dev),
             text);
  for (; mapping != nullptr; mapping = tracker.first_of(dev)) tracker.end(mapping, 0);
}

}  // namespace memio
