// Tests inside the kernel (tests/ktest.h), only in images built for them.
#pragma once

namespace memio {

// Runs the tests that the kernel option `test=` names: true when there is one, and then how many failed, at
// most 100. A name that fits no test counts as a failure.
#ifdef CONFIG_KTEST
bool ktest_run_if_asked(int* failed);
#else
inline bool ktest_run_if_asked(int*) { return false; }
#endif

}  // namespace memio
