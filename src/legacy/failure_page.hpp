#pragma once

#include <string>
#include <string_view>

namespace legacy {

/// The Content-Security-Policy of a failure page: its one style sheet, by hash, and nothing else.
inline constexpr std::string_view failure_page_policy =
    "default-src 'none'; style-src 'sha256-/Io16gCDOeTGkWmUJCXuHMGAEGkEjzwVZ0/zr66UDY8='; "
    "frame-ancestors 'none'";

/// A person looks at the answer: `accept` (of all its lines) names HTML, and nothing of JSON that
/// it likes better. Pure.
bool prefers_html(std::string_view accept);

/// A failure as a page for a person, that asks nobody for anything. Goes with failure_page_policy.
/// Pure.
std::string failure_page(int status, std::string_view message, std::string_view request_id);

}  // namespace legacy
