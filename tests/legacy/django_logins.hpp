#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "simple_jwt_json.hpp"

namespace tests {

/// What Django has made: see django_logins.py.
class DjangoLogins {
public:
    DjangoLogins() {
        std::ifstream file(std::filesystem::path(PORTAL_SOURCE_DIR) /
                           "tests/legacy/django_logins.json");
        all_ = nlohmann::json::parse(file);
    }
    std::string key() const { return all_.at("key"); }
    std::string other_key() const { return all_.at("other_key"); }
    std::string password() const { return all_.at("password"); }
    std::int64_t now() const { return all_.at("now"); }
    std::string cookie(const char* name) const { return all_.at("cookies").at(name); }
    std::string token(const char* name) const { return all_.at("tokens").at(name); }
    std::string csrf(std::size_t form) const { return all_.at("csrf").at(form); }

private:
    nlohmann::json all_;
};

/// What is said of a bearer token; that it is not the site's to check is `not its`.
inline std::string read_token(const std::string& token, const legacy::TokenKeys& keys,
                              std::int64_t now) {
    const auto line = "Bearer " + token;
    auto its = legacy::signed_bearer(line, keys);
    if (!its) return "not its";
    auto user = legacy::read_simple_jwt(*its, keys, now);
    return user ? "good: " + *user : user.error().code;
}

}  // namespace tests
