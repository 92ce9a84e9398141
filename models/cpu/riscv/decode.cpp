// Decoder of the 32-bit encodings (unprivileged specification, chapter 24; privileged, section 9; bit
// manipulation 1.0.0, chapter 2; Zicond 1.0; CMO specification 1.0, section 2.6: its prefetches are encoded
// as ori with rd x0, and do as little). Port instructions: docs/memory-map.md.
#include "cpu/riscv/decode.h"

#include <initializer_list>

#include "cpu/riscv/instruction_fields.h"

namespace memio::riscv {

namespace {

class Decoder {
 public:
  Decoder(std::uint32_t bits, const Isa& isa, bool ports)
      : bits_(bits),
        isa_(isa),
        ports_(ports),
        rv64_(isa.xlen == 64),
        funct3_(field(bits, 14, 12)),
        funct7_(field(bits, 31, 25)) {
    const auto rd = static_cast<std::uint8_t>(field(bits, 11, 7));
    op_.rd = rd == 0 ? sink_register : rd;
    op_.rs1 = static_cast<std::uint8_t>(field(bits, 19, 15));
    op_.rs2 = static_cast<std::uint8_t>(field(bits, 24, 20));
  }

  Op decode() {
    op_.id = isa_.e && names_upper_register(bits_) ? OpId::illegal : identify();
    if (op_.id == OpId::illegal) op_.imm = static_cast<std::int32_t>(bits_);
    return op_;
  }

 private:
  OpId identify() {
    switch (bits_ & 0x7f) {
      case 0x37:
        op_.rs1 = 0;
        return with(imm_u(bits_), OpId::lui);
      case 0x17:
        return with(imm_u(bits_), OpId::auipc);
      case 0x6f:
        return with(imm_j(bits_), OpId::jal);
      case 0x67:
        return funct3_ == 0 ? with(imm_i(bits_), OpId::jalr) : OpId::illegal;
      case 0x63:
        return branch();
      case 0x03:
        return load();
      case 0x23:
        return store();
      case 0x13:
        return immediate();
      case 0x1b:
        return rv64_ ? immediate_word() : OpId::illegal;
      case 0x33:
        return register_register();
      case 0x3b:
        return rv64_ ? register_word() : OpId::illegal;
      case 0x2f:
        return isa_.a ? atomic() : OpId::illegal;
      case 0x0f:
        return funct3_ == 0   ? OpId::fence
               : funct3_ == 1 ? OpId::fence_i
               : funct3_ == 2 ? block()
                              : OpId::illegal;
      case 0x73:
        return system();
      case 0x07:
        return float_load();
      case 0x27:
        return float_store();
      case 0x43:
        return fused(OpId::fmadd_s);
      case 0x47:
        return fused(OpId::fmsub_s);
      case 0x4b:
        return fused(OpId::fnmsub_s);
      case 0x4f:
        return fused(OpId::fnmadd_s);
      case 0x53:
        return float_operation();
      case 0x0b:
        return ports_ ? port() : OpId::illegal;
      default:
        return OpId::illegal;
    }
  }

  OpId with(std::int32_t imm, OpId id) {
    op_.imm = imm;
    return id;
  }

  static OpId only(bool there, OpId id) { return there ? id : OpId::illegal; }

  OpId branch() {
    constexpr OpId ids[8] = {OpId::beq, OpId::bne, OpId::illegal, OpId::illegal,
                             OpId::blt, OpId::bge, OpId::bltu,    OpId::bgeu};
    return with(imm_b(bits_), ids[funct3_]);
  }

  OpId load() {
    constexpr OpId ids[8] = {OpId::lb,  OpId::lh,  OpId::lw,  OpId::ld,
                             OpId::lbu, OpId::lhu, OpId::lwu, OpId::illegal};
    if (!rv64_ && (funct3_ == 3 || funct3_ == 6)) return OpId::illegal;
    return with(imm_i(bits_), ids[funct3_]);
  }

  OpId store() {
    constexpr OpId ids[4] = {OpId::sb, OpId::sh, OpId::sw, OpId::sd};
    if (funct3_ > (rv64_ ? 3u : 2u)) return OpId::illegal;
    return with(imm_s(bits_), ids[funct3_]);
  }

