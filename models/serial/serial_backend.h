// The far end of a serial line: where a UART's characters go and where its input comes from.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace memio {

class SerialBackend {
 public:
  virtual ~SerialBackend() = default;

  /// Takes a transmitted character; must not wait.
  virtual void put(std::uint8_t character) = 0;

  /// The next character received, if there is one now; must not wait.
  virtual std::optional<std::uint8_t> get() = 0;

  /// False if `get` will never give a character (again): a UART then stops asking.
  virtual bool has_input() const = 0;

  /// Tells that the guest started its receiver anew (reset or cleared it) after `has_input` had become false:
  /// a far end that announces its end may do so again.
  virtual void restart() {}
};

/// Keeps output in memory and plays input from there.
class MemoryBackend : public SerialBackend {
 public:
  /// With `input`, the line stays open: a UART samples it also while it is empty.
  explicit MemoryBackend(bool input = false) : open_(input) {}

  void put(std::uint8_t character) override { output_ += static_cast<char>(character); }

  std::optional<std::uint8_t> get() override {
    if (input_.empty()) return std::nullopt;
    const std::uint8_t character = input_.front();
    input_.pop_front();
    return character;
  }

  bool has_input() const override { return open_; }

  void type(const std::string& text) { input_.insert(input_.end(), text.begin(), text.end()); }
  const std::string& output() const { return output_; }

 private:
  bool open_;
  std::string output_;
  std::deque<std::uint8_t> input_;
};

}  // namespace memio
