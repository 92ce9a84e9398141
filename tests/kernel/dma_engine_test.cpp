// The DMA engine over a provider that is the test: who gets which channel, numbers, callbacks, errors,
// termination, and every step of a request that can fail.
#include "kernel/dma_engine.h"

#include <linux/errno.h>

#include "allocation_failures.h"
#include "dma_bench.h"

namespace memio {
namespace {

struct Provider {
  dma_device device;
  dma_chan channels[2];
  std::vector<dma_async_tx_descriptor*> submitted;
  std::vector<dma_async_tx_descriptor*> issued;
  int alive = 0;      // descriptors
  int resources = 0;  // channels with resources
  int alloc_error = 0;
  int terminate_error = 0;
};
Provider* provider;

dma_async_tx_descriptor* make(dma_chan* chan, unsigned long flags) {
  auto* tx = static_cast<dma_async_tx_descriptor*>(kzalloc(sizeof(dma_async_tx_descriptor), GFP_ATOMIC));
  if (tx == nullptr) return nullptr;
  tx->chan = chan;
  tx->flags = flags;
  tx->tx_submit = [](dma_async_tx_descriptor* submitted) {
    provider->submitted.push_back(submitted);
    return dma_cookie_assign(submitted);
  };
  provider->alive++;
  return tx;
}

void free_descriptor(dma_async_tx_descriptor* tx) {
  provider->alive--;
  kfree(tx);
}

class Engine : public DmaBench {
 protected:
  explicit Engine(const char* options = "") : DmaBench(options) {
    static const bool in_proc = (dma_engine_init(), true);
    EXPECT_TRUE(in_proc);
    provider = &provider_;
    dma_device& device = provider_.device;
    device.dev = &dev_;
    INIT_LIST_HEAD(&device.channels);
    dma_cap_set(DMA_MEMCPY, device.cap_mask);
    device.device_alloc_chan_resources = [](dma_chan*) {
      if (provider->alloc_error == 0) provider->resources++;
      return provider->alloc_error;
    };
    device.device_free_chan_resources = [](dma_chan*) { provider->resources--; };
    device.device_prep_dma_memcpy = [](dma_chan* chan, dma_addr_t, dma_addr_t, size_t, unsigned long flags) {
      return make(chan, flags);
    };
    device.device_issue_pending = [](dma_chan*) {
      for (auto* tx : provider->submitted) provider->issued.push_back(tx);
      provider->submitted.clear();
    };
    device.device_terminate_all = [](dma_chan*) {
      if (provider->terminate_error != 0) return provider->terminate_error;
      for (auto* list : {&provider->submitted, &provider->issued}) {
        for (auto* tx : *list) free_descriptor(tx);
        list->clear();
      }
      return 0;
    };
    device.device_residue = [](dma_chan*, dma_cookie_t cookie) { return 100u + static_cast<u32>(cookie); };
    device.device_free_descriptor = free_descriptor;
    for (dma_chan& chan : provider_.channels) dma_async_channel_add(&device, &chan);
    EXPECT_EQ(dma_async_device_register(&device), 0);
    dma_cap_set(DMA_MEMCPY, memcpy_);
  }
  ~Engine() override {
    dma_async_device_unregister(&provider_.device);
    EXPECT_EQ(provider_.alive, 0);
    EXPECT_EQ(provider_.resources, 0);
  }

  // The hardware ends the oldest issued descriptor.
  void end(dmaengine_tx_result result = DMA_TRANS_NOERROR, u32 residue = 0) {
    dma_async_tx_descriptor* tx = provider_.issued.front();
    provider_.issued.erase(provider_.issued.begin());
    tx->result = {result, residue};
    dma_descriptor_done(tx);
  }
  dma_cookie_t submit(dma_chan* chan) {
    dma_async_tx_descriptor* tx = dmaengine_prep_dma_memcpy(chan, 0x1000, 0x2000, 64, DMA_PREP_INTERRUPT);
    tx->callback = [](void* param) { ++*static_cast<int*>(param); };
    tx->callback_param = &called_;
    return dmaengine_submit(tx);
  }

