// Repeated and block accesses to mapped registers: one fence around the whole instead of one for each access.
#include <asm/io.h>

namespace memio {
namespace {

template <typename T>
void read_repeated(const volatile void* addr, void* buf, unsigned long count) {
  T* to = static_cast<T*>(buf);
  while (count-- > 0) *to++ = *static_cast<const volatile T*>(addr);
  __iormb();
}

template <typename T>
void write_repeated(volatile void* addr, const void* buf, unsigned long count) {
  const T* from = static_cast<const T*>(buf);
  __iowmb();
  while (count-- > 0) *static_cast<volatile T*>(addr) = *from++;
}

}  // namespace

extern "C" void readsb(const volatile void* addr, void* buf, unsigned long count) {
  read_repeated<u8>(addr, buf, count);
}
extern "C" void readsw(const volatile void* addr, void* buf, unsigned long count) {
  read_repeated<u16>(addr, buf, count);
}
extern "C" void readsl(const volatile void* addr, void* buf, unsigned long count) {
  read_repeated<u32>(addr, buf, count);
}
extern "C" void writesb(volatile void* addr, const void* buf, unsigned long count) {
  write_repeated<u8>(addr, buf, count);
}
extern "C" void writesw(volatile void* addr, const void* buf, unsigned long count) {
  write_repeated<u16>(addr, buf, count);
}
extern "C" void writesl(volatile void* addr, const void* buf, unsigned long count) {
  write_repeated<u32>(addr, buf, count);
}

extern "C" void memcpy_fromio(void* to, const volatile void* from, unsigned long count) {
  u8* bytes = static_cast<u8*>(to);
  for (unsigned long i = 0; i < count; i++) bytes[i] = static_cast<const volatile u8*>(from)[i];
  __iormb();
}

extern "C" void memcpy_toio(volatile void* to, const void* from, unsigned long count) {
  const u8* bytes = static_cast<const u8*>(from);
  __iowmb();
  for (unsigned long i = 0; i < count; i++) static_cast<volatile u8*>(to)[i] = bytes[i];
}

extern "C" void memset_io(volatile void* to, int value, unsigned long count) {
  __iowmb();
  for (unsigned long i = 0; i < count; i++) static_cast<volatile u8*>(to)[i] = static_cast<u8>(value);
}

}  // namespace memio
