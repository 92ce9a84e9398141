"""CSRs whose contents can be compared, and which values may be written to them.

Follows the privileged specification 1.12, chapters 2 to 4. A field whose legal values are the
implementation's choice is either not written or masked when read; README.md lists what is left out.
"""

from dataclasses import dataclass, replace
from typing import Callable, Optional

from isa import corner_value
from layout import MIE, MODE_M, MODE_S, MPIE, MPP, MPRV, MXR, SIE, SPIE, SPP, SUM, TSR, TVM, TW

ALL = -1
EXCEPTIONS = 0xb1ff  # those that chunks delegate: without ecall from S mode, by which they end
DELEGABLE = 0xb3ff   # without ecall from M mode and the reserved ones
S_INTERRUPTS = 0x222
PMP_ADDRESS = (1 << 54) - 1
MSTATUS_BITS = SIE | MIE | SPIE | MPIE | SPP | MPRV | SUM | MXR | TVM | TW | TSR
COUNTERS_32_BITS = 0xffffffff
INHIBITABLE = 0xfffffffd  # all but time
SSTATUS_BITS = SIE | SPIE | SPP | SUM | MXR


@dataclass(frozen=True)
class Csr:
  """One CSR: lowest mode, bits that csrrs/csrrc may change, bits compared, maker of values for csrrw."""

  name: str
  mode: int
  set_bits: int
  read_bits: int
  value: Optional[Callable] = None
  width: int = 0  # 0: exists for both widths


def bits(mask):
  """A maker of random values inside a mask."""
  return lambda rng, xlen: corner_value(rng, xlen) & mask


def vector(rng, xlen):
  """A trap vector in any mode; the reserved ones are ignored on both sides."""
  return rng.getrandbits(xlen) & ~3 | rng.choice([0, 1, 0, 1, 2, 3])


def translation(rng, xlen):
  """A satp value: every mode that exists, every reserved one (the write is then ignored), or bare."""
  kind = rng.random()
  if kind < 0.2:
    return rng.choice([0, rng.getrandbits(31 if xlen == 32 else 60)])
  if xlen == 32:
    return 1 << 31 | rng.getrandbits(9) << 22 | rng.getrandbits(22)
  mode = rng.choice([8, 9, 10]) if kind < 0.75 else rng.choice([1, 2, 3, 4, 5, 6, 7, 12, 13])
  return mode << 60 | rng.getrandbits(16) << 44 | rng.getrandbits(44)


def pmp_address(rng, xlen):
  """A physical address in units of four bytes: 34 or 56 bits wide."""
  return rng.getrandbits(32 if xlen == 32 else 54)


def pmp_config(rng, _xlen):
  """Configurations of entries 0..3, unlocked, without the reserved W without R."""
  permissions = [0, 1, 3, 4, 5, 7]
  return sum((rng.choice(permissions) | rng.randrange(4) << 3) << (8 * entry) for entry in range(4))


