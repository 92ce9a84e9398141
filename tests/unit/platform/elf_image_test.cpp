// Loading of good and broken ELF files, and their placement in memory.
#include "platform/elf_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/boot_plan.h"
#include "platform/errors.h"
#include "unit/platform/crafted_elf.h"
#include "unit/platform/temporary_file.h"

namespace memio {
namespace {

using test::error_of;
using test::TemporaryFile;
using testing::AllOf;
using testing::HasSubstr;

std::string load_error(const std::string& bytes, unsigned xlen = 64) {
  const std::string error = error_of<ConfigError>([&] { parse_elf("prog.elf", bytes, xlen); });
  EXPECT_THAT(error, HasSubstr("cannot load prog.elf: "));
  return error;
}

TEST(ElfImage, ReadsSegmentsAndEntryOfBothWidths) {
  const auto wide = parse_elf("p", test::Elf64().bytes(), 64);
  const auto narrow = parse_elf("p", test::Elf32().bytes(), 32);
  for (const auto* image : {&wide, &narrow}) {
    ASSERT_EQ(image->segments.size(), 2u);
    EXPECT_EQ(image->segments[1].physical_address, 0x80001000u);
    EXPECT_EQ(image->segments[1].file_size, 64u);
    EXPECT_EQ(image->segments[1].memory_size, 128u);
    EXPECT_EQ(image->physical_entry, 0x80000004u);
  }
}

TEST(ElfImage, AVirtualEntryIsTranslated) {
  test::Elf64 elf;
  elf.programs[0].p_vaddr = 0xffffffff80000000;
  elf.header.e_entry = 0xffffffff80000010;
  EXPECT_EQ(parse_elf("p", elf.bytes(), 64).physical_entry, 0x80000010u);
}

TEST(ElfImage, EveryTruncationIsAnError) {
  const std::string whole = test::Elf64().bytes();
  for (std::size_t size = 4; size < whole.size(); ++size) load_error(whole.substr(0, size));
  EXPECT_THAT(load_error(whole.substr(0, 20)), HasSubstr("truncated"));
  EXPECT_THAT(load_error(whole.substr(0, 100)), HasSubstr("truncated"));
  EXPECT_THAT(load_error(whole.substr(0, whole.size() - 1)), HasSubstr("truncated"));
}

TEST(ElfImage, ForeignFilesAreNamedAsSuch) {
  EXPECT_THAT(load_error(test::Elf32().bytes(), 64), AllOf(HasSubstr("32-bit"), HasSubstr("rv64")));
  EXPECT_THAT(load_error(test::Elf64().bytes(), 32), AllOf(HasSubstr("64-bit"), HasSubstr("rv32")));
  test::Elf64 elf;
  elf.header.e_machine = EM_X86_64;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("another machine"));
  elf = {};
  elf.header.e_ident[EI_DATA] = ELFDATA2MSB;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("it is not little endian: its EI_DATA is 2; allowed: 1"));
  elf = {};
  elf.header.e_ident[EI_CLASS] = 7;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("its EI_CLASS is 7; allowed: 1"));
  elf = {};
  elf.header.e_ident[EI_VERSION] = 200;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("its EI_VERSION is 200; allowed: 1"));
  elf = {};
  elf.header.e_type = ET_REL;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("not an executable"));
}

// A segment of zeroes alone.
void add_zeroes(test::Elf64& elf, std::uint64_t virtual_address, std::uint64_t physical_address,
                std::uint64_t size) {
  Elf64_Phdr bss = elf.programs[0];
  bss.p_vaddr = virtual_address;
  bss.p_paddr = physical_address;
  bss.p_filesz = 0;
  bss.p_memsz = size;
  elf.programs.push_back(bss);
}

void expect_segment(const ElfSegment& segment, std::uint64_t first, std::uint64_t file_size,
                    std::uint64_t memory_size) {
  EXPECT_EQ(segment.physical_address, first);
  EXPECT_EQ(segment.file_size, file_size) << std::hex << first;
  EXPECT_EQ(segment.memory_size, memory_size) << std::hex << first;
}

