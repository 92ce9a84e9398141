"""Instructions of RV32/RV64 IMAC, Zba, Zbb, Zbc and Zbs as tables, and operand values worth trying.

Follows the unprivileged specification, chapters 2 (RV32I), 5 (RV64I), 7 (M), 8 (A), 16 (C) of version
20191213, and bit manipulation 1.0.0, chapter 2. Encodings that no assembler writes (reserved, illegal, hints) stand as numbers.
"""

REGISTERS = 32

R_TYPE = ['add', 'sub', 'sll', 'slt', 'sltu', 'xor', 'srl', 'sra', 'or', 'and']
R_TYPE_64 = ['addw', 'subw', 'sllw', 'srlw', 'sraw']
I_TYPE = ['addi', 'slti', 'sltiu', 'xori', 'ori', 'andi']
I_TYPE_64 = ['addiw']
SHIFTS = ['slli', 'srli', 'srai']
SHIFTS_64 = ['slliw', 'srliw', 'sraiw']
U_TYPE = ['lui', 'auipc']
M_TYPE = ['mul', 'mulh', 'mulhsu', 'mulhu', 'div', 'divu', 'rem', 'remu']
M_TYPE_64 = ['mulw', 'divw', 'divuw', 'remw', 'remuw']

BITS = ['sh1add', 'sh2add', 'sh3add', 'andn', 'orn', 'xnor', 'max', 'maxu', 'min', 'minu', 'rol', 'ror', 'clmul',
        'clmulh', 'clmulr', 'bclr', 'bext', 'binv', 'bset']
BITS_64 = ['add.uw', 'sh1add.uw', 'sh2add.uw', 'sh3add.uw', 'rolw', 'rorw']
BIT_SHIFTS = ['rori', 'bclri', 'bexti', 'binvi', 'bseti']
BIT_SHIFTS_64 = ['slli.uw', 'roriw']
BITS_UNARY = ['clz', 'ctz', 'cpop', 'sext.b', 'sext.h', 'zext.h', 'orc.b', 'rev8']
BITS_UNARY_64 = ['clzw', 'cpopw']

C_TWO_REGISTERS = ['c.sub', 'c.xor', 'c.or', 'c.and']
C_TWO_REGISTERS_64 = ['c.subw', 'c.addw']

BRANCHES = ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu']

# (mnemonic, bytes)
LOADS = [('lb', 1), ('lbu', 1), ('lh', 2), ('lhu', 2), ('lw', 4)]
LOADS_64 = [('lwu', 4), ('ld', 8)]
STORES = [('sb', 1), ('sh', 2), ('sw', 4)]
STORES_64 = [('sd', 8)]
# (mnemonic, bytes, largest offset, base is sp, register operand in x8..x15)
C_LOADS = [('c.lw', 4, 124, False), ('c.lwsp', 4, 252, True)]
C_LOADS_64 = [('c.ld', 8, 248, False), ('c.ldsp', 8, 504, True)]
C_STORES = [('c.sw', 4, 124, False), ('c.swsp', 4, 252, True)]
C_STORES_64 = [('c.sd', 8, 248, False), ('c.sdsp', 8, 504, True)]

AMOS = ['amoswap', 'amoadd', 'amoxor', 'amoand', 'amoor', 'amomin', 'amomax', 'amominu', 'amomaxu']
ORDERINGS = ['', '.aq', '.rl', '.aqrl']

FENCES = ['fence', 'fence rw, w', 'fence r, rw', 'fence.tso', 'fence.i', '.4byte 0x0ff0000f',
          '.4byte 0x0100000f',  # pause, a hint
          '.4byte 0x1230028f',  # fence with its reserved fields set, to be executed as a fence
          ]

# Compressed encodings that are hints: executed, without effect.
HINTS = [0x0015, 0x4015, 0x6015, 0x8016, 0x9016, 0x0016, 0x0282, 0x8001, 0x8401]

ILLEGAL_16 = [
    0x0000,                  # defined illegal
    0x0004, 0x0008,          # c.addi4spn with a zero immediate
    0x6101,                  # c.addi16sp with a zero immediate
    0x6281,                  # c.lui with a zero immediate
    0x8002,                  # c.jr x0
    0x4002, 0x4052,          # c.lwsp into x0
    0x9c61, 0x9c75, 0x9c41 | 0x20,  # reserved register-register operations
    0x8000,                  # reserved quadrant 0
]
ILLEGAL_16_32 = [0x1282, 0x1286, 0x9005, 0x9405]  # shift amounts of 32 and more
ILLEGAL_16_64 = [0x2005, 0x6002, 0x6012]  # c.addiw and c.ldsp into x0

