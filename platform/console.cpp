// Console backends on POSIX file descriptors; see console.h.
#include "platform/console.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>

#include "platform/errors.h"
#include "platform/file.h"
#include "platform/interrupts.h"

namespace memio {
namespace {

constexpr std::size_t buffer_limit = 4096;
constexpr std::uint64_t largest_input = 1ull << 30;
constexpr std::uint8_t escape = 0x01;               // Ctrl-A
constexpr std::uint8_t end_of_transmission = 0x04;  // Ctrl-D

// Output to a descriptor, passed on by line or when the buffer is full; errors are kept.
class Output {
 public:
  Output(int fd, std::string name, bool owned) : fd_(fd), name_(std::move(name)), owned_(owned) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    if (owned_) ::close(fd_);
  }

  void put(std::uint8_t character) {
    buffer_ += static_cast<char>(character);
    if (character == '\n' || buffer_.size() >= buffer_limit) flush();
  }

  void flush() {
    for (std::size_t at = 0; at < buffer_.size() && error_.empty();) {
      const ssize_t put = ::write(fd_, buffer_.data() + at, buffer_.size() - at);
      if (put >= 0)
        at += static_cast<std::size_t>(put);
      else {  // EINTR too: a signal ends the wait for a reader that does not read
        errno_ = errno;
        error_ = fmt::format("cannot write {}: {}", name_, std::strerror(errno_));
      }
    }
    buffer_.clear();
  }

  void finish() {
    flush();
    if (error_.empty()) return;
    if (failed_by_signal(errno_)) throw Interrupted(error_);
    throw OutputError(error_);
  }

  const std::string& error() const { return error_; }

 private:
  int fd_, errno_ = 0;
  std::string name_, buffer_, error_;
  bool owned_;
};

// A terminal that delivers characters as typed, those that end or stop programs too.
class RawTerminal {
 public:
  RawTerminal() {
    if (!::isatty(STDIN_FILENO) || ::tcgetattr(STDIN_FILENO, &saved_) != 0) return;
    termios raw = saved_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL | INLCR | IGNCR | IXON);
    active_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal() {
    if (active_) ::tcsetattr(STDIN_FILENO, TCSANOW, &saved_);
  }
  bool active() const { return active_; }

 private:
  termios saved_{};
  bool active_ = false;
};

class StdioConsole : public Console {
 public:
  StdioConsole() {
    if (terminal_.active()) std::fputs("memio: Ctrl-A x ends the run\r\n", stderr);
  }

  void put(std::uint8_t character) override { output_.put(character); }

  std::optional<std::uint8_t> get() override {
    output_.flush();
    if (!terminal_.active()) return read();
    poll();
    if (typed_.empty()) return {};
    const std::uint8_t character = typed_.front();
    typed_.pop_front();
    return character;
  }

  // Reads ahead of the guest, so that the way out is open whether that reads or not.
  void poll() override {
    if (!terminal_.active()) return;
    while (const auto character = read()) take(*character);
  }

  void wait(int milliseconds) override {
    if (!terminal_.active() || !open_) return;
    output_.flush();
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    ::poll(&ready, 1, milliseconds);
  }

  bool has_input() const override { return open_ || !typed_.empty(); }
  void finish() override { output_.finish(); }
  const std::string& error() const override { return output_.error(); }
  bool quit() const override { return quit_; }

 private:
  void take(std::uint8_t character) {
    if (!escaped_ && character == escape) {
      escaped_ = true;
      return;
    }
    if (escaped_ && character == 'x') quit_ = true;
    const bool wanted = !escaped_ || character == escape;  // Ctrl-A twice sends one
    escaped_ = false;
    if (wanted && typed_.size() < buffer_limit) typed_.push_back(character);
  }

