#pragma once

#include <string>
#include <string_view>

namespace legacy {

/// A person looks at the answer: `accept` (of all its lines) names HTML, and nothing of JSON that
/// it likes better. Pure.
bool prefers_html(std::string_view accept);

/// A failure as a page for a person: text alone, that asks nobody for anything. Pure.
std::string failure_page(int status, std::string_view message, std::string_view request_id);

}  // namespace legacy
