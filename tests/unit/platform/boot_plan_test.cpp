// Where images and the device tree go for different sizes and places of RAM.
#include "platform/boot_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/errors.h"
#include "unit/platform/crafted_elf.h"
#include "unit/platform/temporary_file.h"

namespace memio {
namespace {

using test::error_of;
using test::TemporaryFile;
using testing::HasSubstr;
using Settings = std::vector<std::pair<std::string, std::string>>;

class BootPlanning : public testing::Test {
 protected:
  BootPlan plan(Settings settings) const {
    settings.insert(settings.end(),
                    {{"bios", image_.path()}, {"kernel", image_.path()}, {"initrd", initrd_.path()}});
    Options options;
    for (const auto& [key, value] : settings) options.set(key, value, "test.ini:1");
    return plan_boot(describe_machine(options), options);
  }

  BootPlan plan_kernel(const std::string& bytes) const {
    const TemporaryFile kernel("Image", bytes);
    Options options;
    for (const auto& [key, value] :
         Settings{{"bios", image_.path()}, {"kernel", kernel.path()}, {"initrd", "none"}})
      options.set(key, value, "test.ini:1");
    return plan_boot(describe_machine(options), options);
  }

  static BootPlan plan_firmware(const std::string& bytes) {
    const TemporaryFile firmware("firmware", bytes);
    Options options;
    for (const auto& [key, value] : Settings{{"bios", firmware.path()}, {"kernel", "none"}})
      options.set(key, value, "test.ini:1");
    return plan_boot(describe_machine(options), options);
  }

  static std::uint64_t address(const BootPlan& plan, const std::string& name) {
    for (const auto& placement : plan.placements)
      if (placement.name.rfind(name, 0) == 0) return placement.address;
    return 0;
  }

