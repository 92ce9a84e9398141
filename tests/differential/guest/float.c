/* Floating-point comparison: runs each instruction of the generated table on random operands of all classes,
 * and prints a hash of all results and flags, or (DUMP) each of them.
 */
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { HALF, SINGLE, DOUBLE };
enum { ZERO, SUBNORMAL, NORMAL, INFINITE, QUIET, SIGNALING, UNBOXED, CLASSES };

struct instruction {
  void (*code)(void);
  const char* name;
  unsigned char format, sources, integer; /* integer: its source is x11 */
};
extern const struct instruction instructions[];
extern const unsigned instruction_count;

/* Offsets are known to float.S. */
struct operands {
  uint64_t f[3], x;
  uint64_t memory, result, integer_result;
  uint32_t flags, rounding;
  uint64_t preset;
};
void call_instruction(void (*code)(void), struct operands* o);

static const struct { unsigned exponent, fraction; } formats[] = {{5, 10}, {8, 23}, {11, 52}};

static uint64_t state;
static unsigned long classes[CLASSES];

static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static uint64_t ones(unsigned bits) { return ((uint64_t)1 << bits) - 1; }

/* Often a few bits only, or all but a few: halfway cases and their neighbours. */
static uint64_t fraction(unsigned bits, unsigned kind) {
  uint64_t value = next();
  if (kind & 1) value &= next() & next();
  if (kind & 2) value = ~value;
  if (kind & 4) value = (value & ones(2)) | (value >> (bits - 2) << (bits - 2));
  return value & ones(bits);
}

/* A number of the format, as an f register holds it; `before`: an operand of the same instruction. */
static uint64_t operand(unsigned format, uint64_t before) {
  const unsigned f = formats[format].fraction, e = formats[format].exponent, width = 1 + e + f;
  const uint64_t bias = ones(e - 1), r = next();
  uint64_t exponent = next() & ones(e), low = fraction(f, r >> 8 & 7), value;
  switch ((unsigned)r & 15) {
    case 0:
      exponent = low = 0;
      break;
    case 1:
      exponent = 0;
      break;
    case 2:
      exponent = ones(e);
      low = r & 16 ? 0 : low;
      break;
    case 3: /* the ends of the ranges, and the numbers beside them */
      exponent = r & 16 ? ones(e) - 1 : r & 32 ? 1 : 0;
      low = (r & 64 ? ones(f) : 0) + (r >> 16 & 3);
      break;
    case 4: /* near the limits of integers */
      exponent = bias + 28 + (r >> 16 & 7) + (r & 16 ? 32 : 0);
      break;
    case 5: /* small numbers with a fraction */
    case 6:
      exponent = bias - 2 + (unsigned)(r >> 16) % (f + 3);
      break;
    case 7:
    case 8: /* what comes near `before`, or cancels it */
      value = before + (r >> 16 & 3) - (r >> 18 & 3);
      exponent = value >> f & ones(e);
      low = value & ones(f);
      break;
    case 9:
    case 10:
    case 11:
      exponent = (before >> f & ones(e)) + (unsigned)(r >> 16) % (f + 4) - (f + 4) / 2;
      break;
    default:
      break;
  }
  exponent &= ones(e);
  low &= ones(f);
  value = low | exponent << f | (r >> 40 & 1) << (width - 1);
  const int boxed = width == 64 || (r >> 48 & 31) != 0;
  if (width < 64) value |= (boxed ? ~(uint64_t)0 : next()) << width;
  ++classes[!boxed                ? UNBOXED
            : exponent == ones(e) ? (low == 0         ? INFINITE
                                     : low >> (f - 1) ? QUIET
                                                      : SIGNALING)
            : exponent != 0       ? NORMAL
            : low != 0            ? SUBNORMAL
                                  : ZERO];
  return value;
}

static uint64_t integer(void) {
  const uint64_t r = next();
  uint64_t value = fraction(63, r >> 8 & 3) >> (r & 63);
  if (r & 64) value = ((uint64_t)1 << (r & 63)) + (r >> 16 & 3) - 1;
  return r & 128 ? -value : value;
}

static void put(char c) {
  volatile uint8_t* const uart = (volatile uint8_t*)0x10000000;
  while (!(uart[5] & 0x20)) {
  }
  *uart = (uint8_t)c;
}

static void put_text(const char* text) {
  while (*text) put(*text++);
}

static void put_number(uint64_t value) {
  put(' ');
  for (int shift = 60; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 15]);
}

void report_trap(unsigned long cause, unsigned long pc, unsigned long value) {
  put_text("@trap");
  put_number(cause);
  put_number(pc);
  put_number(value);
  put('\n');
}

static uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x100000001b3;
  return hash ^ hash >> 29;
}

static void run(unsigned number) {
  const struct instruction* const i = &instructions[number];
  uint64_t hash = number;
  state = (SEED + 1ull) * 0x9e3779b97f4a7c15 ^ ((uint64_t)number << 20 | 1);
  for (unsigned warm = 0; warm < 8; ++warm) next();
  for (unsigned long round = 0; round < ROUNDS; ++round) {
    struct operands o = {{0, 0, 0}, 0, 0x0123456789abcdef, 0, 0, 0, (unsigned)next() % 5, 0x7654321076543210};
    uint64_t before = 0;
    for (unsigned source = 0; source < i->sources; ++source)
      before = o.f[source] = operand(i->format, before);
    if (i->sources == 3 && (next() & 3) == 0) { /* an addend near the product */
      const unsigned f = formats[i->format].fraction;
      const uint64_t bias = ones(formats[i->format].exponent - 1) << f;
      o.f[2] = operand(i->format, o.f[0] + o.f[1] - bias);
    }
    if (i->integer) o.x = integer();
    call_instruction(i->code, &o);
    hash = mix(mix(mix(mix(hash, o.result), o.integer_result), o.memory), o.flags);
    if (!DUMP) continue;
    put_text("@op ");
    put_text(i->name);
    for (unsigned source = 0; source < 3; ++source) put_number(o.f[source]);
    put_number(o.x);
    put_number(o.rounding);
    put_text(" gives");
    put_number(o.result);
    put_number(o.integer_result);
    put_number(o.memory);
    put_number(o.flags);
    put('\n');
  }
  put_text("@all ");
  put_text(i->name);
  put_number(hash);
  put('\n');
}

int main(void) {
  for (unsigned number = 0; number < instruction_count; ++number)
    if (number >= FIRST && number <= LAST) run(number);
  put_text("@classes");
  for (unsigned i = 0; i < COUNT(classes); ++i) put_number(classes[i]);
  put('\n');
  return 0;
}
