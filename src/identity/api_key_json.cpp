#include "api_key_json.hpp"

#include "base/problems.hpp"
#include "identity/accounts.hpp"

namespace identity {

namespace {

using nlohmann::json;

/// Reads members and collects what is wrong with them.
class KeyMembers {
public:
    explicit KeyMembers(const json& body) : body_(body) {}

    /// A text; nothing if it is missing (or null, where that says the same).
    std::optional<std::string> text(const char* member, bool is_needed) {
        auto found = body_.find(member);
        if (found == body_.end() || (!is_needed && found->is_null())) {
            if (is_needed) problems_.push_back({member, "is missing"});
            return std::nullopt;
        }
        if (!found->is_string()) {
            malformed_ = true;
            problems_.push_back({member, "must be text"});
            return std::nullopt;
        }
        return found->get<std::string>();
    }
    void refuse(const char* member, const char* why) { problems_.push_back({member, why}); }
    bool good() const { return problems_.empty(); }

    base::Error refusal() const {
        const char* code = malformed_ ? "malformed_request" : "invalid_api_key";
        return base::invalid_input(code, "The API key cannot be made: ", problems_);
    }

private:
    const json& body_;
    std::vector<base::Problem> problems_;
    bool malformed_ = false;
};

}  // namespace

base::Result<ApiKey> api_key_from_json(const json& body) {
    if (!body.is_object()) {
        return base::Error{base::Reason::invalid, "malformed_request",
                           "A JSON object is expected."};
    }
    KeyMembers members(body);
    ApiKey key;
    key.name = members.text("name", true).value_or("");
    auto word = members.text("role", true);
    auto role = word ? role_of(*word) : std::nullopt;
    if (word && !role) members.refuse("role", "must be one of reader, author, editor, admin");
    auto end = members.text("expires_at", false);
    auto expires_at = end ? base::parse_rfc3339(*end) : std::nullopt;
    if (end && !expires_at) members.refuse("expires_at", "is no RFC 3339 time");
    if (!members.good()) return members.refusal();
    key.role = *role;
    key.expires_at = expires_at;
    return key;
}

nlohmann::ordered_json to_json(const ApiKey& key) {
    nlohmann::ordered_json object;
    object["id"] = key.id;
    object["name"] = key.name;
    object["role"] = name_of(key.role);
    object["created_at"] = base::to_rfc3339(key.created_at);
    object["created_by"] = nullptr;
    if (key.created_by) object["created_by"] = *key.created_by;
    object["expires_at"] = nullptr;
    if (key.expires_at) object["expires_at"] = base::to_rfc3339(*key.expires_at);
    return object;
}

}  // namespace identity