  OpId block() {
    if (op_.rd != sink_register) return OpId::illegal;
    switch (field(bits_, 31, 20)) {
      case 0:
        return only(isa_.zicbom, OpId::cbo_inval);
      case 1:
        return only(isa_.zicbom, OpId::cbo_clean);
      case 2:
        return only(isa_.zicbom, OpId::cbo_flush);
      case 4:
        return only(isa_.zicboz, OpId::cbo_zero);
      default:
        return OpId::illegal;
    }
  }

  OpId immediate() {
    constexpr OpId ids[8] = {OpId::addi, OpId::illegal, OpId::slti, OpId::sltiu,
                             OpId::xori, OpId::illegal, OpId::ori,  OpId::andi};
    if (funct3_ != 1 && funct3_ != 5) return with(imm_i(bits_), ids[funct3_]);
    // The shift amount has 5 bits or 6; what is above it, brought to 7 bits as on RV32, says what is meant.
    const unsigned top = rv64_ ? funct7_ & ~1u : funct7_;
    op_.imm = static_cast<std::int32_t>(field(bits_, rv64_ ? 25 : 24, 20));
    switch (top << 3 | funct3_) {
      case 0x00 << 3 | 1:
        return OpId::slli;
      case 0x00 << 3 | 5:
        return OpId::srli;
      case 0x20 << 3 | 5:
        return OpId::srai;
      case 0x30 << 3 | 5:
        return only(isa_.zbb, OpId::rori);
      case 0x24 << 3 | 1:
        return only(isa_.zbs, OpId::bclri);
      case 0x24 << 3 | 5:
        return only(isa_.zbs, OpId::bexti);
      case 0x34 << 3 | 1:
        return only(isa_.zbs, OpId::binvi);
      case 0x14 << 3 | 1:
        return only(isa_.zbs, OpId::bseti);
      default:
        return only(isa_.zbb, unary());
    }
  }

  /// Those of Zbb that have a function code in place of an immediate.
  OpId unary() {
    const std::uint32_t code = field(bits_, 31, 20);
    op_.imm = 0;
    if (funct3_ == 5)
      return code == 0x287 ? OpId::orc_b : code == (rv64_ ? 0x6b8u : 0x698u) ? OpId::rev8 : OpId::illegal;
    switch (code) {
      case 0x600:
        return OpId::clz;
      case 0x601:
        return OpId::ctz;
      case 0x602:
        return OpId::cpop;
      case 0x604:
        return OpId::sext_b;
      case 0x605:
        return OpId::sext_h;
      default:
        return OpId::illegal;
    }
  }

  OpId immediate_word() {
    if (funct3_ == 0) return with(imm_i(bits_), OpId::addiw);
    op_.imm = op_.rs2;
    switch (funct7_ << 3 | funct3_) {
      case 0x00 << 3 | 1:
        return OpId::slliw;
      case 0x00 << 3 | 5:
        return OpId::srliw;
      case 0x20 << 3 | 5:
        return OpId::sraiw;
      case 0x04 << 3 | 1:
      case 0x05 << 3 | 1:
        return with(static_cast<std::int32_t>(field(bits_, 25, 20)), only(isa_.zba, OpId::slli_uw));
      case 0x30 << 3 | 5:
        return only(isa_.zbb, OpId::roriw);
      case 0x30 << 3 | 1: {
        constexpr OpId ids[3] = {OpId::clzw, OpId::ctzw, OpId::cpopw};
        return isa_.zbb && op_.rs2 < 3 ? with(0, ids[op_.rs2]) : OpId::illegal;
      }
      default:
        return OpId::illegal;
    }
  }

