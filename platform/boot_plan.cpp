// Placement of images; see boot_plan.h.
#include "platform/boot_plan.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cpu/riscv/hart_config.h"
#include "platform/device_tree.h"
#include "platform/errors.h"
#include "platform/file.h"
#include "platform/linux_image.h"

namespace memio {
namespace {

constexpr std::uint64_t largest_file = 1ull << 30;
constexpr std::uint64_t page = 4096;
// Initrd and device tree stay where an RV32 kernel's direct map (896 MiB) still reaches them.
constexpr std::uint64_t boot_window = 768ull << 20;
constexpr std::uint64_t register_reach = 1ull << 32;
// Firmware may add to the device tree in place.
constexpr std::uint64_t device_tree_slack = 16 << 10;

std::uint64_t kernel_address(const MachineDescription& machine) {
  return machine.ram_base + (machine.xlen == 32 ? 0x400000 : 0x200000);
}

// The image that was built with memio, beside the program or where it was installed.
std::string built_image(const std::string& name, const std::string& option) {
  const std::string program = program_directory();
  for (const char* folder : {"/sw/", "/../share/memio/"})
    if (std::error_code error; std::filesystem::exists(program + folder + name, error))
      return program + folder + name;
  throw ConfigError(fmt::format(
      "{} is neither in sw/ beside memio nor in ../share/memio/; name a file with --{}", name, option));
}

// The file that an option names: none, the default one, or the user's.
std::optional<std::string> image_path(const Options& options, const MachineDescription& machine,
                                      const std::string& option, const char* built) {
  const std::string& value = options.text(option);
  if (value == "none") return {};
  if (value != "default") return value;
  return built_image(fmt::format(fmt::runtime(built), machine.xlen), option);
}

// What the flags of an image tell of the extensions and registers that it was built for, and `isa` lacks.
std::string lacking(const ElfImage& image, const riscv::Isa& isa) {
  const auto float_registers = image.flags & EF_RISCV_FLOAT_ABI;
  std::string found;
  if ((image.flags & EF_RISCV_RVC) && !isa.c) found += 'c';
  if (float_registers == EF_RISCV_FLOAT_ABI_SINGLE && !isa.f) found += 'f';
  if (float_registers == EF_RISCV_FLOAT_ABI_DOUBLE && !isa.d) found += 'd';
  if (float_registers == EF_RISCV_FLOAT_ABI_QUAD) found += 'q';
  if (!(image.flags & EF_RISCV_RVE) && isa.e) found += found.empty() ? "x16 to x31" : " and x16 to x31";
  return found;
}

class Planner {
 public:
  Planner(const MachineDescription& machine, const Options& options) : machine_(machine), options_(options) {}

  BootPlan plan() {
    const auto firmware_path = image_path(options_, machine_, "bios", "firmware-rv{}.elf");
    // Entered at reset on a hart that cannot translate: the kernel built for that.
    const bool flat = !firmware_path && options_.text("cpu.mmu") == "none";
    std::optional<std::string> kernel_path;
    if (options_.text("kernel") != "default" || has_own_kernel())
      kernel_path =
          image_path(options_, machine_, "kernel", flat ? "kernel-nommu-rv{}.elf" : "kernel-rv{}.elf");
    if (!firmware_path && !kernel_path)
      throw ConfigError("--bios none and --kernel none: there is nothing to run");
    if (options_.file("dump-dtb").empty()) check_own_images();
    std::optional<std::uint64_t> firmware, kernel;
    if (firmware_path) firmware = load("firmware", *firmware_path, machine_.ram_base);
    for (const auto& part : plan_.placements) {
      firmware_first_ = std::min(firmware_first_, part.address);
      firmware_end_ = std::max(firmware_end_, part.address + part.memory_size);
    }
    if (kernel_path)
      kernel = load("kernel", *kernel_path, firmware ? kernel_address(machine_) : machine_.ram_base);
    place_high(options_.text("bios") == "default");
    plan_.start = firmware ? *firmware : *kernel;
    plan_.rom = make_boot_rom(machine_.xlen, plan_.start, plan_.device_tree, kernel.value_or(0));
    check_placements();
    return std::move(plan_);
  }

 private:
  // The kernel built with memio is run: it was not asked to run another, nor a firmware that may bring its
  // own.
  bool has_own_kernel() const {
    const std::string& bios = options_.text("bios");
    return options_.text("kernel") == "default" && (bios == "default" || bios == "none");
  }

