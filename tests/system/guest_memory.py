"""The kernel's memory as an image of RAM shows it: variables by the symbols of the ELF file, structures by the
kernel's own table of sizes and offsets (sw/kernel/lib/memory_info.cpp), addresses by a walk of its page table
written for this purpose alone."""
import struct
import subprocess

RAM = 0x80000000
PAGE = 4096
PRESENT, READ, WRITE, EXECUTE, USER = 1, 2, 4, 8, 16
LEAF = READ | WRITE | EXECUTE


class Paging:
    """Sv32 or Sv39: bytes of an entry, index bits, levels."""

    def __init__(self, wide):
        self.entry_size, self.bits, self.levels = (8, 9, 3) if wide else (4, 10, 2)
        self.address_mask = (1 << 64) - 1 if wide else (1 << 32) - 1
        self.frame_mask = (1 << 44) - 1 if wide else (1 << 22) - 1

    def shift(self, level):
        return 12 + self.bits * level

    def canonical(self, address):
        top = 1 << (self.shift(self.levels) - 1)
        return (address ^ top) - top & self.address_mask


class GuestMemory:
    def __init__(self, image, elf, nm="riscv64-unknown-elf-nm"):
        self.image = open(image, "rb")
        with open(elf, "rb") as file:
            self.wide = file.read(5)[4] == 2
        self.word_size = 8 if self.wide else 4
        self.paging = Paging(self.wide)
        self.symbols = {}
        text = subprocess.run([nm, "-C", elf], stdout=subprocess.PIPE, check=True).stdout.decode()
        for line in text.splitlines():
            address, _, name = line.split(None, 2)
            self.symbols[name] = int(address, 16)
        self.image_offset = self.symbols["_start"] - self.symbols["_start_physical"]
        self.info = {}
        entry = self.symbols["__memory_info_start"]
        while entry < self.symbols["__memory_info_end"]:
            self.info[self.text(self.word(entry))] = self.word(entry + self.word_size)
            entry += 2 * self.word_size
        self.root = self.word(self.symbols["init_mm"] + self["offset.mm_struct.pgd"]) - self.image_offset

    def close(self):
        self.image.close()

    def __getitem__(self, name):
        return self.info[name]

    def physical(self, address, count):
        self.image.seek(address - RAM)
        return self.image.read(count)

    def bytes(self, address, count):
        """At an address of the image or the direct map, which lie as far from RAM as each other."""
        return self.physical(address - self.image_offset, count)

    def number(self, address, size):
        return int.from_bytes(self.bytes(address, size), "little")

    def word(self, address):
        return self.number(address, self.word_size)

    def text(self, address):
        return self.bytes(address, 64).split(b"\0")[0].decode()

    def member(self, object_, name, size=None):
        return self.number(object_ + self["offset." + name], size or self.word_size)

    def list(self, head, offset):
        """The structures in a list_head, which lies at `offset` in each."""
        at, before = self.word(head), head
        while at != head:
            if self.word(at + self.word_size) != before:
                raise AssertionError("list at 0x%x: a wrong link back at 0x%x" % (head, at))
            yield at - offset
            before, at = at, self.word(at)

    def leaves(self, table=None, level=None, base=0):
        """(address, physical address, bytes, flags) of every page that the kernel's table maps."""
        level = self.paging.levels - 1 if level is None else level
        count = 1 << self.paging.bits
        raw = self.physical(self.root if table is None else table, PAGE)
        for index, entry in enumerate(struct.unpack("<%d%s" % (count, "Q" if self.wide else "I"), raw)):
            if not entry & PRESENT:
                continue
            address = base + (index << self.paging.shift(level))
            physical = (entry >> 10 & self.paging.frame_mask) << 12
            if entry & LEAF:
                yield self.paging.canonical(address), physical, 1 << self.paging.shift(level), entry & 0xFF
            else:
                yield from self.leaves(physical, level - 1, address)

    def pages_by_descriptor(self):
        """(frame index, flags, count, order) of every descriptor in mem_map."""
        size = self["size.page"]
        fields = sorted((self["offset.page." + name], name) for name in ("flags", "count", "order"))
        assert [name for _, name in fields] == ["flags", "count", "order"] and fields[0][0] == 0
        form = "<%s%dxiI%dx" % ("Q" if self.wide else "I", fields[1][0] - self.word_size, size - fields[2][0] - 4)
        start, total = self.word(self.symbols["mem_map"]), self.word(self.symbols["max_mapnr"])
        for first in range(0, total, 65536):
            raw = self.bytes(start + first * size, min(65536, total - first) * size)
            for index, values in enumerate(struct.iter_unpack(form, raw)):
                yield (first + index, *values)

    def caches(self):
        cache = self.symbols["memio::(anonymous namespace)::cache_cache"]
        while cache != 0:
            yield cache
            cache = self.member(cache, "kmem_cache.next")

    def areas(self):
        area = self.word(self.symbols["vmlist"])
        while area != 0:
            yield area
            area = self.member(area, "vm_struct.next")

    def resources(self, parent, depth=0):
        """(depth, start, end, name) of everything below a resource."""
        node = self.member(parent, "resource.child")
        while node != 0:
            if self.member(node, "resource.parent") != parent:
                raise AssertionError("resource at 0x%x: a wrong parent" % node)
            yield (depth, self.member(node, "resource.start", 8), self.member(node, "resource.end", 8),
                   self.text(self.member(node, "resource.name")))
            yield from self.resources(node, depth + 1)
            node = self.member(node, "resource.sibling")
