"""Kinds of chunk about PMP (privileged specification 1.12, section 3.7).

protected   S or U mode, PMP regions over data pages or page tables
locked      M mode: entries 4 to 14 of any kind over pages of their own, some locked, which binds M mode too

QEMU keeps what it found for a whole page: where regions are smaller, a fence comes before each access. A locked
entry stays until the program ends, so these chunks come last.
"""

import privileged as priv
import unprivileged as unpriv
from layout import (CODE_BASE, DATA_BASE, DATA_PAGES, LOCK_BASE, LOCK_END, MODE_M, MODE_S, MODE_U, MPP_SHIFT, MPRV,
                    PAGE, SNIPPET_BASE)
from mixtures import ARITHMETIC, add_data, add_probe, choose_mode, fill
from paging import USER_CODE

OFF, TOR, NA4, NAPOT = range(4)
LOCK = 0x80
LOCKABLE = range(4, 15)
PERMISSIONS = (0, 1, 3, 4, 5, 7)  # W without R is reserved
EDGES = (LOCK_BASE, LOCK_BASE + 64, LOCK_BASE + PAGE - 8, LOCK_BASE + PAGE)


def protected(ch):
  """PMP: up to four regions; those smaller than a page with a fence before each access (see README.md)."""
  rng = ch.rng
  choose_mode(ch, highest=MODE_S)
  ch.aligned_accesses = True
  fine = ch.mode == MODE_S and rng.random() < 0.4
  ch.fence_before_access = fine
  if rng.random() < 0.4 and not fine:
    ch.space = rng.choice(ch.spaces)
    ch.record['satp'] = ch.space.satp
    if ch.mode == MODE_U:
      ch.record['offset'] = USER_CODE - CODE_BASE
  set_regions(ch, fine)
  mixture = ARITHMETIC + [(unpriv.memory, 18)]
  if ch.space is None:
    add_data(ch)
    mixture += [(unpriv.amo, 3), (unpriv.load_reserved, 1), (priv.fetch_snippet, 2)]
  else:
    for _ in range(6):
      add_probe(ch, ch.bases)
    mixture += [(priv.fetch, 2)]
  fill(ch, mixture, rng.randint(25, 40))


def set_regions(ch, fine):
  """Chooses PMP entries 0..3: NAPOT, NA4 or TOR over data, snippets or a page table; the rest stays off."""
  rng = ch.rng
  addresses, config = [], 0
  for entry in range(4):
    page = rng.choice([DATA_BASE + rng.randrange(DATA_PAGES) * PAGE, SNIPPET_BASE])
    permission = rng.choice([0, *PERMISSIONS])
    kind = rng.choice(['napot', 'napot', 'tor', 'off'])
    size = PAGE << rng.randrange(2) if not fine else 8 << rng.randrange(4)
    if ch.space is not None and rng.random() < 0.4:  # the walk to the data pages is refused, no other
      page, permission, kind, size = ch.space.leaf_tables[0], 0, 'napot', PAGE
    base = (page + rng.choice([0, PAGE - 64, 8 * rng.randrange(8)]) if fine else page) & -size
    if fine and rng.random() < 0.3 and page != SNIPPET_BASE:  # QEMU checks a snippet's first instruction only
      addresses.append((base >> 2) + rng.randrange(16))
      mode = 2
    elif kind == 'napot':
      addresses.append(base >> 2 | (size >> 3) - 1)
      mode = 3
    else:
      addresses.append((base + size) >> 2)
      # A range that begins at address 0 would take the code's permissions away.
      mode = 1 if kind == 'tor' and entry and addresses[entry - 1] >= DATA_BASE >> 2 else 0
    config |= (permission | mode << 3) << (8 * entry)
  ch.record['pmpaddr'] = addresses
  ch.record['pmpcfg'] = config


def locked(ch):
  choose_mode(ch, lowest=MODE_M)
  fill(ch, ARITHMETIC + [(lock_entry, 8), (place_entry, 8), (probe, 18), (probe_as_supervisor, 4),
                         (fetch_last_word, 2)], ch.rng.randint(35, 50))
  if ch.rng.random() < 0.8:  # the unlocked entries count in S mode
    priv.change_mode(ch, MODE_S)
    fill(ch, [(unpriv.alu, 1), (probe, 4)], ch.instructions + 40)


