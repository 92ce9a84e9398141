"""Assembler, disassembler and simulators, as subprocesses."""

import os
import shlex
import subprocess
from dataclasses import dataclass

GUEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'guest')
RUNTIME = [os.path.join(GUEST, name) for name in ('start.S', 'traps.S', 'report.S')]
PREFIX = os.environ.get('MEMIO_CROSS_PREFIX', 'riscv64-unknown-elf-')

# Of the two harts one sleeps: with a single one, QEMU splits an AMO into a load and a store, and its faults are
# those of a load.
QEMU = ('qemu-system-riscv{xlen} -M virt -smp 2 -accel tcg,thread=multi -cpu {cpu}'
        ' -bios none -kernel {elf} -display none -monitor none -serial stdio')


class ToolError(Exception):
  """A tool of the host failed: not a difference, but no comparison either."""


@dataclass
class Outcome:
  """What a simulator did: console lines of the protocol, exit status (None: timed out), error text."""

  lines: list
  status: object
  errors: str


def assemble(program, stem, full=None):
  """Writes stem.S and stem.elf; returns the path of the latter."""
  xlen = program.xlen
  with open(f'{stem}.S', 'w', encoding='ascii') as source:
    source.write(program.text(full))
  abi = 'lp64' if xlen == 64 else 'ilp32'
  floating = 'fd' if program.variant.floating else ''
  run_tool([f'{PREFIX}gcc', f'-DXLEN={xlen}', f'-DFLOATING={int(program.variant.floating)}',
            f'-DMEMORY_TYPES={int(program.variant.types and xlen == 64)}',
            f'-march=rv{xlen}ima{floating}c_zicsr_zifencei_zba_zbb_zbc_zbs', f'-mabi={abi}', '-nostdlib',
            '-static', f'-Wl,-T,{GUEST}/link.ld', *RUNTIME, f'{stem}.S', '-o', f'{stem}.elf'])
  return f'{stem}.elf'


def disassemble(elf, first, last):
  """Disassembly between two symbols, without their surroundings."""
  symbols = {}
  for line in run_tool([f'{PREFIX}nm', elf]).splitlines():
    address, _, name = line.split()
    symbols[name] = int(address, 16)
  text = run_tool([f'{PREFIX}objdump', '-d', '-M', 'no-aliases', f'--start-address={symbols[first]:#x}',
                   f'--stop-address={symbols[last] + 4:#x}', elf])
  return [line for line in text.splitlines() if line.startswith(('    ', ' ')) and ':' in line]


def run_tool(command):
  """Output of a tool that must succeed."""
  try:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
  except OSError as error:
    raise ToolError(f'{command[0]}: {error.strerror}') from error
  if done.returncode:
    raise ToolError(f'{command[0]} failed:\n{done.stderr[:2000]}')
  return done.stdout


def simulate(command, elf, fields, timeout):
  """Runs a simulator; `command` is 'qemu' or a command line with {elf} and, if wanted, other fields."""
  template = QEMU if command == 'qemu' else command
  words = shlex.split(template)
  for name, value in {'{elf}': elf, **fields}.items():
    words = [word.replace(name, value) for word in words]
  try:
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
    output, errors, status = done.stdout, done.stderr, done.returncode
  except subprocess.TimeoutExpired as expired:
    output, errors, status = expired.stdout or b'', expired.stderr or b'', None
  except OSError as error:
    raise ToolError(f'{words[0]}: {error.strerror}') from error
  lines = [line for line in output.decode('ascii', 'replace').splitlines() if line.startswith('@')]
  return Outcome(lines, status, errors.decode('utf-8', 'replace'))
