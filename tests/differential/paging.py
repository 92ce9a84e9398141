"""Random page tables for Sv32, Sv39, Sv48 and Sv57.

Follows the privileged specification 1.12, chapters 4.3 to 4.6. An address space maps the program's own memory
one to one for S mode, the code a second time for U mode, and offers places to probe:

  data        16 pages in a row, each leaf with random permissions, A/D, RSW, G, sometimes a reserved encoding
  code        8 pages onto the snippet pages of the program, for fetches
  superpages  leaves of each higher level, some misaligned
  broken      data pages behind a pointer entry that is invalid or reserved
  napot       pages of 64 KiB (Svnapot), some of a reserved size
  hole        a page of physical addresses nobody owns
  outside     addresses that are not canonical, or not mapped

Nothing here predicts an outcome: that is the reference simulator's part.
"""

from dataclasses import dataclass, field

from layout import (CODE_BASE, DATA_BASE, DATA_PAGES, PAGE, SNIPPET_BASE, SNIPPET_PAGES, TEST_BASE)

V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
N = 1 << 63
FULL = V | R | W | X | A | D


@dataclass(frozen=True)
class Format:
  """Shape of a translation scheme: satp mode, levels, index bits, PTE bytes, virtual address bits."""

  name: str
  satp_mode: int
  levels: int
  index_bits: int
  pte_bytes: int
  va_bits: int

  def leaf_bytes(self, level):
    """Bytes mapped by a leaf of a level (0: 4 KiB)."""
    return PAGE << (self.index_bits * level)


FORMATS = {
    32: [Format('sv32', 1, 2, 10, 4, 32)],
    64: [Format('sv39', 8, 3, 9, 8, 39), Format('sv48', 9, 4, 9, 8, 48), Format('sv57', 10, 5, 9, 8, 57)],
}

USER_CODE = 0x40000000
HOLE = 0x1f000000


def data_leaf(rng, reserved):
  """Flags and high bits of a leaf for data, from plain to reserved."""
  if rng.random() < 0.45:
    flags = V | R | W | (X if rng.random() < 0.3 else 0)
  else:
    flags = V if rng.random() < 0.93 else 0
    flags |= rng.choice([0, R, W, R | W, X, R | X, W | X, R | W | X, R, R | X])
  flags |= U if rng.random() < 0.5 else 0
  flags |= A | D if rng.random() < 0.5 else rng.choice([0, A, D, 0])
  flags |= G if rng.random() < 0.08 else 0
  flags |= rng.randrange(4) << 8
  if reserved and rng.random() < 0.06:
    flags |= 1 << rng.choice(reserved)
  return flags


def code_leaf(rng, reserved):
  """Flags of a leaf for fetches: never writable, so that the snippets stay."""
  flags = rng.choice([V | X, V | X, V | R | X, V | R | X, V | R, V | W | X, V, X | R])
  flags |= U if rng.random() < 0.5 else 0
  flags |= A if rng.random() < 0.6 else 0
  if reserved and rng.random() < 0.06:
    flags |= 1 << rng.choice(reserved)
  return flags


@dataclass
class AddressSpace:
  """One set of page tables and the virtual addresses worth accessing through it."""

  format: Format
  asid: int
  root: int
  tables: dict = field(default_factory=dict)      # physical address -> {index: entry}
  data_boundaries: list = field(default_factory=list)   # page boundaries to access about
  aligned_only: list = field(default_factory=list)      # addresses for aligned accesses
  fetch_pages: list = field(default_factory=list)       # virtual pages holding snippets
  fetch_faults: list = field(default_factory=list)      # addresses without anything executable
  probed: list = field(default_factory=list)      # physical addresses of the entries to report
  data_entries: list = field(default_factory=list)      # (virtual page, physical address of its entry)
  leaf_tables: list = field(default_factory=list)       # tables that hold the data pages, for PMP
  reserved: object = ()                           # bits that no PTE may have set

  @property
  def satp(self):
    ppn = self.root >> 12
    if self.format.pte_bytes == 4:
      return 1 << 31 | self.asid << 22 | ppn
    return self.format.satp_mode << 60 | self.asid << 44 | ppn


