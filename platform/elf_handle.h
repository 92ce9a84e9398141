// An Elf descriptor of libelf over bytes in memory, closed with its scope.
#pragma once

#include <gelf.h>

#include <string>

namespace memio {

class ElfHandle {
 public:
  /// `bytes` must outlive the handle. `get` is null if libelf refuses them.
  explicit ElfHandle(const std::string& bytes) {
    elf_version(EV_CURRENT);
    elf_ = elf_memory(const_cast<char*>(bytes.data()), bytes.size());
  }
  ~ElfHandle() { elf_end(elf_); }
  ElfHandle(const ElfHandle&) = delete;
  ElfHandle& operator=(const ElfHandle&) = delete;

  Elf* get() const { return elf_; }

 private:
  Elf* elf_ = nullptr;
};

}  // namespace memio
