#include "django_csrf.hpp"

namespace legacy {

namespace {

constexpr std::string_view alphabet =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::size_t secret_characters = 32;

/// A masked token is a random mask, and then the secret shifted by it, character by character.
std::optional<std::string> secret_of(std::string_view token) {
    if (token.find_first_not_of(alphabet) != token.npos) return std::nullopt;
    if (token.size() == secret_characters) return std::string(token);
    if (token.size() != 2 * secret_characters) return std::nullopt;
    std::string secret;
    for (std::size_t i = 0; i < secret_characters; ++i) {
        auto mask = alphabet.find(token[i]);
        auto shifted = alphabet.find(token[secret_characters + i]);
        secret += alphabet[(shifted + alphabet.size() - mask) % alphabet.size()];
    }
    return secret;
}

/// The page that sends it is of this site, as far as the request says. Without an Origin, over
/// plain http, Django does not ask for more either.
bool is_of_this_site(const DjangoChange& change) {
    auto host = change.host.value_or("");
    if (host.empty()) return false;
    auto own = std::string(change.secure ? "https://" : "http://").append(host);
    if (change.origin) return *change.origin == own;
    if (!change.secure) return true;
    auto referer = change.referer.value_or("");
    return referer == own || referer.starts_with(own + "/");
}

}  // namespace

bool is_same_csrf_secret(std::string_view a, std::string_view b) {
    auto first = secret_of(a);
    auto second = secret_of(b);
    if (!first || !second) return false;
    // In a time that does not tell where they differ.
    int difference = 0;
    for (std::size_t i = 0; i < secret_characters; ++i) difference |= (*first)[i] ^ (*second)[i];
    return difference == 0;
}

base::Result<void> check_django_csrf(const DjangoChange& change, const std::string& cookie_name) {
    auto cookie = change.cookie.value_or("");
    auto token = change.token.value_or("");
    if (cookie.empty() || token.empty()) {
        return base::Error{base::Reason::forbidden, "csrf_token_missing",
                           "With the site's session cookie, a change needs the field X-CSRFToken "
                           "and the cookie " +
                               cookie_name + "."};
    }
    if (!is_same_csrf_secret(cookie, token)) {
        return base::Error{base::Reason::forbidden, "csrf_token_wrong",
                           "The X-CSRFToken is not the one of the cookie " + cookie_name + "."};
    }
    if (!is_of_this_site(change)) {
        return base::Error{base::Reason::forbidden, "csrf_origin_wrong",
                           "With the site's session cookie, a change has to come from a page of "
                           "this site."};
    }
    return {};
}

}  // namespace legacy
