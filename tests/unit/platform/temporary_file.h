// A file that lives as long as a test.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace memio::test {

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& name, const std::string& content = {})
      : path_(testing::TempDir() + "memio-" + std::to_string(counter()++) + "-" +
              testing::UnitTest::GetInstance()->current_test_info()->name() + "-" + name) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::remove(path_.c_str()); }

  const std::string& path() const { return path_; }

 private:
  static int& counter() {
    static int count = 0;
    return count;
  }
  std::string path_;
};

/// The text of the exception that `action` throws; empty if it throws none.
template <class Error, class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace memio::test
