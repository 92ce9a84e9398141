// The DMA engine: which channels there are and who has them, the numbers of descriptors, callbacks from a
// tasklet. What a controller does with descriptors is its driver's.
#include <linux/delay.h>
#include <linux/dmaengine.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>

#include "kernel/dma_debug.h"
#include "kernel/dma_engine.h"

namespace memio {
namespace {

constexpr unsigned kSyncWaitSteps = 500000;  // of 10 us

LIST_HEAD(controllers);
DEFINE_MUTEX(channels_mutex);

dma_chan* channel_of(unsigned long data) { return reinterpret_cast<dma_chan*>(data); }

// All cookies up to `cookie` have ended, the ones since the last call with an error if `failed`.
void end_cookies(dma_chan* chan, dma_cookie_t cookie, bool failed) {
  const u32 count = static_cast<u32>(cookie - chan->completed_cookie);
  const u64 fresh = count >= 64 ? ~0ull : (1ull << count) - 1;
  chan->failed = (count >= 64 ? 0 : chan->failed << count) | (failed ? fresh : 0);
  chan->completed_cookie = cookie;
}

void call_back(dma_async_tx_descriptor* tx) {
  if (tx->callback_result != nullptr) {
    tx->callback_result(tx->callback_param, &tx->result);
  } else if (tx->callback != nullptr) {
    tx->callback(tx->callback_param);
  }
}

// Takes the first descriptor that waits for its callback; null when there is none.
dma_async_tx_descriptor* next_done(dma_chan* chan) {
  dma_async_tx_descriptor* tx = nullptr;
  unsigned long flags;
  spin_lock_irqsave(&chan->lock, flags);
  if (!list_empty(&chan->done)) {
    tx = list_first_entry(&chan->done, dma_async_tx_descriptor, node);
    list_del(&tx->node);
  }
  spin_unlock_irqrestore(&chan->lock, flags);
  return tx;
}

void run_callbacks(unsigned long data) {
  dma_chan* chan = channel_of(data);
  for (dma_async_tx_descriptor* tx = next_done(chan); tx != nullptr; tx = next_done(chan)) {
    call_back(tx);
    chan->device->device_free_descriptor(tx);
  }
}

bool has_all(const dma_device& device, const dma_cap_mask_t& mask) {
  return (mask.bits & ~device.cap_mask.bits) == 0;
}

void give_back(dma_chan* chan) {
  dmaengine_terminate_all(chan);
  if (chan->device->device_free_chan_resources != nullptr) chan->device->device_free_chan_resources(chan);
  chan->client = 0;
}

// Whether the channel is now the client's.
bool take(dma_chan* chan, unsigned long client) {
  chan->request_line = kNoRequestLine;
  if (chan->device->device_alloc_chan_resources != nullptr &&
      chan->device->device_alloc_chan_resources(chan) != 0) {
    return false;
  }
  chan->client = client;
  return true;
}

// The first free channel for which wanted(chan) holds becomes the client's; null when there is none.
template <typename Wanted>
dma_chan* take_first(unsigned long client, Wanted wanted) {
  dma_chan* found = nullptr;
  mutex_lock(&channels_mutex);
  dma_device* device;
  list_for_each_entry(device, &controllers, global_node) {
    dma_chan* chan;
    list_for_each_entry(chan, &device->channels, device_node) {
      if (found == nullptr && chan->client == 0 && wanted(chan) && take(chan, client)) found = chan;
    }
  }
  mutex_unlock(&channels_mutex);
  return found;
}

DmaCall call_of(const char* function, const dma_chan* chan, unsigned long caller) {
  return {function, chan->device->dev, caller};
}

int dma_show(seq_file* file, void*) {
  mutex_lock(&channels_mutex);
  const dma_device* device;
  list_for_each_entry(device, &controllers, global_node) {
    const dma_chan* chan;
    list_for_each_entry(chan, &device->channels, device_node) {
      char client[64] = "free";
      if (chan->client != 0) symbol_text(chan->client, client, sizeof client);
      seq_printf(file, "%s channel %d: %d submitted, %d ended, %s\n", dev_name(device->dev), chan->chan_id,
                 chan->cookie, chan->completed_cookie, client);
    }
  }
  mutex_unlock(&channels_mutex);
  return 0;
}

// Whether the provider has what its capabilities promise.
bool is_complete(const dma_device& device) {
  const auto needs = [&](dma_transaction_type type, bool has) {
    return !dma_has_cap(type, device.cap_mask) || has;
  };
  return device.dev != nullptr && device.device_issue_pending != nullptr &&
         device.device_terminate_all != nullptr && device.device_free_descriptor != nullptr &&
         needs(DMA_MEMCPY, device.device_prep_dma_memcpy != nullptr) &&
         needs(DMA_INTERLEAVE, device.device_prep_interleaved_dma != nullptr) &&
         needs(DMA_SLAVE, device.device_prep_slave_sg != nullptr && device.device_config != nullptr);
}

dma_data_direction direction_of(dma_transfer_direction direction) {
  return direction == DMA_DEV_TO_MEM ? DMA_FROM_DEVICE : DMA_TO_DEVICE;
}

}  // namespace

void dma_engine_init() { proc_create_single("dma", 0, nullptr, dma_show); }

extern "C" {

int dma_async_device_register(dma_device* device) {
  if (!is_complete(*device)) return -EINVAL;
  mutex_lock(&channels_mutex);
  list_add_tail(&device->global_node, &controllers);
  mutex_unlock(&channels_mutex);
  return 0;
}

void dma_async_device_unregister(dma_device* device) {
  mutex_lock(&channels_mutex);
  list_del(&device->global_node);
  dma_chan* chan;
  list_for_each_entry(chan, &device->channels, device_node) {
    if (chan->client != 0) {
      char client[64];
      report_bug("%s: goes with channel %d in use by %s", dev_name(device->dev), chan->chan_id,
                 symbol_text(chan->client, client, sizeof client));
      give_back(chan);
    }
    tasklet_kill(&chan->tasklet);
  }
  mutex_unlock(&channels_mutex);
}

void dma_async_channel_add(dma_device* device, dma_chan* chan) {
  int count = 0;
  const dma_chan* at;
  list_for_each_entry(at, &device->channels, device_node) count++;
  *chan = {};
  chan->device = device;
  chan->chan_id = count;
  chan->request_line = kNoRequestLine;
  spin_lock_init(&chan->lock);
  INIT_LIST_HEAD(&chan->done);
  tasklet_init(&chan->tasklet, run_callbacks, reinterpret_cast<unsigned long>(chan));
  list_add_tail(&chan->device_node, &device->channels);
}

dma_cookie_t dma_cookie_assign(dma_async_tx_descriptor* tx) {
  dma_chan* chan = tx->chan;
  // After the largest one numbers begin anew; what was done before is forgotten then.
  if (chan->cookie == __INT32_MAX__) {
    chan->cookie = 0;
    chan->completed_cookie = 0;
  }
  return tx->cookie = ++chan->cookie;
}

void dma_descriptor_done(dma_async_tx_descriptor* tx) {
  dma_chan* chan = tx->chan;
  unsigned long flags;
  spin_lock_irqsave(&chan->lock, flags);
  end_cookies(chan, tx->cookie, tx->result.result != DMA_TRANS_NOERROR);
  list_add_tail(&tx->node, &chan->done);
  spin_unlock_irqrestore(&chan->lock, flags);
  tasklet_schedule(&chan->tasklet);
}

dma_chan* __dma_request_channel(const dma_cap_mask_t* mask, dma_filter_fn filter, void* param) {
  return take_first(_RET_IP_, [=](dma_chan* chan) {
    return has_all(*chan->device, *mask) && (filter == nullptr || filter(chan, param));
  });
}

dma_chan* dma_request_slave_channel(device* dev, const char* name) {
  const int index = device_property_match_string(dev, "dma-names", name);
  u32 phandle;
  u32 line;
  if (index < 0 ||
      device_property_read_u32_index(dev, "dmas", 2 * static_cast<unsigned>(index), &phandle) != 0 ||
      device_property_read_u32_index(dev, "dmas", 2 * static_cast<unsigned>(index) + 1, &line) != 0) {
    return nullptr;
  }
  dma_chan* chan = take_first(_RET_IP_, [=](dma_chan* at) {
    u32 own;
    return dma_has_cap(DMA_SLAVE, at->device->cap_mask) &&
           device_property_read_u32_index(at->device->dev, "phandle", 0, &own) == 0 && own == phandle;
  });
  if (chan != nullptr) chan->request_line = line;
  return chan;
}

void dma_release_channel(dma_chan* chan) {
  mutex_lock(&channels_mutex);
  if (chan->client != 0) {
    give_back(chan);
  } else {
    char by[64];
    report_bug("dma_release_channel(%s, %d) by %s: the channel is free", dev_name(chan->device->dev),
               chan->chan_id, symbol_text(_RET_IP_, by, sizeof by));
  }
  mutex_unlock(&channels_mutex);
}

int dmaengine_slave_config(dma_chan* chan, const dma_slave_config* config) {
  return chan->device->device_config == nullptr ? -ENOSYS : chan->device->device_config(chan, config);
}

dma_async_tx_descriptor* dmaengine_prep_dma_memcpy(dma_chan* chan, dma_addr_t dst, dma_addr_t src,
                                                   size_t size, unsigned long flags) {
  if (chan->device->device_prep_dma_memcpy == nullptr || size == 0) return nullptr;
  const DmaCall call = call_of("dmaengine_prep_dma_memcpy", chan, _RET_IP_);
  dma_debug_used(call, src, size, DMA_TO_DEVICE);
  dma_debug_used(call, dst, size, DMA_FROM_DEVICE);
  return chan->device->device_prep_dma_memcpy(chan, dst, src, size, flags);
}

dma_async_tx_descriptor* dmaengine_prep_slave_sg(dma_chan* chan, scatterlist* list, unsigned count,
                                                 dma_transfer_direction direction, unsigned long flags) {
  if (chan->device->device_prep_slave_sg == nullptr || count == 0) return nullptr;
  const DmaCall call = call_of("dmaengine_prep_slave_sg", chan, _RET_IP_);
  scatterlist* piece;
  unsigned i;
  for_each_sg(list, piece, count, i) {
    dma_debug_used(call, sg_dma_address(piece), sg_dma_len(piece), direction_of(direction));
  }
  return chan->device->device_prep_slave_sg(chan, list, count, direction, flags);
}

dma_async_tx_descriptor* dmaengine_prep_slave_single(dma_chan* chan, dma_addr_t buffer, size_t size,
                                                     dma_transfer_direction direction, unsigned long flags) {
  if (chan->device->device_prep_slave_sg == nullptr || size == 0) return nullptr;
  dma_debug_used(call_of("dmaengine_prep_slave_single", chan, _RET_IP_), buffer, size,
                 direction_of(direction));
  scatterlist piece;
  sg_init_table(&piece, 1);
  piece.dma_address = buffer;
  piece.dma_length = static_cast<unsigned>(size);
  return chan->device->device_prep_slave_sg(chan, &piece, 1, direction, flags);
}

dma_async_tx_descriptor* dmaengine_prep_interleaved_dma(dma_chan* chan, dma_interleaved_template* rectangle,
                                                        unsigned long flags) {
  if (chan->device->device_prep_interleaved_dma == nullptr || rectangle->numf == 0 ||
      rectangle->frame_size != 1 || rectangle->sgl[0].size == 0) {
    return nullptr;
  }
  const DmaCall call = call_of("dmaengine_prep_interleaved_dma", chan, _RET_IP_);
  const size_t row = rectangle->sgl[0].size;
  const size_t rows = rectangle->numf - 1;
  dma_debug_used(call, rectangle->src_start, rows * (row + dmaengine_get_src_icg(rectangle)) + row,
                 DMA_TO_DEVICE);
  dma_debug_used(call, rectangle->dst_start, rows * (row + dmaengine_get_dst_icg(rectangle)) + row,
                 DMA_FROM_DEVICE);
  return chan->device->device_prep_interleaved_dma(chan, rectangle, flags);
}

void dma_async_issue_pending(dma_chan* chan) { chan->device->device_issue_pending(chan); }

dma_status dmaengine_tx_status(dma_chan* chan, dma_cookie_t cookie, dma_tx_state* state) {
  unsigned long flags;
  spin_lock_irqsave(&chan->lock, flags);
  const dma_cookie_t done = chan->completed_cookie;
  const bool ended = cookie <= done;
  const bool failed = ended && done - cookie < 64 && (chan->failed >> (done - cookie) & 1) != 0;
  const u32 residue =
      ended || chan->device->device_residue == nullptr ? 0 : chan->device->device_residue(chan, cookie);
  if (state != nullptr) *state = {done, chan->cookie, residue};
  spin_unlock_irqrestore(&chan->lock, flags);
  if (cookie < DMA_MIN_COOKIE || cookie > chan->cookie) return DMA_ERROR;
  return failed ? DMA_ERROR : ended ? DMA_COMPLETE : DMA_IN_PROGRESS;
}

dma_status dma_async_is_tx_complete(dma_chan* chan, dma_cookie_t cookie, dma_cookie_t* last,
                                    dma_cookie_t* used) {
  dma_tx_state state;
  const dma_status status = dmaengine_tx_status(chan, cookie, &state);
  if (last != nullptr) *last = state.last;
  if (used != nullptr) *used = state.used;
  return status;
}

dma_status dma_sync_wait(dma_chan* chan, dma_cookie_t cookie) {
  dma_async_issue_pending(chan);
  for (unsigned step = 0; step < kSyncWaitSteps; step++) {
    const dma_status status = dmaengine_tx_status(chan, cookie, nullptr);
    if (status != DMA_IN_PROGRESS) return status;
    udelay(10);
  }
  return DMA_IN_PROGRESS;
}

int dmaengine_terminate_all(dma_chan* chan) {
  const int error = chan->device->device_terminate_all(chan);
  if (error != 0) return error;
  for (dma_async_tx_descriptor* tx = next_done(chan); tx != nullptr; tx = next_done(chan)) {
    chan->device->device_free_descriptor(tx);
  }
  unsigned long flags;
  spin_lock_irqsave(&chan->lock, flags);
  end_cookies(chan, chan->cookie, true);
  spin_unlock_irqrestore(&chan->lock, flags);
  return 0;
}

}  // extern "C"

}  // namespace memio
