// A value change dump as a file: declarations, a start, changes in rising order of time.
//
// Follows IEEE Std 1364-2005, chapter 18 (four-state VCD). Of it, wires and events are written; no
// reals, no ports, no $dumpoff, and no $date, so that equal runs give equal bytes. A write error is
// remembered, never thrown: a full disk must not end a simulation.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace memio {

class VcdFile {
 public:
  /// Index of a declared variable.
  using Var = std::uint32_t;

  /// Creates the file; see `ok`. `comment`: lines for the header.
  VcdFile(const std::string& path, std::string comment);
  ~VcdFile();
  VcdFile(const VcdFile&) = delete;
  VcdFile& operator=(const VcdFile&) = delete;

  /// Declares a wire of 1..64 bits; `path` names scopes and wire, with dots between. Without an
  /// initial value it is unknown (x). Throws std::logic_error once a change has been written.
  Var wire(const std::string& path, unsigned width, std::optional<std::uint64_t> initial = std::nullopt);
  /// Declares an event: a variable that has no value, but happens.
  Var event(const std::string& path);

  /// Changes from `start` on, in picoseconds, are written, after the values that hold then; earlier ones only
  /// leave their values. No effect once a change has been written.
  void set_start(std::uint64_t start) { start_ = start; }
  /// The wire has `value` from `time` on; a value that it has already is not written. Times never fall.
  void set(std::uint64_t time, Var var, std::uint64_t value);
  /// The event happens at `time`.
  void fire(std::uint64_t time, Var var);

  /// Marks `end` as the last time, unless something happened later, and closes the file.
  void close(std::uint64_t end);

  bool ok() const { return error_.empty(); }
  /// What went wrong first, with the file's name; empty if nothing did.
  const std::string& error() const { return error_; }

 private:
  struct Variable {
    std::string path;
    unsigned width = 0;  ///< 0: an event
    bool known = false;
    std::uint64_t value = 0;
    std::string code;  ///< the identifier code
  };

  Var declare(const std::string& path, unsigned width, std::optional<std::uint64_t> initial);
  bool written_at(std::uint64_t time);
  void put_header();
  void put_scopes(const std::string& from, const std::string& to);
  void put_declaration(const Variable& variable);
  void put_initial_values();
  void put_time(std::uint64_t time);
  void put_value(const Variable& variable);
  void put_code(const Variable& variable);
  void put(const std::string& text);
  void put(char c) { buffer_[used_++] = c; }
  void reserve(std::size_t bytes);
  void flush();
  void fail(int error_number);

  std::string path_, comment_, error_;
  std::uint64_t start_ = 0;
  std::uint64_t time_ = 0;  ///< last time written
  bool header_ = false;     ///< header written
  bool dumping_ = false;    ///< initial values written: the window is open
  std::FILE* file_ = nullptr;
  std::vector<Variable> variables_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
};

}  // namespace memio
