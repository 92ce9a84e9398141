// Reading and writing whole files with errors that name the file and the reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace memio {

/// The bytes of a file of at most `largest` bytes; a pipe is read to its end. Throws ConfigError that begins
/// with `option`, if it was one that named the file: missing, unreadable, a directory, too large;
/// Interrupted if a signal ends the wait for a pipe.
std::string read_file(const std::string& path, std::uint64_t largest, const std::string& option = {});

/// At most `size` bytes from the beginning of a regular file; empty if it is none or cannot be read.
std::string read_front(const std::string& path, std::size_t size);

/// Writes `text` to `path` ("-": standard output) and makes sure that it got there. Throws
/// OutputError (disk full, closed pipe, no such directory), Interrupted if a signal ends the wait for a pipe.
void write_file(const std::string& path, const std::string& text);

/// Writes `size` bytes of a private mapping as a sparse file: pages that nobody touched, or that hold zeroes,
/// become holes, and the former are not even read. Throws OutputError.
void write_sparse_file(const std::string& path, const std::uint8_t* bytes, std::uint64_t size);

/// The folder of the running program.
std::string program_directory();

}  // namespace memio
