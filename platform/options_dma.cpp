// Options of DMA controllers and of the IOMMU.
#include "dma/dma_registers.h"
#include "platform/option_groups.h"

namespace memio {

OptionGroup dma_options() {
  OptionGroup table{
      {"dma.channels",
       OptionType::number,
       "4",
       "channels",
       "Channels of a DMA controller",
       {},
       1,
       dma::max_channels},
      multiple_of(8, {"dma.burst",
                      OptionType::size,
                      "64",
                      "bytes",
                      "Most bytes that a channel moves before others have their turn",
                      {},
                      8,
                      dma::max_burst}),
      {"dma.max-descriptors",
       OptionType::number,
       "65536",
       "descriptors",
       "Longest chain; a channel that reads more, because the chain is a loop, stops with an error",
       {},
       1,
       1'000'000'000},
      latency_option("dma.descriptor-latency", "4", "A channel's set-up after it has read a descriptor"),
      latency_option("dma.burst-latency", "1", "A channel's set-up before each burst"),
  };
  add_tlb_options(table, "iommu.tlb", "IOTLB", "16", "0", "1", "4", false, "");
  table.push_back({"iommu.ad",
                   OptionType::choice,
                   "svade",
                   "",
                   "Accessed and dirty bits of devices' pages: by faults (svade) or by the walker (svadu)",
                   {"svade", "svadu"}});
  table.push_back({"iommu.pwc.entries",
                   OptionType::number,
                   "0",
                   "entries",
                   "Page-walk cache of the IOMMU: number of entries; 0: none",
                   {},
                   0,
                   65536});
  table.push_back(
      needing({"iommu.pwc.entries"},
              latency_option("iommu.pwc.hit-latency", "1", "Page-walk cache of the IOMMU: cycles of a hit")));
  table.push_back(latency_option("iommu.walk-step-latency", "1",
                                 "Walker of the IOMMU: cycles of a level, beside the PTE read"));
  return table;
}

}  // namespace memio
