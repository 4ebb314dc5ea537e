#pragma once

#include <string>
#include <string_view>

namespace legacy {

/// What a reader sees of a page, roughly: its text without tags, comments, scripts and styles, with
/// character references decoded and white space folded to single spaces. Tags that begin a line or
/// a cell of their own count as white space, tags within a line as nothing. Takes any bytes; one
/// pass, no recursion. Pure.
std::string html_text(std::string_view page);

}  // namespace legacy
