#pragma once

#include <memory>
#include <string>
#include <variant>

#include "base/task.hpp"
#include "http/body.hpp"
#include "http/client.hpp"
#include "spool.hpp"

namespace legacy {

/// What a client sends, in the form in which it is sent on.
using Content = std::variant<std::string, http::ClientUpload>;

struct UploadLimits {
    std::uint64_t bytes_max;
    std::size_t memory_max;
};

/// All of it, before anybody else is asked: then its length is known, and a slow client costs the
/// upstream nothing. Refused as the reader is, with `body_too_large`, and with `spool_full`.
base::Task<Content> take_whole(http::BodyReader& body, std::shared_ptr<SpoolSpace> space,
                               UploadLimits limits);

/// As it comes: a slow upstream slows the client down. `body` must live as long as the request is
/// being sent.
Content pass_on(http::BodyReader& body, UploadLimits limits);

}  // namespace legacy
