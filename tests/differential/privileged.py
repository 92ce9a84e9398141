"""Random privileged instructions: CSRs, changes of mode, interrupts, translation control, fetch faults."""

import csr
from csr import S_INTERRUPTS
from layout import (CLINT_MSIP, FLAG_SSTC, MIE, MODE_M, MODE_S, MODE_U, MPIE, MPP, MPP_SHIFT, MPRV, MSI, MXR,
                    PAGE, SEI, SIE, SNIPPET_BASE, SNIPPET_ENTRIES, SPIE, SPP, SSI, STI, SUM, TSR)
from paging import G, data_leaf
from unprivileged import alu, amo, memory


def masked_read(ch, register, name, mask):
  """Reads a CSR and keeps the comparable bits."""
  ch.emit(f'csrr x{register}, {name}')
  keep(ch, register, mask)


def keep(ch, register, mask):
  """Clears what the mask does not cover."""
  if mask == csr.ALL:
    return
  spare = ch.targets(1)[0]
  while spare == register:
    spare = ch.targets(1)[0]
  ch.emit(f'li x{spare}, {mask & ((1 << ch.xlen) - 1):#x}')
  ch.emit(f'and x{register}, x{register}, x{spare}')


def csr_access(ch):
  """Saves a CSR, changes it with one of the six instructions, reads it back, restores it."""
  rng = ch.rng
  if ch.mode == MODE_U:
    forbidden(ch)
    return
  which = rng.choice(csr.comparable(ch))
  old, read, after = ch.targets(3)
  if which.value is None and which.set_bits == 0:
    masked_read(ch, read, which.name, which.read_bits)
    return
  ch.emit(f'csrr x{old}, {which.name}')
  ch.reserved.add(old)
  destination = rng.choice([read, read, 0])
  ways = ['csrrw'] * 2 if which.value else []
  ways += ['csrrs', 'csrrc', 'csrrsi', 'csrrci'] if which.set_bits else []
  way = rng.choice(ways)
  if way.endswith('i'):
    ch.emit(f'{way} x{destination}, {which.name}, {rng.getrandbits(5) & which.set_bits & 31}')
  else:
    value = which.value(rng, ch.xlen) if way == 'csrrw' else rng.getrandbits(ch.xlen) & which.set_bits
    operand = ch.reserve(value)
    if operand is None:
      operand = 0
    ch.emit(f'{way} x{destination}, {which.name}, x{operand}')
    if operand:
      ch.release(operand)
  if destination:
    keep(ch, destination, which.read_bits)
  masked_read(ch, after, which.name, which.read_bits)
  ch.emit(f'csrw {which.name}, x{old}')
  ch.emit(f'mv x{old}, x0')
  ch.reserved.discard(old)


def forbidden(ch):
  """An instruction that the mode does not permit, or nobody."""
  choices = list(csr.ALWAYS_ILLEGAL)
  if ch.mode < MODE_M:
    choices += csr.NEEDS_M
  if ch.mode < MODE_S:
    choices += csr.NEEDS_S
  if not ch.variant.floating:
    choices += csr.NEEDS_FLOAT
  text = ch.rng.choice(choices)
  ch.emit(text.format(rd=f'x{ch.target()}', rs=f'x{ch.source()}', nz=f'x{ch.source(1)}'))


def counter_read(ch):
  """Reads a counter and drops the value: only whether it traps can be compared."""
  names = csr.COUNTERS + (csr.COUNTERS_32 if ch.xlen == 32 else [])
  register = ch.targets(1)[0]
  ch.emit(f'csrr x{register}, {ch.rng.choice(names)}')
  ch.emit(f'mv x{register}, x0')


