// Arguments of mmap(), mprotect() and mlockall(), with Linux's values.
#pragma once

#define PROT_NONE 0x0
#define PROT_READ 0x1
#define PROT_WRITE 0x2
#define PROT_EXEC 0x4

#define MAP_SHARED 0x01
#define MAP_PRIVATE 0x02
#define MAP_FIXED 0x10  // exactly at the address; what is there goes
#define MAP_ANONYMOUS 0x20
#define MAP_LOCKED 0x2000
#define MAP_POPULATE 0x8000  // all pages at once instead of on demand

#define MCL_CURRENT 1  // what is mapped now
#define MCL_FUTURE 2   // what will be
