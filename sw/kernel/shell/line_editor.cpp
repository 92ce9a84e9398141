// See line_editor.h; control characters as in ECMA-48.
#include "line_editor.h"

namespace memio {
namespace {

constexpr char kCtrlC = 3;
constexpr char kCtrlD = 4;
constexpr char kBackspace = 8;
constexpr char kCtrlU = 21;
constexpr char kEscape = 27;
constexpr char kDelete = 127;

}  // namespace

void LineEditor::start_line() {
  length_ = 0;
  too_long_ = false;
  fresh_ = false;
}

LineEditor::Event LineEditor::end_line() {
  echo_("\n", 1);
  text_[length_] = 0;
  fresh_ = true;
  return too_long_ ? Event::kTooLong : Event::kLine;
}

void LineEditor::add(char c) {
  if (length_ == kMaxLength) {
    too_long_ = true;
    return;
  }
  text_[length_++] = c;
  echo_(&c, 1);
}

void LineEditor::erase() {
  if (length_ == 0) return;
  length_--;
  echo_("\b \b", 3);
}

// Whether `c` belongs to a key that sends a sequence: ESC [ parameters final.
bool LineEditor::in_escape(char c) {
  switch (escape_) {
    case Escape::kNone:
      if (c != kEscape) return false;
      escape_ = Escape::kStarted;
      return true;
    case Escape::kStarted:
      escape_ = c == '[' ? Escape::kSequence : Escape::kNone;
      return c == '[';
    default:
      if (c >= 0x40) escape_ = Escape::kNone;
      return true;
  }
}

LineEditor::Event LineEditor::feed(char c) {
  if (fresh_) start_line();
  const bool after_return = after_return_;
  after_return_ = c == '\r';
  if (in_escape(c)) return Event::kNone;
  switch (c) {
    case '\n':
      if (after_return) return Event::kNone;
      [[fallthrough]];
    case '\r':
      return end_line();
    case kCtrlC:
      echo_("^C\n", 3);
      fresh_ = true;
      return Event::kAbandoned;
    case kCtrlD:
      ended_ = true;
      if (length_ != 0 || too_long_) return end_line();
      fresh_ = true;
      return Event::kEnd;
    case kCtrlU:
      while (length_ != 0) erase();
      too_long_ = false;
      return Event::kNone;
    case kBackspace:
    case kDelete:
      erase();
      return Event::kNone;
    case '\t':
      add(' ');
      return Event::kNone;
    default:
      if (static_cast<unsigned char>(c) >= ' ') add(c);
      return Event::kNone;
  }
}

}  // namespace memio