ILLEGAL_32 = [
    0xffffffff, 0x0000002b, 0x1234502b, 0x0000005b, 0x0000007b, 0x0000006b, 0x00000057,
    0x02005013 | 0x80000000, 0x7c001013,   # shifts with reserved function bits
    0x40001033, 0x40002033, 0x04000033, 0xfe000033,  # OP with a reserved funct7
    0x00007003,                            # load funct3 7
    0x00004023, 0x00007023,                # store funct3 4, 7
    0x00002063, 0x00003063,                # branch funct3 2, 3
    0x00001067, 0x00007067,                # jalr funct3
    0x0000202f | 0x28000000 | 0x80000000,  # AMO funct5 10101
    0x1010a2af, 0x0000102f, 0x0000402f,    # lr with rs2, AMO widths
    0x00000007, 0x00004007, 0x00005027, 0x06000053, 0x06000043, 0x58100053, 0x40000053,  # beside F, D and Zfh
    0xc0400053, 0xe0002053, 0x20003053, 0xa0003053, 0xf0001053,
    0x00004073, 0x02000073, 0x00208073, 0x10500173, 0x30200173, 0x00200073, 0x7b200073,  # SYSTEM
    0x0000700f, 0x0000300f,                # MISC-MEM
]
# Without F and D; the compressed ones without F by width.
ILLEGAL_FLOAT_16 = [0x2000, 0xa000, 0x2002, 0xa002]
ILLEGAL_FLOAT_16_32 = [0x6000, 0xe000, 0x6002, 0xe002]
ILLEGAL_FLOAT = [0x00002007, 0x00003027, 0x00000053, 0xd0000053, 0x00000043, 0x0000004f, 0x04200053]
ILLEGAL_BITS = [0x60389193, 0x60689193, 0x2868d193, 0x0bf881b3, 0x0e08d1b3,  # beside bit manipulation; Zicond
                0x10f8a1b3 | 0x80000000, 0x68f8d1b3, 0x28f8d1b3]
ILLEGAL_32_32 = [0x6b88d193, 0x0818c1b3, 0x63f8d193, 0x00003003, 0x00006003, 0x00003023, 0x02001013, 0x42005013, 0x0000001b, 0x0000003b,
                 0x0000302f]
ILLEGAL_32_64 = [0x6988d193, 0x0818c1bb, 0x6038919b, 0x61f8a1bb | 0x80000000, 0x0000201b, 0x0200101b, 0x4000103b, 0x0200103b]


def by_width(common, only_64, xlen):
  """The table for a register width."""
  return common + only_64 if xlen == 64 else common


def illegal_encodings(xlen, variant):
  """All illegal encodings of a machine as assembler directives."""
  half = ILLEGAL_16 + (ILLEGAL_16_32 if xlen == 32 else ILLEGAL_16_64)
  full = ILLEGAL_32 + ILLEGAL_BITS + (ILLEGAL_32_32 if xlen == 32 else ILLEGAL_32_64)
  if not variant.floating:
    half = half + ILLEGAL_FLOAT_16 + (ILLEGAL_FLOAT_16_32 if xlen == 32 else [])
    full = full + ILLEGAL_FLOAT
  if not variant.compressed:
    half = []
  return [f'.2byte {word:#06x}' for word in half] + [f'.4byte {word:#010x}' for word in full]


def corner_value(rng, xlen):
  """A register value: often a corner of some operation, sometimes random bits."""
  mask = (1 << xlen) - 1
  kind = rng.randrange(8)
  if kind < 2:
    top = 1 << (xlen - 1)
    return rng.choice([0, 1, 2, 3, -1, -2, top, top - 1, top + 1, 0x80000000, 0x7fffffff, 0xffffffff,
                       0xffffffff80000000, 0xffff, 0x8000, 0x7f, 0x80, 0xff]) & mask
  if kind == 2:
    return ((1 << rng.randrange(xlen)) + rng.randint(-1, 1)) & mask
  if kind == 3:
    return -(1 << rng.randrange(xlen)) & mask
  if kind == 4:
    return rng.randint(-64, 64) & mask
  if kind == 5:
    value = rng.getrandbits(32)
    return (value - (value >> 31 << 32)) & mask
  return rng.getrandbits(xlen)


def corner_immediate(rng):
  """A signed 12-bit immediate."""
  return rng.choice([0, 1, -1, 2047, -2048, rng.randint(-2048, 2047), rng.randint(-2048, 2047)])
