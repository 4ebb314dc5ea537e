#include "token.hpp"

#include "base/text.hpp"

namespace identity {

std::string_view token_type_of(TokenKind kind) {
    return kind == TokenKind::access ? "at+jwt" : "session+jwt";
}

std::optional<TokenParts> split_token(std::string_view token) {
    if (token.size() > token_bytes_max) return std::nullopt;
    auto first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    auto second = token.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    // A third dot is no character of base64url, so it is refused below.
    auto header = base::from_base64url(token.substr(0, first));
    auto payload = base::from_base64url(token.substr(first + 1, second - first - 1));
    auto signature = base::from_base64url(token.substr(second + 1));
    if (!header || !payload || !signature) return std::nullopt;
    if (header->empty() || payload->empty() || signature->empty()) return std::nullopt;
    return TokenParts{std::move(*header), std::move(*payload), std::move(*signature),
                      token.substr(0, second)};
}

std::string signing_input(std::string_view header, std::string_view payload) {
    return base::to_base64url(header) + "." + base::to_base64url(payload);
}

Verdict judge(const Claims& claims, TokenKind kind, const Expected& expected, base::Time now) {
    auto second = base::to_micros(now) / 1000000;
    auto skew = expected.skew.count();
    if (claims.issuer != expected.issuer || claims.audience != expected.audience)
        return Verdict::bad;
    if (claims.user <= 0 || claims.family <= 0 || claims.id.empty()) return Verdict::bad;
    if (claims.role == base::Role::anonymous) return Verdict::bad;
    if (claims.open_mode && expected.rules == PasswordRules::full) return Verdict::bad;
    if ((kind == TokenKind::session) == claims.csrf.empty()) return Verdict::bad;
    if (claims.issued > second + skew) return Verdict::bad;
    if (claims.not_before && *claims.not_before > second + skew) return Verdict::bad;
    // A revocation is forgotten once no token of the configured life can be alive.
    if (claims.expires - claims.issued > expected.life.count()) return Verdict::bad;
    // Who issued and who checks is the same server, so no skew prolongs a life.
    if (claims.expires <= second) return Verdict::expired;
    return Verdict::good;
}

std::optional<std::string_view> bearer_of(std::string_view authorization) {
    constexpr std::string_view scheme = "bearer";
    if (authorization.size() < scheme.size()) return std::nullopt;
    for (std::size_t i = 0; i < scheme.size(); ++i) {
        char c = authorization[i];
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c != scheme[i]) return std::nullopt;
    }
    authorization.remove_prefix(scheme.size());
    if (authorization.empty()) return authorization;
    if (authorization.front() != ' ') return std::nullopt;
    authorization.remove_prefix(1);
    // RFC 6750 would allow more spaces; a token has one form here, and no space is part of it.
    return authorization;
}

}  // namespace identity
