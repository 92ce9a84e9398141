// Look-up and judgement of accesses to a register bank; the contract is in register_bank.h.
#include "core/register_bank.h"

#include <algorithm>
#include <stdexcept>

namespace memio {

namespace {

bool is_access_size(std::uint64_t size) { return size == 1 || size == 2 || size == 4 || size == 8; }

/// The part of a register that an access touches.
struct Lane {
  unsigned first;  ///< byte of the register
  unsigned count;

  unsigned shift() const { return 8 * first; }
  std::uint64_t mask() const { return (~std::uint64_t{0} >> (64 - 8 * count)) << shift(); }
};

Lane lane_of(const Register& reg, std::uint64_t at, std::uint64_t left) {
  const std::uint64_t first = at - reg.spec().offset;
  return {static_cast<unsigned>(first),
          static_cast<unsigned>(std::min<std::uint64_t>(left, reg.spec().size - first))};
}

}  // namespace

Register::Register(RegisterBank& bank, RegisterSpec spec) : spec_(std::move(spec)) {
  if (!is_access_size(spec_.size))
    throw std::invalid_argument(spec_.name + ": a register has 1, 2, 4 or 8 bytes");
  if (spec_.sizes == 0) spec_.sizes = spec_.size;
  reset();
  bank.add(*this);
}

Register& Register::on_peek(Reader reader) {
  peek_ = std::move(reader);
  return *this;
}

Register& Register::on_read(Reader reader) {
  read_ = std::move(reader);
  return *this;
}

Register& Register::on_write(Writer writer) {
  write_ = std::move(writer);
  return *this;
}

void Register::write(std::uint64_t value, std::uint64_t lanes) {
  const std::uint64_t mask = lanes & spec_.write_mask & all_bits();
  const std::uint64_t merged = (peek() & ~mask) | (value & mask);
  if (write_)
    write_(merged);
  else
    value_ = merged;
}

void RegisterBank::add(Register& reg) {
  const auto place = std::upper_bound(
      registers_.begin(), registers_.end(), reg.spec().offset,
      [](std::uint64_t offset, const Register* other) { return offset < other->spec().offset; });
  const auto clash = [&reg](const Register* other) {
    throw std::invalid_argument("registers " + reg.spec().name + " and " + other->spec().name + " overlap");
  };
  if (place != registers_.end() && reg.spec().offset + reg.spec().size > (*place)->spec().offset)
    clash(*place);
  if (Register* other = find(reg.spec().offset)) clash(other);
  registers_.insert(place, &reg);
}

Register* RegisterBank::find(std::uint64_t offset) const {
  const auto next =
      std::upper_bound(registers_.begin(), registers_.end(), offset,
                       [](std::uint64_t at, const Register* reg) { return at < reg->spec().offset; });
  if (next == registers_.begin()) return nullptr;
  Register* reg = *std::prev(next);
  return offset - reg->spec().offset < reg->spec().size ? reg : nullptr;
}

/// True for an access to no register that does nothing.
bool RegisterBank::ignored(std::uint64_t offset, std::uint64_t size) const {
  if (!ignores_elsewhere_ || !is_access_size(size)) return false;
  for (std::uint64_t i = 0; i < size; ++i)
    if (find(offset + i)) return false;
  return true;
}

Status RegisterBank::check(std::uint64_t offset, std::uint64_t size, bool write) const {
  if (!is_access_size(size)) return Status::size_error;
  for (std::uint64_t i = 0; i < size; ++i)
    if (!find(offset + i)) return Status::address_error;
  if (alignment_ == Alignment::natural && offset % size != 0) return Status::size_error;

  const RegisterAccess refused = write ? RegisterAccess::ro : RegisterAccess::wo;
  bool direction_ok = true;
  for (std::uint64_t done = 0; done < size;) {
    const Register& reg = *find(offset + done);
    const Lane lane = lane_of(reg, offset + done, size - done);
    const bool whole = lane.count == reg.spec().size;
    if (!whole && (lane.count != size || lane.first % size != 0)) return Status::size_error;
    if ((reg.spec().sizes & size) == 0) return Status::size_error;
    direction_ok = direction_ok && reg.spec().access != refused;
    done += lane.count;
  }
  return direction_ok ? Status::ok : Status::command_error;
}

Status RegisterBank::read(std::uint64_t offset, std::uint64_t size, std::uint8_t* data) {
  if (ignored(offset, size)) {
    std::fill_n(data, size, std::uint8_t{0});
    return Status::ok;
  }
  const Status status = check(offset, size, false);
  if (status != Status::ok) return status;
  for (std::uint64_t done = 0; done < size;) {
    const Register& reg = *find(offset + done);
    const Lane lane = lane_of(reg, offset + done, size - done);
    const std::uint64_t value = reg.read() >> lane.shift();
    for (unsigned i = 0; i < lane.count; ++i) data[done + i] = static_cast<std::uint8_t>(value >> (8 * i));
    done += lane.count;
  }
  return status;
}

Status RegisterBank::write(std::uint64_t offset, std::uint64_t size, const std::uint8_t* data) {
  if (ignored(offset, size)) return Status::ok;
  const Status status = check(offset, size, true);
  if (status != Status::ok) return status;
  for (std::uint64_t done = 0; done < size;) {
    Register& reg = *find(offset + done);
    const Lane lane = lane_of(reg, offset + done, size - done);
    std::uint64_t value = 0;
    for (unsigned i = 0; i < lane.count; ++i) value |= std::uint64_t{data[done + i]} << (8 * i);
    reg.write(value << lane.shift(), lane.mask());
    done += lane.count;
  }
  return status;
}

std::uint64_t RegisterBank::peek(std::uint64_t offset, std::uint64_t size, std::uint8_t* data) const {
  std::uint64_t done = 0;
  while (done < size) {
    const Register* reg = find(offset + done);
    if (!reg) break;
    const Lane lane = lane_of(*reg, offset + done, size - done);
    const std::uint64_t value = reg->peek() >> lane.shift();
    for (unsigned i = 0; i < lane.count; ++i) data[done + i] = static_cast<std::uint8_t>(value >> (8 * i));
    done += lane.count;
  }
  return done;
}

std::uint64_t RegisterBank::poke(std::uint64_t offset, std::uint64_t size, const std::uint8_t* data) {
  std::uint64_t done = 0;
  while (done < size) {
    Register* reg = find(offset + done);
    if (!reg || reg->has_writer() || reg->spec().access == RegisterAccess::ro) break;
    const Lane lane = lane_of(*reg, offset + done, size - done);
    std::uint64_t value = 0;
    for (unsigned i = 0; i < lane.count; ++i) value |= std::uint64_t{data[done + i]} << (8 * i);
    reg->write(value << lane.shift(), lane.mask());
    done += lane.count;
  }
  return done;
}

void RegisterBank::reset() {
  for (Register* reg : registers_) reg->reset();
}

}  // namespace memio
