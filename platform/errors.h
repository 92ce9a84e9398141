// The errors that end a run before or besides the guest, each with its exit status.
#pragma once

#include <stdexcept>
#include <string>

namespace memio {

/// The usage, the configuration or an input file is wrong: exit status 125. The text names the
/// option or file, the value and what is allowed.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An output that the user asked for cannot be written (disk full, closed pipe): exit status 125.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A signal ended a wait, so that an input or an output is missing: exit status 130.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace memio