  OpId register_register() {
    constexpr OpId plain[8] = {OpId::add,  OpId::sll, OpId::slt, OpId::sltu,
                               OpId::xor_, OpId::srl, OpId::or_, OpId::and_};
    constexpr OpId products[8] = {OpId::mul, OpId::mulh, OpId::mulhsu, OpId::mulhu,
                                  OpId::div, OpId::divu, OpId::rem,    OpId::remu};
    constexpr OpId orders[8] = {OpId::illegal, OpId::clmul, OpId::clmulr, OpId::clmulh,
                                OpId::min,     OpId::minu,  OpId::max,    OpId::maxu};
    switch (funct7_) {
      case 0x00:
        return plain[funct3_];
      case 0x01:
        return only(isa_.m, products[funct3_]);
      case 0x05:
        return only(funct3_ < 4 ? isa_.zbc : isa_.zbb, orders[funct3_]);
      default:
        break;
    }
    switch (funct7_ << 3 | funct3_) {
      case 0x20 << 3 | 0:
        return OpId::sub;
      case 0x20 << 3 | 5:
        return OpId::sra;
      case 0x10 << 3 | 2:
        return only(isa_.zba, OpId::sh1add);
      case 0x10 << 3 | 4:
        return only(isa_.zba, OpId::sh2add);
      case 0x10 << 3 | 6:
        return only(isa_.zba, OpId::sh3add);
      case 0x20 << 3 | 7:
        return only(isa_.zbb, OpId::andn);
      case 0x20 << 3 | 6:
        return only(isa_.zbb, OpId::orn);
      case 0x20 << 3 | 4:
        return only(isa_.zbb, OpId::xnor);
      case 0x30 << 3 | 1:
        return only(isa_.zbb, OpId::rol);
      case 0x30 << 3 | 5:
        return only(isa_.zbb, OpId::ror);
      case 0x04 << 3 | 4:
        return only(!rv64_ && isa_.zbb && op_.rs2 == 0, OpId::zext_h);
      case 0x24 << 3 | 1:
        return only(isa_.zbs, OpId::bclr);
      case 0x24 << 3 | 5:
        return only(isa_.zbs, OpId::bext);
      case 0x34 << 3 | 1:
        return only(isa_.zbs, OpId::binv);
      case 0x14 << 3 | 1:
        return only(isa_.zbs, OpId::bset);
      case 0x07 << 3 | 5:
        return only(isa_.zicond, OpId::czero_eqz);
      case 0x07 << 3 | 7:
        return only(isa_.zicond, OpId::czero_nez);
      default:
        return OpId::illegal;
    }
  }

  OpId register_word() {
    switch (funct7_ << 3 | funct3_) {
      case 0x00 << 3 | 0:
        return OpId::addw;
      case 0x20 << 3 | 0:
        return OpId::subw;
      case 0x00 << 3 | 1:
        return OpId::sllw;
      case 0x00 << 3 | 5:
        return OpId::srlw;
      case 0x20 << 3 | 5:
        return OpId::sraw;
      case 0x04 << 3 | 0:
        return only(isa_.zba, OpId::add_uw);
      case 0x10 << 3 | 2:
        return only(isa_.zba, OpId::sh1add_uw);
      case 0x10 << 3 | 4:
        return only(isa_.zba, OpId::sh2add_uw);
      case 0x10 << 3 | 6:
        return only(isa_.zba, OpId::sh3add_uw);
      case 0x30 << 3 | 1:
        return only(isa_.zbb, OpId::rolw);
      case 0x30 << 3 | 5:
        return only(isa_.zbb, OpId::rorw);
      case 0x04 << 3 | 4:
        return only(isa_.zbb && op_.rs2 == 0, OpId::zext_h);
      default:
        break;
    }
    constexpr OpId products[8] = {OpId::mulw, OpId::illegal, OpId::illegal, OpId::illegal,
                                  OpId::divw, OpId::divuw,   OpId::remw,    OpId::remuw};
    return only(funct7_ == 1 && isa_.m, products[funct3_]);
  }

  OpId atomic() {
    if (funct3_ != 2 && !(funct3_ == 3 && rv64_)) return OpId::illegal;
    const bool word = funct3_ == 2;
    switch (field(bits_, 31, 27)) {
      case 0x02:
        return op_.rs2 != 0 ? OpId::illegal : word ? OpId::lr_w : OpId::lr_d;
      case 0x03:
        return word ? OpId::sc_w : OpId::sc_d;
      case 0x01:
        return word ? OpId::amoswap_w : OpId::amoswap_d;
      case 0x00:
        return word ? OpId::amoadd_w : OpId::amoadd_d;
      case 0x04:
        return word ? OpId::amoxor_w : OpId::amoxor_d;
      case 0x0c:
        return word ? OpId::amoand_w : OpId::amoand_d;
      case 0x08:
        return word ? OpId::amoor_w : OpId::amoor_d;
      case 0x10:
        return word ? OpId::amomin_w : OpId::amomin_d;
      case 0x14:
        return word ? OpId::amomax_w : OpId::amomax_d;
      case 0x18:
        return word ? OpId::amominu_w : OpId::amominu_d;
      case 0x1c:
        return word ? OpId::amomaxu_w : OpId::amomaxu_d;
      default:
        return OpId::illegal;
    }
  }