def change_mode(ch, to=None):
  """mret or sret to the next instruction, in a given mode or one that can execute it."""
  rng = ch.rng
  if ch.mode == MODE_U or (ch.mode == MODE_S and ch.record['mstatus'] & TSR):
    return forbidden(ch)
  lowest = MODE_U if ch.space is None else MODE_S
  by_mret = ch.mode == MODE_M and rng.random() < 0.7
  if to is None:
    to = rng.choice([mode for mode in (MODE_U, MODE_S, MODE_M)
                     if lowest <= mode <= (ch.mode if by_mret else MODE_S)])
  pc, mask = ch.targets(2)
  here, there = ch.new_label(), ch.new_label()
  ch.place(here)
  ch.emit(f'auipc x{pc}, %pcrel_hi({there})')
  ch.emit(f'addi x{pc}, x{pc}, %pcrel_lo({here})')
  status, shift, full = ('mstatus', MPP_SHIFT, MPP) if by_mret else ('sstatus', 8, SPP)
  ch.emit(f'csrw {"mepc" if by_mret else "sepc"}, x{pc}')
  ch.emit(f'li x{mask}, {full:#x}')
  ch.emit(f'csrc {status}, x{mask}')
  if to:
    ch.emit(f'li x{mask}, {to << shift:#x}')
    ch.emit(f'csrs {status}, x{mask}')
  ch.emit('mret' if by_mret else 'sret')
  ch.place(there)
  ch.mode = to
  return None


def return_anywhere(ch):
  """mret or sret with any xPP, xPIE and MPRV; what becomes of them shows in the status, and at a trap."""
  rng = ch.rng
  if ch.mode == MODE_U or (ch.mode == MODE_S and ch.record['mstatus'] & TSR):
    return forbidden(ch)
  by_mret = ch.mode == MODE_M and rng.random() < 0.6
  if by_mret:
    to = rng.choice([MODE_U, MODE_S, MODE_M])
    fields = to << MPP_SHIFT | rng.choice([0, MPIE])
    if to == MODE_M:  # a return below M mode clears MPRV, which QEMU does not do
      fields |= rng.choice([0, MPRV])
    every, status = MPP | MPIE | MPRV, 'mstatus'
  else:
    fields = rng.choice([0, SPP]) | rng.choice([0, SPIE])
    every, status = SPP | SPIE, 'sstatus'
    to = MODE_S if fields & SPP else MODE_U
  if to == MODE_U and ch.space is not None:
    return change_mode(ch)
  pc, mask = ch.targets(2)
  here, there = ch.new_label(), ch.new_label()
  ch.place(here)
  ch.emit(f'auipc x{pc}, %pcrel_hi({there})')
  ch.emit(f'addi x{pc}, x{pc}, %pcrel_lo({here})')
  ch.emit(f'csrw {"mepc" if by_mret else "sepc"}, x{pc}')
  ch.emit(f'li x{mask}, {every:#x}')
  ch.emit(f'csrc {status}, x{mask}')
  ch.emit(f'li x{mask}, {fields:#x}')
  ch.emit(f'csrs {status}, x{mask}')
  ch.emit('mret' if by_mret else 'sret')
  ch.place(there)
  ch.mode = to
  if to > MODE_U:
    ch.emit(f'csrr x{mask}, {"mstatus" if to == MODE_M else "sstatus"}')
    keep(ch, mask, csr.MSTATUS_BITS | MPP if to == MODE_M else csr.SSTATUS_BITS)
  if to == MODE_M:  # no access under MPRV, but to what the handlers log
    ch.emit(f'li x{mask}, {MPRV:#x}')
    ch.emit(f'csrc mstatus, x{mask}')
  ch.emit('ebreak')
  return None


def status_toggle(ch):
  """Sets or clears SUM and MXR: the next access must see it without a fence."""
  register = ch.reserve(ch.rng.choice([SUM, MXR, SUM | MXR]))
  if register is None or ch.mode == MODE_U:
    return alu(ch)
  ch.emit(f'{ch.rng.choice(["csrs", "csrc"])} sstatus, x{register}')
  return None


def snippet_entries(ch):
  """Where a snippet page may be entered."""
  return SNIPPET_ENTRIES if ch.variant.compressed else SNIPPET_ENTRIES[:-1]


