"""Random floating-point instructions of F, D and Zfh, and what mstatus.FS makes of them.

Unprivileged specification, chapters 11 and 12, Zfh 1.0; encodings by float_table.py, whose operands f10 to f13,
x10 and x11 are replaced by any. Comparisons and conversions to integers, which may raise flags without writing
an f register, come only while FS is dirty: QEMU does not set it for the flags alone.
"""

import float_table
from float_table import FORMATS
from layout import FS, FS_SHIFT
from unprivileged import alu

OPCODE_FP = 0x53
# Exponent and fraction bits.
SIZES = {'h': (5, 10), 's': (8, 23), 'd': (11, 52)}


def register_value(rng):
  """What an f register may hold: a number of one of the formats, mostly NaN-boxed."""
  exponent_bits, fraction_bits = SIZES[rng.choice(FORMATS)]
  ones = (1 << exponent_bits) - 1
  exponent = rng.choice([0, 1, ones - 1, ones, ones >> 1, (ones >> 1) + rng.randint(-12, 64),
                         rng.getrandbits(exponent_bits)]) & ones
  fraction = rng.choice([0, 1, (1 << fraction_bits) - 1, 1 << (fraction_bits - 1),
                         rng.getrandbits(fraction_bits)])
  width = 1 + exponent_bits + fraction_bits
  value = rng.getrandbits(1) << (width - 1) | exponent << fraction_bits | fraction
  above = (1 << (64 - width)) - 1
  return value | (above if rng.random() < 0.9 else rng.getrandbits(64) & above) << width


class Table:
  """The instructions of a width without memory, apart by what they write."""

  def __init__(self, xlen):
    self.to_float, self.to_integer = [], []
    for fmt in FORMATS:
      for name, bits, sources, integer in float_table.of_format(fmt, xlen):
        rounded = ',' in name
        if rounded and not name.endswith(',rne'):
          continue
        group = bits >> 27
        writes_integer = bits & 0x7f == OPCODE_FP and group in (20, 24, 28)
        (self.to_integer if writes_integer else self.to_float).append((bits, sources, integer, rounded))


TABLES = {xlen: Table(xlen) for xlen in (32, 64)}


def operation(ch):
  """One arithmetic instruction, conversion, comparison or move, with any rounding mode."""
  rng, table = ch.rng, TABLES[ch.xlen]
  if ch.fs == 3 and rng.random() < 0.3:
    choices, target = table.to_integer, ch.target()
  else:
    choices, target = table.to_float, rng.randrange(32)
  bits, sources, integer, rounded = rng.choice(choices)
  bits = bits & ~(31 << 7 | 31 << 15) | target << 7 | (ch.source() if integer else rng.randrange(32)) << 15
  if sources > 1:
    bits = bits & ~(31 << 20) | rng.randrange(32) << 20
  if sources > 2:
    bits = bits & ~(31 << 27) | rng.randrange(32) << 27
  if rounded:
    bits |= rng.choice([0, 1, 2, 3, 4, 7, 7, 7, rng.randrange(8)]) << 12
  ch.emit(f'.4byte {bits:#010x}')


def access(ch):
  """A load or a store of an f register, compressed or not, aligned or not."""
  rng = ch.rng
  if not ch.bases:
    return alu(ch)
  base = rng.choice(ch.bases)
  fmt = rng.choice(FORMATS)
  letter, size = {'h': ('h', 2), 's': ('w', 4), 'd': ('d', 8)}[fmt]
  store = rng.random() < 0.45
  name = f'f{"s" if store else "l"}{letter}'
  by_sp = base.register == 2
  compressed = fmt == 'd' or (fmt == 's' and ch.xlen == 32)
  if compressed and rng.random() < 0.4 and (by_sp or 8 <= base.register <= 15):
    offset = ch.offset(base, size, 0, (63 if by_sp else 31) * size, size)
    if offset is not None:
      value = rng.randrange(32) if by_sp else rng.randrange(8, 16)
      ch.emit(f'c.{name}{"sp" if by_sp else ""} f{value}, {offset}(x{base.register})')
      return None
  offset = ch.offset(base, size)
  if offset is None:
    return alu(ch)
  number = rng.randrange(32)
  width = {'h': 1, 's': 2, 'd': 3}[fmt]
  if store:
    bits = (offset >> 5 & 127) << 25 | number << 20 | (offset & 31) << 7 | 0x27
  else:
    bits = (offset & 0xfff) << 20 | number << 7 | 0x07
  ch.emit(f'.4byte {bits | base.register << 15 | width << 12:#010x}')
  return None


def make_dirty(ch):
  """Sets FS to dirty by a sign injection, which never traps but for FS = 0."""
  bits = float_table.r_type(4, 'd', 12, 0) | ch.rng.randrange(32) << 7
  ch.emit(f'.4byte {bits:#010x}')
  ch.fs = 3 if ch.fs else 0


def control(ch):
  """Reads or writes fflags, frm or fcsr; any write makes the state dirty."""
  rng = ch.rng
  name = rng.choice(['fflags', 'frm', 'fcsr'])
  kind = rng.randrange(5)
  if kind == 0:
    ch.emit(f'csrr x{ch.target()}, {name}')
    return
  if kind == 1:
    ch.emit(f'{rng.choice(["csrrwi", "csrrsi", "csrrci"])} x{ch.target()}, {name}, {rng.randint(1, 31)}')
  elif kind == 2:
    ch.emit(f'csrrw x{ch.target()}, {name}, x{ch.source()}')
  else:  # a valid rounding mode more often than chance would have it
    ch.emit(f'csrrwi x{ch.target()}, frm, {rng.randrange(5)}')
  ch.fs = 3 if ch.fs else 0


def change_state(ch):
  """Writes FS, and reads mstatus or sstatus with its summary bit."""
  rng = ch.rng
  if ch.mode == 0:
    return make_dirty(ch)
  name = 'mstatus' if ch.mode == 3 else 'sstatus'
  one, read, mask = ch.targets(3)
  if rng.random() < 0.6:
    ch.fs = rng.choice([0, 1, 1, 2, 2, 3])
    ch.emit(f'li x{one}, {FS:#x}')
    ch.emit(f'csrc {name}, x{one}')
    if ch.fs:
      ch.emit(f'li x{one}, {ch.fs << FS_SHIFT:#x}')
      ch.emit(f'csrs {name}, x{one}')
  ch.emit(f'csrr x{read}, {name}')
  ch.emit(f'li x{mask}, {FS | 1 << (ch.xlen - 1):#x}')
  ch.emit(f'and x{read}, x{read}, x{mask}')
  return None


def begin(ch):
  """FS and fcsr at the chunk's beginning."""
  ch.fs = ch.rng.choice([0, 1, 1, 2, 3, 3])
  ch.record['mstatus'] |= ch.fs << FS_SHIFT
  ch.record['fcsr'] = ch.rng.getrandbits(5) | ch.rng.choice([0, 1, 2, 3, 4, ch.rng.randrange(8)]) << 5


MIXTURE = [(operation, 0.6), (access, 0.2), (make_dirty, 0.05), (control, 0.1), (change_state, 0.05)]
