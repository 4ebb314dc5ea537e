#pragma once

#include <optional>
#include <string_view>

namespace http {

// Of the bytes that a client has sent as a head, which need not be a good one. Pure.

/// The first two words of the first line, the second without its query: as far as they came.
struct FirstWords {
    std::string_view method;
    std::string_view path;
};
FirstWords first_words(std::string_view received);

/// The value of a field line. `name` is in lower case.
std::optional<std::string_view> find_line(std::string_view head, std::string_view name);

/// Whether a client's X-Request-Id may go into logs and answers: not one as this server gives to
/// what it does by itself (news::import_request_prefix, the scheduler, `portal migrate`).
bool is_sane_request_id(std::string_view id);

}  // namespace http
