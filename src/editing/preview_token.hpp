#pragma once

// What a preview link says: which article, from when to when. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "editing/desk.hpp"

namespace editing {

struct PreviewClaim {
    ArticleName article;
    base::Time made_at{};
    base::Time expires_at{};

    bool operator==(const PreviewClaim&) const = default;
};

/// `sports.71.1772366400123456.1772452800000000`: the times in microseconds since 1970.
std::string to_text(const PreviewClaim& claim);
/// Its reverse; nothing for what to_text() never gives.
std::optional<PreviewClaim> claim_from(std::string_view text);

/// A token: the claim, and its signature behind the last dot.
struct SplitToken {
    std::string_view claim;
    std::string_view signature;
};
std::optional<SplitToken> split(std::string_view token);

/// HMAC-SHA-256 of a text by a key in hexadecimal, in base64url.
std::string preview_signature(std::string_view key, std::string_view text);

}  // namespace editing