  OpId system() {
    constexpr OpId csr[8] = {OpId::illegal, OpId::csrrw,  OpId::csrrs,  OpId::csrrc,
                             OpId::illegal, OpId::csrrwi, OpId::csrrsi, OpId::csrrci};
    if (funct3_ != 0) return with(static_cast<std::int32_t>(field(bits_, 31, 20)), csr[funct3_]);
    switch (bits_) {
      case 0x00000073:
        return OpId::ecall;
      case 0x00100073:
        return OpId::ebreak;
      case 0x30200073:
        return OpId::mret;
      case 0x10200073:
        return OpId::sret;
      case 0x10500073:
        return OpId::wfi;
      case 0x18000073:  // sfence.w.inval
      case 0x18100073:  // sfence.inval.ir
        return only(isa_.svinval, OpId::sfence_inval);
      default:
        if (op_.rd != sink_register) return OpId::illegal;
        return only(funct7_ == 0x09 || (funct7_ == 0x0b && isa_.svinval), OpId::sfence_vma);
    }
  }

  /// Whether the hart has a format, by its encoding in instructions; `moved`: if only to move and convert it.
  bool has_format(unsigned format, bool moved = false) const {
    return format == 0 ? isa_.f : format == 1 ? isa_.d : format == 2 && (isa_.zfh || (moved && isa_.zfhmin));
  }

  /// The instruction of `format` that is to it what `single` is to single precision.
  static OpId in_format(OpId single, unsigned format) {
    constexpr int stride = static_cast<int>(OpId::fadd_d) - static_cast<int>(OpId::fadd_s);
    const int steps = format == 0 ? 0 : format == 1 ? 1 : -1;
    return static_cast<OpId>(static_cast<int>(single) + steps * stride);
  }

  std::uint8_t float_rd() const { return static_cast<std::uint8_t>(field(bits_, 11, 7)); }

  OpId float_load() {
    constexpr OpId ids[4] = {OpId::illegal, OpId::flh, OpId::flw, OpId::fld};
    constexpr unsigned formats[4] = {3, 2, 0, 1};
    if (funct3_ > 3 || !has_format(formats[funct3_], true)) return OpId::illegal;
    op_.rd = float_rd();
    return with(imm_i(bits_), ids[funct3_]);
  }

  OpId float_store() {
    constexpr OpId ids[4] = {OpId::illegal, OpId::fsh, OpId::fsw, OpId::fsd};
    constexpr unsigned formats[4] = {3, 2, 0, 1};
    if (funct3_ > 3 || !has_format(formats[funct3_], true)) return OpId::illegal;
    return with(imm_s(bits_), ids[funct3_]);
  }

  /// With a rounding mode, 5 and 6 being reserved; the destination is an f register.
  OpId rounding(OpId id) {
    op_.rd = float_rd();
    return rounding_to_integer(id);
  }
  OpId rounding_to_integer(OpId id) {
    if (funct3_ == 5 || funct3_ == 6) return OpId::illegal;
    return with(static_cast<std::int32_t>(field(bits_, 31, 27) << 3 | funct3_), id);
  }

  OpId fused(OpId single) {
    const unsigned format = funct7_ & 3;
    return has_format(format) ? rounding(in_format(single, format)) : OpId::illegal;
  }

