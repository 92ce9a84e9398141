// Registers of a virtio-mmio slot; see virtio_mmio.h.
#include "virtio/virtio_mmio.h"

#include "virtio/virtio_registers.h"

namespace memio {

using namespace virtio;

namespace {

BusMasterConfig master(const VirtioMmioConfig& config, const char* initiator) {
  BusMasterConfig master;
  master.clock = config.clock;
  master.initiator = initiator;
  master.at = config.at;
  return master;
}

constexpr std::uint64_t low_half = 0xFFFF'FFFF;

}  // namespace

VirtioMmio::VirtioMmio(const sc_core::sc_module_name& name, const VirtioMmioConfig& config,
                       std::unique_ptr<VirtioFunction> function)
    : RegisterTarget(name, config.latency),
      memory("memory", master(config, basename())),
      config_(config),
      name_(basename()),
      function_(std::move(function)) {
  registers_.ignore_elsewhere();
  add("MAGIC", reg_magic, magic);
  add("VERSION", reg_version, config.legacy ? version_legacy : version_modern);
  add("DEVICE_ID", reg_device_id, function_ ? function_->id() : 0);
  add("VENDOR_ID", reg_vendor_id, vendor);
  if (!function_) return;
  queues_.resize(function_->queues());
  space_ = function_->config();
  add_common();
  config.legacy ? add_legacy() : add_modern();
  add_config();
  forget();

  SC_HAS_PROCESS(VirtioMmio);
  SC_THREAD(run);
}

/// A register of 4 bytes. Without a writer it takes no writes; with one it reads as zero until a reader is
/// set.
Register& VirtioMmio::add(const char* name, std::uint64_t offset, std::uint64_t value, Writer writer) {
  const std::uint64_t mask = writer ? low_half : 0;
  Register& reg = bank_.emplace_back(registers_, RegisterSpec{name, offset, 4, value, mask});
  if (writer)
    reg.on_peek([] { return 0; }).on_write([this, writer](std::uint64_t written) {
      (this->*writer)(written);
    });
  return reg;
}

void VirtioMmio::add_common() {
  const auto add_selector = [this](const char* name, std::uint64_t offset) {
    return &bank_.emplace_back(registers_, RegisterSpec{name, offset, 4});
  };
  add("DEVICE_FEATURES", reg_device_features).on_peek([this] {
    const std::uint64_t half = device_features_sel_->value();
    return half > 1 ? 0 : offered() >> (32 * half) & low_half;
  });
  device_features_sel_ = add_selector("DEVICE_FEATURES_SEL", reg_device_features_sel);
  add("DRIVER_FEATURES", reg_driver_features, 0, &VirtioMmio::write_driver_features);
  driver_features_sel_ = add_selector("DRIVER_FEATURES_SEL", reg_driver_features_sel);
  queue_sel_ = add_selector("QUEUE_SEL", reg_queue_sel);
  add("QUEUE_NUM_MAX", reg_queue_num_max).on_peek([this] { return selected() ? largest_queue : 0; });
  add("QUEUE_NUM", reg_queue_num, 0, &VirtioMmio::write_queue_num);
  add("QUEUE_NOTIFY", reg_queue_notify, 0, &VirtioMmio::write_notify);
  interrupt_status_ = &add("INTERRUPT_STATUS", reg_interrupt_status);
  add("INTERRUPT_ACK", reg_interrupt_ack, 0, &VirtioMmio::write_interrupt_ack);
  status_ = &add("STATUS", reg_status, 0, &VirtioMmio::write_status);
  status_->on_peek([this] { return status_->value(); });
  add("CONFIG_GENERATION", reg_config_generation);
}

void VirtioMmio::add_legacy() {
  page_size_ = &bank_.emplace_back(registers_, RegisterSpec{"GUEST_PAGE_SIZE", reg_guest_page_size, 4});
  bank_.emplace_back(registers_, RegisterSpec{"QUEUE_ALIGN", reg_queue_align, 4})
      .on_peek([] { return 0; })
      .on_write([this](std::uint64_t value) {
        if (Queue* queue = selected()) queue->align = value;
      });
  add("QUEUE_PFN", reg_queue_pfn, 0, &VirtioMmio::write_queue_pages).on_peek([this] {
    const Queue* queue = selected();
    return queue ? queue->pages : 0;
  });
}

void VirtioMmio::add_modern() {
  add("QUEUE_READY", reg_queue_ready, 0, &VirtioMmio::write_queue_ready).on_peek([this] {
    const Queue* queue = selected();
    return std::uint64_t{queue && queue->ring.ready()};
  });
  add_address("QUEUE_DESC_LOW", "QUEUE_DESC_HIGH", reg_queue_descriptors, &Queue::descriptors);
  add_address("QUEUE_DRIVER_LOW", "QUEUE_DRIVER_HIGH", reg_queue_driver, &Queue::driver);
  add_address("QUEUE_DEVICE_LOW", "QUEUE_DEVICE_HIGH", reg_queue_device, &Queue::device);
  bank_.emplace_back(registers_, RegisterSpec{"SHM_SEL", reg_shm_sel, 4});
  // A region that does not exist has this length.
  const char* const names[] = {"SHM_LEN_LOW", "SHM_LEN_HIGH", "SHM_BASE_LOW", "SHM_BASE_HIGH"};
  for (unsigned i = 0; i < 4; ++i) add(names[i], reg_shm_length + 4 * i, low_half);
}

void VirtioMmio::add_address(const char* low, const char* high, std::uint64_t offset,
                             std::uint64_t Queue::*address) {
  const char* const names[] = {low, high};
  for (unsigned half = 0; half < 2; ++half) {
    const unsigned shift = 32 * half;
    bank_.emplace_back(registers_, RegisterSpec{names[half], offset + 4 * half, 4})
        .on_peek([] { return 0; })
        .on_write([this, shift, address](std::uint64_t value) {
          if (Queue* queue = selected())
            queue->*address = (queue->*address & ~(low_half << shift)) | value << shift;
        });
  }
}

/// Bytes that any access of natural alignment reads; they take no writes.
void VirtioMmio::add_config() {
  space_.resize((space_.size() + 7) / 8 * 8);
  for (std::size_t i = 0; i < space_.size(); ++i)
    bank_.emplace_back(registers_, RegisterSpec{"CONFIG" + std::to_string(i), reg_config + i, 1, space_[i], 0,
                                                1 | 2 | 4 | 8});
}

VirtioMmio::Queue* VirtioMmio::selected() {
  const std::uint64_t number = queue_sel_->value();
  return number < queues_.size() ? &queues_[number] : nullptr;
}

std::uint64_t VirtioMmio::offered() const {
  const std::uint64_t version = config_.legacy ? feature_any_layout : feature_version_1;
  return function_->features() | version | feature_indirect | feature_event_index;
}

void VirtioMmio::write_driver_features(std::uint64_t value) {
  const std::uint64_t half = driver_features_sel_->value();
  if (half > 1 || (status_->value() & status_features_ok)) return;
  const unsigned shift = static_cast<unsigned>(32 * half);
  driver_features_ = (driver_features_ & ~(low_half << shift)) | value << shift;
  function_->accept(driver_features_ & offered());
}

void VirtioMmio::write_queue_num(std::uint64_t value) {
  const bool possible = value != 0 && value <= largest_queue && (value & (value - 1)) == 0;
  if (Queue* queue = selected()) queue->size = possible ? static_cast<std::uint32_t>(value) : 0;
}

void VirtioMmio::write_queue_ready(std::uint64_t value) {
  Queue* queue = selected();
  if (!queue) return;
  stop_queue(*queue);
  if (value & 1) start_queue(*queue);
}

/// The legacy layout (section 2.7.2): one run of memory, the device's part aligned.
void VirtioMmio::write_queue_pages(std::uint64_t value) {
  Queue* queue = selected();
  if (!queue) return;
  stop_queue(*queue);
  queue->pages = value;
  const std::uint64_t align = queue->align ? queue->align : 1;
  queue->descriptors = value * page_size_->value();
  queue->driver = queue->descriptors + 16ull * queue->size;
  queue->device = (queue->driver + 6 + 2ull * queue->size + align - 1) / align * align;
  if (value) start_queue(*queue);
}

void VirtioMmio::start_queue(Queue& queue) {
  queue.ring.start({queue.size, queue.descriptors, queue.driver, queue.device,
                    (driver_features_ & feature_indirect) != 0,
                    (driver_features_ & feature_event_index) != 0});
}

void VirtioMmio::stop_queue(Queue& queue) {
  queue.ring.start({});
  queue.armed = false;
  queue.first = queue.last = never;
  if (&queue != &queues_[serving_]) return;
  ++epoch_;
  given_up_.notify(sc_core::SC_ZERO_TIME);
}

void VirtioMmio::write_notify(std::uint64_t value) {
  if (value >= queues_.size()) return;
  ++notifications_;
  notify(static_cast<unsigned>(value));
}

void VirtioMmio::write_interrupt_ack(std::uint64_t value) {
  interrupt_status_->set(interrupt_status_->value() & ~value);
  update_irq();
}

void VirtioMmio::write_status(std::uint64_t value) {
  value &= 0xFF;
  if (value == 0) return forget();
  if (config_.legacy) {
    driver_features_ &= offered();
  } else if (driver_features_ & ~offered() || !(driver_features_ & feature_version_1)) {
    value &= ~status_features_ok;
  }
  const bool starts = (value & ~status_->value() & status_driver_ok) != 0;
  status_->set(value | (status_->value() & status_needs_reset));
  if (starts)
    for (unsigned i = 0; i < queues_.size(); ++i) notify(i);
}

/// What a driver asks for by writing 0 to STATUS. A legacy driver has told its page size by then, once for
/// all.
void VirtioMmio::forget() {
  const std::uint64_t page_size = page_size_ ? page_size_->value() : 0;
  ++epoch_;
  given_up_.notify(sc_core::SC_ZERO_TIME);
  for (Register& reg : bank_) reg.reset();
  if (page_size_) page_size_->set(page_size);
  for (Queue& queue : queues_) queue = {};
  for (Queue& queue : queues_) queue.size = largest_queue;
  driver_features_ = 0;
  function_->reset();
  update_irq();
}

void VirtioMmio::update_irq() { irq.set(interrupt_status_->value() != 0); }

void VirtioMmio::reset() {
  RegisterTarget::reset();
  if (function_) forget();
}

void VirtioMmio::register_stats(StatGroup& group) {
  RegisterTarget::register_stats(group);
  if (!function_) return;
  group.add("notifications", "notifications", "times that the driver told of buffers", &notifications_);
  group.add("requests", "requests", "chains of buffers given back", &requests_);
  group.add("interrupts", "interrupts", "times that the device told of chains given back", &interrupts_);
  group.add("bytes_read", "bytes", "bytes read from memory, rings and descriptors included", &bytes_read_);
  group.add("bytes_written", "bytes", "bytes written to memory, rings included", &bytes_written_);
  group.add("broken", "times", "times that it stopped because a ring, chain or address makes no sense",
            &broken_);
  function_->register_stats(group);
}

}  // namespace memio
