// The DMA engine below linux/dmaengine.h.
#pragma once

#include <linux/dmaengine.h>

namespace memio {

// dma_chan::request_line of a channel for which the device tree names none.
constexpr u32 kNoRequestLine = ~0u;

// dma/engine.cpp: enters /proc/dma.
void dma_engine_init();

}  // namespace memio