  TemporaryFile image_{"image", std::string(16, '\x13')}, initrd_{"initrd", std::string(5000, 'i')};
};

TEST_F(BootPlanning, Rv32KeepsWithinTheDirectMapAndThirtyTwoBits) {
  const struct {
    const char* size;
    std::uint64_t low_end;  ///< of what firmware and kernel reach: RAM, its first 896 MiB at most
  } machines[] = {
      {"64M", 0x84000000}, {"512M", 0xa0000000}, {"1G", 0xb8000000}, {"5G", 0xb8000000}, {"14G", 0xb8000000}};
  for (const auto& machine : machines) {
    const BootPlan boot = plan({{"cpu.isa", "rv32imac"}, {"ram.size", machine.size}});
    EXPECT_EQ(boot.start, 0x80000000u);
    EXPECT_EQ(address(boot, "kernel"), 0x80400000u);
    EXPECT_GT(address(boot, "initrd"), 0x80400000u) << machine.size;
    EXPECT_LE(address(boot, "initrd") + 5000, boot.device_tree) << machine.size;
    EXPECT_LT(boot.device_tree, machine.low_end) << machine.size;
  }
}

TEST_F(BootPlanning, Rv32KeepsBelowFourGigabytesWhereverRamLies) {
  const BootPlan boot = plan({{"cpu.isa", "rv32imac"}, {"ram.base", "0xf0000000"}, {"ram.size", "1G"}});
  EXPECT_LT(boot.device_tree, 0x100000000u);
  EXPECT_GT(address(boot, "initrd"), 0xf0400000u);
}

std::string linux_header(std::uint64_t memory_size, std::uint64_t text_offset = 0) {
  std::string bytes(64, '\0');
  for (unsigned i = 0; i < 8; ++i) {
    bytes[8 + i] = static_cast<char>(text_offset >> (8 * i));
    bytes[16 + i] = static_cast<char>(memory_size >> (8 * i));
  }
  bytes.replace(56, 4, "RSC\5");
  return bytes;
}

TEST_F(BootPlanning, AnImageTakesTheMemoryOfItsHeader) {
  const BootPlan boot = plan_kernel(linux_header(0x123000) + "code");
  ASSERT_EQ(boot.placements.size(), 3u);
  EXPECT_EQ(boot.placements[1].address, 0x80200000u);
  EXPECT_EQ(boot.placements[1].bytes.size(), 68u);
  EXPECT_EQ(boot.placements[1].memory_size, 0x123000u);
}

TEST_F(BootPlanning, AnImageLiesAtItsTextOffset) {
  const BootPlan boot = plan_kernel(linux_header(0x1000, 0x600000));
  EXPECT_EQ(address(boot, "kernel"), 0x80600000u);
  // The third field of fw_dynamic_info, which follows 24 bytes of code and two addresses.
  EXPECT_EQ(boot.rom.substr(40 + 16, 8), std::string("\0\0\x60\x80\0\0\0\0", 8));
  EXPECT_THAT(error_of<ConfigError>([&] { plan_kernel(linux_header(0x1000, 0x7ff00000)); }),
              HasSubstr("outside RAM"));
  EXPECT_THAT(
      error_of<ConfigError>([&] { plan_kernel(linux_header(0x1000, ~std::uint64_t{0} - 0x7fffffff)); }),
      HasSubstr("outside RAM"));
}

TEST_F(BootPlanning, AnImageWhoseHeaderCannotBeIsRefused) {
  EXPECT_THAT(error_of<ConfigError>([&] { plan_kernel(linux_header(0x1000, 0x200001)); }),
              HasSubstr("damaged: its text_offset is 0x200001; allowed: a multiple of 4096"));
  EXPECT_THAT(error_of<ConfigError>([&] { plan_kernel(linux_header(~std::uint64_t{0}, 0x200000)); }),
              HasSubstr("damaged: its image_size is 0xffffffffffffffff; allowed: up to 0x100000000000000"));
}

TEST_F(BootPlanning, AnImageGivenAsFirmwareLiesAtTheStartOfRam) {
  const BootPlan boot = plan_firmware(linux_header(0x1000, 0x600000));
  EXPECT_EQ(boot.start, 0x80000000u);
  EXPECT_EQ(boot.placements[0].address, 0x80000000u);
  EXPECT_EQ(boot.placements[0].memory_size, 0x1000u);
}

TEST_F(BootPlanning, DoubtsNameWhatTheFlagsAskForAndTheHartLacks) {
  const struct {
    unsigned flags;
    const char *isa, *lacking;
  } cases[] = {{0, "rv64i", ""},
               {1, "rv64i", "with c,"},
               {1, "rv64ic", ""},
               {2, "rv64ic", "with f,"},
               {2, "rv64if", ""},
               {4, "rv64if", "with d,"},
               {5, "rv64i", "with cd,"},
               {5, "rv64ifdc", ""},
               {6, "rv64ifd", "with q,"},
               {0, "rv32e", "with x16 to x31,"},
               {8, "rv32e", ""},
               {8, "rv32i", ""},
               {1, "rv32e", "with c and x16 to x31,"}};
  for (const auto& [flags, isa, lacking] : cases) {
    test::Elf64 wide;
    test::Elf32 narrow;
    wide.header.e_flags = narrow.header.e_flags = flags;
    const TemporaryFile kernel("kernel.elf", isa[2] == '6' ? wide.bytes() : narrow.bytes());
    Options options;
    for (const auto& [key, value] : Settings{{"bios", "none"}, {"kernel", kernel.path()}, {"cpu.isa", isa}})
      options.set(key, value, "test.ini:1");
    const auto doubts = plan_boot(describe_machine(options), options).doubts;
    ASSERT_EQ(doubts.size(), *lacking ? 1u : 0u) << flags << isa;
    if (*lacking) {
      EXPECT_THAT(doubts[0], HasSubstr(lacking));
    }
  }
}

TEST_F(BootPlanning, AnImageOfTheFirstVersionIsKnownByItsOldMagic) {
  std::string header = linux_header(0x123000);
  header.replace(48, 12, std::string("RISCV\0\0\0\0\0\0\0", 12));
  EXPECT_EQ(plan_kernel(header).placements[1].memory_size, 0x123000u);
}

TEST_F(BootPlanning, APositionIndependentFirmwareMovesToTheStartOfRam) {
  test::Elf64 program;
  program.header.e_type = ET_DYN;
  program.header.e_entry = 0x1004;
  program.programs[0].p_vaddr = program.programs[0].p_paddr = 0x1000;
  program.programs[1].p_vaddr = program.programs[1].p_paddr = 0x2000;
  const BootPlan boot = plan_firmware(program.bytes());
  EXPECT_EQ(boot.start, 0x80000004u);
  EXPECT_EQ(boot.placements[0].address, 0x80000000u);
  EXPECT_EQ(boot.placements[1].address, 0x80001000u);
}

TEST_F(BootPlanning, AnEntryWhereNoInstructionCanBeginIsRefused) {
  const auto error = [](const char* isa, std::uint64_t entry) {
    test::Elf64 program;
    program.header.e_entry = entry;
    const TemporaryFile file("entry.elf", program.bytes());
    Options options;
    for (const auto& [key, value] : Settings{{"bios", file.path()}, {"kernel", "none"}, {"cpu.isa", isa}})
      options.set(key, value, "test.ini:1");
    return error_of<ConfigError>([&] { plan_boot(describe_machine(options), options); });
  };
  EXPECT_THAT(error("rv64imac", 0x80000001),
              HasSubstr("its e_entry is 0x80000001; allowed: a multiple of 2"));
  EXPECT_THAT(
      error("rv64ima", 0x80000002),
      HasSubstr("its e_entry is 0x80000002; allowed: a multiple of 4, for the hart has no c (see cpu.isa)"));
}

TEST_F(BootPlanning, RamTooSmallNamesWhatHasNoRoom) {
  EXPECT_THAT(error_of<ConfigError>([&] {
                plan({{"ram.size", "4K"}});
              }),
              HasSubstr("ram.size 4K is too small"));
}

}  // namespace
}  // namespace memio
