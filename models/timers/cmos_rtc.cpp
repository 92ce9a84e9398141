// CMOS real-time clock; bit names as in the MC146818 data sheet, "Registers".
#include "timers/cmos_rtc.h"

#include <algorithm>

#include "core/tick_rate.h"

namespace memio {

namespace {

constexpr std::uint64_t a_uip = 0x80, a_rate = 0x0F;
constexpr std::uint64_t b_set = 0x80, b_uie = 0x10, b_aie = 0x20, b_pie = 0x40, b_binary = 0x04,
                        b_24_hours = 0x02, b_reset_keeps = 0x87;
constexpr std::uint64_t c_irq = 0x80, c_uf = 0x10, c_af = 0x20, c_pf = 0x40;
constexpr std::uint64_t pm = 0x80, alarm_any = 0xC0;
constexpr std::uint64_t ram_first = 0x0E, ram_last = 0x7F;
constexpr std::int64_t seconds_per_day = 86'400;

/// An update begins 244 us after UIP rises and takes 1984 us with a 32.768 kHz crystal.
constexpr std::uint64_t update_picoseconds = 2'228'000'000;
constexpr std::uint64_t second = TickRate::picoseconds_per_second;

std::int64_t modelled_seconds(std::uint64_t ps) { return static_cast<std::int64_t>(ps / second); }

/// Frequency of the periodic interrupt for rate selection `rs`; 0: none.
std::uint64_t periodic_hertz(std::uint64_t rs) {
  if (rs == 0) return 0;
  return rs < 3 ? 512 >> rs : 65536 >> rs;
}

}  // namespace

CmosRtc::CmosRtc(const sc_core::sc_module_name& name, const CmosRtcConfig& config)
    : RegisterTarget(name, config.latency, RegisterBank::Alignment::any),
      offset_(static_cast<std::int64_t>(config.epoch)) {
  const auto selected = [this] { return index_.value() & 0x7F; };
  data_
      .on_peek([this, selected] {
        std::uint8_t byte = 0;
        cmos_.peek(selected(), 1, &byte);
        return byte;
      })
      .on_read([this, selected] {
        std::uint8_t byte = 0;
        cmos_.read(selected(), 1, &byte);
        return byte;
      })
      .on_write([this, selected](std::uint64_t value) {
        const auto byte = static_cast<std::uint8_t>(value);
        update();  // what was due so far counts by the old settings
        cmos_.write(selected(), 1, &byte);
        update();
      });

  add_field("SECONDS", 0x00, &CivilTime::second);
  add_field("MINUTES", 0x02, &CivilTime::minute);
  add_field("HOURS", 0x04, &CivilTime::hour);
  add_field("WEEKDAY", 0x06, &CivilTime::weekday);
  add_field("DAY", 0x07, &CivilTime::day);
  add_field("MONTH", 0x08, &CivilTime::month);
  add_field("YEAR", 0x09, &CivilTime::year);
  for (std::uint64_t index = ram_first; index <= ram_last; ++index)
    ram_.push_back(std::make_unique<Register>(cmos_, RegisterSpec{"RAM" + std::to_string(index), index, 1}));
  a_.on_peek([this] { return read_a(); }).on_write([this](std::uint64_t value) { a_.set(value & ~a_uip); });
  b_.on_write([this](std::uint64_t value) { write_b(value); });
  c_.on_peek([this] { return flags(); }).on_read([this] { return read_c(); });

  SC_HAS_PROCESS(CmosRtc);
  SC_METHOD(update);
  dont_initialize();
  sensitive << tick_;
}

void CmosRtc::add_field(const char* name, std::uint64_t index, Field field) {
  fields_.push_back(std::make_unique<Register>(cmos_, RegisterSpec{name, index, 1}));
  fields_.back()->on_peek([this, field] { return encode(field, time().*field); });
  fields_.back()->on_write([this, field](std::uint64_t value) { write_field(field, value); });
}

void CmosRtc::reset() {
  RegisterTarget::reset();
  b_.set(b_.value() & b_reset_keeps);
  flagged_until_ = now();
  c_.set(0);
  update();
}

std::uint64_t CmosRtc::encode(Field field, std::int64_t value) const {
  std::uint64_t half_of_day = 0;
  if (field == &CivilTime::hour && !(b_.value() & b_24_hours)) {
    half_of_day = value >= 12 ? pm : 0;
    value = value % 12 == 0 ? 12 : value % 12;
  }
  value %= 100;
  const std::int64_t digits = b_.value() & b_binary ? value : value / 10 * 16 + value % 10;
  return static_cast<std::uint64_t>(digits) | half_of_day;
}

std::int64_t CmosRtc::decode(Field field, std::uint64_t value) const {
  const bool twelve_hours = field == &CivilTime::hour && !(b_.value() & b_24_hours);
  const std::uint64_t half_of_day = twelve_hours ? value & pm : 0;
  auto digits = static_cast<std::int64_t>(value & ~half_of_day);
  if (!(b_.value() & b_binary)) digits = digits / 16 * 10 + digits % 16;
  if (twelve_hours) digits = digits % 12 + (half_of_day ? 12 : 0);
  return digits;
}

CivilTime CmosRtc::time() const {
  if (setting_) return *setting_;
  CivilTime time = civil_of(offset_ + modelled_seconds(now()));
  time.weekday = (time.weekday - 1 + weekday_shift_) % 7 + 1;
  return time;
}

void CmosRtc::set_time(const CivilTime& time) {
  const std::int64_t seconds = seconds_of(time);
  offset_ = seconds - modelled_seconds(now());
  weekday_shift_ = ((time.weekday - civil_of(seconds).weekday) % 7 + 7) % 7;
}

void CmosRtc::write_field(Field field, std::uint64_t value) {
  CivilTime changed = time();
  const std::int64_t century = field == &CivilTime::year ? changed.year / 100 * 100 : 0;
  changed.*field = century + decode(field, value);
  if (setting_)
    setting_ = changed;
  else
    set_time(changed);
}

std::uint64_t CmosRtc::read_a() const {
  const bool updating = !setting_ && now() % second >= second - update_picoseconds;
  return a_.value() | (updating ? a_uip : 0);
}

void CmosRtc::write_b(std::uint64_t value) {
  const bool set = (value & b_set) != 0;
  if (set && !setting_) {
    setting_ = time();
    value &= ~b_uie;
  }
  b_.set(value);
  if (!set && setting_) {
    const CivilTime chosen = *setting_;
    setting_.reset();
    set_time(chosen);
  }
}

bool CmosRtc::alarm_between(std::int64_t after, std::int64_t until) const {
  const auto matches = [this](const Register& alarm, Field field, std::int64_t value) {
    return (alarm.value() & alarm_any) == alarm_any || alarm.value() == encode(field, value);
  };
  for (std::int64_t at = std::max(after, until - seconds_per_day) + 1; at <= until; ++at) {
    const std::int64_t of_day = ((at + offset_) % seconds_per_day + seconds_per_day) % seconds_per_day;
    if (matches(seconds_alarm_, &CivilTime::second, of_day % 60) &&
        matches(minutes_alarm_, &CivilTime::minute, of_day / 60 % 60) &&
        matches(hours_alarm_, &CivilTime::hour, of_day / 3600))
      return true;
  }
  return false;
}

/// C with what has happened since its flags were last brought up to date.
std::uint64_t CmosRtc::flags() const {
  std::uint64_t value = c_.value();
  const std::uint64_t at = now();
  const std::int64_t since = modelled_seconds(flagged_until_), until = modelled_seconds(at);
  if (!setting_ && until > since) {
    value |= c_uf;
    if (alarm_between(since, until)) value |= c_af;
  }
  if (const std::uint64_t hertz = periodic_hertz(a_.value() & a_rate)) {
    const TickRate rate(hertz);
    if (rate.tick_at(at) > rate.tick_at(flagged_until_)) value |= c_pf;
  }
  // Enables in B and flags in C stand at the same bits.
  if (value & b_.value() & (c_pf | c_af | c_uf)) value |= c_irq;
  return value;
}

std::uint64_t CmosRtc::read_c() {
  update();
  const std::uint64_t value = c_.value();
  c_.set(0);
  update();
  return value;
}

/// When an enabled interrupt may come next; only asked for while none is pending.
std::uint64_t CmosRtc::next_event() const {
  std::uint64_t next = TickRate::never;
  if (!setting_ && (b_.value() & (b_uie | b_aie))) next = (flagged_until_ / second + 1) * second;
  const std::uint64_t hertz = periodic_hertz(a_.value() & a_rate);
  if (hertz != 0 && (b_.value() & b_pie)) {
    const TickRate rate(hertz);
    next = std::min(next, rate.begin_of(rate.tick_at(flagged_until_) + 1));
  }
  return next;
}

void CmosRtc::update() {
  c_.set(flags() & ~c_irq);
  flagged_until_ = now();
  const bool pending = (c_.value() & b_.value() & (c_pf | c_af | c_uf)) != 0;
  if (pending) c_.set(c_.value() | c_irq);
  irq.set(pending);
  notify_at(tick_, pending ? TickRate::never : next_event());
}

}  // namespace memio