  std::optional<std::uint8_t> read() {
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    if (!open_ || ::poll(&ready, 1, 0) != 1) return {};
    std::uint8_t character = 0;
    const ssize_t got = ::read(STDIN_FILENO, &character, 1);
    if (got == 1) return character;
    if (got == 0 || (errno != EINTR && errno != EAGAIN)) open_ = false;
    return {};
  }

  RawTerminal terminal_;
  Output output_{STDOUT_FILENO, "standard output", false};
  std::deque<std::uint8_t> typed_;
  bool open_ = true;
  bool escaped_ = false, quit_ = false;
};

class FileConsole : public Console {
 public:
  FileConsole(const std::string& out, std::string input)
      : output_(open_output(out), out, true), input_(std::move(input)) {}

  void put(std::uint8_t character) override { output_.put(character); }
  std::optional<std::uint8_t> get() override {
    if (at_ == input_.size()) return {};
    return static_cast<std::uint8_t>(input_[at_++]);
  }
  bool has_input() const override { return at_ < input_.size(); }
  void finish() override { output_.finish(); }
  const std::string& error() const override { return output_.error(); }
  bool quit() const override { return false; }

 private:
  static int open_output(const std::string& path) {
    const int fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd < 0) throw ConfigError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    return fd;
  }

  Output output_;
  std::string input_;
  std::size_t at_ = 0;
};

class NoConsole : public Console {
 public:
  void put(std::uint8_t) override {}
  std::optional<std::uint8_t> get() override { return {}; }
  bool has_input() const override { return false; }
  void finish() override {}
  const std::string& error() const override { return error_; }
  bool quit() const override { return false; }

 private:
  std::string error_;
};

// Another console whose input ends with one EOT for each start of the receiver.
class EndingConsole : public Console {
 public:
  explicit EndingConsole(std::unique_ptr<Console> console) : console_(std::move(console)) {}

  void put(std::uint8_t character) override { console_->put(character); }
  std::optional<std::uint8_t> get() override {
    const auto character = console_->get();
    if (character || ended_ || console_->has_input()) return character;
    ended_ = true;
    return end_of_transmission;
  }
  bool has_input() const override { return !ended_; }
  void restart() override { ended_ = false; }
  void finish() override { console_->finish(); }
  const std::string& error() const override { return console_->error(); }
  void poll() override { console_->poll(); }
  void wait(int milliseconds) override { console_->wait(milliseconds); }
  bool quit() const override { return console_->quit(); }

 private:
  std::unique_ptr<Console> console_;
  bool ended_ = false;
};

const std::string file_prefix = "file:";

std::unique_ptr<Console> open_backend(const OptionValue& option) {
  const std::string& text = option.text;
  if (text == "none") return std::make_unique<NoConsole>();
  if (text == "stdio") {
    struct stat status {};
    if (::fstat(STDIN_FILENO, &status) == 0 && S_ISDIR(status.st_mode))
      throw ConfigError(bad_value(option, "none, file:OUT[,IN] while standard input is a directory"));
    return std::make_unique<StdioConsole>();
  }
  const std::string output = Console::output_path(text), input = Console::input_path(text);
  if (output.empty() || text.back() == ',')
    throw ConfigError(bad_value(option, "stdio, none, file:OUT[,IN]"));
  return std::make_unique<FileConsole>(output,
                                       input.empty() ? "" : read_file(input, largest_input, option.key));
}

}  // namespace

std::string Console::output_path(const std::string& specification) {
  if (specification.rfind(file_prefix, 0) != 0) return {};
  return specification.substr(file_prefix.size(), specification.find(',') - file_prefix.size());
}

std::string Console::input_path(const std::string& specification) {
  const auto comma = specification.find(',');
  if (specification.rfind(file_prefix, 0) != 0 || comma == std::string::npos) return {};
  return specification.substr(comma + 1);
}

std::unique_ptr<Console> Console::open(const OptionValue& option, bool eot) {
  std::unique_ptr<Console> console = open_backend(option);
  if (!eot) return console;
  return std::make_unique<EndingConsole>(std::move(console));
}

}  // namespace memio
