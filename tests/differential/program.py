"""A program: chunks, the memory and page tables they use, and its assembler text."""

import random
from dataclasses import dataclass, field

import floating
import isa
from layout import (DATA_PAGES, FLAG_FENCE, LOCK_END, PAGE, RECORD_FIELDS, SNIPPET_CROSSING, SNIPPET_ENTRIES,
                    SNIPPET_PAGES, TABLES_BASE, TABLES_LIMIT, TEST_BASE)
from paging import FORMATS, Builder
from protection import locked
from scenarios import make_chunk
from variants import Variant, of_seed

LOCKED_CHUNKS = 8  # at the end, as what they do to PMP stays
FLOAT_SETS = 16  # values of the f registers, of which each chunk takes 32 in a row


@dataclass
class Program:
  """Everything of one program; `text()` is what the assembler gets."""

  seed: int
  xlen: int
  variant: Variant
  chunks: list = field(default_factory=list)
  spaces: list = field(default_factory=list)
  memory: list = field(default_factory=list)
  floats: list = field(default_factory=list)

  @property
  def fields(self):
    """What stands for {xlen}, {cpu} and {isa} in commands."""
    return self.variant.fields(self.xlen)

  @property
  def instructions(self):
    """Random instructions that are executed (without the runtime's and those a branch may pass over)."""
    return sum(chunk.instructions for chunk in self.chunks)

  def text(self, full=None):
    """Assembler source; chunks full[0]..full[1] print their whole state."""
    parts = [f'# seed {self.seed}, RV{self.xlen}', '.option norelax', '.option rvc',
             '.section .chunks, "awx"',
             routines_text()]
    parts += [chunk_text(chunk) for chunk in self.chunks]
    parts += [self.record_text(), self.memory_text(), self.tables_text()]
    first, last = full or (1, 0)
    word = self.word
    parts += ['.data', '.balign 8', '.globl full_first, full_last', f'full_first: {word} {first}',
              f'full_last: {word} {last}']
    return '\n'.join(parts) + '\n'

  @property
  def word(self):
    return '.dword' if self.xlen == 64 else '.word'

  def record_text(self):
    """The table of chunk records and the list of page-table entries to report."""
    word = self.word
    lines = ['.data', '.balign 8', '.globl chunk_table, chunk_count',
             f'chunk_count: {word} {len(self.chunks)}', 'pte_list:']
    probed = [address for space in self.spaces for address in space.probed]
    lines += [f'  {word} {address:#x}' for address in probed]
    lines.append('float_table:')
    lines += [f'  .dword {value:#x}' for value in self.floats]
    lines.append('chunk_table:')
    for chunk in self.chunks:
      offset = chunk.record['offset']
      probes = len(probed) if chunk.kind in ('paged', 'protected') else 0
      values = {**chunk.record, 'entry': f'{chunk.name} + {offset}', 'end': f'{chunk.name}_end + {offset}',
                'pte_list': 'pte_list', 'pte_count': probes,
                'floats': f'float_table + {chunk.index % FLOAT_SETS * 8}'}
      mask = (1 << self.xlen) - 1
      words = []
      for name, count in RECORD_FIELDS:
        value = values.get(name, 0 if count == 1 else [0] * count)
        words += value if isinstance(value, list) else [value]
      words += [chunk.registers[number] for number in range(1, isa.REGISTERS)]
      words = [str(value & mask) if isinstance(value, int) else value for value in words]
      lines.append(f'  {word} ' + ', '.join(words))
    return '\n'.join(lines)

  def memory_text(self):
    """Random data in the data pages (with a page before and after), then the snippet pages."""
    lines = ['.section .testdata, "awx"']
    lines += [f'.org {PAGE - 64:#x}']
    for page in range(DATA_PAGES + 1):
      lines.append(f'.org {(page + 1) * PAGE - 64:#x}')
      lines += [f'.dword {value:#x}' for value in self.memory[16 * page:16 * page + 16]]
    start = (DATA_PAGES + 2) * PAGE
    for page in range(SNIPPET_PAGES):
      lines += snippet_text(start + page * PAGE, page + 1, self.variant.compressed)
    lines += [f'.org {start + SNIPPET_PAGES * PAGE:#x}', f'.org {LOCK_END - 4 - TEST_BASE:#x}', '.4byte 0x8067']
    return '\n'.join(lines)

  def tables_text(self):
    """All page tables."""
    size = 4 if self.xlen == 32 else 8
    lines = ['.section .tables, "aw"']
    for space in self.spaces:
      for address in sorted(space.tables):
        for index in sorted(space.tables[address]):
          lines.append(f'.org {address - TABLES_BASE + index * size:#x}')
          lines.append(f'  {self.word} {space.tables[address][index]:#x}')
    last = max((address for space in self.spaces for address in space.tables), default=TABLES_BASE)
    lines.append(f'.org {last + PAGE - TABLES_BASE:#x}')
    return '\n'.join(lines)