CSRS = [
    Csr('mscratch', MODE_M, ALL, ALL, bits(ALL)),
    Csr('mepc', MODE_M, ~1, ALL, bits(~1)),
    Csr('mcause', MODE_M, ALL, ALL, bits(ALL)),
    Csr('mtval', MODE_M, ALL, ALL, bits(ALL)),
    Csr('mtvec', MODE_M, 0, ALL, vector),
    Csr('medeleg', MODE_M, DELEGABLE, ALL, bits(DELEGABLE)),
    Csr('mideleg', MODE_M, S_INTERRUPTS, S_INTERRUPTS, bits(S_INTERRUPTS)),
    Csr('mie', MODE_M, 0xaaa, 0xaaa, bits(0xaaa)),
    Csr('mip', MODE_M, S_INTERRUPTS, 0x22a, bits(S_INTERRUPTS)),
    Csr('mstatus', MODE_M, MSTATUS_BITS, MSTATUS_BITS | MPP),
    Csr('mcounteren', MODE_M, COUNTERS_32_BITS, ALL, bits(COUNTERS_32_BITS)),
    Csr('mcountinhibit', MODE_M, INHIBITABLE, INHIBITABLE, bits(INHIBITABLE)),
    Csr('mhpmcounter3', MODE_M, ALL, ALL, bits(ALL)),
    Csr('mhpmcounter17', MODE_M, ALL, ALL, bits(ALL)),
    Csr('mhpmcounter18h', MODE_M, ALL, ALL, bits(ALL), 32),
    Csr('menvcfg', MODE_M, 1, 1, bits(1)),
    Csr('mstatush', MODE_M, 0, 0x30, None, 32),
    Csr('misa', MODE_M, ALL, ALL, bits(ALL)),
    Csr('mhartid', MODE_M, 0, ALL),
    Csr('mconfigptr', MODE_M, 0, ALL),
    Csr('pmpaddr0', MODE_M, PMP_ADDRESS, ALL, pmp_address),
    Csr('pmpaddr3', MODE_M, PMP_ADDRESS, ALL, pmp_address),
    Csr('pmpcfg0', MODE_M, 0, 0xffffffff, pmp_config),
    Csr('sstatus', MODE_S, SSTATUS_BITS, SSTATUS_BITS),
    Csr('sscratch', MODE_S, ALL, ALL, bits(ALL)),
    Csr('sepc', MODE_S, ~1, ALL, bits(~1)),
    Csr('scause', MODE_S, ALL, ALL, bits(ALL)),
    Csr('stval', MODE_S, ALL, ALL, bits(ALL)),
    Csr('stvec', MODE_S, 0, ALL, vector),
    Csr('sie', MODE_S, S_INTERRUPTS, S_INTERRUPTS, bits(S_INTERRUPTS)),
    Csr('sip', MODE_S, 2, S_INTERRUPTS, bits(2)),
    Csr('scounteren', MODE_S, COUNTERS_32_BITS, ALL, bits(COUNTERS_32_BITS)),
    Csr('senvcfg', MODE_S, 1, 1, bits(1)),
    Csr('satp', MODE_M, 0, ALL, translation),
]

# Accesses that trap in every mode: read-only CSRs written, CSRs nobody has.
ALWAYS_ILLEGAL = [
    'csrw cycle, {rs}', 'csrrsi {rd}, instret, 1', 'csrrwi {rd}, mhartid, 0', 'csrrci {rd}, mvendorid, 1',
    'csrr {rd}, 0x8ff', 'csrr {rd}, 0xcff', 'csrrw {rd}, 0xfff, {rs}', 'csrr {rd}, 0x19f', 'csrr {rd}, 0x7ff',
    'csrw 0x0ff, {rs}', 'csrrsi {rd}, 0x2ff, 3',
]
NEEDS_FLOAT = ['csrr {rd}, fcsr', 'csrw frm, {rs}', 'csrrwi {rd}, fflags, 3']
NEEDS_M = ['csrr {rd}, mstatus', 'csrr {rd}, menvcfg', 'csrr {rd}, mhpmcounter3',
           'csrw mcountinhibit, {rs}', 'csrw mtvec, {rs}', 'csrr {rd}, mhartid', 'csrrw {rd}, mscratch, {rs}',
           'csrrs {rd}, pmpcfg0, x0', 'csrrci {rd}, mie, 8', 'csrr {rd}, mip', 'csrr {rd}, medeleg', 'mret']
NEEDS_S = ['csrr {rd}, sstatus', 'csrw satp, {rs}', 'csrrw {rd}, sscratch, {rs}', 'csrr {rd}, scause', 'sret',
           'sfence.vma', 'sfence.vma {rs}, {nz}', 'csrrsi {rd}, sip, 2', 'csrr {rd}, senvcfg', 'wfi',
           'csrr {rd}, 0x14d']
COUNTERS = ['cycle', 'time', 'instret', 'hpmcounter3', 'hpmcounter11', 'hpmcounter18']
COUNTERS_32 = ['cycleh', 'timeh', 'instreth', 'hpmcounter3h', 'hpmcounter17h']


def comparable(chunk):
  """The CSRs that a chunk in its mode may access without a trap."""
  found = [csr for csr in CSRS if csr.mode <= chunk.mode and csr.width in (0, chunk.xlen)]
  if chunk.variant.compressed:
    return found
  return [replace(csr, set_bits=~3, value=bits(~3)) if csr.name.endswith('epc') else csr for csr in found]
