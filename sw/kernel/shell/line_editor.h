// One line of console input, with the few editing keys a terminal's cooked mode has: backspace, Ctrl-U
// (clear), Ctrl-C (abandon), Ctrl-D (end of input). Cursor keys are swallowed.
//
// Ctrl-D inside a line ends that line and then the input: a script may end without a newline.
#pragma once

#include <stddef.h>

namespace memio {

class LineEditor {
 public:
  static constexpr unsigned kMaxLength = 255;

  enum class Event {
    kNone,
    kLine,       // text() is a whole line
    kTooLong,    // a line ended that was longer than kMaxLength
    kAbandoned,  // Ctrl-C
    kEnd,        // Ctrl-D on an empty line
  };

  // Where characters are echoed to.
  using Echo = void (*)(const char* text, unsigned long length);

  explicit LineEditor(Echo echo) : echo_(echo) {}

  // Takes the next character. After any event but kNone the next one starts a new line.
  Event feed(char c);
  // The line, ended by a zero; for the caller to take apart until the next feed().
  char* text() { return text_; }
  // Whether Ctrl-D has been typed.
  bool ended() const { return ended_; }

 private:
  enum class Escape { kNone, kStarted, kSequence };

  void start_line();
  Event end_line();
  void add(char c);
  void erase();
  bool in_escape(char c);

  Echo echo_;
  char text_[kMaxLength + 1];
  unsigned length_ = 0;
  bool fresh_ = true;  // the next character starts a line
  bool too_long_ = false;
  bool ended_ = false;
  bool after_return_ = false;  // a newline now belongs to the carriage return before it
  Escape escape_ = Escape::kNone;
};

}  // namespace memio
