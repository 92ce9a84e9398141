"""Random unprivileged instructions: arithmetic, control flow, memory, atomics, compressed forms, traps."""

import isa
from layout import MODE_S


def alu(ch):
  """One register-register, immediate, shift or upper-immediate operation."""
  ch.emit(alu_text(ch))


def alu_text(ch):
  rng, rd, rs1, rs2 = ch.rng, ch.target(), ch.source(), ch.source()
  kind = rng.randrange(10)
  if kind < 5:
    return f'{rng.choice(isa.by_width(isa.R_TYPE, isa.R_TYPE_64, ch.xlen))} x{rd}, x{rs1}, x{rs2}'
  if kind < 7:
    name = rng.choice(isa.by_width(isa.I_TYPE, isa.I_TYPE_64, ch.xlen))
    return f'{name} x{rd}, x{rs1}, {isa.corner_immediate(rng)}'
  if kind < 9:
    name = rng.choice(isa.by_width(isa.SHIFTS, isa.SHIFTS_64, ch.xlen))
    limit = 32 if name.endswith('w') else ch.xlen
    return f'{name} x{rd}, x{rs1}, {rng.choice([0, 1, limit - 1, rng.randrange(limit)])}'
  upper = rng.choice([0, 1, 0x7ffff, 0x80000, 0xfffff, rng.getrandbits(20)])
  return f'{rng.choice(isa.U_TYPE)} x{rd}, {upper}'


def bits(ch):
  """One operation of Zba, Zbb, Zbc or Zbs."""
  rng, rd, rs1 = ch.rng, ch.target(), ch.source()
  kind = rng.randrange(5)
  if kind < 2:
    name = rng.choice(isa.by_width(isa.BITS, isa.BITS_64, ch.xlen))
    ch.emit(f'{name} x{rd}, x{rs1}, x{ch.source()}')
  elif kind < 4:
    ch.emit(f'{rng.choice(isa.by_width(isa.BITS_UNARY, isa.BITS_UNARY_64, ch.xlen))} x{rd}, x{rs1}')
  else:
    name = rng.choice(isa.by_width(isa.BIT_SHIFTS, isa.BIT_SHIFTS_64, ch.xlen))
    limit = 32 if name == 'roriw' else ch.xlen
    ch.emit(f'{name} x{rd}, x{rs1}, {rng.choice([0, 1, limit - 1, rng.randrange(limit)])}')


def muldiv(ch):
  """One multiplication or division, with a corner operand now and then."""
  name = ch.rng.choice(isa.by_width(isa.M_TYPE, isa.M_TYPE_64, ch.xlen))
  divisor = ch.source()
  if ch.rng.random() < 0.3:
    divisor = ch.target(1)
    ch.emit(f'addi x{divisor}, x0, {ch.rng.choice([0, 1, -1])}')
  ch.emit(f'{name} x{ch.target()}, x{ch.source()}, x{divisor}')


def compressed(ch):
  """One compressed operation without memory."""
  if not ch.variant.compressed:
    return alu(ch)
  rng, rd, low = ch.rng, ch.target(1), ch.target(8, 15)
  signed6 = rng.choice([value for value in range(-32, 32) if value])
  shift = rng.randrange(1, ch.xlen)
  forms = ['c.nop', f'.2byte {rng.choice(isa.HINTS):#x}', f'c.addi x{rd}, {signed6}',
           f'c.li x{rd}, {rng.randint(-32, 31)}', f'c.slli x{rd}, {shift}', f'c.mv x{rd}, x{ch.source(1)}',
           f'c.add x{rd}, x{ch.source(1)}']
  if ch.xlen == 64:
    forms.append(f'c.addiw x{rd}, {rng.randint(-32, 31)}')
  if rd != 2:
    forms.append(f'c.lui x{rd}, {rng.choice(list(range(1, 32)) + list(range(0xfffe0, 0x100000)))}')
  if ch.writable(2):
    forms.append(f'c.addi16sp sp, {16 * signed6}')
  if low is not None:
    names = isa.by_width(isa.C_TWO_REGISTERS, isa.C_TWO_REGISTERS_64, ch.xlen)
    forms += [f'{rng.choice(names)} x{low}, x{ch.source(8, 15)}' for _ in range(5)]
    forms += [f'{rng.choice(["c.srli", "c.srai"])} x{low}, {shift}', f'c.andi x{low}, {rng.randint(-32, 31)}',
              f'c.addi4spn x{low}, sp, {4 * rng.randint(1, 255)}']
  ch.emit(rng.choice(forms))
  return None


def skipped(ch):
  """A few instructions that a taken branch passes over: not counted."""
  for _ in range(ch.rng.randint(1, 3)):
    ch.emit(alu_text(ch), False)


