// Every register accessor at every width, on a page of RAM that stands for a device, and the two resource
// trees. Accesses to real devices: test_io.c.
#include <asm/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "ktest.h"
#include "string.h"

static struct page* page;

static u8* map_page(void __iomem* (*map)(phys_addr_t, unsigned long)) {
  page = alloc_page(GFP_KERNEL | __GFP_ZERO);
  SetPageReserved(page);
  u8* registers = map(page_to_phys(page), PAGE_SIZE);
  EXPECT(registers != NULL);
  EXPECT((unsigned long)registers >= VMALLOC_START && (unsigned long)registers < VMALLOC_END);
  return registers;
}

static void unmap_page(u8* registers) {
  iounmap(registers);
  ClearPageReserved(page);
  __free_page(page);
}

KTEST(registers_every_width) {
  u8* at = map_page(ioremap);
  const u8* ram = page_address(page);
  writeb(0x11, at);
  writeb_relaxed(0x22, at + 1);
  writew(0x4433, at + 2);
  writew_relaxed(0x6655, at + 4);
  writel(0xaa998877, at + 8);
  writel_relaxed(0xeeddccbb, at + 12);
  static const u8 expected[16] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0,    0,
                                  0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee};
  EXPECT_EQ(0, memcmp(expected, ram, sizeof expected));
  EXPECT_EQ(0x11, readb(at));
  EXPECT_EQ(0x22, readb_relaxed(at + 1));
  EXPECT_EQ(0x4433, readw(at + 2));
  EXPECT_EQ(0x6655, readw_relaxed(at + 4));
  EXPECT_EQ(0xaa998877, readl(at + 8));
  EXPECT_EQ(0xeeddccbb, readl_relaxed(at + 12));
  EXPECT_EQ(0x11, ioread8(at));
  EXPECT_EQ(0x4433, ioread16(at + 2));
  EXPECT_EQ(0xaa998877, ioread32(at + 8));
  iowrite8(0x01, at + 16);
  iowrite16(0x0302, at + 18);
  iowrite32(0x07060504, at + 20);
  EXPECT(ram[16] == 1 && ram[17] == 0 && ram[18] == 2 && ram[19] == 3 && ram[20] == 4 && ram[23] == 7);
#if BITS_PER_LONG == 64
  writeq(0x0102030405060708, at + 24);
  EXPECT_EQ(0x0102030405060708, readq(at + 24));
  EXPECT_EQ(8, ram[24]);
  writeq_relaxed(0x1112131415161718, at + 24);
  EXPECT_EQ(0x1112131415161718, readq_relaxed(at + 24));
#endif
  unmap_page(at);
}

// The address stays; the count is in units of the size.
KTEST(registers_repeated) {
  u8* at = map_page(ioremap_nocache);
  const u8 bytes[3] = {1, 2, 3};
  const u16 halves[3] = {0x101, 0x202, 0x303};
  const u32 words[3] = {0x1010101, 0x2020202, 0x3030303};
  u8 read_bytes[4] = {0, 0, 0, 9};
  u16 read_halves[4] = {0, 0, 0, 9};
  u32 read_words[4] = {0, 0, 0, 9};
  iowrite8_rep(at, bytes, 3);
  iowrite16_rep(at + 8, halves, 3);
  iowrite32_rep(at + 16, words, 3);
  EXPECT(readb(at) == 3 && readb(at + 1) == 0);
  EXPECT(readw(at + 8) == 0x303 && readw(at + 10) == 0);
  EXPECT(readl(at + 16) == 0x3030303 && readl(at + 20) == 0);
  ioread8_rep(at, read_bytes, 3);
  ioread16_rep(at + 8, read_halves, 3);
  ioread32_rep(at + 16, read_words, 3);
  EXPECT(read_bytes[0] == 3 && read_bytes[2] == 3 && read_bytes[3] == 9);
  EXPECT(read_halves[0] == 0x303 && read_halves[2] == 0x303 && read_halves[3] == 9);
  EXPECT(read_words[0] == 0x3030303 && read_words[2] == 0x3030303 && read_words[3] == 9);
  unmap_page(at);
  at = map_page(ioremap_wc);
  writel(5, at + 8);
  EXPECT_EQ(5, readl(at + 8));
  unmap_page(at);
}

KTEST(resources_form_a_tree) {
  EXPECT_EQ(0, strcmp("PCI IO", ioport_resource.name));
  EXPECT_EQ(0, strcmp("PCI mem", iomem_resource.name));
  EXPECT(ioport_resource.start == 0 && ioport_resource.end == 0xffff);
  struct resource* first = request_mem_region(0x50000000, 0x1000, "first");
  struct resource* second = request_mem_region(0x50001000, 0x1000, "second");
  EXPECT(first != NULL && second != NULL);
  if (first == NULL || second == NULL) return;
  EXPECT(first->start == 0x50000000 && first->end == 0x50000fff);
  EXPECT(first->parent == &iomem_resource && first->sibling == second && first->child == NULL);
  EXPECT(request_mem_region(0x50000800, 0x1000, "third") == NULL);
  // A range that nobody has claimed, only described, takes claims inside.
  static struct resource bridge;
  bridge =
      (struct resource){.start = 0x51000000, .end = 0x51ffffff, .name = "bridge", .flags = IORESOURCE_MEM};
  EXPECT_EQ(0, request_resource(&iomem_resource, &bridge));
  struct resource* inside = request_mem_region(0x51000010, 0x10, "inside");
  EXPECT(inside != NULL && inside->parent == &bridge && bridge.child == inside);
  EXPECT(second->sibling == &bridge);
  release_mem_region(0x51000010, 0x10);
  EXPECT(bridge.child == NULL);
  EXPECT_EQ(0, release_resource(&bridge));
  release_mem_region(0x50000000, 0x1000);
  release_mem_region(0x50001000, 0x1000);
  EXPECT_BUGS(0);
  struct resource* ports = request_region(0x6000, 8, "ports");
  EXPECT(ports != NULL && ports->parent == &ioport_resource);
  EXPECT_EQ(8, (long)resource_size(ports));
  release_region(0x6000, 8);
}
