#include "token_json.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "config/strict_json.hpp"

namespace identity {

namespace {

using Json = nlohmann::json;

constexpr std::string_view algorithm = "EdDSA";
constexpr std::int64_t user_id_max = (std::int64_t{1} << 53) - 1;
constexpr std::int64_t family_max = 999999999999999999;
/// Beyond any year that counts, so that sums of such times cannot overflow.
constexpr std::uint64_t second_max = std::uint64_t{1} << 40;

std::optional<Json> object_from(std::string_view text) {
    config::JsonLimits limits;
    limits.bytes = token_bytes_max;
    limits.depth = 2;
    auto parsed = config::parse_strict_json(text, limits);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    return std::move(*parsed);
}

/// Reads members; one that is not as it should be spoils the whole.
class JsonMembers {
public:
    explicit JsonMembers(const Json& object) : object_(object) {}

    std::string text(const char* name) {
        auto found = object_.find(name);
        if (found == object_.end() || !found->is_string()) {
            good_ = false;
            return {};
        }
        return found->get<std::string>();
    }
    std::int64_t id(const char* name, std::int64_t most) {
        auto number = base::parse_number(text(name), most);
        if (!number) good_ = false;
        return number.value_or(0);
    }
    std::int64_t number(const char* name, std::uint64_t most) {
        auto found = object_.find(name);
        if (found == object_.end() || !found->is_number_unsigned() ||
            found->get<std::uint64_t>() > most) {
            good_ = false;
            return 0;
        }
        return found->get<std::int64_t>();
    }
    bool has(const char* name) const { return object_.contains(name); }
    bool good() const { return good_; }

private:
    const Json& object_;
    bool good_ = true;
};

}  // namespace

std::string to_json(const TokenHeader& header) {
    nlohmann::ordered_json object;
    object["alg"] = algorithm;
    object["typ"] = token_type_of(header.kind);
    object["kid"] = header.key_id;
    return object.dump();
}

std::optional<TokenHeader> header_from_json(std::string_view text) {
    auto object = object_from(text);
    if (!object || object->size() != 3) return std::nullopt;
    JsonMembers members(*object);
    auto named = members.text("alg");
    auto type = members.text("typ");
    TokenHeader header{members.text("kid")};
    if (!members.good() || named != algorithm) return std::nullopt;
    if (type == token_type_of(TokenKind::session)) {
        header.kind = TokenKind::session;
    } else if (type != token_type_of(TokenKind::access)) {
        return std::nullopt;
    }
    // One header, one text: nothing hides in white space or escapes.
    if (to_json(header) != text) return std::nullopt;
    return header;
}

std::string to_json(const Claims& claims) {
    nlohmann::ordered_json object;
    object["iss"] = claims.issuer;
    object["aud"] = claims.audience;
    object["sub"] = std::to_string(claims.user);
    object["exp"] = claims.expires;
    object["iat"] = claims.issued;
    if (claims.not_before) object["nbf"] = *claims.not_before;
    object["jti"] = claims.id;
    object["role"] = name_of(claims.role);
    object["epoch"] = claims.epoch;
    object["sid"] = std::to_string(claims.family);
    if (!claims.csrf.empty()) object["csrf"] = claims.csrf;
    if (claims.open_mode) object["open"] = true;
    return object.dump();
}

std::optional<Claims> claims_from_json(std::string_view text) {
    auto object = object_from(text);
    if (!object) return std::nullopt;
    JsonMembers members(*object);
    Claims claims;
    claims.issuer = members.text("iss");
    claims.audience = members.text("aud");
    claims.user = members.id("sub", user_id_max);
    claims.expires = members.number("exp", second_max);
    claims.issued = members.number("iat", second_max);
    if (members.has("nbf")) claims.not_before = members.number("nbf", second_max);
    claims.id = members.text("jti");
    auto role = role_of(members.text("role"));
    claims.epoch = members.number("epoch", second_max);
    claims.family = members.id("sid", family_max);
    if (members.has("csrf")) claims.csrf = members.text("csrf");
    // Whatever it says: who sets it must not get around it by another type.
    claims.open_mode = members.has("open");
    if (!members.good() || !role) return std::nullopt;
    claims.role = *role;
    return claims;
}

}  // namespace identity