def branch(ch):
  """A forward branch on random operands, often equal ones."""
  rng, over = ch.rng, ch.new_label()
  if ch.variant.compressed and rng.random() < 0.3:
    ch.emit(f'{rng.choice(["c.beqz", "c.bnez"])} x{ch.source(8, 15)}, {over}')
  else:
    first = ch.source()
    second = first if rng.random() < 0.2 else ch.source()
    ch.emit(f'{rng.choice(isa.BRANCHES)} x{first}, x{second}, {over}')
  skipped(ch)
  ch.place(over)


def jump(ch):
  """A direct or computed forward jump; the lowest bit of a jalr target is ignored."""
  rng, over = ch.rng, ch.new_label()
  kind = rng.randrange(6) if ch.variant.compressed else rng.choice([3, 4])
  if kind == 0:
    ch.emit(f'c.j {over}')
  elif kind == 1 and ch.xlen == 32 and 1 not in ch.reserved:
    ch.emit(f'c.jal {over}')
  elif kind < 4:
    ch.emit(f'jal x{ch.target()}, {over}')
  else:
    here, (via,) = ch.new_label(), ch.targets(1)
    ch.place(here)
    ch.emit(f'auipc x{via}, %pcrel_hi({over})')
    if ch.variant.compressed and rng.random() < 0.4:
      ch.emit(f'addi x{via}, x{via}, %pcrel_lo({here})')
      ch.emit(f'{rng.choice(["c.jr", "c.jalr"])} x{via}' if 1 not in ch.reserved else f'c.jr x{via}')
    else:
      if rng.random() < 0.5:
        ch.emit(f'addi x{via}, x{via}, 1')
      ch.emit(f'jalr x{ch.target()}, %pcrel_lo({here})(x{via})')
  skipped(ch)
  ch.place(over)


def misaligned_jump(ch):
  """Without compressed instructions: to an address that is not a multiple of 4, unless a branch is not taken."""
  if ch.variant.compressed:
    return jump(ch)
  rng, here, behind = ch.rng, ch.new_label(), ch.new_label()
  ch.place(here)
  ch.emit(f'auipc x1, %pcrel_hi({behind})')  # where the handler goes on
  ch.emit(f'addi x1, x1, %pcrel_lo({here})')
  kind, target = rng.randrange(3), ch.target()
  if kind == 0:
    ch.emit(f'jalr x{target}, {rng.choice([2, 3, -2, 6])}(x1)')
  elif kind == 1:
    ch.emit(f'.4byte {0x6 << 20 | target << 7 | 0x6f:#x}')  # jal to pc + 6
  else:  # a branch to pc + 6
    ch.emit(f'.4byte {ch.source() << 20 | ch.source() << 15 | rng.choice([0, 1, 4, 5, 6, 7]) << 12 | 0x363:#x}')
  ch.place(behind)
  return None


def loop(ch):
  """A loop of a few rounds; its body counts once."""
  counter = ch.targets(1)[0]
  ch.emit(f'addi x{counter}, x0, {ch.rng.randint(2, 9)}')
  ch.reserved.add(counter)
  again = ch.new_label()
  ch.place(again)
  for _ in range(ch.rng.randint(1, 4)):
    alu(ch) if ch.rng.random() < 0.7 else muldiv(ch)
  ch.emit(f'addi x{counter}, x{counter}, -1')
  ch.emit(f'bne x{counter}, x0, {again}')
  ch.reserved.discard(counter)


def memory(ch, bases=None):
  """One load or store, aligned or not, compressed or not."""
  rng = ch.rng
  bases = ch.bases if bases is None else bases
  if not bases:
    return alu(ch)
  base = rng.choice(bases)
  if ch.fence_before_access:
    ch.emit('sfence.vma')
  if ch.variant.compressed and rng.random() < 0.3 and compressed_memory(ch, base):
    return None
  store = rng.random() < 0.45
  name, size = rng.choice(isa.by_width(isa.STORES, isa.STORES_64, ch.xlen) if store
                          else isa.by_width(isa.LOADS, isa.LOADS_64, ch.xlen))
  offset = ch.offset(base, size)
  if offset is None:
    return alu(ch)
  if store:
    ch.emit(f'{name} x{ch.source()}, {offset}(x{base.register})')
  elif rng.random() < 0.08 and base in ch.bases and base.register not in (1, 10):
    ch.emit(f'{name} x{base.register}, {offset}(x{base.register})')
    ch.release(base.register)
  else:
    ch.emit(f'{name} x{ch.target()}, {offset}(x{base.register})')
  return None