// Bytes at 0x80000000..3f and 0x80000050..8f, behind them zeroes to 0x8000007f and 0x800000cf.
TEST(ElfImage, WhatIsOnlyZeroedMayLieOverOtherSegments) {
  test::Elf64 elf;
  elf.programs[1].p_paddr = 0x80000050;
  add_zeroes(elf, 0x81000000, 0x80000000, 64);
  add_zeroes(elf, 0x82000000, 0x80000010, 128);
  add_zeroes(elf, 0x83000000, 0x800000c0, 128);
  add_zeroes(elf, 0x84000000, 0x80000150, 16);
  const ElfImage image = parse_elf("test", elf.bytes(), 64);
  ASSERT_EQ(image.segments.size(), 4u) << "of what lies over others only what sticks out is left";
  expect_segment(image.segments[0], 0x80000000, 64, 0x50);
  expect_segment(image.segments[1], 0x80000050, 64, 128);
  expect_segment(image.segments[2], 0x800000d0, 0, 0x70);
  expect_segment(image.segments[3], 0x80000150, 0, 16);
  EXPECT_EQ(image.to_physical(0x82000000), std::nullopt);
  EXPECT_EQ(image.to_physical(0x8300000f), std::nullopt);
  EXPECT_EQ(image.to_physical(0x83000010), 0x800000d0u);
}

TEST(ElfImage, ZeroesAroundOtherSegmentsAreKeptOnBothSides) {
  test::Elf64 elf;
  add_zeroes(elf, 0x90000000, 0x80000020, 0x2000);
  const ElfImage image = parse_elf("test", elf.bytes(), 64);
  ASSERT_EQ(image.segments.size(), 4u);
  expect_segment(image.segments[0], 0x80000000, 64, 128);
  expect_segment(image.segments[1], 0x80000080, 0, 0x1000 - 0x80);
  expect_segment(image.segments[2], 0x80001000, 64, 128);
  expect_segment(image.segments[3], 0x80001080, 0, 0x2020 - 0x1080);
  EXPECT_EQ(image.to_physical(0x90000000 + 0x1080 - 0x20), 0x80001080u);
}

// A program that clears such .bss destroys its data.
TEST(ElfImage, ZeroesOverOtherSegmentsAtTheSameVirtualAddressesAreRefused) {
  test::Elf64 elf;
  add_zeroes(elf, 0x80001000, 0x80001000, 64);
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("its segments at 0x80001000 and 0x80001000 overlap"));
  elf = {};
  elf.programs[0].p_memsz = 0x1001;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("its segments at 0x80000000 and 0x80001000 overlap"));
  elf.programs[0].p_memsz = 0x1000;
  EXPECT_EQ(parse_elf("p", elf.bytes(), 64).segments.size(), 2u);
}

TEST(ElfImage, SegmentsThatMakeNoSenseAreRefused) {
  test::Elf64 elf;
  elf.programs[1].p_paddr = 0x8000003f;
  EXPECT_THAT(load_error(elf.bytes()),
              AllOf(HasSubstr("0x80000000"), HasSubstr("0x8000003f"), HasSubstr("overlap")));
  elf = {};
  elf.programs[1].p_memsz = 8;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("larger in the file"));
  elf = {};
  elf.programs[1].p_paddr = 0xffffffffffffffc0;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("wraps"));
  elf = {};
  elf.programs[1].p_offset = 0xfffffffffffffff0;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("truncated"));
  elf = {};
  elf.programs.clear();
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("nothing to load"));
  elf = {};
  elf.header.e_entry = 0x1000;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("entry 0x1000"));
  elf = {};
  elf.header.e_phentsize = 0;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("its e_phentsize is 0; allowed: 56"));
  test::Elf32 narrow;
  narrow.header.e_phentsize = 56;
  EXPECT_THAT(load_error(narrow.bytes(), 32), HasSubstr("its e_phentsize is 56; allowed: 32"));
  elf = {};
  elf.header.e_shoff = 0xfffffffffffffff0;
  elf.header.e_shnum = 9;
  EXPECT_THAT(load_error(elf.bytes()), HasSubstr("section headers"));
}

TEST(ElfImage, AnyByteMayBeWrong) {
  const std::string good = test::Elf64().bytes();
  for (std::size_t at = 0; at < 64 + 112; ++at)
    for (const char value : {'\x00', '\x01', '\x7f', '\x80', '\xff'}) {
      std::string bytes = good;
      bytes[at] = value;
      error_of<ConfigError>([&] { parse_elf("p", bytes, 64); });
    }
}

class BootPlanTest : public testing::Test {
 protected:
  BootPlan plan() { return plan_boot(describe_machine(options_), options_); }
  std::string plan_error() {
    return error_of<ConfigError>([&] { plan(); });
  }
  void set(const std::string& key, const std::string& value) { options_.set(key, value, "test"); }

  Options options_;
};