def supervisor_timer(ch):
  """STIP by stimecmp in the past and in the far future, and that software cannot set it meanwhile.

  M mode puts Sstc into use for this; S mode can reach stimecmp if menvcfg.STCE and mcounteren.TM permit.
  """
  if ch.mode == MODE_U:
    return forbidden(ch)
  enable, read = ch.targets(2)
  ch.reserved.add(enable)
  control = 'menvcfg' if ch.xlen == 64 else '0x31a'
  permanent = ch.record['flags'] & FLAG_SSTC
  if ch.mode == MODE_M and not permanent:
    ch.emit(f'li x{enable}, {1 << (ch.xlen - 1):#x}')
    ch.emit(f'csrs {control}, x{enable}')
  pending = 'mip' if ch.mode == MODE_M else 'sip'
  for value in ch.rng.choice([[0], [-1], [0, -1], [-1, 0]]) + [-1]:
    ch.emit(f'li x{read}, {value}')
    if ch.xlen == 32:
      ch.emit(f'csrw 0x15d, x{read}')
    ch.emit(f'csrw 0x14d, x{read}')
    ch.emit(f'li x{read}, {STI}')
    ch.emit(f'{ch.rng.choice(["csrs", "csrc"])} {pending}, x{read}')
    masked_read(ch, read, pending, S_INTERRUPTS)
    if ch.mode == MODE_M or permanent:
      ch.emit(f'csrr x{ch.targets(1)[0]}, 0x14d')
  if ch.mode == MODE_M and not permanent:
    ch.emit(f'csrc {control}, x{enable}')
  ch.emit(f'mv x{enable}, x0')
  ch.reserved.discard(enable)
  return None


def fetch(ch):
  """Jumps to a snippet (which returns through x1) or to an address that faults."""
  rng = ch.rng
  places = [page + entry for page in ch.space.fetch_pages for entry in snippet_entries(ch)]
  if rng.random() < 0.15:
    places = [place & (-2 if ch.variant.compressed else -4) for place in ch.space.fetch_faults]
  register = ch.reserve(rng.choice(places))
  if register is None:
    return alu(ch)
  ch.emit(f'jalr x1, 0(x{register})')
  return None


def fetch_snippet(ch):
  """Calls a snippet through its physical address."""
  register = ch.reserve(SNIPPET_BASE + ch.rng.choice(snippet_entries(ch)))
  if register is None:
    alu(ch)
  else:
    ch.emit(f'jalr x1, 0(x{register})')


