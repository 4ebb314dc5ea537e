#pragma once

#include <optional>
#include <string>

namespace portal {

/// Puts /dev/null on standard input, output and error where the caller has closed them. First of
/// all: else the next file that is opened gets such a number, and what is meant for the console is
/// written into it. False if that cannot be done.
bool open_standard_streams();

/// The line as it was meant: without the byte order mark before it and the CR that a file from
/// another system has before its LF.
std::string as_meant(std::string line);

/// One line of standard input, at most 4 KiB of it, not shown while it is typed. `question` is for
/// a terminal only. Nothing if there is none.
std::optional<std::string> read_secret(const char* question);

}  // namespace portal
