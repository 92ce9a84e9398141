// What a command of the shell is, and helpers they share.
#pragma once

#include <linux/types.h>

namespace memio {

// The words of a line; word(0) is the command's name.
class Words {
 public:
  static constexpr unsigned kMaxWords = 16;

  // Takes `line` apart at blanks, in place. False when it has more than kMaxWords words.
  bool split(char* line);
  // Without the first `n` words, of which there are at least n.
  Words from(unsigned n) const;

  unsigned count() const { return count_; }
  // The empty text behind the last one.
  const char* operator[](unsigned index) const { return index < count_ ? words_[index] : ""; }

 private:
  char* words_[kMaxWords] = {};
  unsigned count_ = 0;
};

struct Command {
  const char* name;
  const char* arguments;  // as help shows them
  const char* help;
  // Does it; false when it failed or the words were wrong, which has been said.
  bool (*run)(const Words& words);
};

// Runs the command the words name.
bool run_command(const Words& words);

// Reads a whole number, decimal or by prefix 0x or 0, not above `most`; otherwise says so, naming `what`.
bool parse_number(const char* what, const char* word, unsigned long most, unsigned long* number);

// The commands of the other files.
bool command_cat(const Words& words);
bool command_list(const Words& words);
bool command_alloc(const Words& words);
bool command_free(const Words& words);
bool command_stress(const Words& words);
bool command_ps(const Words& words);
bool command_devices(const Words& words);
bool command_bind(const Words& words);
bool command_unbind(const Words& words);

}  // namespace memio