  // Whatever else is run, memio's own images are compiled for these.
  void check_own_images() const {
    const bool own_firmware = options_.text("bios") == "default";
    if (own_firmware && options_.text("kernel") == "none")
      throw ConfigError(
          bad_value(options_.value("kernel"),
                    "one to be started by memio's firmware, unless --bios names another firmware"));
    const riscv::Isa isa = riscv::parse_isa(machine_.isa);
    if ((own_firmware || has_own_kernel()) && (isa.e || !isa.m || !isa.a || !isa.c))
      throw ConfigError(bad_value(
          options_.value("cpu.isa"),
          fmt::format("a set with i, m, a and c, for which memio's own firmware and kernel are compiled, "
                      "unless {} names another",
                      own_firmware ? "--bios" : "--bios or --kernel")));
  }

  // Its physical entry.
  std::uint64_t load(const std::string& what, const std::string& path, std::uint64_t raw_address) {
    std::string bytes = read(what == "firmware" ? "bios" : what, path);
    if (bytes.empty()) throw ConfigError(fmt::format("cannot load {}: it is empty", path));
    if (!looks_like_elf(bytes)) {
      const auto image = read_linux_image(path, bytes);
      // As firmware it is entered like any other, at the start of RAM.
      if (image && image->text_offset != 0 && what == "kernel")
        raw_address = machine_.ram_base + image->text_offset;
      const std::uint64_t size = image ? image->memory_size : bytes.size();
      plan_.placements.push_back({what + " " + path, raw_address, std::move(bytes), size});
      return raw_address;
    }
    ElfImage image = parse_elf(path, std::move(bytes), machine_.xlen);
    const riscv::Isa isa = riscv::parse_isa(machine_.isa);
    if (image.entry % (isa.c ? 2 : 4) != 0)
      throw ConfigError(fmt::format("cannot load {}: its e_entry is {:#x}; allowed: a multiple of {}", path,
                                    image.entry, isa.c ? "2" : "4, for the hart has no c (see cpu.isa)"));
    if (const std::string parts = lacking(image, isa); !parts.empty())
      plan_.doubts.push_back(fmt::format("{} was built for a hart with {}, which {} lacks (see cpu.isa)",
                                         path, parts, machine_.isa));
    if (image.relocatable && image.first_physical() < machine_.ram_base)
      image.move(raw_address - image.first_physical());
    for (const auto& whole : image.segments) {
      const ElfSegment segment = image.without_headers(whole, machine_.ram_base);
      plan_.placements.push_back({what + " " + path, segment.physical_address,
                                  image.bytes.substr(segment.offset, segment.file_size),
                                  segment.memory_size});
    }
    add_symbols(image);
    return image.physical_entry;
  }

  void add_symbols(const ElfImage& image) {
    plan_.symbols.add(image);
    SymbolTable own;
    own.add(image);
    const auto physical = [&](const char* name) -> std::optional<std::uint64_t> {
      const auto address = own.find(name);
      return address ? image.to_physical(*address) : std::nullopt;
    };
    const auto begin = own.find("begin_signature"), end = own.find("end_signature");
    const TestSymbols test{physical("tohost"), physical("fromhost"), locate_signature(image, begin, end)};
    if (test.tohost || begin || end) plan_.test = test;
    if (plan_.kernel_numbers.empty()) plan_.kernel_numbers = find_kernel_numbers(image, own, machine_.xlen);
  }

