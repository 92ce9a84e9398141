// Construction, wiring and the run; see machine.h.
#include "platform/machine.h"

#include <algorithm>
#include <cstring>

#include "platform/errors.h"
#include "platform/hart_setup.h"

namespace memio {
namespace {

// Modelled time between two looks at what comes from the host: signals, the terminal, full disks.
constexpr int host_interval_ms = 1;
const sc_core::sc_time host_interval(host_interval_ms, sc_core::SC_MS);
// Cycles between two looks at signals: however busy the devices are, these take a fraction of a second only.
constexpr Cycles slice_cycles = 20'000;
const char* const cpu_name = "cpu0";

}  // namespace

struct Machine::HartLines {
  IrqSignal msip{"msip"}, mtip{"mtip"}, meip{"meip"}, seip{"seip"}, stip{"stip"};
};

class Machine::Deadline : public sc_core::sc_module {
 public:
  Deadline(const sc_core::sc_module_name& name, std::uint64_t picoseconds, std::function<void()> action)
      : sc_core::sc_module(name), action_(std::move(action)) {
    SC_HAS_PROCESS(Deadline);
    SC_METHOD(reached);
    sensitive << event_;
    dont_initialize();
    event_.notify(sc_core::sc_time::from_value(picoseconds));
  }

 private:
  void reached() { action_(); }

