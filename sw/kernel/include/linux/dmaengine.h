// DMA controllers: channels that copy memory, or move data between memory and a device, on behalf of other
// drivers. A client asks for a channel, prepares descriptors of mapped memory, submits them and starts them
// all; a controller's driver (the provider) serves it. Bodies: kernel/dma/engine.cpp.
//
//   struct dma_chan* chan = dma_request_slave_channel(dev, "rx");        or dma_request_channel(mask, ...)
//   dst = dma_map_single(chan->device->dev, buffer, size, DMA_FROM_DEVICE);
//   tx = dmaengine_prep_dma_memcpy(chan, dst, src, size, DMA_PREP_INTERRUPT);
//   tx->callback = done; tx->callback_param = me;
//   cookie = dmaengine_submit(tx);
//   dma_async_issue_pending(chan);
#pragma once

#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/list.h>

#ifdef __cplusplus
extern "C" {
#endif

// Numbers the descriptors of a channel in the order of their submission, from 1 on; negative: an error.
typedef s32 dma_cookie_t;
#define DMA_MIN_COOKIE 1
static inline bool dma_submit_error(dma_cookie_t cookie) { return cookie < 0; }

enum dma_status { DMA_COMPLETE, DMA_IN_PROGRESS, DMA_PAUSED, DMA_ERROR };
#define DMA_SUCCESS DMA_COMPLETE  // the older name

// What a controller can do, and a client asks for.
enum dma_transaction_type { DMA_MEMCPY, DMA_INTERLEAVE, DMA_SLAVE, DMA_TX_TYPE_END };
typedef struct {
  unsigned long bits;
} dma_cap_mask_t;
#define dma_cap_zero(mask) ((mask).bits = 0)
#define dma_cap_set(capability, mask) ((mask).bits |= 1ul << (capability))
#define dma_has_cap(capability, mask) (((mask).bits >> (capability)&1) != 0)

enum dma_transfer_direction { DMA_MEM_TO_MEM, DMA_MEM_TO_DEV, DMA_DEV_TO_MEM, DMA_TRANS_NONE };

// For a descriptor.
enum dma_ctrl_flags {
  DMA_PREP_INTERRUPT = 1,  // interrupt, and call the callback, when it is done
  DMA_CTRL_ACK = 2,        // for sources of other kernels: a descriptor always ends with its callback
};

// How a descriptor ended, for callback_result.
enum dmaengine_tx_result {
  DMA_TRANS_NOERROR,
  DMA_TRANS_READ_FAILED,
  DMA_TRANS_WRITE_FAILED,
  DMA_TRANS_ABORTED,  // anything else: a bad descriptor, another one of the channel before it
};
struct dmaengine_result {
  enum dmaengine_tx_result result;
  u32 residue;  // bytes not moved
};

enum dma_slave_buswidth {
  DMA_SLAVE_BUSWIDTH_UNDEFINED = 0,
  DMA_SLAVE_BUSWIDTH_1_BYTE = 1,
  DMA_SLAVE_BUSWIDTH_2_BYTES = 2,
  DMA_SLAVE_BUSWIDTH_4_BYTES = 4,
  DMA_SLAVE_BUSWIDTH_8_BYTES = 8,
};
// The device's side of a slave transfer. Its data register stays at one address.
struct dma_slave_config {
  dma_addr_t src_addr;  // DMA_DEV_TO_MEM; as the controller sees it
  dma_addr_t dst_addr;  // DMA_MEM_TO_DEV
  enum dma_slave_buswidth src_addr_width;
  enum dma_slave_buswidth dst_addr_width;
  u32 src_maxburst;  // in units of the width, 0: 1
  u32 dst_maxburst;
  bool port_space;    // the register's address is a port
  unsigned slave_id;  // the controller's request line that paces the transfer, if the channel was not got
                      // by dma_request_slave_channel()
};

// A rectangle: numf rows of one chunk each; `icg` bytes are left out behind a row on a side whose sgl flag is
// set.
struct data_chunk {
  size_t size;  // bytes of a row
  size_t icg;   // bytes from the end of one row to the start of the next
};
struct dma_interleaved_template {
  dma_addr_t src_start;
  dma_addr_t dst_start;
  enum dma_transfer_direction dir;  // DMA_MEM_TO_MEM
  bool src_sgl;
  bool dst_sgl;
  size_t numf;        // rows
  size_t frame_size;  // 1
  size_t src_icg;     // in place of sgl[0].icg where the sides differ; 0: that
  size_t dst_icg;
  struct data_chunk sgl[1];
};
static inline size_t dmaengine_get_src_icg(const struct dma_interleaved_template* rectangle) {
  if (!rectangle->src_sgl) return 0;
  return rectangle->src_icg != 0 ? rectangle->src_icg : rectangle->sgl[0].icg;
}
static inline size_t dmaengine_get_dst_icg(const struct dma_interleaved_template* rectangle) {
  if (!rectangle->dst_sgl) return 0;
  return rectangle->dst_icg != 0 ? rectangle->dst_icg : rectangle->sgl[0].icg;
}

struct dma_chan;
struct dma_device;
typedef void (*dma_async_tx_callback)(void* param);
typedef void (*dma_async_tx_callback_result)(void* param, const struct dmaengine_result* result);

// A prepared transfer. The client sets the callback between prep and submit; one of the two is called, in a
// tasklet, when the transfer is over, unless it was terminated. The descriptor is gone then.
struct dma_async_tx_descriptor {
  dma_cookie_t cookie;
  unsigned long flags;  // enum dma_ctrl_flags
  struct dma_chan* chan;
  dma_async_tx_callback callback;
  dma_async_tx_callback_result callback_result;  // preferred when both are set
  void* callback_param;
  dma_cookie_t (*tx_submit)(struct dma_async_tx_descriptor* tx);  // the provider's
  struct list_head node;  // the provider's, and once it is done the core's
  struct dmaengine_result result;
};

struct dma_tx_state {
  dma_cookie_t last;
  dma_cookie_t used;
  u32 residue;  // bytes that are still to be moved
};

struct dma_chan {
  struct dma_device* device;
  int chan_id;                    // from 0
  unsigned long client;           // code that asked for it; 0: free
  dma_cookie_t cookie;            // the last one given out
  dma_cookie_t completed_cookie;  // the last one that has ended
  u64 failed;                     // bit n: completed_cookie - n ended with an error, or was terminated
  u32 request_line;               // from the device tree, for dma_request_slave_channel()
  struct list_head device_node;
  struct list_head done;  // descriptors whose callbacks wait for the tasklet
  struct tasklet_struct tasklet;
  spinlock_t lock;
  void* private_data;  // of whoever has the channel
};

// What a provider registers. Fields above the functions are its own to fill; unused functions are null.
struct dma_device {
  struct device* dev;
  struct list_head channels;  // struct dma_chan, by device_node
  dma_cap_mask_t cap_mask;
  struct list_head global_node;
  // When somebody asks for the channel; 0, or an error that the request fails with.
  int (*device_alloc_chan_resources)(struct dma_chan* chan);
  void (*device_free_chan_resources)(struct dma_chan* chan);
  int (*device_config)(struct dma_chan* chan, const struct dma_slave_config* config);
  // Null when an argument cannot be served or memory is short.
  struct dma_async_tx_descriptor* (*device_prep_dma_memcpy)(struct dma_chan* chan, dma_addr_t dst,
                                                            dma_addr_t src, size_t size, unsigned long flags);
  struct dma_async_tx_descriptor* (*device_prep_slave_sg)(struct dma_chan* chan, struct scatterlist* list,
                                                          unsigned int count,
                                                          enum dma_transfer_direction direction,
                                                          unsigned long flags);
  struct dma_async_tx_descriptor* (*device_prep_interleaved_dma)(struct dma_chan* chan,
                                                                 struct dma_interleaved_template* rectangle,
                                                                 unsigned long flags);
  void (*device_issue_pending)(struct dma_chan* chan);
  // Stops the channel and frees all its descriptors without callbacks.
  int (*device_terminate_all)(struct dma_chan* chan);
  // Bytes of the descriptor with this cookie that are still to be moved.
  u32 (*device_residue)(struct dma_chan* chan, dma_cookie_t cookie);
  // Frees a descriptor that has ended.
  void (*device_free_descriptor)(struct dma_async_tx_descriptor* tx);
};

// ---- clients ----

// A free channel of a controller that can do all of `mask` and for which filter(chan, param) is true (null:
// any); null when there is none. May sleep.
typedef bool (*dma_filter_fn)(struct dma_chan* chan, void* param);
struct dma_chan* __dma_request_channel(const dma_cap_mask_t* mask, dma_filter_fn filter, void* param);
#define dma_request_channel(mask, filter, param) __dma_request_channel(&(mask), (filter), (param))
// A channel of the controller that the device tree names for `dev` under `name` (dmas, dma-names), with the
// request line that it names.
struct dma_chan* dma_request_slave_channel(struct device* dev, const char* name);
// Terminates what the channel still does. May sleep.
void dma_release_channel(struct dma_chan* chan);

// 0, or -ENOSYS where the controller has no such function, or its error.
int dmaengine_slave_config(struct dma_chan* chan, const struct dma_slave_config* config);

// Descriptors of addresses that were mapped for chan->device->dev; null when the controller cannot do it, or
// memory is short. They do not sleep.
struct dma_async_tx_descriptor* dmaengine_prep_dma_memcpy(struct dma_chan* chan, dma_addr_t dst,
                                                          dma_addr_t src, size_t size, unsigned long flags);
// `count` entries as dma_map_sg() returned them, to or from the device of dmaengine_slave_config().
struct dma_async_tx_descriptor* dmaengine_prep_slave_sg(struct dma_chan* chan, struct scatterlist* list,
                                                        unsigned int count,
                                                        enum dma_transfer_direction direction,
                                                        unsigned long flags);
struct dma_async_tx_descriptor* dmaengine_prep_slave_single(struct dma_chan* chan, dma_addr_t buffer,
                                                            size_t size,
                                                            enum dma_transfer_direction direction,
                                                            unsigned long flags);
// Rows of a rectangle to another place, or another shape.
struct dma_async_tx_descriptor* dmaengine_prep_interleaved_dma(struct dma_chan* chan,
                                                               struct dma_interleaved_template* rectangle,
                                                               unsigned long flags);

static inline dma_cookie_t dmaengine_submit(struct dma_async_tx_descriptor* tx) { return tx->tx_submit(tx); }
// Starts what was submitted; does not wait.
void dma_async_issue_pending(struct dma_chan* chan);

// How far a descriptor is; `state` may be null. DMA_ERROR also for one that was terminated; errors are
// remembered for the 64 descriptors that ended last.
enum dma_status dmaengine_tx_status(struct dma_chan* chan, dma_cookie_t cookie, struct dma_tx_state* state);
// The same; *last and *used are the newest cookies done and given out, and may be null.
enum dma_status dma_async_is_tx_complete(struct dma_chan* chan, dma_cookie_t cookie, dma_cookie_t* last,
                                         dma_cookie_t* used);
// Waits, at most five seconds, without sleeping: for tests and short transfers.
enum dma_status dma_sync_wait(struct dma_chan* chan, dma_cookie_t cookie);
// Stops the channel; no callback of what was submitted before comes after it.
int dmaengine_terminate_all(struct dma_chan* chan);
#define dmaengine_terminate_sync(chan) dmaengine_terminate_all(chan)

// ---- providers ----

// -EINVAL when functions are missing that the capabilities need.
int dma_async_device_register(struct dma_device* device);
// Channels in use are terminated, and reported.
void dma_async_device_unregister(struct dma_device* device);
// Enters a channel into `device` before it is registered.
void dma_async_channel_add(struct dma_device* device, struct dma_chan* chan);
// Gives `tx` the next cookie of its channel.
dma_cookie_t dma_cookie_assign(struct dma_async_tx_descriptor* tx);
// Ends `tx`, which is in no list of the provider's any more, with tx->result set: the callback comes from the
// tasklet, then device_free_descriptor(). Callable from interrupts; in the order of submission.
void dma_descriptor_done(struct dma_async_tx_descriptor* tx);

#ifdef __cplusplus
}
#endif
