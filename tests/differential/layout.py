"""Addresses and record fields that the generated programs share with guest/runtime.h and guest/link.ld."""

CODE_BASE = 0x80000000
TEST_BASE = 0x80400000
TABLES_BASE = 0x80410000
TABLES_LIMIT = 0x80800000
CLINT_MSIP = 0x2000000

PAGE = 4096
DATA_BASE = TEST_BASE + PAGE
DATA_PAGES = 8
SNIPPET_BASE = DATA_BASE + (DATA_PAGES + 1) * PAGE
SNIPPET_PAGES = 2

# Pages that locked PMP entries cover; of the last one only the last word is used: it returns.
LOCK_BASE = 0x8040d000
LOCK_END = 0x80410000

# Loads and stores hit only the last and the first WINDOW bytes round a page boundary of the data pages,
# so that the runtime can report all memory a chunk may have changed.
WINDOW = 64

# Entry points inside a snippet page; at SNIPPET_CROSSING an instruction straddles into the next page.
SNIPPET_CROSSING = PAGE - 2
SNIPPET_ENTRIES = (0, 16, 2048, SNIPPET_CROSSING)

# Fields of a chunk record in order, before x1..x31: (name, words).
RECORD_FIELDS = (
    ('entry', 1), ('end', 1), ('mstatus', 1), ('satp', 1), ('medeleg', 1), ('mideleg', 1), ('mie', 1),
    ('offset', 1), ('flags', 1), ('pmpcfg', 1), ('pmpaddr', 4), ('pte_list', 1), ('pte_count', 1),
    ('counteren', 1), ('floats', 1), ('fcsr', 1), ('nested', 1), ('scounteren', 1),
)

FLAG_FENCE = 1
FLAG_MTVEC_VECTORED = 2
FLAG_STVEC_VECTORED = 4
FLAG_SSTC = 8

# Instructions that trap inside the handlers (guest/traps.S, nested_slots); 0 stands for none.
NESTED_INTERRUPT = 10
NESTED = range(1, NESTED_INTERRUPT)

# Reported CSRs of a chunk's end, in the order of `state` in the runtime.
STATE_NAMES = ('mstatus', 'sepc', 'scause', 'stval', 'mip', 'mie', 'satp', 'sscratch', 'fcsr')

# mstatus bits.
SIE, MIE, SPIE, MPIE, SPP = 1 << 1, 1 << 3, 1 << 5, 1 << 7, 1 << 8
MPP_SHIFT, MPP = 11, 3 << 11
FS_SHIFT, FS = 13, 3 << 13
MPRV, SUM, MXR, TVM, TW, TSR = 1 << 17, 1 << 18, 1 << 19, 1 << 20, 1 << 21, 1 << 22

# Interrupts as bits of mip and mie.
SSI, MSI, STI, SEI = 1 << 1, 1 << 3, 1 << 5, 1 << 9

MODE_U, MODE_S, MODE_M = 0, 1, 3
MODE_NAMES = {MODE_U: 'U', MODE_S: 'S', MODE_M: 'M'}
