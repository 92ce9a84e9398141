"""The floating-point instructions that are compared, each with every rounding mode, as assembler text.

Encodings from the unprivileged specification, chapter 24, and Zfh 1.0; f10 or x10 takes the result, f11, f12,
f13 or x11 are the sources, x12 points to memory (guest/float.S).
"""

ROUNDINGS = ('rne', 'rtz', 'rdn', 'rup', 'rmm', None, None, 'dyn')
FORMATS = ('h', 's', 'd')
CODES = {'h': 2, 's': 0, 'd': 1}
INTEGERS = ('w', 'wu', 'l', 'lu')


def r_type(funct5, fmt, rs2, rm, opcode=0x53):
  return funct5 << 27 | CODES[fmt] << 25 | rs2 << 20 | 11 << 15 | rm << 12 | 10 << 7 | opcode


def with_roundings(name, encode):
  """Six instructions: `encode` of each rounding mode."""
  return [(f'{name},{rounding}', encode(rm)) for rm, rounding in enumerate(ROUNDINGS) if rounding]


def of_format(fmt, xlen):
  """Arithmetic of one format: (name, encoding, sources, integer source)."""
  rounded = {}
  for name, funct5 in (('fadd', 0), ('fsub', 1), ('fmul', 2), ('fdiv', 3)):
    rounded[f'{name}.{fmt}'] = (lambda rm, funct5=funct5: r_type(funct5, fmt, 12, rm)), 2, 0
  rounded[f'fsqrt.{fmt}'] = (lambda rm: r_type(11, fmt, 0, rm)), 1, 0
  for name, opcode in (('fmadd', 0x43), ('fmsub', 0x47), ('fnmsub', 0x4b), ('fnmadd', 0x4f)):
    rounded[f'{name}.{fmt}'] = (lambda rm, opcode=opcode: r_type(13, fmt, 12, rm, opcode)), 3, 0
  for number, name in enumerate(INTEGERS[:2 if xlen == 32 else 4]):
    rounded[f'fcvt.{name}.{fmt}'] = (lambda rm, number=number: r_type(24, fmt, number, rm)), 1, 0
    rounded[f'fcvt.{fmt}.{name}'] = (lambda rm, number=number: r_type(26, fmt, number, rm)), 0, 1
  for other in FORMATS:
    if other != fmt:
      rounded[f'fcvt.{other}.{fmt}'] = (lambda rm, other=other: r_type(8, other, CODES[fmt], rm)), 1, 0
  table = [(name, bits, sources, integer) for base, (encode, sources, integer) in rounded.items()
           for name, bits in with_roundings(base, encode)]
  for funct5, names in ((4, ('fsgnj', 'fsgnjn', 'fsgnjx')), (5, ('fmin', 'fmax')), (20, ('fle', 'flt', 'feq'))):
    table += [(f'{name}.{fmt}', r_type(funct5, fmt, 12, rm), 2, 0) for rm, name in enumerate(names)]
  table.append((f'fclass.{fmt}', r_type(28, fmt, 0, 1), 1, 0))
  if fmt != 'd' or xlen == 64:
    table.append((f'fmv.x.{fmt}', r_type(28, fmt, 0, 0), 1, 0))
    table.append((f'fmv.{fmt}.x', r_type(30, fmt, 0, 0), 0, 1))
  return table


def memory_forms(xlen):
  """Loads from 0(x12) and stores to 32(x12), also compressed and by sp: (name, format, text)."""
  table = []
  for fmt, width in (('h', 1), ('s', 2), ('d', 3)):
    letter = {'h': 'h', 's': 'w', 'd': 'd'}[fmt]
    table.append((f'fl{letter}', fmt, f'.4byte {12 << 15 | width << 12 | 10 << 7 | 0x07:#x}'))
    table.append((f'fs{letter}', fmt, f'.4byte {1 << 25 | 11 << 20 | 12 << 15 | width << 12 | 0x27:#x}'))
    if fmt == 'd' or (fmt == 's' and xlen == 32):
      table.append((f'c.fl{letter}', fmt, f'c.fl{letter} fa0, 0(a2)'))
      table.append((f'c.fs{letter}', fmt, f'c.fs{letter} fa1, 32(a2)'))
      table.append((f'c.fl{letter}sp', fmt, f'mv sp, a2; c.fl{letter}sp fa0, 0(sp)'))
      table.append((f'c.fs{letter}sp', fmt, f'mv sp, a2; c.fs{letter}sp fa1, 32(sp)'))
  return table


def entries(xlen):
  """All: (name, format, text, sources, integer source)."""
  table = [(name, fmt, f'.4byte {bits:#010x}', sources, integer) for fmt in FORMATS
           for name, bits, sources, integer in of_format(fmt, xlen)]
  return table + [(name, fmt, text, 1, 0) for name, fmt, text in memory_forms(xlen)]


def table_text(xlen):
  """Assembler source of the instructions and the table of them."""
  word = '.dword' if xlen == 64 else '.word'
  lines = ['.option norelax', '.text']
  table = entries(xlen)
  for number, (_, _, text, _, _) in enumerate(table):
    lines += ['.balign 4', f'code_{number}: {text}', 'ret']
  lines += ['.section .rodata', '.balign 8', '.globl instructions, instruction_count', 'instructions:']
  for number, (_, fmt, _, sources, integer) in enumerate(table):
    lines += [f'{word} code_{number}, name_{number}', f'.byte {FORMATS.index(fmt)}, {sources}, {integer}',
              f'.balign {xlen // 8}']
  lines.append(f'instruction_count: .word {len(table)}')
  lines += [f'name_{number}: .asciz "{entry[0]}"' for number, entry in enumerate(table)]
  return '\n'.join(lines) + '\n'
