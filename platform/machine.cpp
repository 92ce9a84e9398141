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
// Cycles that a hart runs ahead at most: signals are heard between quanta, and these are some milliseconds of
// the host's time.
constexpr Cycles longest_quantum = 1'000'000;

std::string cpu_name(unsigned number) { return "cpu" + std::to_string(number); }

}  // namespace

struct Machine::HartPlace {
  IrqSignal msip, mtip, meip, seip, stip;
  std::unique_ptr<RiscvCpu> cpu;
  std::unique_ptr<MemoryWatch> ram_watch;
  std::uint32_t traced_topics = 0;
  bool reset = false;    ///< asked for
  bool stopped = false;  ///< for good

  explicit HartPlace(const std::string& number)
      : msip(("msip" + number).c_str()),
        mtip(("mtip" + number).c_str()),
        meip(("meip" + number).c_str()),
        seip(("seip" + number).c_str()),
        stip(("stip" + number).c_str()) {}
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
                 const SerialLines& lines, TraceOutput* trace)
    : description_(description),
      boot_(boot),
      lines_(lines),
      trace_(trace),
      clock_(sc_core::sc_time::from_value(description.cpu_period_ps)),
      settler_(std::make_unique<Settler>("settler")),
      bus_(std::make_unique<Bus>("bus", configure_bus(options, clock_, *settler_))),
      ram_(make_ram(description, options, clock_)),
      reset_ends_run_(options.text("on-reset") == "end") {
  for (unsigned number = 0; number < description.harts; ++number) build_cpu(options, number);
  devices_ = std::make_unique<DeviceSet>(
      DeviceSurroundings{description_, clock_, *bus_, *this, lines.console, lines.pci_serial, options});
  map_ram(description_, options, ram_, *bus_);
  for (unsigned number = 0; number < harts(); ++number) connect_cpu(*harts_[number], number);
  connect_device_view(options);
  if (trace_) connect_trace(options);
  if (const std::uint64_t limit = options.number("max-sim-time"))
    deadline_ = std::make_unique<Deadline>("deadline", limit, [this] { end(EndReason::time_limit); });
  load_images(false);
  if (const auto tohost = boot_.test.tohost) {
    htif_ = std::make_unique<Htif>(*ram_.memory, description_.ram_base, *tohost, boot_.test.fromhost,
                                   lines_.console);
    for (const auto& place : harts_) place->cpu->hart().watch_stores(*tohost);
  }
}

Machine::~Machine() = default;

RiscvCpu& Machine::cpu(unsigned number) const { return *harts_[number]->cpu; }

void Machine::build_cpu(const Options& options, unsigned number) {
  harts_.push_back(std::make_unique<HartPlace>(std::to_string(number)));
  HartPlace& place = *harts_.back();
  const auto* rom = description_.find(DeviceKind::boot_rom);
  RiscvCpuConfig config;
  config.hart = configure_hart(description_, options, rom ? rom->base : boot_.start);
  config.hart.hart_id = number;
  config.hart.group = description_.harts > 1 ? &group_ : nullptr;
  config.clock = clock_;
  config.quantum =
      std::clamp<Cycles>(options.number("quantum") / description_.cpu_period_ps, 1, longest_quantum);
  config.harts = description_.harts;
  config.settler = settler_.get();
  try {
    place.cpu = std::make_unique<RiscvCpu>(cpu_name(number).c_str(), config);
  } catch (const std::bad_alloc&) {
    throw ConfigError(bad_value(options.value("cache.l1d.size"),
                                "what the host has memory for, with the tables of the other caches"));
  }
  if (const std::uint64_t limit = options.number("max-instructions"))
    place.cpu->hart().set_instruction_limit(limit);
  place.cpu->set_stop_handler([this, &place](riscv::StopReason reason) { return on_stop(place, reason); });
}

void Machine::connect_cpu(HartPlace& place, unsigned number) {
  RiscvCpu& cpu = *place.cpu;
  const unsigned domain = harts() == 1 ? 0 : 1 + number;
  const auto connect = [&](BusMaster& master) {
    master.bind(bus_->add_initiator(master.initiator(), Space::memory, 0, Ties::call_order, domain));
    initiators_.push_back(master.initiator());
  };
  connect(cpu.memory);
  if (cpu.has_port(riscv::Channel::fetch)) connect(cpu.fetch);
  if (cpu.has_port(riscv::Channel::walk)) connect(cpu.walk);
  if (description_.port_space)
    cpu.ports.bind(bus_->add_initiator(cpu_name(number), Space::port, 0, Ties::call_order, domain));
  cpu.msip.bind(place.msip);
  cpu.mtip.bind(place.mtip);
  cpu.meip.bind(place.meip);
  cpu.seip.bind(place.seip);
  cpu.stip.bind(place.stip);
  if (Clint* clint = devices_->clint()) {
    clint->msip[number].bind(place.msip);
    clint->mtip[number].bind(place.mtip);
    clint->stip[number].bind(place.stip);
    cpu.set_timer_handler([clint, number](std::uint64_t deadline) { clint->set_stimecmp(number, deadline); });
    cpu.set_time_source([clint](const sc_core::sc_time& at) { return clint->mtime(at); });
  }
  if (Plic* plic = devices_->plic()) {
    plic->meip[number].bind(place.meip);
    plic->seip[number].bind(place.seip);
  }
  place.ram_watch = std::make_unique<MemoryWatch>(cpu, description_.ram_base);
  ram_.memory->add_write_listener(place.ram_watch.get());
}

