"""Kinds of chunk: which mode, translation, delegation and mixture of instructions each has.

plain       M, S or U mode without translation: arithmetic, memory, atomics, traps
registers   M or S mode: CSR accesses, changes of mode, trapped privileged instructions
interrupts  software-made interrupts in M, S and U mode, delegated and not, direct and vectored
paged       S, U or (through MPRV) M mode in a random address space
protected   S or U mode, PMP regions over data pages or page tables (protection.py)
locked      M and S mode, PMP entries of all kinds, some locked; at the end of a program (protection.py)
"""

import floating
import privileged as priv
import unprivileged as unpriv
from chunks import Chunk
from csr import EXCEPTIONS, S_INTERRUPTS
from layout import (CODE_BASE, DATA_BASE, DATA_PAGES, FLAG_FENCE, FLAG_MTVEC_VECTORED, FLAG_SSTC,
                    FLAG_STVEC_VECTORED, MODE_M, MODE_S, MODE_U, MPIE, MPP_SHIFT, MSI, MXR, NESTED,
                    NESTED_INTERRUPT, PAGE, SEI, SIE, SNIPPET_BASE, SPIE, SSI, STI, SUM, TSR, TVM, TW)
from mixtures import ARITHMETIC, CONTROL, MEMORY, TRAPS, add_data, add_probe, choose_mode, fill
from paging import HOLE, USER_CODE
from protection import locked, protected

# Interrupts (as bits of mip) that QEMU, taking the lowest number first, orders as the specification does.
INTERRUPT_SOURCES = [SSI | STI, MSI | STI, MSI | SEI]


def plain(ch):
  choose_mode(ch)
  add_data(ch)
  if ch.rng.random() < 0.15:
    ch.add_aligned(HOLE)
  mixture = ARITHMETIC + CONTROL + MEMORY + TRAPS
  mixture += [(unpriv.reserved_pair, 1.5), (unpriv.misaligned_atomic, 0.6), (unpriv.misaligned_jump, 0.8),
              (unpriv.fence, 1), (unpriv.self_modifying, 0.7), (fetch_hole, 0.1)]
  fill(ch, mixture + float_mixture(ch, 40), ch.rng.randint(30, 60))


def float_mixture(ch, weight):
  """Floating point for half of the chunks of a machine that has it; `weight` is that of all of it."""
  if not ch.variant.floating or ch.rng.random() < 0.5:
    return []
  floating.begin(ch)
  return [(generator, weight * part) for generator, part in floating.MIXTURE]


def registers(ch):
  choose_mode(ch)
  if ch.mode == MODE_S and ch.rng.random() < 0.4:
    return restricted(ch)
  fill(ch, ARITHMETIC + [(priv.csr_access, 9 if ch.mode > MODE_U else 0), (priv.forbidden, 4),
                         (priv.counter_read, 2), (priv.change_mode, 1), (priv.return_anywhere, 1.5),
                         (priv.supervisor_timer, 1), (unpriv.breakpoint_or_call, 1)],
       ch.rng.randint(30, 60))
  return None


def restricted(ch):
  """S mode with any of TVM, TW and TSR: satp and sfence.vma, wfi, sret are illegal or not.

  What is legal must go on: no write of satp, no sret, and wfi with an interrupt pending that SIE masks.
  """
  rng = ch.rng
  trapped = rng.choice([TVM | TW | TSR, TVM, TW, TSR, TVM | TSR, TVM | TW, TW | TSR, 0])
  ch.record['mstatus'] |= trapped
  ch.record.update(mie=SSI, mideleg=SSI)
  ch.emit(f'csrsi sip, {SSI}')
  choices = [f'csrr x{ch.target()}, satp', 'sfence.vma', f'sfence.vma x{ch.source()}, x{ch.source(1)}', 'wfi',
             '.4byte 0x18000073']
  choices += [f'csrw satp, x{ch.source()}' if trapped & TVM else '.4byte 0x16000073']
  if trapped & TSR:
    choices.append('sret')
    ch.record['medeleg'] = 0  # the handler in S mode could not return
  for _ in range(rng.randint(8, 16)):
    rng.choice([unpriv.alu, unpriv.compressed, priv.counter_read])(ch)
    ch.emit(rng.choice(choices))