class Builder:
  """Builds address spaces into one area of physical memory."""

  def __init__(self, rng, xlen, base, limit, napot):
    self.rng = rng
    self.xlen = xlen
    self.napot = napot and xlen == 64
    self.reserved = range(61, 63) if self.napot else range(54, 64) if xlen == 64 else ()
    self.next_table = base
    self.limit = limit
    self.asids = set()

  def build(self, fmt):
    """A complete random address space."""
    space = AddressSpace(fmt, self.new_asid(), 0, reserved=self.reserved)
    space.root = self.new_table(space)
    self.map_program(space)
    self.map_data(space)
    self.map_code(space)
    for level in range(1, fmt.levels):
      for _ in range(3):
        self.map_superpage(space, level)
    for _ in range(3):
      self.map_broken(space)
      if self.napot:
        self.map_napot(space)
    self.map_hole(space)
    self.add_outside(space)
    return space

  def new_asid(self):
    """An ASID that no other address space has, so that changing between them needs no fence."""
    while True:
      asid = self.rng.getrandbits(9 if self.xlen == 32 else 16)
      if asid and asid not in self.asids:
        self.asids.add(asid)
        return asid

  def new_table(self, space):
    address = self.next_table
    self.next_table += PAGE
    assert self.next_table <= self.limit, 'page tables outgrow their area'
    space.tables[address] = {}
    return address

  def index(self, space, va, level):
    return va >> (12 + space.format.index_bits * level) & ((1 << space.format.index_bits) - 1)

  def walk(self, space, va, level):
    """Physical address of the entry of a level for va; creates the tables above."""
    table = space.root
    for above in range(space.format.levels - 1, level, -1):
      index = self.index(space, va, above)
      entry = space.tables[table].get(index)
      if entry is None:
        below = self.new_table(space)
        space.tables[table][index] = below >> 12 << 10 | V
      else:
        below = entry >> 10 << 12
      table = below
    return table + self.index(space, va, level) * space.format.pte_bytes

  def put(self, space, va, level, pa, flags, probe=True):
    """Writes a leaf (or whatever the flags make of it); returns the entry's physical address."""
    address = self.walk(space, va, level)
    table, offset = address & -PAGE, address & (PAGE - 1)
    mask = (1 << (8 * space.format.pte_bytes)) - 1
    space.tables[table][offset // space.format.pte_bytes] = (pa >> 12 << 10 | flags) & mask
    if probe:
      space.probed.append(address)
    return address

  def free_va(self, space, level):
    """A canonical virtual address, aligned to a leaf of a level, with a root entry of its own."""
    fmt = space.format
    while True:
      va = self.rng.getrandbits(fmt.va_bits) & -fmt.leaf_bytes(level)
      root_index = self.index(space, va, fmt.levels - 1)
      low = va < 1 << 32 if fmt.va_bits > 32 else va >> 22 in (256, 257, 512, 513)
      if not low and root_index not in space.tables[space.root] and root_index != 0:
        return self.extend(fmt, va)

  def extend(self, fmt, va):
    """The address as a register holds it: sign-extended from the highest translated bit."""
    if fmt.va_bits == 32:
      return va
    if va >> (fmt.va_bits - 1) & 1:
      va |= -(1 << fmt.va_bits)
    return va & ((1 << 64) - 1)

  def map_program(self, space):
    """The program's memory one to one for S mode (global), its code at USER_CODE for U mode."""
    fmt = space.format
    identity = FULL | G
    if fmt.pte_bytes == 4:
      self.put(space, CODE_BASE, 1, CODE_BASE, identity, False)
      self.put(space, TEST_BASE, 1, TEST_BASE, identity, False)
      level = self.rng.randrange(2)
    else:
      self.put(space, CODE_BASE, 2, CODE_BASE, identity, False)
      level = self.rng.randrange(3)
    if level:
      self.put(space, USER_CODE, level, CODE_BASE, FULL | U, False)
      return
    for page in range(64):
      self.put(space, USER_CODE + page * PAGE, 0, CODE_BASE + page * PAGE, V | R | X | U | A, page < 4)

  def map_data(self, space):
    start = self.free_va(space, 1) + self.rng.randint(2, 400) * PAGE
    for page in range(16):
      va = start + page * PAGE
      pa = DATA_BASE + self.rng.randrange(DATA_PAGES) * PAGE
      entry = self.put(space, va, 0, pa, data_leaf(self.rng, self.reserved))
      space.data_entries.append((va, entry))
      space.data_boundaries.append(va)
    space.leaf_tables.append(space.data_entries[0][1] & -PAGE)

  def map_code(self, space):
    start = self.free_va(space, 1) + self.rng.randint(2, 400) * PAGE
    for page in range(8):
      pa = SNIPPET_BASE + self.rng.randrange(SNIPPET_PAGES) * PAGE
      self.put(space, start + page * PAGE, 0, pa, code_leaf(self.rng, self.reserved))
      space.fetch_pages.append(start + page * PAGE)

  def map_superpage(self, space, level):
    fmt = space.format
    va = self.free_va(space, level)
    pa = DATA_BASE & -fmt.leaf_bytes(level)
    flags = data_leaf(self.rng, self.reserved)
    if not flags & (R | W | X):  # no pointer: the walk would end where nobody owns the address
      flags |= R
    misaligned = self.rng.random() < 0.2
    target = pa | 1 << self.rng.randrange(12, 12 + fmt.index_bits * level) if misaligned else pa
    self.put(space, va, level, target, flags)
    page = self.rng.randint(1, DATA_PAGES - 1)
    space.data_boundaries.append(va + (DATA_BASE - pa) + page * PAGE)

  def map_napot(self, space):
    """16 equal entries of a page of 64 KiB, or of a reserved size; and N in a superpage or in a pointer.

    QEMU sets A and D in the entry that it walked through, memio in the first one: both are set beforehand.
    """
    rng = self.rng
    flags = N | A | D | data_leaf(rng, self.reserved)
    if not flags & (R | W | X):
      flags |= R
    block = 16 * PAGE
    pa = DATA_BASE & -block
    va = self.free_va(space, 1) + rng.randrange(32) * block
    low = rng.choice([8, 8, 8, 8, 0, 4, 9, 12])
    for page in range(16):
      self.put(space, va + page * PAGE, 0, pa + low * PAGE, flags, False)
    space.data_boundaries.append(va + (DATA_BASE - pa) + rng.randint(1, 7) * PAGE)
    strange = self.free_va(space, 1)
    if rng.random() < 0.5:
      self.put(space, strange, 1, DATA_BASE & -space.format.leaf_bytes(1) | 8 * PAGE, flags)
    else:
      self.put(space, strange, 0, DATA_BASE, V | R | W | A | D)
      address = self.walk(space, strange, 1)
      space.tables[address & -PAGE][(address & (PAGE - 1)) // space.format.pte_bytes] |= N
    space.data_boundaries.append(strange)

  def map_broken(self, space):
    """A good leaf below a pointer entry that is not good."""
    fmt = space.format
    va = self.free_va(space, 1)
    self.put(space, va, 0, DATA_BASE, V | R | W | A | D | self.rng.choice([0, U]))
    level = self.rng.randrange(1, fmt.levels)
    address = self.walk(space, va, level)
    table, index = address & -PAGE, (address & (PAGE - 1)) // fmt.pte_bytes
    entry = space.tables[table][index]
    defect = self.rng.choice([V, W, A, D, U, A | D])
    entry = entry & ~V if defect == V else entry | defect
    if self.reserved and self.rng.random() < 0.3:
      entry |= 1 << self.rng.choice(self.reserved)
    space.tables[table][index] = entry
    space.probed.append(address)
    space.data_boundaries.append(va)

  def map_hole(self, space):
    va = self.free_va(space, 0)
    self.put(space, va, 0, HOLE, V | R | W | X | A | D | self.rng.choice([0, U]))
    space.aligned_only.append(va + 8 * self.rng.randrange(64))

  def add_outside(self, space):
    fmt = space.format
    unmapped = self.free_va(space, 0)
    space.data_boundaries.append(unmapped)
    space.fetch_faults.append(unmapped + 2 * self.rng.randrange(1024))
    if fmt.va_bits < 64 and self.xlen == 64:
      wrong = self.rng.getrandbits(fmt.va_bits - 1) & -PAGE | 1 << self.rng.randrange(fmt.va_bits - 1, 63)
      space.data_boundaries.append(wrong)
      space.fetch_faults.append(wrong + 64)