  // From the top of the window downwards: device tree, then initrd. Firmware of others tells itself what it
  // keeps.
  void place_high(bool own_firmware) {
    std::uint64_t top = machine_.ram_base + std::min(machine_.ram_size, boot_window);
    // A register of a 32-bit hart holds no higher address, however far its page tables reach.
    if (machine_.xlen == 32 && machine_.ram_base >> 32 == 0) top = std::min(top, register_reach);
    BootArguments boot;
    boot.command_line = options_.text("append");
    if (own_firmware) {
      boot.firmware_first = firmware_first_ & ~(page - 1);
      boot.firmware_end = (firmware_end_ + page - 1) & ~(page - 1);
    }
    std::string initrd = read_initrd();
    // The tree's size does not depend on the addresses in it, only on their being there.
    boot.initrd_end = initrd.size();
    const std::uint64_t tree_room = make_device_tree(machine_, boot).size() + device_tree_slack;
    plan_.device_tree = reserve("device tree", top, tree_room);
    if (!initrd.empty()) {
      boot.initrd_first = reserve("initrd", plan_.device_tree, initrd.size());
      boot.initrd_end = boot.initrd_first + initrd.size();
      const std::uint64_t size = initrd.size();
      plan_.placements.push_back({"initrd", boot.initrd_first, std::move(initrd), size});
    }
    plan_.tree = make_device_tree(machine_, boot);
    plan_.placements.push_back({"device tree", plan_.device_tree, plan_.tree, tree_room});
    if (machine_.xlen == 32 && plan_.device_tree >> 32)
      throw ConfigError(fmt::format("{}: the device tree at {:#x} is out of reach of a 32-bit register",
                                    options_.value("ram.base").origin, plan_.device_tree));
  }

  std::uint64_t reserve(const char* what, std::uint64_t below, std::uint64_t size) const {
    if (size > below - machine_.ram_base)
      throw ConfigError(fmt::format("ram.size {} is too small: no room for the {} of {} bytes",
                                    format_size(machine_.ram_size), what, size));
    return (below - size) & ~(page - 1);
  }

  std::string read(const std::string& option, const std::string& path) {
    plan_.files.push_back({option, path});
    return read_file(path, largest_file, option);
  }

  std::string read_initrd() {
    const OptionValue& option = options_.value("initrd");
    if (option.text == "none") return {};
    if (option.text == "default" && !has_own_kernel()) return {};
    return read("initrd", *image_path(options_, machine_, "initrd", "initrd-rv{}.cpio"));
  }

  void check_placements() {
    for (const auto& placement : plan_.placements) {
      const std::uint64_t offset = placement.address - machine_.ram_base;
      if (placement.address < machine_.ram_base || offset >= machine_.ram_size ||
          placement.memory_size > machine_.ram_size - offset)
        throw ConfigError(fmt::format("{} needs {:#x}..{:#x}, outside RAM {:#x}..{:#x}", placement.name,
                                      placement.address, placement.address + (placement.memory_size - 1),
                                      machine_.ram_base, machine_.ram_last()));
    }
    std::sort(plan_.placements.begin(), plan_.placements.end(),
              [](const auto& a, const auto& b) { return a.address < b.address; });
    for (std::size_t i = 1; i < plan_.placements.size(); ++i) {
      const Placement &a = plan_.placements[i - 1], &b = plan_.placements[i];
      if (b.address - a.address < a.memory_size)
        throw ConfigError(
            fmt::format("{} at {:#x} overlaps {} at {:#x}{}", a.name, a.address, b.name, b.address,
                        options_.text("bios") == "none" ? "" : " (a bare program needs --bios none)"));
    }
  }

  const MachineDescription& machine_;
  const Options& options_;
  BootPlan plan_;
  std::uint64_t firmware_first_ = ~std::uint64_t{0}, firmware_end_ = 0;
};

void append(std::string& bytes, std::uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace

BootPlan plan_boot(const MachineDescription& machine, const Options& options) {
  return Planner(machine, options).plan();
}

std::string make_boot_rom(unsigned xlen, std::uint64_t start, std::uint64_t device_tree, std::uint64_t next) {
  const bool wide = xlen == 64;
  std::string rom;
  for (const std::uint32_t instruction : {
           0x00000297u,                       // auipc t0, 0
           0x02828613u,                       // addi  a2, t0, 40     fw_dynamic_info
           0xf1402573u,                       // csrr  a0, mhartid
           wide ? 0x0202b583u : 0x0202a583u,  // lx    a1, 32(t0)     device tree
           wide ? 0x0182b283u : 0x0182a283u,  // lx    t0, 24(t0)     start
           0x00028067u                        // jr    t0
       })
    append(rom, instruction, 4);
  append(rom, start, 8);
  append(rom, device_tree, 8);
  // OpenSBI's fw_dynamic_info: magic "OSBI", version 2, next address, next mode S, options, boot hart.
  for (const std::uint64_t field : {std::uint64_t{0x4942534f}, std::uint64_t{2}, next, std::uint64_t{1},
                                    std::uint64_t{0}, std::uint64_t{0}})
    append(rom, field, xlen / 8);
  return rom;
}

}  // namespace memio
