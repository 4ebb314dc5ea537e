#pragma once

#include <memory>
#include <string_view>

#include "http/message.hpp"

namespace http {

/// Which part of a prepared answer goes out.
enum class Form { full, head_only, not_modified };

/// `response` in the bytes that go out. 204 and 304 get no content and no Content-Length. Line
/// breaks in a handler's field values become spaces: nobody splits an answer through them.
std::shared_ptr<const PreparedResponse> render(Response response);

/// The reason phrase of a status.
std::string_view reason_phrase(int status);

}  // namespace http
