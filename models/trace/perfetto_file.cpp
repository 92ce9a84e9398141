// The JSON of Chrome's trace viewer; see perfetto_file.h.
#include "trace/perfetto_file.h"

#include <cerrno>
#include <system_error>

namespace memio {
namespace {

constexpr std::size_t buffer_bytes = 1 << 18;
constexpr char head[] = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
constexpr char tail[] = "\n]}\n";
constexpr long tail_bytes = sizeof tail - 1;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) continue;
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string microseconds(std::uint64_t picoseconds) {
  std::string fraction = std::to_string(picoseconds % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  const std::string whole = std::to_string(picoseconds / 1'000'000);
  return fraction.empty() ? whole : whole + "." + fraction;
}

std::string place(PerfettoRow row, std::uint64_t at) {
  return ",\"pid\":" + std::to_string(row.process) + ",\"tid\":" + std::to_string(row.thread) +
         ",\"ts\":" + microseconds(at);
}

std::string arguments(const std::string& args) { return args.empty() ? "" : ",\"args\":{" + args + "}"; }

}  // namespace

PerfettoFile::PerfettoFile(const std::string& path) : path_(path), buffer_(head) {
  file_ = std::fopen(path.c_str(), "wb");
  if (!file_) {
    fail(errno);
    return;
  }
  std::setvbuf(file_, nullptr, _IONBF, 0);
  seekable_ = std::fseek(file_, 0, SEEK_CUR) == 0;
}

PerfettoFile::~PerfettoFile() { close(); }

std::string PerfettoFile::member(const std::string& name, const std::string& text) {
  return quoted(name) + ":" + quoted(text);
}

std::string PerfettoFile::member(const std::string& name, std::uint64_t value) {
  return quoted(name) + ":" + std::to_string(value);
}

std::string PerfettoFile::hex_member(const std::string& name, std::uint64_t value) {
  char digits[20];
  std::snprintf(digits, sizeof digits, "0x%llx", static_cast<unsigned long long>(value));
  return member(name, std::string(digits));
}

void PerfettoFile::name_process(unsigned process, const std::string& name) {
  const std::string where = ",\"pid\":" + std::to_string(process);
  event("\"ph\":\"M\",\"name\":\"process_name\"" + where + arguments(member("name", name)));
  event("\"ph\":\"M\",\"name\":\"process_sort_index\"" + where + arguments(member("sort_index", process)));
}

void PerfettoFile::name_thread(PerfettoRow row, const std::string& name) {
  const std::string where =
      ",\"pid\":" + std::to_string(row.process) + ",\"tid\":" + std::to_string(row.thread);
  event("\"ph\":\"M\",\"name\":\"thread_name\"" + where + arguments(member("name", name)));
  event("\"ph\":\"M\",\"name\":\"thread_sort_index\"" + where + arguments(member("sort_index", row.thread)));
}

void PerfettoFile::slice(PerfettoRow row, const std::string& name, std::uint64_t begin, std::uint64_t end,
                         const std::string& args) {
  event("\"ph\":\"X\",\"name\":" + quoted(name) + place(row, begin) +
        ",\"dur\":" + microseconds(end - begin) + arguments(args));
}

void PerfettoFile::instant(PerfettoRow row, const std::string& name, std::uint64_t at,
                           const std::string& args) {
  event("\"ph\":\"i\",\"s\":\"t\",\"name\":" + quoted(name) + place(row, at) + arguments(args));
}

void PerfettoFile::begin(PerfettoRow row, const std::string& name, std::uint64_t at,
                         const std::string& args) {
  event("\"ph\":\"B\",\"name\":" + quoted(name) + place(row, at) + arguments(args));
}

void PerfettoFile::end(PerfettoRow row, std::uint64_t at) { event("\"ph\":\"E\"" + place(row, at)); }

void PerfettoFile::counter(unsigned process, const std::string& name, std::uint64_t at, std::uint64_t value) {
  event("\"ph\":\"C\",\"name\":" + quoted(name) + place({process, 0}, at) +
        arguments(member("value", value)));
}

void PerfettoFile::flow(PerfettoRow row, char phase, std::uint64_t id, std::uint64_t at) {
  event(std::string("\"ph\":\"") + phase +
        "\",\"cat\":\"cause\",\"name\":\"cause\",\"bp\":\"e\",\"id\":" + std::to_string(id) + place(row, at));
}

void PerfettoFile::event(const std::string& members) {
  buffer_ += first_ ? "\n{" : ",\n{";
  buffer_ += members;
  buffer_ += '}';
  first_ = false;
  if (buffer_.size() >= buffer_bytes) flush();
}

void PerfettoFile::flush() {
  if (!file_) return buffer_.clear();
  if (seekable_) buffer_ += tail;
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size() ||
      (seekable_ && std::fseek(file_, -tail_bytes, SEEK_CUR) != 0))
    fail(errno);
  buffer_.clear();
}

void PerfettoFile::close() {
  if (!file_) return;
  if (!seekable_) buffer_ += tail;
  flush();
  if (!file_) return;
  if (std::fclose(file_) != 0) fail(errno);
  file_ = nullptr;
}

void PerfettoFile::fail(int error_number) {
  if (error_.empty()) error_ = "cannot write " + path_ + ": " + std::generic_category().message(error_number);
  if (file_) std::fclose(file_);
  file_ = nullptr;
}

}  // namespace memio
