// What a RISC-V hart is made of: instruction set, units, latencies, engine. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cache/cache_config.h"
#include "core/access.h"
#include "cpu/riscv/predictor.h"
#include "mmu/mmu.h"

namespace memio::riscv {

/// Extensions beside the base I (or E), which is always there, as are M, S and U mode, Zicsr, Zifencei,
/// Zicntr and Zihpm. docs/isa.md says what each adds.
struct Isa {
  unsigned xlen = 64;  ///< 32 or 64
  bool e = false;      ///< the base E in place of I: x0 to x15 only
  bool m = true;
  bool a = true;
  bool c = true;
  bool f = false, d = false, zfh = false;               ///< single, double, half precision; the others need f
  bool zfhmin = false;                                  ///< of Zfh, moves and conversions only
  bool zicbom = false, zicbop = false, zicboz = false;  ///< cache blocks; those of Zicbop are hints
  bool zicond = false;
  bool zihintpause = false;  ///< a hint: known by name only
  bool zba = false, zbb = false, zbc = false, zbs = false;
  bool sscofpmf = false;
  bool sstc = false;
  bool svade = false, svadu = false;  ///< accessed and dirty bits by faults, or by hardware
  bool svinval = false;
  bool svnapot = false, svpbmt = false;  ///< RV64 only
};

/// Parses "rv64imac", "rv32i_zicsr", ...: base, single letters in any order, then names, each behind a `_`.
/// Throws std::invalid_argument that names the string, the part that is wrong and what is allowed.
Isa parse_isa(std::string_view text);
/// What parse_isa allows, as text.
std::string allowed_isa();
/// The canonical string of `isa`, as in the device tree ("rv64imac_zicntr_zicsr_zifencei_zihpm").
std::string isa_string(const Isa& isa);

/// What an instruction of a class costs the pipeline, beside its fetch, translation and data access.
struct ClassCost {
  Cycles cycles = 1;   ///< until the next instruction can be issued
  Cycles latency = 0;  ///< from its issue until that of an instruction that needs its result; 0: no result.
                       ///< Of no effect unless it is more than `cycles`
};

/// What a division takes beside its class.
enum class Division : std::uint8_t {
  fixed,    ///< nothing
  width,    ///< the bits of its operands, 32 or XLEN, so many a cycle
  quotient  ///< the bits that the quotient can have: significant bits of dividend less divisor, plus 1
};

/// The pipeline: docs/timing.md says where each number is charged.
struct InstructionTiming {
  ClassCost alu{1, 1};
  ClassCost shift{1, 1};
  ClassCost bitmanip{1, 1};  ///< Zba, Zbb, Zbs and Zicond, but for shifts and rotations
  ClassCost mul{3, 1};
  ClassCost mulh{3, 1};   ///< the upper half of a product
  ClassCost clmul{3, 1};  ///< a carry-less product
  ClassCost div{20, 1};
  ClassCost load{1, 2};
  ClassCost narrow_load{1, 2};  ///< of one or two bytes
  ClassCost store{1, 0};
  ClassCost branch{1, 0};
  ClassCost jump{2, 1};  ///< jal, jalr
  ClassCost amo{2, 1};
  ClassCost lrsc{2, 1};  ///< LR and SC
  ClassCost csr{1, 1};
  ClassCost system{2, 0};      ///< ecall, ebreak, mret, sret, wfi, sfence.vma
  ClassCost fence{2, 0};       ///< fence, fence.i
  ClassCost port{1, 1};        ///< in, out
  ClassCost fp_move{1, 1};     ///< between x and f registers, bits unchanged
  ClassCost fp_compare{1, 1};  ///< comparison, minimum, maximum, sign injection, classification
  ClassCost fp_convert{2, 1};
  ClassCost fp_add{3, 1};
  ClassCost fp_mul{4, 1};
  ClassCost fp_fma{5, 1};
  ClassCost fp_div{15, 1};  ///< half and single precision
  ClassCost fp_div_double{25, 1};
  ClassCost fp_sqrt{15, 1};  ///< half and single precision
  ClassCost fp_sqrt_double{25, 1};
  Division division = Division::fixed;
  unsigned division_bits = 1;  ///< 1..64, bits a cycle of `width` and `quotient`
  bool serialise = false;      ///< csr, system and fence instructions wait for all pending results
  Cycles branch_taken = 2;     ///< a taken conditional branch, in addition: as foretold, or without predictor
  Cycles jal_redirect = 0;     ///< a jal, in addition, if its target was not known at the fetch
  Cycles jalr_redirect = 0;    ///< a jalr, in addition, if its target was not foretold
  Cycles early_redirect = 0;   ///< any of these if the target was known at the fetch
  Cycles mispredict = 3;       ///< a branch or jalr foretold wrongly
  unsigned wrong_path = 0;     ///< words behind a branch foretold wrongly, or a jalr not foretold, that the
                               ///< instruction cache is asked for meanwhile
  unsigned fetch_width = 4;    ///< bytes of an aligned fetch word: 4, 8 or 16
  Cycles reset = 0;            ///< from a reset to the first fetch
  Cycles trap = 4;             ///< entry into a trap handler, added to what the instruction took
};

/// Ports at the bus. Each makes its transactions one after the other; those of two may overlap.
enum class Channel : std::uint8_t { data, fetch, walk };
inline constexpr unsigned channels = 3;

/// Which of them a hart has: `data` for everything; `fetch` beside it; `walk` as well.
enum class BusPorts : std::uint8_t { shared, split, walker };

/// The port that accesses of `kind` go through.
constexpr Channel channel_of(AccessKind kind, BusPorts ports) {
  if (kind == AccessKind::fetch && ports != BusPorts::shared) return Channel::fetch;
  return kind == AccessKind::walk && ports == BusPorts::walker ? Channel::walk : Channel::data;
}

/// A second place of a part of memory space: the bytes from `first` on are those from `home` on.
struct MemoryAlias {
  std::uint64_t first = 0, size = 0, home = 0;

