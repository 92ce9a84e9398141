// What to say of an option that does not exist: the names that are like it, and what QEMU's options are here.
#pragma once

#include <string>
#include <vector>

namespace memio {

/// The keys and short forms that `name` may have meant, the likeliest kind of them only and at most 6: known
/// by that name elsewhere; equal but for case and dashes in front; with `name` as a part of theirs between
/// dots and dashes, or as their beginning; nearest by edit distance, if near.
std::vector<std::string> similar_options(const std::string& name);

/// A ConfigError's text for the unknown option `name` at `origin`.
std::string unknown_option(const std::string& origin, const std::string& name);

/// The same for an argument of the command line, with its dashes and perhaps a value behind `=`. Tells too
/// what an option of QEMU's is here, and that one dash is not enough.
std::string unknown_argument(const std::string& argument);

}  // namespace memio
