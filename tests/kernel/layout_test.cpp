// The layouts of RV32's address space, in figures worked out by hand from the formulas of i386 and ARM Linux.
#include "kernel/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_machine.h"

namespace memio {
namespace {

constexpr u64 kMiB = 1 << 20;

memory_layout rv32(LayoutKind kind, u64 ram_mib, u64 vmalloc_mib = 0, u32 page_offset = 0xc0000000,
                   bool high_memory = true) {
  LayoutRequest request;
  request.kind = kind;
  request.page_offset = page_offset;
  request.ram_size = ram_mib * kMiB;
  request.vmalloc_size = vmalloc_mib * kMiB;
  request.high_memory = high_memory;
  return layout_rv32(request);
}

TEST(X86Layout, DirectMapEndsAt896MiB) {
  EXPECT_EQ(rv32(LayoutKind::kX86, 64).lowmem_size, 64 * kMiB);
  EXPECT_EQ(rv32(LayoutKind::kX86, 895).lowmem_size, 895 * kMiB);
  EXPECT_EQ(rv32(LayoutKind::kX86, 1024).lowmem_size, 896 * kMiB);
  EXPECT_EQ(rv32(LayoutKind::kX86, 5 * 1024).lowmem_size, 896 * kMiB);
}

TEST(X86Layout, AreasAboveTheDirectMapFollowTheFormulas) {
  const memory_layout layout = rv32(LayoutKind::kX86, 5 * 1024);
  EXPECT_EQ(layout.task_size, 0xc0000000u);
  // (0xf8000000 + 2 * 8 MiB - 1) rounded down to 8 MiB
  EXPECT_EQ(layout.vmalloc_start, 0xf8800000u);
  EXPECT_EQ(layout.vmalloc_end, 0xff7fe000u);  // PKMAP_BASE - 2 pages
  // 17 pages that stay (the hole and 16 for kmap_atomic), 257 more for the device tree during start
  EXPECT_EQ(layout.fixaddr_top, 0xfffff000u);
  EXPECT_EQ(layout.fixaddr_start, 0xfffee000u);
  EXPECT_EQ(layout.fixaddr_boot_start, 0xffeed000u);
  // (0xffeed000 - 1025 pages) rounded down to 4 MiB
  EXPECT_EQ(layout.pkmap_base, 0xff800000u);
  EXPECT_EQ(layout.last_pkmap, 1024u);
}

TEST(X86Layout, VmallocStartsEightToSixteenMiBAboveTheDirectMap) {
  EXPECT_EQ(rv32(LayoutKind::kX86, 64).vmalloc_start, 0xc4800000u);
  EXPECT_EQ(rv32(LayoutKind::kX86, 65).vmalloc_start, 0xc5000000u);
  EXPECT_EQ(rv32(LayoutKind::kX86, 71).vmalloc_start, 0xc5000000u);
  EXPECT_EQ(rv32(LayoutKind::kX86, 72).vmalloc_start, 0xc5000000u);
  EXPECT_EQ(rv32(LayoutKind::kX86, 73).vmalloc_start, 0xc5800000u);
}

TEST(X86Layout, WithoutHighMemoryVmallocReachesTheFixedAddresses) {
  const memory_layout layout = rv32(LayoutKind::kX86, 512, 0, 0xc0000000, false);
  EXPECT_EQ(layout.vmalloc_start, 0xe0800000u);
  EXPECT_EQ(layout.vmalloc_end, 0xfffec000u);  // FIXADDR_START - 2 pages
  EXPECT_EQ(layout.last_pkmap, 0u);
}

TEST(X86Layout, VmallocOptionShrinksTheDirectMap) {
  const memory_layout layout = rv32(LayoutKind::kX86, 1024, 512);
  EXPECT_EQ(layout.lowmem_size, 512 * kMiB);
  EXPECT_EQ(layout.vmalloc_start, 0xe0800000u);
  EXPECT_EQ(layout.vmalloc_end, 0xff7fe000u);
  // Little RAM leaves the vmalloc area more than was asked for.
  EXPECT_EQ(rv32(LayoutKind::kX86, 64, 512).lowmem_size, 64 * kMiB);
  EXPECT_EQ(rv32(LayoutKind::kX86, 64, 512).vmalloc_start, 0xc4800000u);
}

TEST(X86Layout, SplitInHalvesLeaves1920MiB) {
  const memory_layout layout = rv32(LayoutKind::kX86, 3 * 1024, 0, 0x80000000);
  EXPECT_EQ(layout.task_size, 0x80000000u);
  EXPECT_EQ(layout.lowmem_size, 1920 * kMiB);
  EXPECT_EQ(layout.vmalloc_start, 0xf8800000u);
}

TEST(ArmLayout, AreasBelowAndAboveTheDirectMap) {
  const memory_layout layout = rv32(LayoutKind::kArm, 1024);
  EXPECT_EQ(layout.task_size, 0xbf000000u);
  EXPECT_EQ(layout.modules_start, 0xbf000000u);  // 3G - 16M
  EXPECT_EQ(layout.modules_end, 0xbfe00000u);    // 3G - 2M
  EXPECT_EQ(layout.pkmap_base, 0xbfe00000u);
  EXPECT_EQ(layout.last_pkmap, 512u);
  EXPECT_EQ(layout.lowmem_size, 760 * kMiB);
  EXPECT_EQ(layout.vmalloc_start, 0xf0000000u);  // 240 MiB
  EXPECT_EQ(layout.vmalloc_end, 0xff000000u);
  EXPECT_EQ(layout.dma_start, 0xffc00000u);
  EXPECT_EQ(layout.dma_end, 0xfff00000u);
  EXPECT_EQ(layout.fixaddr_start, 0xfff00000u);
  EXPECT_EQ(layout.fixaddr_top, 0xfffe0000u);
  EXPECT_EQ(layout.vectors_start, 0xffff0000u);
  EXPECT_EQ(layout.vectors_end, 0xffff1000u);
}

TEST(ArmLayout, VmallocOptionSizesTheAreaExactly) {
  EXPECT_EQ(rv32(LayoutKind::kArm, 1024, 512).lowmem_size, 488 * kMiB);
  EXPECT_EQ(rv32(LayoutKind::kArm, 1024, 512).vmalloc_start, 0xdf000000u);
  // In steps of 8 MiB.
  EXPECT_EQ(rv32(LayoutKind::kArm, 1024, 249).vmalloc_start, 0xef000000u);
}

TEST(ArmLayout, SplitInHalves) {
  const memory_layout layout = rv32(LayoutKind::kArm, 3 * 1024, 0, 0x80000000);
  EXPECT_EQ(layout.modules_start, 0x7f000000u);
  EXPECT_EQ(layout.pkmap_base, 0x7fe00000u);
  EXPECT_EQ(layout.lowmem_size, 1784 * kMiB);
  EXPECT_EQ(layout.vmalloc_start, 0xf0000000u);
}

TEST(Layout, OddSizesKeepWholePages) {
  LayoutRequest request;
  request.page_offset = 0xc0000000;
  request.ram_size = 100 * kMiB + 0x5678;
  const memory_layout layout = layout_rv32(request);
  EXPECT_EQ(layout.lowmem_size, 100 * kMiB + 0x5000);
  EXPECT_EQ(layout.vmalloc_start, 0xc7000000u);
}

TEST(Layout, Rv64HasOneKernelHalfForSv39AndSv48) {
  const memory_layout sv39 = layout_rv64(8192 * kMiB, 3);
  EXPECT_EQ(sv39.task_size, 0x0000004000000000u);
  EXPECT_EQ(sv39.lowmem_size, 0x200000000u);
  EXPECT_EQ(sv39.vmalloc_start, 0xffffffe000000000u);
  EXPECT_EQ(sv39.vmalloc_end, 0xfffffff000000000u);
  EXPECT_EQ(sv39.fixaddr_start, 0xfffffffffffee000u);
  EXPECT_EQ(sv39.last_pkmap, 0u);
  const memory_layout sv48 = layout_rv64(1ull << 40, 4);
  EXPECT_EQ(sv48.task_size, 0x0000800000000000u);
  EXPECT_EQ(sv48.lowmem_size, 0x2000000000u);
  EXPECT_EQ(sv48.vmalloc_start, 0xffffffe000000000u);
}

LayoutRequest read(FakeMachine*, const char* layout, const char* vmalloc, u32 page_offset = 0xc0000000) {
  LayoutRequest request;
  request.page_offset = page_offset;
  read_layout_options(&request, layout, vmalloc);
  return request;
}

TEST(LayoutOptions, GoodValuesAreTakenSilently) {
  FakeMachine machine(1 << 20);
  EXPECT_EQ(read(&machine, nullptr, nullptr).kind, LayoutKind::kX86);
  EXPECT_EQ(read(&machine, "x86", nullptr).kind, LayoutKind::kX86);
  EXPECT_EQ(read(&machine, "arm", nullptr).kind, LayoutKind::kArm);
  EXPECT_EQ(read(&machine, nullptr, "512M").vmalloc_size, 0x20000000u);
  EXPECT_EQ(read(&machine, nullptr, "32768k").vmalloc_size, 0x02000000u);
  EXPECT_EQ(read(&machine, nullptr, "0x4000000").vmalloc_size, 0x04000000u);
  EXPECT_EQ(read(&machine, nullptr, "960M").vmalloc_size, 960 * kMiB);
  EXPECT_EQ(read(&machine, nullptr, "1G", 0x80000000).vmalloc_size, 0x40000000u);
  EXPECT_EQ(read(&machine, "arm", "936M").vmalloc_size, 936 * kMiB);
  EXPECT_EQ(machine.log, "");
}

TEST(LayoutOptions, BadValuesAreNamedAndReplaced) {
  FakeMachine machine(1 << 20);
  EXPECT_EQ(read(&machine, "foo", nullptr).kind, LayoutKind::kX86);
  EXPECT_EQ(machine.log, "layout: unknown layout=foo; x86 and arm are allowed; taking x86\n");
  for (const char* bad : {"4G", "abc", "", "12", "31M", "961M", "512MB", "-1", "99999999999999999999G"}) {
    machine.log.clear();
    EXPECT_EQ(read(&machine, nullptr, bad).vmalloc_size, 0u) << bad;
    EXPECT_EQ(machine.log, std::string("layout: bad vmalloc=") + bad +
                               "; a size from 32M to 960M is allowed; taking 128M\n");
  }
  machine.log.clear();
  EXPECT_EQ(read(&machine, "arm", "960M").vmalloc_size, 0u);
  EXPECT_EQ(machine.log, "layout: bad vmalloc=960M; a size from 32M to 936M is allowed; taking 240M\n");
}

TEST(LayoutTable, IsPrintedFromHighToLow) {
  FakeMachine machine(1 << 20);
  print_layout(rv32(LayoutKind::kX86, 1024), 0xc0000000);
  EXPECT_EQ(machine.log,
            "virtual kernel memory layout:\n"
            "    fixmap : 0xfffee000 - 0xfffff000   (  68 kB)\n"
            "     pkmap : 0xff800000 - 0xffc00000   (4096 kB)\n"
            "   vmalloc : 0xf8800000 - 0xff7fe000   ( 111 MB)\n"
            "    lowmem : 0xc0000000 - 0xf8000000   ( 896 MB)\n"
            "      user : 0x00000000 - 0xc0000000   (3072 MB)\n");
  machine.log.clear();
  print_layout(rv32(LayoutKind::kArm, 1024), 0xc0000000);
  EXPECT_EQ(machine.log,
            "virtual kernel memory layout:\n"
            "   vectors : 0xffff0000 - 0xffff1000   (   4 kB)\n"
            "    fixmap : 0xfff00000 - 0xfffe0000   ( 896 kB)\n"
            "       DMA : 0xffc00000 - 0xfff00000   (3072 kB)\n"
            "   vmalloc : 0xf0000000 - 0xff000000   ( 240 MB)\n"
            "    lowmem : 0xc0000000 - 0xef800000   ( 760 MB)\n"
            "     pkmap : 0xbfe00000 - 0xc0000000   (2048 kB)\n"
            "   modules : 0xbf000000 - 0xbfe00000   (  14 MB)\n"
            "      user : 0x00000000 - 0xbf000000   (3056 MB)\n");
}

}  // namespace
}  // namespace memio
