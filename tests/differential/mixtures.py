"""What the kinds of chunk have in common: mixtures of instructions, mode, data to work on."""

import privileged as priv
import unprivileged as unpriv
from layout import DATA_BASE, DATA_PAGES, MODE_M, MODE_S, MODE_U, MPP_SHIFT, PAGE

ARITHMETIC = [(unpriv.alu, 10), (unpriv.compressed, 8), (unpriv.bits, 8), (unpriv.muldiv, 6)]
CONTROL = [(unpriv.branch, 3), (unpriv.jump, 2), (unpriv.loop, 0.5)]
MEMORY = [(unpriv.memory, 14), (unpriv.amo, 6)]
TRAPS = [(unpriv.illegal, 1), (unpriv.breakpoint_or_call, 0.7), (priv.forbidden, 0.8)]


def fill(ch, weights, length):
  """Adds random instructions until the chunk has about `length` of them."""
  generators, chances = zip(*weights)
  while ch.instructions < length:
    ch.rng.choices(generators, chances)[0](ch)


def choose_mode(ch, lowest=MODE_U, highest=MODE_M):
  ch.mode = ch.rng.choice([mode for mode in (MODE_U, MODE_S, MODE_M) if lowest <= mode <= highest])
  ch.record['mstatus'] = ch.mode << MPP_SHIFT


def add_data(ch, count=5):
  """Bases and atomic cells in data memory by physical address."""
  for _ in range(count):
    ch.add_base(DATA_BASE + ch.rng.randint(0, DATA_PAGES) * PAGE)
  for _ in range(2):
    cell = ch.add_cell(DATA_BASE + ch.rng.randint(0, DATA_PAGES) * PAGE, 8)
    if cell is not None:
      ch.cells.append(cell)


def add_probe(ch, bases):
  """A base in the chunk's address space."""
  if ch.rng.random() < 0.06 and bases is ch.bases:
    ch.add_aligned(ch.rng.choice(ch.space.aligned_only))
  else:
    ch.add_base(ch.rng.choice(ch.space.data_boundaries), bases)
