// The file behind a virtio disk: what is refused at the start, and what fails in the run.
#include "platform/disk_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "platform/errors.h"
#include "unit/platform/temporary_file.h"

namespace memio {
namespace {

using test::error_of;
using test::TemporaryFile;

OptionValue option(const std::string& path) {
  OptionValue value;
  value.key = "disk";
  value.text = path;
  value.origin = "command line";
  return value;
}

std::string refusal(const std::string& path, bool read_only = false) {
  return error_of<ConfigError>([&] { DiskFile(option(path), read_only); });
}

TEST(DiskFile, RefusesWhatIsNoDisk) {
  EXPECT_NE(refusal("/nowhere/disk").find("cannot open /nowhere/disk of disk: No such file"),
            std::string::npos);
  EXPECT_NE(refusal(testing::TempDir(), true).find("allowed: a regular file"), std::string::npos);
  EXPECT_NE(refusal("/dev/null").find("a regular file"), std::string::npos);
  EXPECT_NE(refusal(TemporaryFile("empty").path()).find("it has 0 bytes"), std::string::npos);
  EXPECT_NE(refusal(TemporaryFile("odd", std::string(513, 'x')).path()).find("it has 513 bytes"),
            std::string::npos);
  EXPECT_EQ(refusal(TemporaryFile("good", std::string(1024, 'x')).path()), "");
}

TEST(DiskFile, ReadsWritesAndClears) {
  TemporaryFile file("disk", std::string(2048, 'x'));
  DiskFile disk(option(file.path()), false);
  EXPECT_EQ(disk.sectors(), 4u);
  std::uint8_t bytes[3] = {1, 2, 3};
  EXPECT_TRUE(disk.write(511, bytes, 3));
  EXPECT_TRUE(disk.clear(1024, 512));
  EXPECT_TRUE(disk.flush());
  std::string content;
  std::getline(std::ifstream(file.path(), std::ios::binary), content, '\xFF');
  EXPECT_EQ(content, std::string(511, 'x') + "\1\2\3" + std::string(510, 'x') + std::string(512, '\0') +
                         std::string(512, 'x'));
  std::uint8_t back[3] = {};
  EXPECT_TRUE(disk.read(511, back, 3));
  EXPECT_EQ(back[2], 3);
}

TEST(DiskFile, ATruncatedFileFails) {
  TemporaryFile file("disk", std::string(2048, 'x'));
  DiskFile disk(option(file.path()), false);
  std::uint8_t byte = 0;
  ASSERT_EQ(::truncate(file.path().c_str(), 1024), 0);
  EXPECT_FALSE(disk.read(2047, &byte, 1));
  EXPECT_FALSE(disk.write(2047, &byte, 1));
  EXPECT_FALSE(disk.clear(1024, 512));
  EXPECT_FALSE(disk.flush());
  struct stat info {};
  ASSERT_EQ(::stat(file.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 1024) << "no write made it longer again";
}

TEST(DiskFile, ARemovedFileFails) {
  TemporaryFile file("disk", std::string(1024, 'x'));
  DiskFile disk(option(file.path()), true);
  std::uint8_t byte = 0;
  EXPECT_TRUE(disk.read(0, &byte, 1));
  ASSERT_EQ(::unlink(file.path().c_str()), 0);
  EXPECT_FALSE(disk.read(0, &byte, 1));
  EXPECT_FALSE(disk.flush());
}

TEST(DiskFile, AReadOnlyFileCannotBeWritten) {
  TemporaryFile file("disk", std::string(1024, 'x'));
  DiskFile disk(option(file.path()), true);
  EXPECT_TRUE(disk.read_only());
  std::uint8_t byte = 'y';
  EXPECT_FALSE(disk.write(0, &byte, 1));
}

}  // namespace
}  // namespace memio
