#pragma once

#include "http/body.hpp"

namespace support {

/// The body of a request that has none, for handlers that are called without a server.
class NoBody final : public http::BodyReader {
public:
    std::optional<std::uint64_t> length() const override { return 0; }
    base::Task<std::string_view> next() override { co_return std::string_view(); }
};

}  // namespace support
