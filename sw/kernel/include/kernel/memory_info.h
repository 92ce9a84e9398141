// What a program that reads the kernel's memory from outside must know: sizes, offsets of members and
// addresses of variables, as Linux gives them in vmcoreinfo. A table of constants in the image, in the
// section .memory_info between __memory_info_start and __memory_info_end.
#pragma once

namespace memio {

// A friend of the classes whose members it describes.
struct MemoryInfo {
  struct Entry {
    const char* name;  // "size.TYPE", "offset.TYPE.MEMBER", "number.NAME" or "address.VARIABLE"
    unsigned long value;
  };
  static const Entry kEntries[];
};

}  // namespace memio
