#!/usr/bin/env python3
"""Differential tester: random programs on a simulator and on a reference, state compared after every chunk.

  run.py --simulator 'build/memio run configs/virt-rv{xlen}.ini --bios none --kernel {elf} --cpu.isa {isa}'
  run.py --simulator qemu --self-test

For each width and each seed from --seed on, generates a program (program.py), assembles it, runs it on both,
and compares the console text. On a difference it tells the chunk, what differs, the traps and the
disassembly. Exit status 0: no difference; 1: differences; 2: a tool is missing or the usage is wrong.
"""

import argparse
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import scenarios
import selftest
from program import make_program
from report import explain, verdict
from toolchain import ToolError, assemble, simulate


def parse_arguments(arguments):
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument('--simulator', required=True, metavar='CMD',
                      help='qemu, or a command with {elf}, {xlen} and {isa}')
  parser.add_argument('--reference', default='qemu', metavar='CMD', help='likewise (default: qemu)')
  parser.add_argument('--seed', type=int, default=1, help='seed of the first program (default: 1)')
  parser.add_argument('--programs', type=int, default=10, help='programs for each width (default: 10)')
  parser.add_argument('--xlen', default='32,64', help='register widths, comma-separated (default: 32,64)')
  parser.add_argument('--chunks', type=int, default=150, help='chunks in a program (default: 150)')
  parser.add_argument('--kind', choices=[kind.__name__ for kind, _ in scenarios.KINDS],
                      help='only chunks of one kind')
  parser.add_argument('--jobs', type=int, default=1, help='programs at a time (default: 1)')
  parser.add_argument('--timeout', type=float, default=30, help='seconds for one run (default: 30)')
  parser.add_argument('--keep', metavar='DIR', help='keep source and ELF of programs that differ')
  parser.add_argument('--show', type=int, default=3, help='differences told in full (default: 3)')
  parser.add_argument('--min-instructions', type=int, default=0, help='fail if fewer were compared')
  parser.add_argument('--self-test', action='store_true', help='check that changed programs are told apart')
  options = parser.parse_args(arguments)
  options.xlen = [int(word) for word in options.xlen.split(',')]
  if not set(options.xlen) <= {32, 64}:
    parser.error('--xlen takes 32 and 64')
  options.scenario = next((kind for kind, _ in scenarios.KINDS if kind.__name__ == options.kind), None)
  return options


class Tester:
  """Runs programs and adds up what was compared."""

  def __init__(self, options, folder):
    self.options = options
    self.folder = folder
    self.totals = {xlen: [0, 0, 0, 0] for xlen in options.xlen}  # programs, chunks, instructions, traps
    self.differences = 0

  def compare(self, job):
    """Generates, assembles and runs one program; (program, verdict or None, traps)."""
    xlen, seed = job
    program = make_program(seed, xlen, self.options.chunks, self.options.scenario)
    stem = self.stem(program)
    elf = assemble(program, stem)
    reference, candidate = (simulate(command, elf, program.fields, self.options.timeout)
                            for command in self.commands)
    traps = sum(int(line.split()[4], 16) for line in reference.lines if line.startswith('@c'))
    result = verdict(reference, candidate)
    if result is None:
      os.remove(elf)
      os.remove(f'{stem}.S')
    return program, result, traps

  @property
  def commands(self):
    return self.options.reference, self.options.simulator

  def stem(self, program):
    return os.path.join(self.folder, f'rv{program.xlen}-{program.seed}')

  def run(self):
    """All programs; returns the number that differed."""
    options = self.options
    jobs = [(xlen, seed) for seed in range(options.seed, options.seed + options.programs)
            for xlen in options.xlen]
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
      for program, result, traps in pool.map(self.compare, jobs):
        if result is not None:
          self.tell(program, *result)
        total = self.totals[program.xlen]
        for place, amount in enumerate((1, len(program.chunks), program.instructions, traps)):
          total[place] += amount
    return self.differences

  def tell(self, program, sentence, chunk):
    """Reports a program that differs, in full for the first few."""
    self.differences += 1
    print(f'RV{program.xlen} seed {program.seed}: {sentence}', flush=True)
    stem = self.stem(program)
    if self.options.keep:
      os.makedirs(self.options.keep, exist_ok=True)
      for end in ('.S', '.elf'):
        shutil.copy(stem + end, self.options.keep)
    if chunk is not None and self.differences <= self.options.show:
      print(explain(program, chunk, stem + '-full', self.commands, self.options.timeout), flush=True)

  def summary(self):
    """One line for each width; returns the instructions compared."""
    for xlen, (programs, chunks, instructions, traps) in self.totals.items():
      print(f'RV{xlen}: {programs} programs, {chunks} chunks, {instructions} instructions, {traps} traps')
    compared = sum(total[2] for total in self.totals.values())
    print(f'total: {compared} instructions, {self.differences} programs differ')
    return compared


def main(arguments):
  options = parse_arguments(arguments)
  try:
    with tempfile.TemporaryDirectory(prefix='differential-') as folder:
      if options.self_test:
        return selftest.run(options, folder)
      tester = Tester(options, folder)
      tester.run()
      compared = tester.summary()
      if compared < options.min_instructions:
        print(f'fewer than {options.min_instructions} instructions compared')
        return 1
      return 1 if tester.differences else 0
  except ToolError as error:
    print(f'run.py: {error}', file=sys.stderr)
    return 2


if __name__ == '__main__':
  sys.exit(main(sys.argv[1:]))