  sc_core::sc_event event_;
  std::function<void()> action_;
};

Machine::Machine(const MachineDescription& description, const BootPlan& boot, const Options& options,
                 Console& console, TraceOutput* trace)
    : description_(description),
      boot_(boot),
      console_(console),
      trace_(trace),
      clock_(sc_core::sc_time::from_value(description.cpu_period_ps)),
      settler_(std::make_unique<Settler>("settler")),
      bus_(std::make_unique<Bus>("bus", configure_bus(options, clock_, *settler_))),
      ram_(make_ram(description, options, clock_)),
      lines_(std::make_unique<HartLines>()) {
  build_cpu(options);
  devices_ =
      std::make_unique<DeviceSet>(DeviceSurroundings{description_, clock_, *bus_, *this, console_, options});
  map_ram(description_, options, ram_, *bus_);
  connect_cpu();
  connect_device_view(options);
  if (trace_) connect_trace(options);
  if (const std::uint64_t limit = options.number("max-sim-time"))
    deadline_ = std::make_unique<Deadline>("deadline", limit, [this] { end(EndReason::time_limit); });
  load_images(false);
  if (const auto tohost = boot_.test.tohost) {
    htif_ =
        std::make_unique<Htif>(*ram_.memory, description_.ram_base, *tohost, boot_.test.fromhost, console_);
    cpu_->hart().watch_stores(*tohost);
  }
}

Machine::~Machine() = default;

void Machine::build_cpu(const Options& options) {
  const auto* rom = description_.find(DeviceKind::boot_rom);
  RiscvCpuConfig config;
  config.hart = configure_hart(description_, options, rom ? rom->base : boot_.start);
  config.clock = clock_;
  config.quantum = std::max<Cycles>(1, options.number("quantum") / description_.cpu_period_ps);
  config.settler = settler_.get();
  try {
    cpu_ = std::make_unique<RiscvCpu>(cpu_name, config);
  } catch (const std::bad_alloc&) {
    throw ConfigError(bad_value(options.value("cache.l1d.size"),
                                "what the host has memory for, with the tables of the other caches"));
  }
  if (const std::uint64_t limit = options.number("max-instructions"))
    cpu_->hart().set_instruction_limit(limit);
  cpu_->set_stop_handler([this](riscv::StopReason reason) { return on_stop(reason); });
}

void Machine::connect_cpu() {
  const auto connect = [this](BusMaster& master) {
    master.bind(bus_->add_initiator(master.initiator(), Space::memory, 0, Ties::call_order));
    initiators_.push_back(master.initiator());
  };
  connect(cpu_->memory);
  if (cpu_->has_port(riscv::Channel::fetch)) connect(cpu_->fetch);
  if (cpu_->has_port(riscv::Channel::walk)) connect(cpu_->walk);
  if (description_.port_space)
    cpu_->ports.bind(bus_->add_initiator(cpu_name, Space::port, 0, Ties::call_order));
  cpu_->msip.bind(lines_->msip);
  cpu_->mtip.bind(lines_->mtip);
  cpu_->meip.bind(lines_->meip);
  cpu_->seip.bind(lines_->seip);
  cpu_->stip.bind(lines_->stip);
  if (Clint* clint = devices_->clint()) {
    clint->msip[0].bind(lines_->msip);
    clint->mtip[0].bind(lines_->mtip);
    clint->stip[0].bind(lines_->stip);
    cpu_->set_timer_handler([clint](std::uint64_t deadline) { clint->set_stimecmp(0, deadline); });
    cpu_->set_time_source([clint](const sc_core::sc_time& at) { return clint->mtime(at); });
  }
  if (Plic* plic = devices_->plic()) {
    plic->meip[0].bind(lines_->meip);
    plic->seip[0].bind(lines_->seip);
  }
  ram_watch_ = std::make_unique<MemoryWatch>(*cpu_, description_.ram_base);
  ram_.memory->add_write_listener(ram_watch_.get());
}

void Machine::connect_device_view(const Options& options) {
  CacheHierarchy* const caches = cpu_->hart().caches();
  if (!caches || !caches->l1d()) return;
  HostMemory& storage = ram_.memory->storage();
  const DeviceViewConfig config{options.text("cache.dma") == "coherent",
                                options.latency("cache.snoop-latency"), description_.ram_base};
  device_view_ = std::make_unique<CacheDeviceView>(
      config, *caches, storage.data(), storage.size(),
      [this](std::uint64_t first, std::uint64_t size) { ram_.memory->written(first, size); });
  if (options.is_on("check.coherency")) device_view_->set_listener(&coherence_log_);
  ram_.memory->set_device_view(device_view_.get());
}

void Machine::connect_trace(const Options& options) {
  TraceSources sources;
  sources.harts = 1;
  if (options.text("timing") != "functional")
    for (const char* cache : {"l1i", "l1d", "l2"})
      if (options.number(std::string("cache.") + cache + ".size") != 0)
        sources.caches.push_back(std::string(cpu_name) + "." + cache);
  sources.initiators = initiators_;
  if (const auto* window = description_.find(DeviceKind::port_window))
    sources.initiators.push_back(window->name);
  devices_->connect_trace(trace_, sources);
  irq_tracer_ = std::make_unique<IrqTracer>("irq_tracer", clock_, *trace_);
  const auto add = [&](const std::string& name, const IrqSignal& line) {
    sources.interrupt_lines.push_back(name);
    irq_tracer_->add(name, line);
  };
  add("clint.msip0", lines_->msip);
  add("clint.mtip0", lines_->mtip);
  add("clint.stip0", lines_->stip);
  add("plic.meip0", lines_->meip);
  add("plic.seip0", lines_->seip);
  devices_->for_each_line(add);
  if (options.text("timing") == "at")
    for (const Space space : {Space::memory, Space::port})
      for (const auto& range : bus_->ranges(space)) sources.queues.push_back(range.target);
  if (ram_.dram) sources.memories.push_back({"ram", ram_.dram->banks()});
  for (const KernelNumber& number : boot_.kernel_numbers) sources.kernel_numbers.push_back(number.name);
  trace_->declare(sources);
  if (ram_.dram) ram_.dram->set_trace(trace_);
  cpu_->hart().set_trace(trace_);
  if (device_view_) device_view_->set_trace(trace_);
  bus_->set_trace(trace_);
  cpu_->set_sync_handler([this](Cycles now) { advance_trace(now); });
  if (boot_.kernel_numbers.empty() || !trace_->wants(TraceTopic::kernel)) return;
  KernelSamplerConfig config;
  config.clock = clock_;
  config.interval = sc_core::sc_time::from_value(options.number("trace.kernel-interval"));
  config.read = [this](std::uint64_t address, std::uint8_t* data, unsigned size) {
    return cpu_->debug_read(address, data, size) == size;
  };
  config.idle = [this] { return cpu_->waiting() && !sc_core::sc_pending_activity(); };
  kernel_sampler_ = std::make_unique<KernelSampler>("kernel_sampler", config, boot_.kernel_numbers, *trace_);
}

// The hart asks once what is wanted of it: it is told again when a trigger or the window's end changes that.
void Machine::advance_trace(Cycles now) {
  trace_->advance(devices_->oldest_event(bus_->oldest_request(now)));
  std::uint32_t topics = 0;
  for (std::uint32_t topic = 1; topic <= static_cast<std::uint32_t>(TraceTopic::access); topic <<= 1)
    if (trace_->wants(static_cast<TraceTopic>(topic))) topics |= topic;
  if (topics == traced_topics_) return;
  traced_topics_ = topics;
  cpu_->hart().set_trace(topics != 0 ? trace_ : nullptr);
}

// As a boot loader that fetches the images from storage: at power-on and at each machine reset.
void Machine::load_images(bool again) {
  for (const auto& placement : boot_.placements) {
    const std::uint64_t offset = placement.address - description_.ram_base;
    std::uint8_t* to = ram_.memory->storage().data() + offset;
    std::memcpy(to, placement.bytes.data(), placement.bytes.size());
    // Fresh storage is zero, and untouched storage takes no host memory.
    if (again) std::memset(to + placement.bytes.size(), 0, placement.memory_size - placement.bytes.size());
    ram_.memory->written(offset, placement.memory_size);
  }
  if (Memory* rom = devices_->boot_rom())
    std::memcpy(rom->storage().data(), boot_.rom.data(), boot_.rom.size());
}

EndReason Machine::run(const std::function<bool()>& interrupted) {
  const sc_core::sc_time slice = std::min(clock_.time(slice_cycles), host_interval);
  while (end_ == EndReason::none) {
    for (sc_core::sc_time left = host_interval; left > sc_core::SC_ZERO_TIME && !interrupted();
         left -= std::min(left, slice)) {
      sc_core::sc_start(std::min(left, slice));
      if (end_ != EndReason::none) break;
      // A hart that waits does not come by, and what devices do meanwhile would pile up.
      if (trace_ && cpu_->waiting()) advance_trace(clock_.cycles_up(sc_core::sc_time_stamp()));
    }
    if (end_ != EndReason::none) break;
    console_.poll();
    // Before a terminal, an idle guest's clock does not run ahead of its user's.
    if (cpu_->waiting()) console_.wait(host_interval_ms);
    if (interrupted() || console_.quit())
      end(EndReason::interrupted);
    else if (!console_.error().empty() || (trace_ && !trace_->ok()))
      end(EndReason::output_error);
    else if (cpu_->waiting() && !sc_core::sc_pending_activity())
      end(EndReason::dead_wait);
  }
  cpu_->hart().settle();
  return end_;
}

void Machine::end(EndReason reason) {
  if (end_ != EndReason::none) return;
  end_ = reason;
  cpu_->request_stop();
}

void Machine::power_off(std::uint32_t exit_code) {
  guest_code_ = exit_code;
  end(EndReason::guest);
}

void Machine::reset(ResetKind kind) {
  pending_reset_ = kind;
  cpu_->request_stop();
}

bool Machine::on_stop(riscv::StopReason reason) {
  if (reason == riscv::StopReason::instruction_limit) end_ = EndReason::instruction_limit;
  if (reason == riscv::StopReason::stuck) end_ = EndReason::stuck;
  if (reason == riscv::StopReason::watched_store && end_ == EndReason::none) {
    if (const auto code = htif_->serve()) {
      guest_code_ = *code;
      end_ = EndReason::guest;
    }
  }
  if (end_ == EndReason::none && pending_reset_) do_reset();
  if (end_ == EndReason::none) return true;
  // The devices stop with the hart: what they did afterwards would count.
  sc_core::sc_pause();
  return false;
}

void Machine::do_reset() {
  const ResetKind kind = *pending_reset_;
  pending_reset_.reset();
  if (kind != ResetKind::hart) {
    devices_->reset();
    load_images(true);
  }
  cpu_->hart().reset();
}

void Machine::register_stats(StatGroup& models, StatGroup& host) {
  cpu_->hart().register_stats(models.child(cpu_name, "the hart"));
  if (device_view_) device_view_->register_stats(models.child("coherence", "DMA and the hart's caches"));
  bus_->register_stats(models.child("bus", "the interconnect"));
  if (bus_->at()) bus_->register_phase_stats(models.child("phases", "transactions of four phases"));
  if (ram_.dram) ram_.dram->register_stats(models.child("dram", "the DRAM that RAM is"));
  devices_->register_stats(models.child("devices", "register peripherals"));
  cpu_->hart().register_host_stats(host);
}

}  // namespace memio
