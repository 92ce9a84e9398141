"""Checks of the tester itself: it must see every deliberate change, and nothing where nothing was changed.

Mutants change one program before it is assembled. `STATE_MUTANTS` change one piece of state in a known chunk,
which must be the chunk reported. `OPCODE_MUTANTS` put one mnemonic for another all through the program, as a
simulator would that decodes one as the other.
"""

import os
import re
from concurrent.futures import ThreadPoolExecutor

from layout import TW
from program import make_program
from report import verdict
from toolchain import Outcome, assemble, simulate

MUTANT_TIMEOUT = 5  # seconds; some mutants never end
VICTIM = 20  # the chunk that state mutants change


def change_register(program):
  program.chunks[VICTIM].lines.append('  xori x10, x10, 1')


def change_trap(program):
  program.chunks[VICTIM].lines.append('  ebreak')


def change_status(program):
  program.chunks[VICTIM].record['mstatus'] ^= TW


def change_memory(program):
  program.memory[5] ^= 1 << 17


def change_float(program):
  program.floats[VICTIM + 3] ^= 1


def change_nested(program):
  record = program.chunks[VICTIM].record
  record['nested'] = 0 if record['nested'] else 1


def change_entry(program):
  space = program.spaces[0]
  entry = space.probed[3]
  size = space.format.pte_bytes
  space.tables[entry & -4096][(entry & 4095) // size] ^= 1 << 9


# (change, chunk that must be reported; None: any)
STATE_MUTANTS = [
    (change_register, VICTIM), (change_trap, VICTIM), (change_status, VICTIM), (change_memory, 0),
    (change_entry, None), (change_float, None), (change_nested, VICTIM),
]

OPCODE_MUTANTS = [
    ('add', 'sub'), ('sltu', 'slt'), ('sra', 'srl'), ('xori', 'ori'), ('srai', 'srli'), ('mulh', 'mulhu'),
    ('mulhsu', 'mulhu'), ('div', 'divu'), ('rem', 'remu'), ('lb', 'lbu'), ('lhu', 'lh'), ('sh', 'sb'),
    ('bltu', 'blt'), ('amomin.w', 'amominu.w'), ('amoswap.w', 'amoadd.w'), ('c.sub', 'c.xor'),
    ('c.srai', 'c.srli'), ('csrc', 'csrs'), ('csrrci', 'csrrsi'), ('mret', 'nop'), ('c.bnez', 'c.beqz'),
    ('ebreak', 'ecall'),
]
OPCODE_MUTANTS_64 = [
    ('addw', 'add'), ('sraw', 'srlw'), ('lwu', 'lw'), ('mulw', 'mul'), ('divuw', 'divw'), ('remw', 'remuw'),
    ('amomaxu.d', 'amomax.d'), ('c.addw', 'c.subw'),
]


class ChangedProgram:
  """A program whose text has one mnemonic in place of another."""

  def __init__(self, program, before, after):
    self.xlen = program.xlen
    self.variant = program.variant
    self.fields = program.fields
    self.program = program
    self.pattern = re.compile(rf'^  {re.escape(before)}(?= |\.aq|\.rl|$)', re.MULTILINE)
    self.after = f'  {after}'

  def text(self, full=None):
    text, count = self.pattern.subn(self.after, self.program.text(full))
    assert count, f'the program has no {self.pattern.pattern}'
    return text


class SelfTest:
  """Runs the checks of one width."""

  def __init__(self, options, folder, xlen):
    self.options = options
    self.folder = folder
    self.xlen = xlen
    self.failures = 0
    self.checks = 0

  def check(self, name, good, remark=''):
    self.checks += 1
    if not good:
      self.failures += 1
      print(f'RV{self.xlen} {name}: FAILED {remark}')

  def make(self):
    return make_program(self.options.seed, self.xlen, self.options.chunks, self.options.scenario)

  def outcome(self, name, program, timeout):
    elf = assemble(program, os.path.join(self.folder, f'{name.replace(" ", "-")}-{self.xlen}'))
    try:
      return simulate(self.options.simulator, elf, program.fields, timeout)
    finally:
      os.remove(elf)

  def run(self, pool):
    program = self.make()
    self.check('the same seed gives the same text', program.text() == self.make().text())
    reference = self.outcome('reference', program, self.options.timeout)
    self.check('the same program twice agrees',
               verdict(reference, self.outcome('again', program, self.options.timeout)) is None)
    self.broken_simulators(reference)
    mutants = list(self.mutants(program))
    outcomes = pool.map(lambda mutant: self.outcome(mutant[0], mutant[1], MUTANT_TIMEOUT), mutants)
    for (name, _, chunk), outcome in zip(mutants, outcomes):
      result = verdict(reference, outcome)
      self.check(name, result is not None and chunk in (None, result[1]), str(result))

  def mutants(self, program):
    """(name, program, chunk that must be reported or None)."""
    for change, chunk in STATE_MUTANTS:
      mutant = self.make()
      change(mutant)
      yield change.__name__, mutant, chunk
    for before, after in OPCODE_MUTANTS + (OPCODE_MUTANTS_64 if self.xlen == 64 else []):
      yield f'{before} as {after}', ChangedProgram(program, before, after), None

  def broken_simulators(self, reference):
    """Output that is missing, cut short or too long, or a wrong exit status, is a difference."""
    lines = reference.lines
    self.check('no output', verdict(reference, Outcome([], 0, '')) is not None)
    self.check('cut output', verdict(reference, Outcome(lines[:-1], 0, '')) is not None)
    self.check('extra output', verdict(reference, Outcome(lines + ['@c 0'], 0, '')) is not None)
    self.check('exit status', verdict(reference, Outcome(lines, 1, '')) is not None)
    self.check('timeout', verdict(reference, Outcome(lines, None, '')) is not None)
    self.check('reference without end', verdict(Outcome([], 0, ''), Outcome([], 0, '')) is not None)


def run(options, folder):
  """The self-test for every width; returns an exit status."""
  tests = [SelfTest(options, folder, xlen) for xlen in options.xlen]
  with ThreadPoolExecutor(max_workers=options.jobs) as pool:
    for test in tests:
      test.run(pool)
  failures = sum(test.failures for test in tests)
  print(f'self-test: {sum(test.checks for test in tests)} checks, {failures} failed')
  return 1 if failures else 0
