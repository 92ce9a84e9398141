// Tests that run in the kernel: KTEST(name) { ... } in a C file of this folder, with EXPECT and its kin. The
// kernel option test=NAME[,NAME...] or test=all (all but those called panic_... and only_...) runs them by
// name in a kernel thread once the drivers are up.
#pragma once

#include <linux/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ktest_case {
  const char* name;
  void (*run)(void);
};

#define KTEST(test)                                                                                  \
  static void ktest_##test(void);                                                                    \
  static const struct ktest_case ktest_case_##test                                                   \
      __attribute__((section("ktest." #test), used, aligned(sizeof(long)))) = {#test, ktest_##test}; \
  static void ktest_##test(void)

// Counts a check and says where it failed. Expected values are written first.
#define EXPECT(condition) ktest_check((condition), #condition, __FILE__, __LINE__)
#define EXPECT_EQ(expected, actual) \
  ktest_check_equal((long)(expected), (long)(actual), #actual, __FILE__, __LINE__)
// The reports of report_bug() since the last EXPECT_BUGS or the start of the test. Reports that no
// EXPECT_BUGS counts fail the test at its end.
#define EXPECT_BUGS(count) ktest_check_bugs((count), __FILE__, __LINE__)

// All return whether the check held.
bool ktest_check(bool condition, const char* text, const char* file, int line);
bool ktest_check_equal(long expected, long actual, const char* text, const char* file, int line);
bool ktest_check_bugs(unsigned long expected, const char* file, int line);

#ifdef __cplusplus
}
#endif
