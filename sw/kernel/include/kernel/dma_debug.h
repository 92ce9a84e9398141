// The debug mode of the DMA functions (kernel option `dma-debug`): each call is held against the mappings
// that are there. All functions do nothing while it is off. What they print: docs/kernel-messages.md.
#pragma once

#include "kernel/dma.h"
#include "kernel/dma_idle.h"
#include "kernel/dma_tracker.h"

namespace memio {

// Reads the option.
void dma_debug_init();

// A mapping that was made. `entries`: of the whole list, for its first entry; else 0.
void dma_debug_mapped(const DmaCall& call, DmaKind kind, dma_addr_t address, size_t size,
                      dma_data_direction dir, phys_addr_t memory, const void* cpu, unsigned entries);
// One that a driver wants to end. False, after a report, when there is nothing that could be ended.
bool dma_debug_unmapped(const DmaCall& call, DmaKind kind, dma_addr_t address, size_t size,
                        dma_data_direction dir, const void* cpu, unsigned entries);
// A part of a mapping goes to the CPU, or to the device. False when there is no such part.
bool dma_debug_synced(const DmaCall& call, dma_addr_t address, size_t size, dma_data_direction dir,
                      bool to_cpu);
// Somebody asked whether the mapping failed.
void dma_debug_checked(const device* dev, dma_addr_t address);
// The device is told to read or write (dir) there.
void dma_debug_used(const DmaCall& call, dma_addr_t address, size_t size, dma_data_direction dir);
// The driver is detached; what is left is reported and forgotten.
void dma_debug_detached(const device* dev);

const char* dma_direction_name(dma_data_direction dir);

}  // namespace memio
