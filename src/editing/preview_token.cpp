#include "preview_token.hpp"

#include <limits>

#include "base/hmac.hpp"
#include "base/text.hpp"

namespace editing {

namespace {

/// What stands before the next dot, which is taken off; nothing if there is none.
std::optional<std::string_view> part_of(std::string_view& text) {
    auto dot = text.find('.');
    if (dot == text.npos) return std::nullopt;
    auto part = text.substr(0, dot);
    text.remove_prefix(dot + 1);
    return part;
}

std::string micros(base::Time time) {
    return std::to_string(base::to_micros(time));
}

}  // namespace

std::string to_text(const PreviewClaim& claim) {
    return claim.article.news_type + '.' + std::to_string(claim.article.id) + '.' +
           micros(claim.made_at) + '.' + micros(claim.expires_at);
}

std::optional<PreviewClaim> claim_from(std::string_view text) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    auto type = part_of(text);
    auto id = part_of(text);
    auto made = part_of(text);
    if (!type || !id || !made || type->empty()) return std::nullopt;
    auto number = base::parse_number(*id, most);
    auto from = base::parse_number(*made, most);
    auto to = base::parse_number(text, most);
    if (!number || !from || !to) return std::nullopt;
    return PreviewClaim{
        {std::string(*type), *number}, base::from_micros(*from), base::from_micros(*to)};
}

std::optional<SplitToken> split(std::string_view token) {
    auto dot = token.rfind('.');
    if (dot == token.npos) return std::nullopt;
    return SplitToken{token.substr(0, dot), token.substr(dot + 1)};
}

std::string preview_signature(std::string_view key, std::string_view text) {
    return base::to_base64url(base::hmac_sha256(key, text));
}

}  // namespace editing
