"""Comparison of two outcomes, and the account of a difference."""

from itertools import zip_longest

import isa
from layout import MODE_NAMES, MPP, MPP_SHIFT, STATE_NAMES
from toolchain import assemble, disassemble, simulate

COLUMNS = ('registers', 'memory', 'number of traps', 'trap log', 'CSRs', 'page-table entries', 'f registers')
TRAP_FIELDS = ('handler/vector', 'cause', 'epc', 'tval', 'status')


def first_difference(reference, candidate):
  """Index of the first line that differs, or None."""
  for index, (one, other) in enumerate(zip_longest(reference.lines, candidate.lines)):
    if one != other:
      return index
  return None


def verdict(reference, candidate):
  """None if the outcomes agree, else a sentence and the number of the chunk concerned (or None)."""
  if not reference.lines or not reference.lines[-1].startswith('@end'):
    return 'the reference did not reach the end of the program', None
  index = first_difference(reference, candidate)
  if index is not None:
    line = reference.lines[index] if index < len(reference.lines) else ''
    other = candidate.lines[index] if index < len(candidate.lines) else 'nothing'
    chunk = int(line.split()[1], 16) if line.startswith('@c') else None
    columns = [name for name, one, two in zip(COLUMNS, line.split()[2:], other.split()[2:]) if one != two]
    if other.startswith('@c') and columns:
      return f'chunk {chunk}: different {", ".join(columns)}', chunk
    return f'chunk {chunk}: reference says "{line}", simulator says "{other}"', chunk
  if candidate.status != reference.status:
    return f'exit status {candidate.status} instead of {reference.status}', None
  return None


def explain(program, chunk_number, stem, commands, timeout):
  """Text about a difference in a chunk: state, traps and disassembly; runs both simulators again."""
  chunk = program.chunks[chunk_number]
  elf = assemble(program, stem, (chunk_number, chunk_number))
  reference, candidate = (simulate(command, elf, program.fields, timeout) for command in commands)
  record = chunk.record
  mode = MODE_NAMES[(record['mstatus'] & MPP) >> MPP_SHIFT]
  fields = [f'{name} {value:#x}' for name, value in sorted(record.items()) if isinstance(value, int)]
  lines = [f'  kind {chunk.kind}, begins in {mode} mode, ' + ', '.join(fields)]
  if 'pmpaddr' in record:
    lines.append('  pmpaddr ' + ' '.join(f'{value:#x}' for value in record['pmpaddr']))
  lines += state_differences(section(reference, chunk_number), section(candidate, chunk_number))
  lines.append('  registers at the start:')
  for first in range(1, isa.REGISTERS, 4):
    lines.append('    ' + '  '.join(f'x{number}={hexadecimal(chunk.registers[number])}'
                                    for number in range(first, min(first + 4, isa.REGISTERS))))
  lines.append('  traps (reference | simulator):')
  lines += traps(section(reference, chunk_number), section(candidate, chunk_number))
  lines.append('  instructions:')
  lines += ['  ' + line for line in disassemble(elf, chunk.name, f'{chunk.name}_end')]
  if candidate.errors.strip():
    lines += ['  simulator said:', '    ' + candidate.errors.strip().replace('\n', '\n    ')[:2000]]
  return '\n'.join(lines)


def hexadecimal(value):
  return f'{value:#x}' if isinstance(value, int) else value


def section(outcome, chunk_number):
  """The detail lines of a chunk: {(letter, number or address): value}."""
  details, inside = {}, False
  for line in outcome.lines:
    words = line.split()
    if words[0] == '@c':
      inside = int(words[1], 16) == chunk_number
    elif inside and len(words) == 3:
      details[words[0][1], int(words[1], 16)] = int(words[2], 16)
  return details


def state_differences(reference, candidate):
  """One line for each register, CSR, entry or memory word that differs."""
  names = {'r': lambda number: f'x{number}', 's': lambda number: STATE_NAMES[number],
           'f': lambda number: f'word {number} of the f registers',
           'p': lambda address: f'page-table entry at {address:#x}',
           'm': lambda address: f'memory at {address:#x}'}
  lines = []
  for key in sorted(set(reference) | set(candidate)):
    one, other = reference.get(key), candidate.get(key)
    if one != other and key[0] in names:
      lines.append(f'  {names[key[0]](key[1])}: reference {show(one)}, simulator {show(other)}')
  return lines


def show(value):
  return 'nothing' if value is None else f'{value:#x}'


def traps(reference, candidate):
  """The two trap logs side by side, differences marked."""
  count = max([number for letter, number in set(reference) | set(candidate) if letter == 't'], default=-1) + 1
  lines = []
  for first in range(0, count, len(TRAP_FIELDS)):
    sides = [' '.join(f'{name} {show(details.get(("t", first + place)))}'
                      for place, name in enumerate(TRAP_FIELDS))
             for details in (reference, candidate)]
    lines.append(f'    {sides[0]}' if sides[0] == sides[1] else f'  ! {sides[0]}\n  | {sides[1]}')
  return lines