TEST_F(BootPlanTest, ABareProgramIsEnteredAtItsEntry) {
  const TemporaryFile elf("bare.elf", test::Elf64().bytes());
  set("bios", "none");
  set("kernel", elf.path());
  const BootPlan boot = plan();
  EXPECT_EQ(boot.start, 0x80000004u);
  ASSERT_EQ(boot.placements.size(), 3u);
  EXPECT_EQ(boot.placements[0].bytes, std::string(64, 'P'));
  EXPECT_EQ(boot.placements[0].memory_size, 128u);
  EXPECT_EQ(boot.placements[2].name, "device tree");
  EXPECT_GE(boot.device_tree, 0x80000000u + (256u << 20) - (64u << 10));
  EXPECT_FALSE(boot.test.tohost);
}

TEST_F(BootPlanTest, RawImagesGoWhereVirtPutsThem) {
  const TemporaryFile firmware("fw.bin", "firmware"), kernel("k.bin", "kernel"), initrd("i.cpio", "ramdisk");
  set("bios", firmware.path());
  set("kernel", kernel.path());
  set("initrd", initrd.path());
  BootPlan boot = plan();
  EXPECT_EQ(boot.start, 0x80000000u);
  ASSERT_EQ(boot.placements.size(), 4u);
  EXPECT_EQ(boot.placements[1].address, 0x80200000u);
  EXPECT_EQ(boot.placements[2].name, "initrd");
  EXPECT_EQ(boot.placements[2].address % 4096, 0u);
  set("cpu.isa", "rv32imac");
  EXPECT_EQ(plan().placements[1].address, 0x80400000u);
}

TEST_F(BootPlanTest, TheBootRomJumpsToTheStartWithTheRegistersOfVirt) {
  const std::string rom = make_boot_rom(64, 0x80000000, 0x8fe00000, 0x80200000);
  const auto word = [&](std::size_t at) {
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(rom.at(at + i));
    return value;
  };
  EXPECT_EQ(word(24), 0x80000000u);
  EXPECT_EQ(word(32), 0x8fe00000u);
  EXPECT_EQ(word(40), 0x4942534fu);
  EXPECT_EQ(word(56), 0x80200000u);
}

TEST_F(BootPlanTest, WhatDoesNotFitIsRefusedByName) {
  const TemporaryFile elf("bare.elf", test::Elf64().bytes()), raw("raw.bin", "raw");
  set("bios", raw.path());
  set("kernel", elf.path());
  EXPECT_THAT(plan_error(), AllOf(HasSubstr("raw.bin"), HasSubstr("bare.elf"), HasSubstr("--bios none")));
  set("bios", "none");
  set("ram.base", "0x90000000");
  EXPECT_THAT(plan_error(), AllOf(HasSubstr("bare.elf"), HasSubstr("outside RAM")));
  set("ram.base", "0x80000000");
  set("ram.size", "4K");
  EXPECT_THAT(plan_error(), HasSubstr("too small"));
}

// What ld makes of -Ttext=0x80000000 without a script: the segment begins a page earlier, with the headers.
TEST_F(BootPlanTest, HeadersInFrontOfRamAreLeftOut) {
  test::Elf64 elf;
  elf.programs.pop_back();
  auto& program = elf.programs.front();
  program.p_offset = 0;
  program.p_vaddr = program.p_paddr = 0x7ffff000;
  program.p_filesz = program.p_memsz = 4096 + 64;
  elf.payload = std::string(4096 - 64 - 56, '\0') + std::string(64, 'P');
  set("bios", "none");
  {
    const TemporaryFile file("front.elf", elf.bytes());
    set("kernel", file.path());
    const BootPlan boot = plan();
    EXPECT_EQ(boot.start, 0x80000004u);
    EXPECT_EQ(boot.placements.at(0).address, 0x80000000u);
    EXPECT_EQ(boot.placements.at(0).bytes, std::string(64, 'P'));
    EXPECT_EQ(boot.placements.at(0).memory_size, 64u);
  }
  elf.payload[100] = 'x';
  const TemporaryFile file("content.elf", elf.bytes());
  set("kernel", file.path());
  EXPECT_THAT(plan_error(), HasSubstr("outside RAM"));
}

TEST_F(BootPlanTest, BadFilesAreNamedWithTheReason) {
  set("bios", "none");
  set("kernel", "/nowhere/kernel.elf");
  EXPECT_THAT(plan_error(), AllOf(HasSubstr("/nowhere/kernel.elf"), HasSubstr("No such file")));
  set("kernel", "/");
  EXPECT_THAT(plan_error(), HasSubstr("directory"));
  const TemporaryFile empty("empty.bin");
  set("kernel", empty.path());
  EXPECT_THAT(plan_error(), HasSubstr("empty"));
  set("kernel", "none");
  EXPECT_THAT(plan_error(), HasSubstr("nothing to run"));
}

}  // namespace
}  // namespace memio