  Provider provider_ = {};
  dma_cap_mask_t memcpy_ = {};
  int called_ = 0;
};

TEST_F(Engine, ChannelsAreGivenOnce) {
  dma_chan* first = dma_request_channel(memcpy_, nullptr, nullptr);
  dma_chan* second = dma_request_channel(memcpy_, nullptr, nullptr);
  EXPECT_EQ(first, &provider_.channels[0]);
  EXPECT_EQ(second, &provider_.channels[1]);
  EXPECT_EQ(second->chan_id, 1);
  EXPECT_EQ(dma_request_channel(memcpy_, nullptr, nullptr), nullptr);
  dma_release_channel(first);
  const auto only = [](dma_chan* chan, void* param) { return chan->chan_id == *static_cast<int*>(param); };
  int wanted = 1;
  EXPECT_EQ(dma_request_channel(memcpy_, only, &wanted), nullptr);
  wanted = 0;
  EXPECT_EQ(dma_request_channel(memcpy_, only, &wanted), first);
  dma_release_channel(first);
  dma_release_channel(first);
  EXPECT_NE(bug().find("dma_release_channel(test@1000, 0) by "), std::string::npos);
  dma_release_channel(second);
  dma_cap_set(DMA_SLAVE, memcpy_);
  EXPECT_EQ(dma_request_channel(memcpy_, nullptr, nullptr), nullptr);
  EXPECT_EQ(bug(), "");
}

TEST_F(Engine, TheTreeNamesControllerAndRequestLine) {
  dma_cap_set(DMA_SLAVE, provider_.device.cap_mask);
  device client = {};
  client.tree_node = 5;
  dev_.tree_node = 9;
  fake_dma.properties[{5, "dma-names=rx"}] = {};
  fake_dma.properties[{5, "dmas"}] = {0x77, 4};
  EXPECT_EQ(dma_request_slave_channel(&client, "tx"), nullptr);
  EXPECT_EQ(dma_request_slave_channel(&client, "rx"), nullptr);  // another controller
  fake_dma.properties[{9, "phandle"}] = {0x77};
  dma_chan* chan = dma_request_slave_channel(&client, "rx");
  ASSERT_NE(chan, nullptr);
  EXPECT_EQ(chan->request_line, 4u);
  dma_release_channel(chan);
}

TEST_F(Engine, DescriptorsEndInOrderWithTheirCallbacks) {
  dma_chan* chan = dma_request_channel(memcpy_, nullptr, nullptr);
  EXPECT_EQ(submit(chan), 1);
  EXPECT_EQ(submit(chan), 2);
  EXPECT_EQ(dmaengine_tx_status(chan, 1, nullptr), DMA_IN_PROGRESS);
  dma_async_issue_pending(chan);
  end();
  EXPECT_EQ(called_, 1);
  dma_tx_state state;
  EXPECT_EQ(dmaengine_tx_status(chan, 1, &state), DMA_COMPLETE);
  EXPECT_EQ(state.last, 1);
  EXPECT_EQ(state.used, 2);
  EXPECT_EQ(state.residue, 0u);
  EXPECT_EQ(dmaengine_tx_status(chan, 2, &state), DMA_IN_PROGRESS);
  EXPECT_EQ(state.residue, 102u);
  dma_cookie_t last;
  dma_cookie_t used;
  EXPECT_EQ(dma_async_is_tx_complete(chan, 2, &last, &used), DMA_IN_PROGRESS);
  EXPECT_EQ(last, 1);
  EXPECT_EQ(used, 2);
  end();
  EXPECT_EQ(called_, 2);
  EXPECT_EQ(dmaengine_tx_status(chan, 3, nullptr), DMA_ERROR);  // never given out
  EXPECT_EQ(dmaengine_tx_status(chan, 0, nullptr), DMA_ERROR);
  EXPECT_EQ(provider_.alive, 0);
  EXPECT_NE(proc_text("dma").find("test@1000 channel 0: 2 submitted, 2 ended, 0x"), std::string::npos);
  EXPECT_NE(proc_text("dma").find("test@1000 channel 1: 0 submitted, 0 ended, free\n"), std::string::npos);
  dma_release_channel(chan);
}

TEST_F(Engine, AnErrorIsItsDescriptorsOwn) {
  dma_chan* chan = dma_request_channel(memcpy_, nullptr, nullptr);
  dmaengine_result seen = {};
  submit(chan);
  dma_async_tx_descriptor* tx = dmaengine_prep_dma_memcpy(chan, 0x1000, 0x2000, 64, 0);
  tx->callback_result = [](void* param, const dmaengine_result* result) {
    *static_cast<dmaengine_result*>(param) = *result;
  };
  tx->callback_param = &seen;
  EXPECT_EQ(dmaengine_submit(tx), 2);
  submit(chan);
  dma_async_issue_pending(chan);
  end();
  end(DMA_TRANS_WRITE_FAILED, 24);
  end();
  EXPECT_EQ(seen.result, DMA_TRANS_WRITE_FAILED);
  EXPECT_EQ(seen.residue, 24u);
  EXPECT_EQ(dmaengine_tx_status(chan, 1, nullptr), DMA_COMPLETE);
  EXPECT_EQ(dmaengine_tx_status(chan, 2, nullptr), DMA_ERROR);
  EXPECT_EQ(dmaengine_tx_status(chan, 3, nullptr), DMA_COMPLETE);
  for (unsigned i = 0; i < 62; i++) {
    submit(chan);
    dma_async_issue_pending(chan);
    end();
  }
  EXPECT_EQ(dmaengine_tx_status(chan, 2, nullptr), DMA_ERROR);  // 63 after it
  submit(chan);
  dma_async_issue_pending(chan);
  end();
  EXPECT_EQ(dmaengine_tx_status(chan, 2, nullptr), DMA_COMPLETE);  // forgotten
  dma_release_channel(chan);
}

TEST_F(Engine, TerminatedDescriptorsAreErrorsWithoutCallback) {
  dma_chan* chan = dma_request_channel(memcpy_, nullptr, nullptr);
  submit(chan);
  dma_async_issue_pending(chan);
  end();
  submit(chan);
  dma_async_issue_pending(chan);
  submit(chan);
  EXPECT_EQ(dmaengine_terminate_all(chan), 0);
  EXPECT_EQ(called_, 1);
  EXPECT_EQ(provider_.alive, 0);
  EXPECT_EQ(dmaengine_tx_status(chan, 1, nullptr), DMA_COMPLETE);
  EXPECT_EQ(dmaengine_tx_status(chan, 2, nullptr), DMA_ERROR);
  EXPECT_EQ(dmaengine_tx_status(chan, 3, nullptr), DMA_ERROR);
  EXPECT_EQ(submit(chan), 4);
  EXPECT_EQ(dmaengine_tx_status(chan, 4, nullptr), DMA_IN_PROGRESS);
  provider_.terminate_error = -ETIMEDOUT;
  EXPECT_EQ(dmaengine_terminate_all(chan), -ETIMEDOUT);
  EXPECT_EQ(dmaengine_tx_status(chan, 4, nullptr), DMA_IN_PROGRESS);
  provider_.terminate_error = 0;
  dma_release_channel(chan);
  EXPECT_EQ(called_, 1);
}

TEST_F(Engine, ARequestThatFailsLeavesTheChannelFree) {
  provider_.alloc_error = -ENOMEM;
  EXPECT_EQ(dma_request_channel(memcpy_, nullptr, nullptr), nullptr);
  EXPECT_EQ(provider_.channels[0].client, 0u);
  provider_.alloc_error = 0;
  dma_chan* chan = dma_request_channel(memcpy_, nullptr, nullptr);
  AllocationFailures::after(0);
  EXPECT_EQ(dmaengine_prep_dma_memcpy(chan, 0x1000, 0x2000, 64, 0), nullptr);
  EXPECT_TRUE(AllocationFailures::happened());
  EXPECT_EQ(dmaengine_prep_dma_memcpy(chan, 0x1000, 0x2000, 0, 0), nullptr);
  scatterlist list;
  sg_init_table(&list, 1);
  EXPECT_EQ(dmaengine_prep_slave_sg(chan, &list, 1, DMA_MEM_TO_DEV, 0), nullptr);
  EXPECT_EQ(dmaengine_prep_slave_single(chan, 0, 4, DMA_MEM_TO_DEV, 0), nullptr);
  dma_interleaved_template rectangle = {};
  EXPECT_EQ(dmaengine_prep_interleaved_dma(chan, &rectangle, 0), nullptr);
  const dma_slave_config config = {};
  EXPECT_EQ(dmaengine_slave_config(chan, &config), -ENOSYS);
  dma_release_channel(chan);
}

TEST_F(Engine, ProvidersMustHaveWhatTheyPromise) {
  dma_device device = {};
  EXPECT_EQ(dma_async_device_register(&device), -EINVAL);
  device = provider_.device;
  dma_cap_set(DMA_INTERLEAVE, device.cap_mask);
  EXPECT_EQ(dma_async_device_register(&device), -EINVAL);
  device = provider_.device;
  device.device_terminate_all = nullptr;
  EXPECT_EQ(dma_async_device_register(&device), -EINVAL);
}

TEST_F(Engine, AControllerThatGoesTakesItsChannelsBack) {
  dma_chan* chan = dma_request_channel(memcpy_, nullptr, nullptr);
  submit(chan);
  dma_async_device_unregister(&provider_.device);
  EXPECT_NE(bug().find("test@1000: goes with channel 0 in use by 0x"), std::string::npos);
  EXPECT_EQ(provider_.alive, 0);
  EXPECT_EQ(dma_request_channel(memcpy_, nullptr, nullptr), nullptr);
  EXPECT_EQ(dma_async_device_register(&provider_.device), 0);
}

class CheckedEngine : public Engine {
 protected:
  CheckedEngine() : Engine("dma-debug") {}
};

TEST_F(CheckedEngine, TransfersOfWhatIsNotMappedAreReported) {
  dma_chan* chan = dma_request_channel(memcpy_, nullptr, nullptr);
  char* buffer = low(128);
  const dma_addr_t source = dma_map_single(&dev_, buffer, 64, DMA_TO_DEVICE);
  const dma_addr_t target = dma_map_single(&dev_, buffer + 64, 64, DMA_FROM_DEVICE);
  dma_mapping_error(&dev_, source);
  dma_mapping_error(&dev_, target);
  free_descriptor(dmaengine_prep_dma_memcpy(chan, target, source, 64, 0));
  EXPECT_EQ(bug(), "");
  free_descriptor(dmaengine_prep_dma_memcpy(chan, source, source, 64, 0));
  EXPECT_NE(bug().find("dmaengine_prep_dma_memcpy(test@1000, "), std::string::npos);
  dma_sync_single_for_cpu(&dev_, target, 64, DMA_FROM_DEVICE);
  free_descriptor(dmaengine_prep_dma_memcpy(chan, target, source, 64, 0));
  EXPECT_NE(bug().find("dma_sync_..._for_device is missing"), std::string::npos);
  dma_unmap_single(&dev_, source, 64, DMA_TO_DEVICE);
  dma_unmap_single(&dev_, target, 64, DMA_FROM_DEVICE);
  free_descriptor(dmaengine_prep_dma_memcpy(chan, target, source, 64, 0));
  EXPECT_NE(bug().find("2 reports: "), std::string::npos);
  dma_release_channel(chan);
  kfree(buffer);
}

}  // namespace
}  // namespace memio
