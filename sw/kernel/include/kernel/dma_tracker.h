// The mappings that drivers have made for their devices, and the last ones that have ended: what the debug
// mode of the DMA functions (kernel/dma_debug.h) holds each call against. It only keeps and finds; it reports
// nothing.
#pragma once

#include <linux/dma-mapping.h>

namespace memio {

enum class DmaKind : u8 { kSingle, kPage, kList, kCoherent, kResource };

struct DmaMapping {
  list_head node;
  const device* dev;
  DmaKind kind;
  dma_data_direction direction;
  bool unchecked;       // nobody has asked yet whether it failed
  bool with_cpu;        // lent to the CPU by dma_sync_..._for_cpu()
  unsigned entries;     // kList: of the list, in the first entry's mapping
  dma_addr_t address;   // for the device
  size_t size;          // bytes
  phys_addr_t memory;   // what is mapped
  const void* cpu;      // kCoherent
  unsigned long maker;  // code that made it
  unsigned long ender;  // and ended it
};

class DmaTracker {
 public:
  static constexpr unsigned kEndedKept = 16;

  void init();

  // Keeps a copy of `mapping`; false when memory is out. Does not sleep.
  bool add(const DmaMapping& mapping);
  // Forgets a mapping of the tracker's, but remembers it among those that have ended.
  void end(DmaMapping* mapping, unsigned long ender);

  // The mapping of `dev` that starts where `wanted` does, of several the one most like it in kind, size and
  // direction; null when there is none.
  DmaMapping* find(const DmaMapping& wanted);
  // The first one, of several at one place the oldest, that holds the byte at `address`; null when there is
  // none.
  DmaMapping* containing(const device* dev, dma_addr_t address);
  // Somebody has asked whether the mappings that start at `address` failed.
  void mark_checked(const device* dev, dma_addr_t address);
  // Any that shares a byte of RAM with [memory, memory + size).
  const DmaMapping* of_memory(phys_addr_t memory, size_t size) const;
  // The one that ended last of those that held the byte at `address`.
  const DmaMapping* ended_at(const device* dev, dma_addr_t address) const;
  // The oldest of the device, and how many it has.
  DmaMapping* first_of(const device* dev);
  unsigned count_of(const device* dev) const;

 private:
  list_head mappings_;  // oldest first
  DmaMapping ended_[kEndedKept];
  unsigned ended_count_;  // ever; the next one goes to the place ended_count_ % kEndedKept
};

}  // namespace memio
