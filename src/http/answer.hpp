#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "http/message.hpp"

namespace http {

/// Which part of a prepared answer goes out.
enum class Form { full, head_only, not_modified };

/// How an answer says where its body ends.
struct Framing {
    std::optional<std::uint64_t> length{};
    bool chunked = false;  ///< without a length; if neither, it ends with the connection
};

/// `response` in the bytes that go out; the body too, if it is a text. Of a file or a stream only
/// the head is made. 204 and 304 get no content and no Content-Length. Line breaks in a handler's
/// field values become spaces: nobody splits an answer through them.
std::shared_ptr<const PreparedResponse> render(Response response);
/// The head alone, for a body that is sent by itself.
std::shared_ptr<const PreparedResponse> render_head(const Response& response,
                                                    const Framing& framing);

/// The reason phrase of a status.
std::string_view reason_phrase(int status);

}  // namespace http
