// A trace in the JSON format of Chrome's trace viewer, which Perfetto reads too, as a file.
//
// Follows "Trace Event Format" (the JSON object format): slices X, instants i, counters C, durations B and E,
// flows s, t and f, metadata M. Times are microseconds, written as decimal fractions exact to the picosecond.
// After each write the file is complete JSON, so that a run cut short leaves a file that can be read. A write
// error is remembered, never thrown.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace memio {

/// A row of the viewer: a thread of a process.
struct PerfettoRow {
  unsigned process;
  unsigned thread;
};

class PerfettoFile {
 public:
  explicit PerfettoFile(const std::string& path);
  ~PerfettoFile();
  PerfettoFile(const PerfettoFile&) = delete;
  PerfettoFile& operator=(const PerfettoFile&) = delete;

  void name_process(unsigned process, const std::string& name);
  void name_thread(PerfettoRow row, const std::string& name);

  /// `args` are the members of an object, as `member` makes them, or empty. Times are picoseconds.
  void slice(PerfettoRow row, const std::string& name, std::uint64_t begin, std::uint64_t end,
             const std::string& args);
  void instant(PerfettoRow row, const std::string& name, std::uint64_t at, const std::string& args);
  void begin(PerfettoRow row, const std::string& name, std::uint64_t at, const std::string& args);
  void end(PerfettoRow row, std::uint64_t at);
  void counter(unsigned process, const std::string& name, std::uint64_t at, std::uint64_t value);
  /// A point of the flow `id`; `phase` is s for its start, t for a step, f for its end. It belongs to the
  /// slice of its row that begins then.
  void flow(PerfettoRow row, char phase, std::uint64_t id, std::uint64_t at);

  void close();
  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }

  static std::string member(const std::string& name, const std::string& text);
  static std::string hex_member(const std::string& name, std::uint64_t value);
  static std::string member(const std::string& name, std::uint64_t value);

 private:
  void event(const std::string& members);
  void flush();
  void fail(int error_number);

  std::string path_, error_, buffer_;
  std::FILE* file_ = nullptr;
  bool first_ = true;
  bool seekable_ = false;
};

}  // namespace memio
