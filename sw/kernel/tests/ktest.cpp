// Runs the tests that KTEST has entered in the sections "ktest.NAME".
#include "ktest.h"

#include <linux/kthread.h>

#include "kernel/command_line.h"
#include "kernel/ktest.h"
#include "kernel/task.h"
#include "string.h"

extern "C" {
extern const ktest_case __ktest_start[];
extern const ktest_case __ktest_end[];
}

namespace memio {
namespace {

constexpr int kMaxFailed = 100;  // as far as an exit status tells them apart

// Tests that end the run, and are run alone.
constexpr const char* kAlonePrefixes[] = {"panic_", "only_"};

unsigned checks;
unsigned failures;
unsigned long bugs_known;  // bug_count up to the last EXPECT_BUGS

void fail(const char* file, int line) {
  failures++;
  printk("%s:%d: ", file, line);
}

bool is_run_alone(const char* name) {
  for (const char* prefix : kAlonePrefixes) {
    if (strncmp(name, prefix, strlen(prefix)) == 0) return true;
  }
  return false;
}

size_t word_length(const char* at) {
  size_t length = 0;
  while (at[length] != 0 && at[length] != ',') length++;
  return length;
}

// Whether `name` is one of those in `list`, which are separated by commas.
bool is_listed(const char* list, const char* name) {
  if (strcmp(list, "all") == 0) return !is_run_alone(name);
  const size_t length = strlen(name);
  for (const char* at = list; *at != 0;) {
    const size_t word = word_length(at);
    if (word == length && memcmp(at, name, word) == 0) return true;
    at += at[word] == 0 ? word : word + 1;
  }
  return false;
}

// The number of names in `list` that no test has; names them.
int count_unknown(const char* list) {
  int unknown = 0;
  if (strcmp(list, "all") == 0) return 0;
  for (const char* at = list; *at != 0;) {
    const int word = static_cast<int>(word_length(at));
    const ktest_case* test = __ktest_start;
    while (test != __ktest_end && !(strncmp(test->name, at, word_length(at)) == 0 && test->name[word] == 0))
      test++;
    if (test == __ktest_end) {
      printk("ktest: there is no test %.*s\n", word, at);
      unknown++;
    }
    at += at[word] == 0 ? word : word + 1;
  }
  return unknown;
}

bool run(const ktest_case& test) {
  checks = 0;
  failures = 0;
  bugs_known = bug_count;
  test.run();
  if (bug_count != bugs_known) {
    failures++;
    printk("ktest: %s: %lu reports that were not expected\n", test.name, bug_count - bugs_known);
  }
  if (failures == 0) {
    printk("ktest: %s ok (%u checks)\n", test.name, checks);
  } else {
    printk("ktest: %s FAILED\n", test.name);
  }
  return failures == 0;
}

int run_listed(void* names) {
  int failed = count_unknown(static_cast<const char*>(names));
  unsigned found = 0;
  for (const ktest_case* test = __ktest_start; test != __ktest_end; test++) {
    if (!is_listed(static_cast<const char*>(names), test->name)) continue;
    found++;
    if (!run(*test) && failed < kMaxFailed) failed++;
  }
  printk("ktest: %u tests, %d failed\n", found, failed);
  return found == 0 ? 1 : failed;
}

}  // namespace

bool ktest_run_if_asked(int* failed) {
  static char names[1024];
  if (!command_line_value("test", names, sizeof names)) return false;
  task_struct* thread = kthread_create(run_listed, names, "ktest");
  if (IS_ERR(thread)) panic("no memory for the tests' thread");
  *failed = task_run_to_end(thread);
  return true;
}

extern "C" bool ktest_check(bool condition, const char* text, const char* file, int line) {
  checks++;
  if (condition) return true;
  fail(file, line);
  printk("%s does not hold\n", text);
  return false;
}

extern "C" bool ktest_check_equal(long expected, long actual, const char* text, const char* file, int line) {
  checks++;
  if (expected == actual) return true;
  fail(file, line);
  printk("%s is %ld, expected %ld\n", text, actual, expected);
  return false;
}

extern "C" bool ktest_check_bugs(unsigned long expected, const char* file, int line) {
  const unsigned long reports = bug_count - bugs_known;
  bugs_known = bug_count;
  return ktest_check_equal(static_cast<long>(expected), static_cast<long>(reports), "number of reports", file,
                           line);
}

}  // namespace memio