  /// The address that stands for the byte at `address`, whichever way it is reached.
  std::uint64_t resolve(std::uint64_t address) const {
    return address - first < size ? address - first + home : address;
  }
};

enum class Engine : std::uint8_t { reference, fast };
enum class Misaligned : std::uint8_t { hardware, trap };

class HartGroup;

struct HartConfig {
  unsigned hart_id = 0;
  HartGroup* group = nullptr;  ///< of all harts of the machine; null: it is alone
  Isa isa;
  bool has_mmu = true;
  PageFormatId largest_format = PageFormatId::sv57;  ///< RV64: satp.MODE accepts up to this; RV32: sv32
  unsigned asid_bits = 16;                           ///< 0..9 on RV32, 0..16 on RV64 (cut to fit)
  unsigned pmp_regions = 16;                         ///< 0..16
  unsigned triggers = 2;                             ///< debug triggers, 0..8
  bool port_space = true;                            ///< the custom-0 port instructions exist
  Misaligned misaligned = Misaligned::hardware;
  std::uint64_t reset_vector = 0x1000;
  bool functional = false;  ///< one cycle an instruction, no TLB objects
  InstructionTiming timing;
  PredictorConfig predictor;
  bool at = false;  ///< every transaction is made by the port, at its time
  BusPorts bus_ports = BusPorts::shared;
  MemoryAlias alias;  ///< of RAM; size 0: none
  MmuConfig mmu;
  CacheHierarchyConfig caches;

  Engine engine = Engine::fast;
  /// Host switches: they change no modelled number.
  bool use_dmi = true;
  std::uint64_t drop_caches_every = 0;  ///< mean instructions between random drops of host caches; 0: never
  std::uint64_t drop_caches_seed = 1;
};

/// Bytes of the blocks of Zicbom and Zicboz: a line of the data cache.
inline unsigned block_bytes(const HartConfig& config) {
  return config.caches.l1d.size ? config.caches.l1d.line : 64;
}

}  // namespace memio::riscv