def compressed_memory(ch, base):
  """A compressed load or store through the base, if there is one; true if emitted."""
  rng = ch.rng
  store = rng.random() < 0.45
  table = (isa.by_width(isa.C_STORES, isa.C_STORES_64, ch.xlen) if store
           else isa.by_width(isa.C_LOADS, isa.C_LOADS_64, ch.xlen))
  by_sp = base.register == 2
  forms = [form for form in table if form[3] == by_sp]
  if not by_sp and not 8 <= base.register <= 15:
    return False
  name, size, largest, _ = rng.choice(forms)
  offset = ch.offset(base, size, 0, largest, size)
  low, high = (1, 31) if by_sp else (8, 15)
  value = ch.source(0 if by_sp else 8, high) if store else ch.target(low, high)
  if offset is None or value is None:
    return False
  ch.emit(f'{name} x{value}, {offset}(x{base.register})')
  return True


def amo(ch, cells=None):
  """One atomic read-modify-write on an aligned cell."""
  cells = ch.cells if cells is None else cells
  if not cells:
    return alu(ch)
  rng = ch.rng
  width = rng.choice(['w', 'd'] if ch.xlen == 64 else ['w'])
  if ch.fence_before_access:
    ch.emit('sfence.vma')
  ch.emit(f'{rng.choice(isa.AMOS)}.{width}{rng.choice(isa.ORDERINGS)} '
          f'x{ch.target()}, x{ch.source()}, (x{rng.choice(cells)})')
  return None


def reserved_pair(ch):
  """lr and sc on one cell: the pair succeeds; a second sc fails."""
  if not ch.cells:
    return alu(ch)
  rng = ch.rng
  width = rng.choice(['w', 'd'] if ch.xlen == 64 else ['w'])
  cell = rng.choice(ch.cells)
  ch.emit(f'lr.{width}{rng.choice(["", ".aq", ".aqrl"])} x{ch.target()}, (x{cell})')
  for _ in range(rng.randrange(4)):
    alu(ch)
  store = f'sc.{width}{rng.choice(["", ".rl", ".aqrl"])}'
  ch.emit(f'{store} x{ch.target()}, x{ch.source()}, (x{cell})')
  if rng.random() < 0.3:
    ch.emit(f'{store} x{ch.target()}, x{ch.source()}, (x{cell})')
  return None


def misaligned_atomic(ch):
  """An atomic on an address that is not a multiple of its width: address-misaligned, never emulated."""
  if not ch.cells:
    return alu(ch)
  rng = ch.rng
  spare = ch.targets(1)[0]
  width, by = rng.choice([('w', 1), ('w', 2), ('w', 3)] + ([('d', 4), ('d', 1), ('d', 6)] if ch.xlen == 64 else []))
  ch.emit(f'addi x{spare}, x{rng.choice(ch.cells)}, {by}')
  name = rng.choice(isa.AMOS + ['lr'])
  operands = '' if name == 'lr' else f'x{ch.source()}, '
  ch.emit(f'{name}.{width} x{ch.target()}, {operands}(x{spare})')
  return None


def load_reserved(ch):
  """lr alone, for its faults: those of a load."""
  if not ch.cells:
    return alu(ch)
  if ch.fence_before_access:
    ch.emit('sfence.vma')
  width = ch.rng.choice(['w', 'd'] if ch.xlen == 64 else ['w'])
  ch.emit(f'lr.{width} x{ch.target()}, (x{ch.rng.choice(ch.cells)})')
  return None


def fence(ch):
  ch.emit(ch.rng.choice(isa.FENCES))


def illegal(ch):
  ch.emit(ch.rng.choice(isa.illegal_encodings(ch.xlen, ch.variant)))


def breakpoint_or_call(ch):
  """ebreak in both lengths; ecall, which at any place but the chunk's end is only logged."""
  choices = ['ebreak', 'ecall'] + (['c.ebreak'] if ch.variant.compressed else [])
  ch.emit(ch.rng.choice(choices))


def self_modifying(ch):
  """Copies one of several small routines to a writable place, fences, and calls it there."""
  if ch.space is not None and ch.mode != MODE_S:
    return alu(ch)
  rng = ch.rng
  source = ch.reserve(f'routine_{rng.randrange(4)}')
  target = ch.reserve(f'patch_area + {8 * rng.randrange(4)}')
  if source is None or target is None:
    return alu(ch)
  spare = ch.target(2)
  for offset in (0, 4):
    ch.emit(f'lw x{spare}, {offset}(x{source})')
    ch.emit(f'sw x{spare}, {offset}(x{target})')
  ch.emit('fence.i')
  ch.emit(f'jalr x1, 0(x{target})')
  ch.instructions += 2
  return ch.release(target)