void Machine::connect_device_view(const Options& options) {
  std::vector<CacheHierarchy*> caches;
  for (const auto& place : harts_) caches.push_back(place->cpu->hart().caches());
  if (!caches.front() || !caches.front()->l1d()) return;
  HostMemory& storage = ram_.memory->storage();
  const DeviceViewConfig config{options.text("cache.dma") == "coherent",
                                options.latency("cache.snoop-latency"), description_.ram_base};
  device_view_ = std::make_unique<CacheDeviceView>(
      config, std::move(caches), storage.data(), storage.size(),
      [this](std::uint64_t first, std::uint64_t size) { ram_.memory->written(first, size); });
  if (options.is_on("check.coherency")) device_view_->set_listener(&coherence_log_);
  ram_.memory->set_device_view(device_view_.get());
}

void Machine::connect_trace(const Options& options) {
  TraceSources sources;
  sources.harts = harts();
  for (unsigned number = 0; number < harts() && options.text("timing") != "functional"; ++number)
    for (const char* cache : {"l1i", "l1d", "l2"})
      if (options.number(std::string("cache.") + cache + ".size") != 0)
        sources.caches.push_back(cpu_name(number) + "." + cache);
  sources.initiators = initiators_;
  if (const auto* window = description_.find(DeviceKind::port_window))
    sources.initiators.push_back(window->name);
  devices_->connect_trace(trace_, sources);
  irq_tracer_ = std::make_unique<IrqTracer>("irq_tracer", clock_, *trace_);
  const auto add = [&](const std::string& name, const IrqSignal& line) {
    sources.interrupt_lines.push_back(name);
    irq_tracer_->add(name, line);
  };
  for (unsigned number = 0; number < harts(); ++number) {
    const HartPlace& place = *harts_[number];
    const std::string suffix = std::to_string(number);
    add("clint.msip" + suffix, place.msip);
    add("clint.mtip" + suffix, place.mtip);
    add("clint.stip" + suffix, place.stip);
    add("plic.meip" + suffix, place.meip);
    add("plic.seip" + suffix, place.seip);
  }
  devices_->for_each_line(add);
  if (options.text("timing") == "at")
    for (const Space space : {Space::memory, Space::port})
      for (const auto& range : bus_->ranges(space)) sources.queues.push_back(range.target);
  if (ram_.dram) sources.memories.push_back({"ram", ram_.dram->banks()});
  for (const KernelNumber& number : boot_.kernel_numbers) sources.kernel_numbers.push_back(number.name);
  trace_->declare(sources);
  if (ram_.dram) ram_.dram->set_trace(trace_);
  if (device_view_) device_view_->set_trace(trace_);
  bus_->set_trace(trace_);
  for (const auto& each : harts_) {
    HartPlace& place = *each;
    place.cpu->hart().set_trace(trace_);
    place.cpu->set_sync_handler([this, &place](Cycles) { advance_trace(place); });
  }
  if (boot_.kernel_numbers.empty() || !trace_->wants(TraceTopic::kernel)) return;
  KernelSamplerConfig config;
  config.clock = clock_;
  config.interval = sc_core::sc_time::from_value(options.number("trace.kernel-interval"));
  config.read = [this](std::uint64_t address, std::uint8_t* data, unsigned size) {
    return cpu(0).debug_read(address, data, size) == size;
  };
  config.idle = [this] { return all_wait() && !sc_core::sc_pending_activity(); };
  kernel_sampler_ = std::make_unique<KernelSampler>("kernel_sampler", config, boot_.kernel_numbers, *trace_);
}

