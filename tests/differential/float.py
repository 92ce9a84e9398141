#!/usr/bin/env python3
"""Compares floating point (F, D, Zfh) of a simulator with a reference, instruction by instruction.

  float.py --simulator 'build/memio run configs/virt-rv{xlen}.ini --cpu.isa rv{xlen}imafdc_zfh --bios none
                        --kernel {elf}' --operations 10000000

One guest program a width runs every instruction with every rounding mode on random operands of all classes and
prints a hash of results and flags for each. Where a hash differs, the program runs again for that instruction
and prints each operation. Exit status 0: no difference; 1: differences; 2: a tool is missing.
"""

import argparse
import os
import sys
import tempfile

from float_table import entries, table_text
from toolchain import GUEST, PREFIX, ToolError, run_tool, simulate

REFERENCE = ('qemu-system-riscv{xlen} -M virt -cpu rv{xlen},Zfh=true -bios none -kernel {elf} -display none '
             '-monitor none -serial stdio')
CLASSES = ('zero', 'subnormal', 'normal', 'infinite', 'quiet NaN', 'signaling NaN', 'not boxed')


def parse_arguments(arguments):
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument('--simulator', required=True, metavar='CMD', help='a command with {elf} and {xlen}')
  parser.add_argument('--reference', default=REFERENCE, metavar='CMD', help='likewise (default: QEMU)')
  parser.add_argument('--operations', type=int, default=200000, help='of each width, at least (default: 200000)')
  parser.add_argument('--xlen', default='32,64', help='register widths, comma-separated (default: 32,64)')
  parser.add_argument('--seed', type=int, default=1)
  parser.add_argument('--timeout', type=float, default=60, help='seconds for one run (default: 60)')
  parser.add_argument('--show', type=int, default=5, help='instructions and operations shown (default: 5)')
  return parser.parse_args(arguments)


class Comparison:
  """One width."""

  def __init__(self, options, xlen, folder):
    self.options = options
    self.xlen = xlen
    self.folder = folder
    self.table = entries(xlen)
    self.rounds = -(-options.operations // len(self.table))

  def build(self, first=0, last=None, dump=0, rounds=None):
    """The program for some of the table; returns its path."""
    stem = os.path.join(self.folder, f'float{self.xlen}')
    with open(f'{stem}.S', 'w', encoding='ascii') as source:
      source.write(table_text(self.xlen))
    last = len(self.table) - 1 if last is None else last
    defines = {'XLEN': self.xlen, 'ROUNDS': rounds or self.rounds, 'FIRST': first, 'LAST': last, 'DUMP': dump,
               'SEED': self.options.seed}
    abi = 'lp64' if self.xlen == 64 else 'ilp32'
    flags = [f'-D{name}={value}' for name, value in defines.items()]
    flags += [f'-mabi={abi}', '-mcmodel=medany', '-O2', '-ffreestanding', '-nostdlib', '-static']
    objects = []
    for source, march in ((f'{GUEST}/float.S', 'imafdc_zicsr'), (f'{GUEST}/float.c', 'imac_zicsr'),
                          (f'{stem}.S', 'imafdc_zicsr')):
      objects.append(f'{stem}-{len(objects)}.o')
      run_tool([f'{PREFIX}gcc', f'-march=rv{self.xlen}{march}', *flags, '-c', source, '-o', objects[-1]])
    run_tool([f'{PREFIX}ld', '-melf64lriscv' if self.xlen == 64 else '-melf32lriscv', '-T',
              f'{GUEST}/float.ld', *objects, '-o', f'{stem}.elf'])
    return f'{stem}.elf'

  def both(self, elf):
    """Console lines of the reference and of the simulator."""
    outcomes = [simulate(command, elf, {'{xlen}': str(self.xlen)}, self.options.timeout)
                for command in (self.options.reference, self.options.simulator)]
    for outcome, who in zip(outcomes, ('reference', 'simulator')):
      if not outcome.lines or not outcome.lines[-1].startswith('@classes'):
        raise ToolError(f'the {who} did not finish: {outcome.lines[-1:]} {outcome.errors[-300:]}')
    return [outcome.lines for outcome in outcomes]

  def run(self):
    """Compares; returns the number of instructions that differ."""
    reference, simulator = self.both(self.build())
    counts = [int(word, 16) for word in reference[-1].split()[1:]]
    different = [number for number, (a, b) in enumerate(zip(reference, simulator)) if a != b]
    print(f'RV{self.xlen}: {len(self.table)} instructions and rounding modes, '
          f'{self.rounds * len(self.table)} operations, {len(different)} differ')
    print('  operands: ' + ', '.join(f'{count} {name}' for name, count in zip(CLASSES, counts)), flush=True)
    for number in different[:self.options.show]:
      self.explain(number)
    return len(different)

  def explain(self, number):
    """Runs one instruction again, and shows operations that differ."""
    reference, simulator = self.both(self.build(number, number, 1, min(self.rounds, 20000)))
    pairs = [(a, b) for a, b in zip(reference, simulator) if a != b and a.startswith('@op')]
    print(f'  {self.table[number][0]}: operands f11 f12 f13 x11, frm; f10, x10, memory, flags')
    for a, b in pairs[:self.options.show]:
      print(f'    reference {a[4:]}\n    simulator {b[4:]}')


def main(arguments):
  options = parse_arguments(arguments)
  try:
    with tempfile.TemporaryDirectory(prefix='float-') as folder:
      different = sum(Comparison(options, int(xlen), folder).run() for xlen in options.xlen.split(','))
      return 1 if different else 0
  except ToolError as error:
    print(f'float.py: {error}', file=sys.stderr)
    return 2


if __name__ == '__main__':
  sys.exit(main(sys.argv[1:]))
