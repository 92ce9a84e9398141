"""The kernel's memory at the end of a run, read from outside (guest_memory.py), against what the kernel said of
it in /proc at that moment: the test only_memory_state makes use of every allocator, prints the files and ends."""
import os
import re
import struct
import unittest

from guest_memory import EXECUTE, PAGE, RAM, READ, USER, WRITE, GuestMemory
from support import CONFIGS, SW, SystemTest

GIGA = 1 << 30
MACHINES = (("32", 64 << 20), ("32", 512 << 20), ("32", GIGA), ("32", 5 * GIGA), ("64", GIGA))
ZONES = ("DMA", "Normal", "HighMem")
TAKEN = 0xFFFE
END = 0xFFFF


def pattern(seed):
    return struct.pack("<1024I", *(((seed + index) * 0x9E3779B1) & 0xFFFFFFFF for index in range(1024)))


@unittest.skipUnless(SW, "the guest software is not built")
class MemoryState(SystemTest):
    def run_machine(self, width, ram):
        kernel = os.path.join(SW, "kernel-tests-rv%s.elf" % width)
        output = self.memio("run", os.path.join(CONFIGS, "virt-rv%s.ini" % width), "--kernel", kernel, "--append",
                            "test=only_memory_state", "--ram.size", str(ram >> 20) + "M", "--timing", "functional",
                            "--memory-image", self.path("ram.img"), status=0).stdout.decode()
        self.assertNotIn("does not hold", output)
        self.assertIn("== end\n", output)
        self.files = {name: text.splitlines() for name, text in re.findall(r"== (\w+)\n(.*?)(?=== )", output, re.S)}
        self.output = output
        self.ram = ram
        memory = GuestMemory(self.path("ram.img"), kernel)
        self.addCleanup(memory.close)
        return memory

    def test_what_the_kernel_says_is_so(self):
        for width, ram in MACHINES:
            with self.subTest(width=width, ram=ram):
                memory = self.run_machine(width, ram)
                leaves = sorted(memory.leaves())
                self.check_direct_map(memory, leaves)
                self.check_vmalloc(memory, leaves)
                self.check_zones(memory)
                self.check_slabs(memory)
                self.check_resources(memory)
                self.check_patterns(memory, leaves)

    def check_direct_map(self, memory, leaves):
        offset = memory["number.PAGE_OFFSET"]
        end = memory.word(memory.symbols["high_memory"])
        expected = offset
        for address, physical, size, flags in leaves:
            self.assertFalse(flags & USER)
            if address >= end:
                break
            self.assertEqual((address, physical), (expected, RAM + address - offset))
            self.assertEqual(flags & (READ | WRITE), READ | WRITE)
            expected += size
        self.assertEqual(expected, end)
        self.assertEqual(end - offset, min(self.ram, 896 << 20) if not memory.wide else self.ram)

    def check_vmalloc(self, memory, leaves):
        mapped = {address: physical for address, physical, size, _ in leaves if size == PAGE}
        start, end = (int(value, 16) for value in
                      re.search(r" vmalloc : (0x\w+) - (0x\w+)", self.output).groups())
        owned = set()
        areas = list(memory.areas())
        self.assertEqual(len(areas), len(self.files["vmallocinfo"]))
        for area, line in zip(areas, self.files["vmallocinfo"]):
            first, behind, size = re.match(r"(0x\w+)-(0x\w+) +(\d+) ", line).groups()
            first, behind, size = int(first, 16), int(behind, 16), int(size)
            self.assertEqual(memory.member(area, "vm_struct.addr"), first)
            self.assertEqual(memory.member(area, "vm_struct.size"), size)
            self.assertEqual(behind - first, size)
            count = size // PAGE - 1
            addresses = [first + index * PAGE for index in range(count)]
            self.assertNotIn(behind - PAGE, mapped, "the guard page of " + line)
            owned.update(addresses)
            if " vmalloc" in line:
                self.assertIn(" pages=%d " % count, line)
                pages = memory.member(area, "vm_struct.pages")
                size_of_page = memory["size.page"]
                mem_map = memory.word(memory.symbols["mem_map"])
                for index, address in enumerate(addresses):
                    page = memory.word(pages + index * memory.word_size)
                    self.assertEqual(mapped[address], RAM + (page - mem_map) // size_of_page * PAGE)
            else:
                device = int(re.search(r"phys=(\w+)", line).group(1), 16)
                self.assertEqual([mapped[address] for address in addresses],
                                 [device + index * PAGE for index in range(count)])
        # No large pages, nothing that is nobody's, nothing to execute.
        self.assertEqual({address for address, _, _, _ in leaves if start <= address < end}, owned)
        self.assertFalse([address for address, _, _, flags in leaves if address >= start and flags & EXECUTE])

    def free_blocks(self, memory, zone, page_index):
        """(frame, order) of the blocks in the lists of a zone's buddy system, and the count of each order."""
        buddy = zone + memory["offset.Zone.buddy_"]
        blocks, counts = [], []
        for order in range(memory.member(buddy, "BuddyAllocator.max_order_", 4) + 1):
            area = buddy + memory["offset.BuddyAllocator.areas_"] + order * memory["size.BuddyAllocator::Area"]
            found = [page_index(page) for page in memory.list(area, memory["offset.page.lru"])]
            self.assertEqual(len(found), memory.word(area + memory["offset.BuddyAllocator::Area.count"]))
            blocks += [(frame, order) for frame in found]
            counts.append(len(found))
        return blocks, counts

    def check_zones(self, memory):
        descriptors = list(memory.pages_by_descriptor())
        self.assertEqual(len(descriptors), self.ram // PAGE)
        mem_map, size = memory.word(memory.symbols["mem_map"]), memory["size.page"]

        def page_index(page):
            index, rest = divmod(page - mem_map, size)
            self.assertEqual(rest, 0)
            return index

        buddyinfo = {line.split()[3]: [int(value) for value in line.split()[4:]] for line in self.files["buddyinfo"]}
        zones = memory.symbols["memio::(anonymous namespace)::allocator"] + memory["offset.PageAllocator.zones_"]
        next_start = RAM // PAGE
        for number, name in enumerate(ZONES):
            zone = zones + number * memory["size.Zone"]
            buddy = zone + memory["offset.Zone.buddy_"]
            start = memory.member(buddy, "BuddyAllocator.start_")
            end = memory.member(buddy, "BuddyAllocator.end_")
            self.assertEqual(start, next_start)
            next_start = end
            blocks, counts = self.free_blocks(memory, zone, page_index)
            if name in buddyinfo:
                self.assertEqual(counts, buddyinfo[name])
            behind = 0
            for frame, order in sorted(blocks):
                self.assertEqual((RAM // PAGE + frame) % (1 << order), 0)
                self.assertGreaterEqual(frame, behind)
                behind = frame + (1 << order)
            free = sum(1 << order for _, order in blocks)
            self.assertEqual(memory.member(buddy, "BuddyAllocator.free_pages_"), free)

            lists = []
            for kind in range(2):
                head = zone + memory["offset.Zone.lists_"] + kind * memory["size.PageList"]
                pages = [page_index(page) for page in memory.list(head, memory["offset.page.lru"])]
                self.assertEqual(memory.member(head, "PageList.count", 4), len(pages))
                lists += pages
            self.assertEqual(len(set(lists)), len(lists))

            here = descriptors[start - RAM // PAGE:end - RAM // PAGE]
            self.assertEqual({flags >> memory["number.PG_zone_shift"] & 3 for _, flags, _, _ in here} or {number},
                             {number})
            in_buddy = 1 << memory["number.PG_buddy"]
            self.assertEqual({(index, order) for index, flags, _, order in here if flags & in_buddy}, set(blocks))
            listed = set(lists)
            self.assertFalse([index for index, flags, count, _ in here
                              if index in listed and (count != 0 or flags & in_buddy)])
            allocated = sum(1 << order for _, _, count, order in here if count > 0)
            managed = memory.member(zone, "Zone.managed_pages_")
            self.assertEqual(free + len(lists) + allocated, managed)
            reserved = sum(flags >> memory["number.PG_reserved"] & 1 for _, flags, count, _ in here if count == 0)
            self.assertEqual(managed + reserved, end - start)
        self.assertEqual(next_start, (RAM + self.ram) // PAGE)

    def check_slabs(self, memory):
        lines = self.files["slabinfo"][2:]
        caches = list(memory.caches())
        self.assertEqual(len(caches), len(lines))
        for cache, line in zip(caches, lines):
            name, *numbers = re.sub(r": (tunables|slabdata)", "", line).split()
            active, total, _, per_slab, pages_per_slab, _, _, _, active_slabs, slabs, _ = map(int, numbers)
            self.assertEqual(memory.text(memory.member(cache, "kmem_cache.name_")), name)
            self.assertEqual(memory.member(cache, "kmem_cache.geometry_.objects", 4), per_slab)
            self.assertEqual(1 << memory.member(cache, "kmem_cache.geometry_.order", 4), pages_per_slab)
            used, found = 0, {}
            for kind in ("partial_", "full_", "empty_"):
                found[kind] = list(memory.list(cache + memory["offset.kmem_cache." + kind], 0))
                for slab in found[kind]:
                    in_use = memory.member(slab, "slab.in_use", 4)
                    self.assertEqual("full_" if in_use == per_slab else "partial_" if in_use else "empty_", kind)
                    self.check_chain(memory, slab, per_slab, in_use)
                    self.check_slab_pages(memory, cache, slab, pages_per_slab)
                    used += in_use
            self.assertEqual(used - memory.member(cache, "kmem_cache.available_", 4), active)
            self.assertEqual(sum(map(len, found.values())), slabs)
            self.assertEqual(len(found["partial_"]) + len(found["full_"]), active_slabs)
            self.assertEqual(slabs * per_slab, total)
            if name == "state":
                self.assertEqual(active, 200)

    def check_chain(self, memory, slab, per_slab, in_use):
        chain = struct.unpack("<%dH" % per_slab, memory.bytes(slab + memory["size.slab"], 2 * per_slab))
        free, at = 0, memory.member(slab, "slab.first_free", 2)
        while at != END and free <= per_slab:
            free, at = free + 1, chain[at]
        self.assertEqual(free, per_slab - in_use)
        self.assertEqual(chain.count(TAKEN), in_use)

    def check_slab_pages(self, memory, cache, slab, count):
        first = memory.member(slab, "slab.pages")
        for page in range(first, first + count * memory["size.page"], memory["size.page"]):
            self.assertTrue(memory.member(page, "page.flags") >> memory["number.PG_slab"] & 1)
            self.assertEqual(memory.member(page, "page.slab_cache"), cache)
            self.assertEqual(memory.member(page, "page.slab"), slab)

    def check_resources(self, memory):
        for name, root, digits in (("iomem", "iomem_resource", 8), ("ioports", "ioport_resource", 4)):
            lines = ["%s%0*x-%0*x : %s" % ("  " * depth, digits, start, digits, end, text)
                     for depth, start, end, text in memory.resources(memory.symbols[root])]
            self.assertEqual(lines, self.files[name])
        self.assertIn("70001000-700010ff : state", self.files["iomem"])

    def check_patterns(self, memory, leaves):
        mapped = {address: physical for address, physical, size, _ in leaves if size == PAGE}
        pages = re.findall(r"state: page 0x(\w+) seed (\d+)", self.output)
        self.assertEqual(len(pages), 20)
        highest = 0
        for physical, seed in pages:
            highest = max(highest, int(physical, 16))
            self.assertEqual(memory.physical(int(physical, 16), PAGE), pattern(int(seed)))
        if not memory.wide:
            # High memory if there is any: the end of RAM, which may be above 4 GiB.
            self.assertEqual(highest >= RAM + (896 << 20), self.ram > 896 << 20)
            self.assertEqual(highest >= 4 * GIGA, self.ram > 2 * GIGA)
        areas = re.findall(r"state: area (0x\w+) pages (\d+)", self.output)
        self.assertEqual([int(count) for _, count in areas], [1, 5, 40, 300])
        for first, count in areas:
            for index in range(int(count)):
                physical = mapped[int(first, 16) + index * PAGE]
                self.assertEqual(memory.physical(physical, PAGE), pattern(int(count) * 0x10000 + index))


if __name__ == "__main__":
    unittest.main()
