"""A chunk: a short run of instructions with the registers, CSRs and translation it starts with."""

from dataclasses import dataclass

from isa import REGISTERS, corner_value
from layout import MODE_M, WINDOW

# Never set aside: x1, which takes the return address of every jump that may fault, and x10, which the
# snippets change.
CONSTANT_CANDIDATES = [number for number in range(2, REGISTERS) if number != 10]
CONSTANTS = 18


@dataclass(frozen=True)
class Base:
  """A register that points `distance` bytes past a page boundary (if aligned: at one doubleword)."""

  register: int
  distance: int
  aligned_only: bool = False


class Chunk:
  """Collects the instructions of one chunk and the state it starts from.

  Some registers are set aside at first: reserve() hands them out for addresses and constants, which are
  loaded before the chunk begins, so nothing may write them until they are released. All others are free.
  """

  def __init__(self, rng, xlen, index, kind, variant):
    self.rng = rng
    self.xlen = xlen
    self.index = index
    self.kind = kind
    self.variant = variant
    self.mode = MODE_M
    self.space = None   # address space in force; None: no translation
    self.spaces = []    # all address spaces of the program
    self.sources = 0    # interrupts the chunk may make pending, as bits of mip
    self.lines = []
    self.instructions = 0
    self.labels = 0
    self.record = {}
    self.registers = {number: corner_value(rng, xlen) for number in range(1, REGISTERS)}
    self.reserved = set()
    self.unused = set(rng.sample(CONSTANT_CANDIDATES, CONSTANTS)) | ({2} if rng.random() < 0.5 else set())
    self.bases = []
    self.cells = []
    self.other_bases = []   # for accesses as in another mode
    self.other_cells = []
    self.aligned_accesses = False
    self.fence_before_access = False

  # -- instructions
  def emit(self, text, counted=True):
    """Appends an instruction; one that may be jumped over is not counted."""
    self.lines.append(f'  {text}')
    self.instructions += counted

  def new_label(self):
    self.labels += 1
    return f'.Lc{self.index}_{self.labels}'

  def place(self, label):
    self.lines.append(f'{label}:')

  # -- registers
  def source(self, low=0, high=REGISTERS - 1):
    """Any register."""
    return self.rng.randint(low, high)

  def writable(self, number):
    """Whether a random instruction may write a register."""
    return number not in self.reserved and number not in self.unused

  def target(self, low=0, high=REGISTERS - 1):
    """A register that may be written; x0 among them if low permits."""
    free = [number for number in range(low, high + 1) if self.writable(number)]
    return self.rng.choice(free) if free else None

  def targets(self, count):
    """Several different writable registers, none of them x0."""
    return self.rng.sample([number for number in range(1, REGISTERS) if self.writable(number)], count)

  def reserve(self, value, compressed=False, register=None):
    """A register that keeps a value (number or assembler expression) until released; None if none is left."""
    low, high = (8, 15) if compressed else (2, REGISTERS - 1)
    free = sorted(number for number in self.unused if low <= number <= high)
    if not free:
      return None
    if register not in self.unused:
      register = self.rng.choice(free)
    self.unused.discard(register)
    self.reserved.add(register)
    self.registers[register] = value & ((1 << self.xlen) - 1) if isinstance(value, int) else value
    return register

  def release(self, register):
    """Gives a reserved register back to the random instructions."""
    self.reserved.discard(register)
    self.bases = [base for base in self.bases if base.register != register]

  # -- addresses
  def add_base(self, boundary, bases=None):
    """Reserves a base register near a page boundary and adds it to a list (the chunk's own by default)."""
    rng = self.rng
    distance = rng.choice([rng.randint(-40, 40), 8 * rng.randint(-8, 4), rng.randint(-1900, 1900)])
    register = self.reserve(boundary + distance, rng.random() < 0.4, 2 if rng.random() < 0.4 else None)
    if register is None:
      return None
    base = Base(register, distance)
    (self.bases if bases is None else bases).append(base)
    return base

  def add_aligned(self, address):
    """Reserves a base register for aligned accesses to one doubleword."""
    register = self.reserve(address, True)
    if register is not None:
      self.bases.append(Base(register, 0, True))

  def add_cell(self, boundary, width):
    """Reserves a register that points at a naturally aligned cell, for atomics."""
    offset = self.rng.randrange(-WINDOW, WINDOW, width)
    return self.reserve(boundary + offset)

  def offset(self, base, size, low=-2048, high=2047, step=1):
    """An offset from a base for an access of a size, or None."""
    if base.aligned_only:
      return 0 if low <= 0 else None
    aligned = self.aligned_accesses or self.rng.random() < 0.5
    for _ in range(8):
      place = self.rng.randint(-WINDOW, WINDOW - size)
      if aligned:
        place &= -size
      offset = place - base.distance
      if low <= offset <= high and offset % step == 0:
        return offset
    return None

  @property
  def name(self):
    return f'chunk_{self.index}'
