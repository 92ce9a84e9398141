// Identities of files by device and i-node; see host_files.h.
#include "platform/host_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <tuple>

#include "platform/console.h"
#include "platform/errors.h"
#include "platform/printable.h"

namespace memio {
namespace {

namespace fs = std::filesystem;

/// Device and i-node of a file; of one that does not exist yet, those of its folder and its name there.
using Identity = std::tuple<dev_t, ino_t, std::string>;

struct HostFile {
  std::string what;  ///< "stats", "standard output"
  std::string path;
  Identity identity;
};

/// Where a symbolic link that leads nowhere would make the file.
fs::path follow_links(fs::path path) {
  constexpr int most_links = 40;  // as the kernel has it
  std::error_code error;
  for (int i = 0; i < most_links && fs::is_symlink(fs::symlink_status(path, error)); ++i)
    path = path.parent_path() / fs::read_symlink(path, error);
  return path;
}

bool find_status(const fs::path& folder, struct stat& status) {
  return ::stat(folder.empty() ? "." : folder.c_str(), &status) == 0;
}

/// Nothing if it is a device, such as /dev/null or a terminal: many may have that.
std::optional<Identity> identify(const std::string& name) {
  struct stat status {};
  if (::stat(name.c_str(), &status) == 0) {
    if (S_ISCHR(status.st_mode)) return {};
    return Identity{status.st_dev, status.st_ino, ""};
  }
  const fs::path path = follow_links(name);
  if (!find_status(path.parent_path(), status)) return {};
  return Identity{status.st_dev, status.st_ino, path.filename().string()};
}

/// Nothing if it is a terminal or another device, or closed.
std::optional<Identity> identify(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || S_ISCHR(status.st_mode)) return {};
  return Identity{status.st_dev, status.st_ino, ""};
}

class Files {
 public:
  explicit Files(const Options& options) : options_(options) {}

  void add(const std::string& what, const std::string& path) {
    if (const auto identity = identify(path)) files_.push_back({what, path, *identity});
  }

  void add_standard(const std::string& what, int descriptor) {
    if (const auto identity = identify(descriptor)) files_.push_back({what, "", *identity});
  }

  /// An output that `key` names.
  void add_output(const std::string& key, const std::string& path, bool needs_holes) {
    const OptionValue& value = options_.value(key);
    check_writable(value, path, needs_holes);
    const auto identity = identify(path);
    if (!identity) return;
    for (const HostFile& other : files_) {
      if (other.identity != *identity) continue;
      const std::string named = other.path.empty() ? "" : fmt::format(", {}", printable(other.path));
      throw ConfigError(bad_value(value, fmt::format("another file than that of {}{}", other.what, named)));
    }
    files_.push_back({key, path, *identity});
  }

 private:
  static void check_writable(const OptionValue& value, const std::string& path, bool needs_holes) {
    struct stat status {};
    const fs::path place = follow_links(path);
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (exists ? S_ISDIR(status.st_mode) : !place.has_filename())
      throw ConfigError(bad_value(value, "a file, not a directory"));
    if (exists && needs_holes && !S_ISREG(status.st_mode))
      throw ConfigError(bad_value(value, "a regular file, since others cannot have holes"));
    struct stat folder {};
    if (!exists && !(find_status(place.parent_path(), folder) && S_ISDIR(folder.st_mode)))
      throw ConfigError(bad_value(value, "a file in a folder that exists"));
    const fs::path needed = exists ? place : place.has_parent_path() ? place.parent_path() : fs::path(".");
    if (::access(needed.c_str(), W_OK) != 0)
      throw ConfigError(
          bad_value(value, fmt::format("a file that can be written: {}", std::strerror(errno))));
  }

  const Options& options_;
  std::vector<HostFile> files_;
};

}  // namespace

void check_host_files(const Options& options, const BootPlan& boot) {
  Files files(options);
  for (const std::string& path : options.files()) files.add("the configuration", path);
  for (const BootFile& image : boot.files) files.add(image.option, image.path);
  constexpr std::array<const char*, 2> lines{"console", "pcie.serial"};
  constexpr std::array<const char*, 7> outputs{"stats",        "report",    "vcd",     "perfetto",
                                               "memory-image", "signature", "dump-dtb"};
  bool reads = false, writes = false;
  for (const char* key : lines) {
    reads = writes = writes || options.text(key) == "stdio";
    if (const auto input = Console::input_path(options.text(key)); !input.empty())
      files.add(fmt::format("{}'s input", key), input);
  }
  for (const char* key : outputs) writes = writes || options.text(key) == "-";
  if (reads) files.add_standard("standard input", STDIN_FILENO);
  if (writes) files.add_standard("standard output", STDOUT_FILENO);

  if (const std::string disk = options.file("disk"); !disk.empty()) {
    if (options.is_on("disk.read-only"))
      files.add("disk", disk);
    else
      files.add_output("disk", disk, false);
  }
  for (const char* key : lines)
    if (const auto path = Console::output_path(options.text(key)); !path.empty())
      files.add_output(key, path, false);
  for (const char* key : outputs)
    if (const std::string path = options.file(key); !path.empty() && path != "-")
      files.add_output(key, path, std::string(key) == "memory-image");
}

}  // namespace memio
