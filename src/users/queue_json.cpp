#include "queue_json.hpp"

#include <nlohmann/json.hpp>

namespace users {

using Json = nlohmann::json;

std::string queue_body(UserId id, std::optional<std::int64_t> account_token) {
    Json body{{"id", id}};
    if (account_token) body["account_token"] = *account_token;
    return body.dump();
}

std::optional<std::int64_t> account_token_of(const std::string& body) {
    auto read = Json::parse(body);
    auto token = read.find("account_token");
    if (token == read.end()) return std::nullopt;
    return token->get<std::int64_t>();
}

}  // namespace users
