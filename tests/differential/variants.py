"""The machines that programs are made for: each seed takes one.

QEMU 7.2 ignores the reserved bits 54 to 60 of a PTE as soon as it has Svnapot or Svpbmt is in use, so no machine has
both.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
  """Extensions beyond RVIMA, Zicsr, Zifencei, Zba, Zbb, Zbc, Zbs, Sstc and Svinval."""

  name: str
  compressed: bool = True
  floating: bool = False  # F, D and Zfh
  napot: bool = False     # Svnapot, which is of RV64
  types: bool = False     # Svpbmt, likewise, put into use by menvcfg.PBMTE

  def fields(self, xlen):
    """What stands for {xlen}, {cpu} (of QEMU) and {isa} (of memio) in commands."""
    on = {'h': False, 'svinval': True, 'svnapot': self.napot and xlen == 64,
          'svpbmt': self.types and xlen == 64, 'c': self.compressed,
          'f': self.floating, 'd': self.floating, 'Zfh': self.floating}
    cpu = [f'rv{xlen}'] + [f'{name}={str(value).lower()}' for name, value in on.items()]
    isa = f'rv{xlen}ima' + ('fd' if self.floating else '') + ('c' if self.compressed else '')
    isa += '_zba_zbb_zbc_zbs_sstc_svadu_svinval'  # QEMU always sets accessed and dirty bits in hardware
    isa += ('_zfh' if self.floating else '') + ''.join(f'_{name}' for name in ('svnapot', 'svpbmt') if on[name])
    return {'{xlen}': str(xlen), '{cpu}': ','.join(cpu), '{isa}': isa}


VARIANTS = (Variant('integer'), Variant('floating', floating=True), Variant('aligned', compressed=False),
            Variant('napot', floating=True, napot=True), Variant('types', napot=True, types=True))


def of_seed(seed):
  return VARIANTS[seed % len(VARIANTS)]
