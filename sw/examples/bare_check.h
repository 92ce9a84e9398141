// Checks of bare programs, counted as they are made: the first that fails ends the run, and its number is the
// exit status.
#pragma once

#include "bare.h"

static void check(const char* what, int holds) {
  static int number;
  number++;
  if (holds) return;
  print("failed: ");
  print(what);
  print("\n");
  exit_run(number);
}