def routines_text():
  """What self-modifying chunks copy, and where to."""
  lines = ['.balign 8', 'patch_area: .zero 64', '.option norvc']
  bodies = ['addi x10, x10, 1', 'xori x10, x10, -1', 'slli x10, x10, 1', 'add x10, x10, x10']
  for number, text in enumerate(bodies):
    lines += [f'routine_{number}:', f'  {text}', '  jr ra']
  return '\n'.join(lines)


def chunk_text(chunk):
  # No instruction shrinks: what is compressed is written so.
  return '\n'.join([f'# {chunk.kind}', '.option norvc', f'{chunk.name}:',
                    *(compressed_allowed(line) for line in chunk.lines), f'{chunk.name}_end: ecall'])


def compressed_allowed(line):
  """Wraps an explicit compressed mnemonic, which the assembler takes only with the extension switched on."""
  return f'.option rvc\n{line}\n.option norvc' if line.startswith('  c.') else line


def snippet_text(start, number, compressed):
  """A page that can be entered at SNIPPET_ENTRIES; without compressed instructions, at all but the last.

  The word 0x05150513 (addi a0, a0, 0x51) lies across the page's end: its upper half, at offset 0 of the next
  such page, is c.addi a0, 5 when entered there; c.jr ra (0x8082) follows.
  """
  if not compressed:
    body = f'.4byte {0x513 | number << 20:#x}, 0x8067'  # addi a0, a0, number; jr ra
    return [text for entry in SNIPPET_ENTRIES[:-1] for text in (f'.org {start + entry:#x}', body)]
  return [f'.org {start:#x}', '.2byte 0x0515, 0x8082', f'.org {start + 16:#x}',
          f'.2byte {0x0505 + 4 * number:#x}, 0x8082',
          f'.org {start + 2048:#x}', f'.2byte {0x0541 + 4 * number:#x}, 0x8082',
          f'.org {start + SNIPPET_CROSSING:#x}', '.2byte 0x0513']


def make_program(seed, xlen, chunks=150, kind=None):
  """The program of a seed and a register width; the same arguments always give the same program."""
  rng = random.Random(f'{seed}/{xlen}')
  program = Program(seed, xlen, of_seed(seed))
  builder = Builder(rng, xlen, TABLES_BASE, TABLES_LIMIT, program.variant.napot)
  formats = FORMATS[xlen] + [rng.choice(FORMATS[xlen])]
  program.spaces = [builder.build(fmt) for fmt in formats]
  program.memory = [isa.corner_value(rng, 64) for _ in range(16 * (DATA_PAGES + 1))]
  program.floats = [floating.register_value(rng) for _ in range(FLOAT_SETS + 32)]
  last_satp = None
  for index in range(chunks):
    last = kind is None and index >= chunks - LOCKED_CHUNKS
    chunk = make_chunk(rng, program, index, locked if last else kind)
    satp = chunk.record.get('satp')
    if satp is not None:
      # Global pages of one space must not be met in another.
      if satp != last_satp:
        chunk.record['flags'] |= FLAG_FENCE
      last_satp = chunk.space.satp
    program.chunks.append(chunk)
  return program
