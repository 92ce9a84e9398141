// What to say of an option that does not exist: the names that are like it, and what QEMU's options are here.
#pragma once

#include <string>
#include <vector>

namespace memio {

/// The keys and short forms that `name` may have meant, the likeliest kind of them only and at most 6: equal
/// but for case; with `name` as their last part or as their beginning; nearest by edit distance, if near.
std::vector<std::string> similar_options(const std::string& name);

/// A ConfigError's text for the unknown option `name` at `origin`; on the command line with its dash, if it
/// was written with a single one.
std::string unknown_option(const std::string& origin, const std::string& name);

}  // namespace memio