def interrupts(ch):
  rng = ch.rng
  choose_mode(ch, lowest=rng.choice([MODE_S, MODE_M]))
  ch.sources = rng.choice(INTERRUPT_SOURCES)
  ch.record['mie'] = rng.choice([0, 2, 8, 0x20, 0x200, 0x222, 0x22a, 0x22a])
  ch.record['mideleg'] = rng.choice([0, S_INTERRUPTS, rng.getrandbits(10) & S_INTERRUPTS])
  ch.record['mstatus'] |= rng.getrandbits(8) & (SIE | SPIE | MPIE)
  ch.record['flags'] &= ~FLAG_SSTC  # with it, software cannot set STIP
  if rng.random() < 0.5:
    ch.record['nested'] = NESTED_INTERRUPT
  if ch.mode == MODE_M and rng.random() < 0.6:  # several at once, taken by priority after the change of mode
    ch.record['mstatus'] &= ~MPIE
    ch.record['mie'] = S_INTERRUPTS
    ch.emit(f'csrs mip, x{ch.reserve(ch.sources & S_INTERRUPTS)}')
    priv.change_mode(ch)
  fill(ch, ARITHMETIC + [(priv.interrupt, 14), (priv.wait, 1), (priv.change_mode, 1)], rng.randint(30, 50))


def paged(ch):
  rng = ch.rng
  ch.space = rng.choice(ch.spaces)
  ch.record['satp'] = ch.space.satp
  choose_mode(ch)
  if ch.mode == MODE_U:
    ch.record['offset'] = USER_CODE - CODE_BASE
  ch.record['mstatus'] |= rng.choice([0, SUM, MXR, SUM | MXR])
  mixture = ARITHMETIC + TRAPS + [(unpriv.branch, 2), (unpriv.jump, 1)]
  if ch.mode == MODE_M:
    for _ in range(6):
      add_probe(ch, ch.other_bases)
    cell = ch.add_cell(rng.choice(ch.space.data_boundaries), 8)
    ch.other_cells = [] if cell is None else [cell]
    add_data(ch, 2)
    mixture += [(priv.as_other_mode, 8), (unpriv.memory, 4), (priv.status_toggle, 2)]
  else:
    for _ in range(6):
      add_probe(ch, ch.bases)
    mixture += [(unpriv.memory, 22), (unpriv.amo, 5), (unpriv.load_reserved, 1), (priv.fetch, 4)]
    for _ in range(2):
      cell = ch.add_cell(rng.choice(ch.space.data_boundaries), 8)
      if cell is not None:
        ch.cells.append(cell)
    if ch.mode == MODE_S:
      mixture += [(priv.status_toggle, 5), (priv.change_entry, 5), (priv.change_space, 1), (unpriv.fence, 1)]
  fill(ch, mixture + float_mixture(ch, 12), rng.randint(30, 60))


def fetch_hole(ch):
  """Jumps to an address nobody owns."""
  register = ch.reserve(HOLE + 4 * ch.rng.randrange(32))
  if register is None:
    unpriv.alu(ch)
  else:
    ch.emit(f'jalr x1, 0(x{register})')


KINDS = [(plain, 8), (registers, 4), (interrupts, 2), (paged, 10), (protected, 2), (locked, 0)]


def make_chunk(rng, program, index, kind=None):
  """A random chunk of a kind, or of any."""
  scenario = kind or rng.choices(*zip(*KINDS))[0]
  ch = Chunk(rng, program.xlen, index, scenario.__name__, program.variant)
  ch.spaces = program.spaces
  flags = rng.choice([0, FLAG_MTVEC_VECTORED]) | rng.choice([0, FLAG_STVEC_VECTORED])
  flags |= FLAG_FENCE if rng.random() < 0.3 else 0
  flags |= FLAG_SSTC if rng.random() < 0.3 else 0
  delegated = rng.choice([0, EXCEPTIONS, rng.getrandbits(16) & EXCEPTIONS])
  ch.record.update(medeleg=delegated, offset=0, flags=flags,
                   counteren=rng.getrandbits(32), scounteren=rng.getrandbits(32),
                   nested=rng.choice([0, 0, 0, rng.choice(NESTED)]))
  scenario(ch)
  return ch
