#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "http/message.hpp"

namespace http {

/// Content codings that this server can send.
enum class Coding { identity, gzip, br };

/// The coding that Accept-Encoding likes best (RFC 9110, 12.5.3); of equals br, then gzip. Pure.
Coding choose_coding(const Request& request);

/// The encoded forms of one answer. Each is made when it is first asked for, and once: an answer in
/// a cache is compressed once for all who ask. Thread-safe; others wait for the one who makes it.
class Encodings {
public:
    /// Null if the form would not be smaller by a tenth at least.
    std::shared_ptr<const PreparedResponse> get(Coding coding, const PreparedResponse& plain);

private:
    struct Form {
        std::once_flag once;
        std::shared_ptr<const PreparedResponse> answer;
    };
    std::array<Form, 2> forms_;
};

/// Whether answers of this content type gain from it: text, JSON, XML, SVG, JavaScript.
bool is_compressible(std::string_view content_type);

/// What gzip has made smaller; nothing if that is damaged, or has more than `bytes_max`.
std::optional<std::string> gunzip(std::string_view coded, std::size_t bytes_max);

}  // namespace http