def place_entry(ch):
  """Writes a pmpaddr: any place in the pages for it, and for NAPOT any size up to a page; then reads it."""
  rng = ch.rng
  entry = rng.choice(LOCKABLE)
  address = rng.randrange(LOCK_BASE, LOCK_END, 4)
  if rng.random() < 0.5:  # few edges make many neighbours
    address = rng.choice([*EDGES, LOCK_END - PAGE, LOCK_END - 4])
  value = address >> 2
  if rng.random() < 0.5:
    size = 8 << rng.randrange(10)
    value = (address & -size | (size >> 1) - 1) >> 2
  if value & 0x3ff == 0x3ff:  # a range of more than a page
    value ^= 0x200
  write_and_read(ch, f'pmpaddr{entry}', value)
  config, again = f'pmpcfg{(entry + 1) // (ch.xlen // 8) * (ch.xlen // 32)}', ch.targets(1)[0]
  ch.emit(f'csrr x{again}, {config}')  # QEMU finds the range of a TOR entry above only when that is written
  ch.emit(f'csrw {config}, x{again}')


def lock_entry(ch):
  """Writes a pmpcfg: any kinds and permissions of the entries 4 to 14 in it; then reads it."""
  rng = ch.rng
  entries = ch.xlen // 8
  first = rng.choice(range(0 if ch.xlen == 64 else 4, 16, entries))
  value = 0
  for place in range(entries):
    entry = first + place
    if entry == 15:
      value |= 0x1f << (8 * place)
    elif entry in LOCKABLE:
      kind = rng.choice([OFF, NA4, NAPOT] + ([TOR] if entry > LOCKABLE[0] else []))  # that would lock pmpaddr3
      config = rng.choice(PERMISSIONS) | kind << 3 | (LOCK if rng.random() < 0.12 else 0)
      value |= config << (8 * place)
  write_and_read(ch, f'pmpcfg{first // 4}', value)


def write_and_read(ch, name, value):
  register, read = ch.targets(2)
  ch.emit(f'li x{register}, {value:#x}')
  ch.emit(f'csrw {name}, x{register}')
  ch.emit(f'csrr x{read}, {name}')


def probe(ch):
  """A load, a store or an AMO in the pages that entries cover but the last; of 8 bytes only if aligned."""
  rng = ch.rng
  size = 1 << rng.randrange(4 if ch.xlen == 64 else 3)
  place = rng.randrange(LOCK_BASE, LOCK_END - PAGE - 8)
  if rng.random() < 0.6:
    place = max(rng.choice(EDGES) + rng.randrange(-8, 16), LOCK_BASE)
  if size == 8 or rng.random() < 0.6:
    place &= -size
  if place // PAGE != (place + size - 1) // PAGE:  # QEMU looks at two aligned accesses then
    place &= -size
  address = ch.targets(1)[0]
  ch.emit(f'li x{address}, {place:#x}')
  ch.emit('sfence.vma')
  kind = rng.randrange(5)
  if kind == 0 and size >= 4 and place % size == 0:
    ch.emit(f'amoadd.{"bhwd"[size.bit_length() - 1]} x{ch.target()}, x{ch.source()}, (x{address})')
  elif kind < 3:
    ch.emit(f'l{"bhwd"[size.bit_length() - 1]} x{ch.target()}, 0(x{address})')
  else:
    ch.emit(f's{"bhwd"[size.bit_length() - 1]} x{ch.source()}, 0(x{address})')


def probe_as_supervisor(ch):
  """The same by MPRV, with the permissions of S or U mode."""
  clear = ch.reserve(3 << MPP_SHIFT | MPRV)
  fields = ch.reserve(MPRV | ch.rng.choice([MODE_U, MODE_S]) << MPP_SHIFT)
  if clear is None or fields is None:
    return unpriv.alu(ch)
  ch.emit(f'csrc mstatus, x{clear}')
  ch.emit(f'csrs mstatus, x{fields}')
  for _ in range(ch.rng.randint(1, 3)):
    probe(ch)
  ch.emit(f'csrc mstatus, x{clear}')
  ch.release(clear)
  return ch.release(fields)


def fetch_last_word(ch):
  """Calls the last word, which returns. QEMU wants all from there to the page's end in one region."""
  register = ch.targets(1)[0]
  ch.emit(f'li x{register}, {LOCK_END - 4:#x}')
  ch.emit('sfence.vma')
  ch.emit(f'jalr x1, 0(x{register})')