// Up to where no hart and no device will say anything more. The hart at `place` asks once what is wanted of
// it: it is told again when a trigger or the window's end changes that.
void Machine::advance_trace(HartPlace& place) {
  Cycles now = place.cpu->settled();
  if (harts() > 1) now = std::min(now, clock_.cycles_up(sc_core::sc_time_stamp()));
  for (const auto& each : harts_) now = std::min(now, each->cpu->settled());
  trace_->advance(devices_->oldest_event(bus_->oldest_request(now)));
  std::uint32_t topics = 0;
  for (std::uint32_t topic = 1; topic <= static_cast<std::uint32_t>(TraceTopic::access); topic <<= 1)
    if (trace_->wants(static_cast<TraceTopic>(topic))) topics |= topic;
  if (topics == place.traced_topics) return;
  place.traced_topics = topics;
  place.cpu->hart().set_trace(topics != 0 ? trace_ : nullptr);
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
      // Harts that wait do not come by, and what devices do meanwhile would pile up.
      for (const auto& place : harts_)
        if (trace_ && all_wait()) advance_trace(*place);
    }
    if (end_ != EndReason::none) break;
    lines_.console.poll();
    // Before a terminal, an idle guest's clock does not run ahead of its user's.
    if (all_wait()) lines_.console.wait(host_interval_ms);
    if (interrupted() || lines_.console.quit())
      end(EndReason::interrupted);
    else if (output_failed())
      end(EndReason::output_error);
    else if (all_wait() && !sc_core::sc_pending_activity())
      end(EndReason::dead_wait);
  }
  // An instruction cut off would count in part, and in the engines differently.
  while (!at_rest() && sc_core::sc_pending_activity()) sc_core::sc_start(slice);
  // With several harts, those that wait have waited until the end.
  for (const auto& place : harts_) {
    if (harts() > 1 && place->cpu->waiting()) place->cpu->hart().idle_until(now());
    place->cpu->hart().settle();
  }
  return end_;
}

Cycles Machine::now() const {
  Cycles now = 0;
  for (const auto& place : harts_) now = std::max(now, place->cpu->hart().now());
  return now;
}

std::uint64_t Machine::instructions() const {
  std::uint64_t sum = 0;
  for (const auto& place : harts_) sum += place->cpu->hart().instructions();
  return sum;
}

bool Machine::all_wait() const {
  return std::all_of(harts_.begin(), harts_.end(), [](const auto& place) { return place->cpu->waiting(); });
}

bool Machine::output_failed() const {
  const auto lines = lines_.all();
  return (trace_ && !trace_->ok()) ||
         std::any_of(lines.begin(), lines.end(), [](const Console* line) { return !line->error().empty(); });
}

// True if no hart has an instruction in hand once the run is to end.
bool Machine::at_rest() const {
  return std::all_of(harts_.begin(), harts_.end(),
                     [](const auto& place) { return place->stopped || place->cpu->waiting(); });
}

void Machine::end(EndReason reason) {
  if (end_ != EndReason::none) return;
  end_ = reason;
  stop_harts();
}

void Machine::stop_harts() {
  for (const auto& place : harts_) place->cpu->request_stop();
}

void Machine::power_off(std::uint32_t exit_code) { end_by_guest(exit_code); }

void Machine::end_by_guest(std::uint64_t code) {
  if (end_ == EndReason::none) guest_code_ = code;
  end(EndReason::guest);
}

void Machine::reset(ResetKind kind) {
  if (reset_ends_run_) return end(EndReason::reset);
  pending_reset_ = kind;
  for (const auto& place : harts_) place->reset = true;
  stop_harts();
}

bool Machine::on_stop(HartPlace& place, riscv::StopReason reason) {
  if (end_ == EndReason::none && reason == riscv::StopReason::stuck) {
    stuck_hart_ = static_cast<unsigned>(
        std::find_if(harts_.begin(), harts_.end(), [&](const auto& each) { return each.get() == &place; }) -
        harts_.begin());
    end(EndReason::stuck);
  }
  if (end_ == EndReason::none && reason == riscv::StopReason::watched_store) {
    if (const auto code = htif_->serve()) end_by_guest(*code);
  }
  if (reason == riscv::StopReason::instruction_limit) end(EndReason::instruction_limit);
  if (end_ == EndReason::none && place.reset) do_reset(place);
  if (end_ == EndReason::none) return true;
  // The others end what they have in hand: more would count.
  place.stopped = true;
  if (at_rest()) sc_core::sc_pause();
  return false;
}

// Each hart resets when its instruction in hand is done; the first of them takes the devices along.
void Machine::do_reset(HartPlace& place) {
  place.reset = false;
  if (pending_reset_ && *pending_reset_ != ResetKind::hart) {
    devices_->reset();
    load_images(true);
  }
  pending_reset_.reset();
  place.cpu->hart().reset();
}

void Machine::register_stats(StatGroup& models, StatGroup& host) {
  for (unsigned number = 0; number < harts(); ++number) {
    const riscv::Hart& hart = cpu(number).hart();
    hart.register_stats(models.child(cpu_name(number), "the hart"));
    hart.register_host_stats(harts() == 1 ? host : host.child(cpu_name(number), "the hart"));
  }
  if (device_view_) device_view_->register_stats(models.child("coherence", "DMA and the harts' caches"));
  bus_->register_stats(models.child("bus", "the interconnect"));
  if (bus_->at()) bus_->register_phase_stats(models.child("phases", "transactions of four phases"));
  if (ram_.dram) ram_.dram->register_stats(models.child("dram", "the DRAM that RAM is"));
  devices_->register_stats(models.child("devices", "register peripherals"));
}

}  // namespace memio