  OpId float_operation() {
    const unsigned format = funct7_ & 3, operation = funct7_ >> 2;
    const bool moves = operation == 0x08 || operation == 0x1e || (operation == 0x1c && funct3_ == 0);
    if (!has_format(format, moves)) return OpId::illegal;
    const auto id = [format](OpId single) { return in_format(single, format); };
    const auto chosen = [this](std::initializer_list<OpId> ids, unsigned index) {
      return index < ids.size() ? ids.begin()[index] : OpId::illegal;
    };
    const bool integer_fits = op_.rs2 < (rv64_ ? 4 : 2);
    const bool move_fits = op_.rs2 == 0 && (rv64_ || format != 1);
    switch (operation) {
      case 0x00:
        return rounding(id(OpId::fadd_s));
      case 0x01:
        return rounding(id(OpId::fsub_s));
      case 0x02:
        return rounding(id(OpId::fmul_s));
      case 0x03:
        return rounding(id(OpId::fdiv_s));
      case 0x0b:
        return op_.rs2 == 0 ? rounding(id(OpId::fsqrt_s)) : OpId::illegal;
      case 0x04:
        op_.rd = float_rd();
        return chosen({id(OpId::fsgnj_s), id(OpId::fsgnjn_s), id(OpId::fsgnjx_s)}, funct3_);
      case 0x05:
        op_.rd = float_rd();
        return chosen({id(OpId::fmin_s), id(OpId::fmax_s)}, funct3_);
      case 0x08:
        return between_formats(format);
      case 0x14:
        return chosen({id(OpId::fle_s), id(OpId::flt_s), id(OpId::feq_s)}, funct3_);
      case 0x18:
        return integer_fits ? rounding_to_integer(integer_form(id(OpId::fcvt_w_s))) : OpId::illegal;
      case 0x1a:
        return integer_fits ? rounding(integer_form(id(OpId::fcvt_s_w))) : OpId::illegal;
      case 0x1c:
        if (funct3_ == 1 && op_.rs2 == 0) return id(OpId::fclass_s);
        return funct3_ == 0 && move_fits ? id(OpId::fmv_x_s) : OpId::illegal;
      case 0x1e:
        op_.rd = float_rd();
        return funct3_ == 0 && move_fits ? id(OpId::fmv_s_x) : OpId::illegal;
      default:
        return OpId::illegal;
    }
  }

  /// The forms of w, wu, l and lu stand side by side.
  OpId integer_form(OpId w) const { return static_cast<OpId>(static_cast<unsigned>(w) + op_.rs2); }

  OpId between_formats(unsigned to) {
    constexpr OpId ids[3][3] = {{OpId::illegal, OpId::fcvt_s_d, OpId::fcvt_s_h},
                                {OpId::fcvt_d_s, OpId::illegal, OpId::fcvt_d_h},
                                {OpId::fcvt_h_s, OpId::fcvt_h_d, OpId::illegal}};
    const OpId id = op_.rs2 < 3 && has_format(op_.rs2, true) ? ids[to][op_.rs2] : OpId::illegal;
    return id == OpId::illegal ? id : rounding(id);
  }

  OpId port() {
    const auto number = [](std::int32_t imm) { return (imm & 0xfff) << 2; };
    if (funct3_ <= 2) {
      op_.imm = static_cast<std::int32_t>(funct3_);
      if (funct7_ == 0 && op_.rs2 == 0) return OpId::in;
      if (funct7_ == 1 && op_.rd == sink_register) return OpId::out;
      return OpId::illegal;
    }
    if (funct3_ >= 4 && funct3_ <= 6 && op_.rs1 == 0)
      return with(number(imm_i(bits_)) | static_cast<std::int32_t>(funct3_ & 3), OpId::ini);
    if (funct3_ == 7 && op_.rs1 <= 2) return with(number(imm_s(bits_)) | op_.rs1, OpId::outi);
    return OpId::illegal;
  }

  std::uint32_t bits_;
  const Isa& isa_;
  bool ports_;
  bool rv64_;
  unsigned funct3_, funct7_;
  Op op_;
};

}  // namespace

Op decode(std::uint32_t bits, const Isa& isa, bool ports) {
  if (!is_compressed(bits)) return Decoder(bits, isa, ports).decode();
  const auto half = static_cast<std::uint16_t>(bits);
  const std::uint32_t expanded = isa.c ? expand_compressed(half, isa.xlen) : 0;
  Op op = Decoder(expanded, isa, ports).decode();
  op.length = 2;
  if (op.id == OpId::illegal) op.imm = half;
  return op;
}

}  // namespace memio::riscv