def change_entry(ch):
  """Writes a page-table entry, fences just that page in one of the four ways, and accesses it."""
  rng, space = ch.rng, ch.space
  va, entry = rng.choice(space.data_entries)
  old = space.tables[entry & -PAGE][(entry & (PAGE - 1)) // space.format.pte_bytes]
  pa_bits = old & 0x3ffffffffffc00
  value = pa_bits | data_leaf(rng, ch.space.reserved) & ~G
  pointer, new = ch.reserve(entry), ch.reserve(value)
  page, asid = ch.reserve(va), ch.reserve(space.asid)
  base = ch.add_base(va, [])
  if None in (pointer, new, page, asid, base):
    return alu(ch)
  memory(ch, [base])
  ch.emit(f'{"sd" if ch.xlen == 64 else "sw"} x{new}, 0(x{pointer})')
  ways = ['sfence.vma', f'sfence.vma x{page}, x0', f'sfence.vma x{page}']
  if not old & G:
    ways += [f'sfence.vma x0, x{asid}', f'sfence.vma x{page}, x{asid}'] * 2
  for sinval in (0x16000073, 0x16000073 | page << 15):  # sinval.vma x0, x0 or page, x0 between its two fences
    ways.append(f'.4byte 0x18000073\n  .4byte {sinval:#x}\n  .4byte 0x18100073')
  ch.emit(rng.choice(ways))
  for _ in range(rng.randint(1, 3)):
    memory(ch, [base])
  return None


def change_space(ch):
  """Switches to another address space, fences (for its global pages) and accesses it from now on."""
  rng = ch.rng
  other = rng.choice(ch.spaces)
  register = ch.reserve(other.satp)
  base = ch.add_base(rng.choice(other.data_boundaries), [])
  if register is None or base is None:
    return alu(ch)
  ch.emit(f'csrw satp, x{register}')
  ch.emit('sfence.vma')
  ch.space = other
  # Old addresses would reach, through the largest superpages, what nobody owns.
  for old in [old.register for old in ch.bases] + ch.cells:
    ch.release(old)
  ch.cells = []
  ch.bases = [base]
  for _ in range(rng.randint(1, 4)):
    memory(ch)
  return None


def as_other_mode(ch):
  """M mode: loads and stores with the translation and permission of S or U mode (MPRV)."""
  rng, bases = ch.rng, ch.other_bases
  clear, change = ch.reserve(MPP | MPRV), ch.reserve(MPRV | rng.choice([MODE_U, MODE_S]) << MPP_SHIFT)
  if clear is None or change is None or not bases:
    return alu(ch)
  ch.emit(f'csrc mstatus, x{clear}')
  ch.emit(f'csrs mstatus, x{change}')
  for _ in range(rng.randint(1, 5)):
    kind = rng.random()
    if kind < 0.75:
      memory(ch, bases)
    elif kind < 0.85:
      amo(ch, ch.other_cells)
    else:
      status_toggle(ch)
  ch.emit(f'csrc mstatus, x{clear}')
  return None


def interrupt(ch):
  """Makes interrupts pending, or enables them; what is enabled must be taken before the next instruction."""
  rng = ch.rng
  if ch.mode == MODE_U:
    return alu(ch)
  status = 'mstatus' if ch.mode == MODE_M else 'sstatus'
  enable = MIE if ch.mode == MODE_M else SIE
  kind = rng.randrange(4)
  if kind == 0:
    ch.emit(f'{rng.choice(["csrsi", "csrci"])} {status}, {enable}')
  elif ch.mode == MODE_S:
    choices = ['csrrsi x0, sip, 2', 'csrsi sip, 2', 'csrci sip, 2'] if ch.sources & SSI else []
    ch.emit(rng.choice(choices + ['csrsi sie, 2', 'csrci sie, 2', f'csrsi sstatus, {SIE}']))
  elif kind == 1 and ch.sources & MSI:
    by_msip(ch)
  else:
    pending = ch.reserve(rng.choice([SSI | STI | SEI, SSI, STI | SEI]) & ch.sources)
    if pending is not None:
      ch.emit(f'{rng.choice(["csrs", "csrs", "csrc"])} mip, x{pending}')
  return None


def by_msip(ch):
  """Writes msip of the CLINT with MIE clear (it may arrive a little later), then enables interrupts."""
  software = ch.reserve(CLINT_MSIP)
  if software is None:
    return
  one, read = ch.targets(2)
  ch.emit(f'csrci mstatus, {MIE}')
  ch.emit(f'li x{one}, 1')
  ch.emit(f'sw x{one}, 0(x{software})')
  ch.emit(f'sw x0, 0(x{software})' if ch.rng.random() < 0.3 else 'nop')
  masked_read(ch, read, 'mip', S_INTERRUPTS | MSI)
  ch.emit(f'csrsi mstatus, {MIE}')


def wait(ch):
  """M mode: wfi with an interrupt pending and enabled but masked by MIE, so that it goes on at once."""
  if ch.mode != MODE_M:
    return alu(ch)
  bit = ch.targets(1)[0]
  ch.emit(f'csrci mstatus, {MIE}')
  ch.emit(f'li x{bit}, {ch.sources & S_INTERRUPTS}')
  ch.emit(f'csrs mie, x{bit}')
  ch.emit(f'csrs mip, x{bit}')
  ch.emit('wfi')
  ch.emit(f'csrc mip, x{bit}')
  return None
