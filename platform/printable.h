// Text that others wrote, made fit for a message: option values, names of files and of symbols.
#pragma once

#include <string>
#include <string_view>

namespace memio {

/// `text` with every byte that is a control character, or no part of well-formed UTF-8, as \xNN; those in
/// `kept` stay. Applied again it changes nothing.
std::string printable(std::string_view text, std::string_view kept = {});

/// Writes a message of several lines to standard error, which may be closed: that is no failure of the run.
void tell(std::string_view message);

}  // namespace memio
