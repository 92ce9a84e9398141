// The shell's loop: prompt, line, words, command.
#include "kernel/shell.h"

#include <linux/errno.h>
#include <linux/kernel.h>

#include "command.h"
#include "kernel/console.h"
#include "kernel/driver.h"
#include "line_editor.h"

namespace memio {
namespace {

void run_line(char* line) {
  Words words;
  if (!words.split(line)) {
    printk("shell: more than %u words\n", Words::kMaxWords);
  } else if (words.count() != 0 && words[0][0] != '#') {
    run_command(words);
  }
}

}  // namespace

bool Words::split(char* line) {
  count_ = 0;
  while (true) {
    while (*line == ' ') *line++ = 0;
    if (*line == 0) return true;
    if (count_ == kMaxWords) return false;
    words_[count_++] = line;
    while (*line != 0 && *line != ' ') line++;
  }
}

Words Words::from(unsigned n) const {
  Words rest;
  for (unsigned i = n; i < count_; i++) rest.words_[rest.count_++] = words_[i];
  return rest;
}

bool parse_number(const char* what, const char* word, unsigned long most, unsigned long* number) {
  const int error = kstrtoul(word, 0, number);
  if (error == -EINVAL) {
    printk("%s: '%s' is not a number\n", what, word);
  } else if (error != 0 || *number > most) {
    printk("%s: %s is too large, at most %lu\n", what, word, most);
  } else {
    return true;
  }
  return false;
}

int shell_run() {
  LineEditor editor(console_write);
  printk("shell: type help for the commands\n");
  while (!editor.ended()) {
    printk("memio# ");
    LineEditor::Event event;
    do {
      event = editor.feed(static_cast<char>(console_getc()));
    } while (event == LineEditor::Event::kNone);
    if (event == LineEditor::Event::kTooLong) {
      printk("shell: line longer than %u characters, not run\n", LineEditor::kMaxLength);
    }
    if (event == LineEditor::Event::kLine) run_line(editor.text());
  }
  printk("\nshell: end of input\n");
  return 0;
}

}  // namespace memio
