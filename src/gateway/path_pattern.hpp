#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace gateway {

/// Which paths a rule is for: `/articles/{slug}`, `/api/{rest...}`. A parameter is one segment, a
/// tail all that follows, or nothing. Pure value.
class PathPattern {
public:
    static constexpr std::size_t segments_max = 16;

    /// A slash at the end does not count. Refused with a sentence that goes on after the pattern.
    static base::Result<PathPattern> parse(std::string_view text);

    /// `segments`: decoded, in order. `more`: there are some that are not among them.
    bool matches(std::span<const std::string_view> segments, bool more) const;
    /// Whether there may be a path that both are for.
    bool overlaps(const PathPattern& other) const;

    /// The word that a path must begin with; nothing: any.
    std::optional<std::string_view> first_word() const;
    /// All words before the first parameter: `/api/v2`; empty if there is none.
    std::string literal_start() const;
    /// This one, with other words instead of literal_start(): what an alias makes of it.
    std::string with_start(std::string_view start) const;

private:
    enum class Kind { word, parameter, tail };
    struct Segment {
        Kind kind = Kind::word;
        std::string text;
    };

    std::vector<Segment> segments_;
};

/// What is answered here whatever stands before the server: `/v1/`, `/console`,
/// `/.well-known/jwks.json`. By the path as sent. Pure.
bool is_always_native(std::string_view path);

}  // namespace gateway
