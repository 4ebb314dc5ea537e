#include "client_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gateway {

namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson json_of(const NamedClient& client, base::Clock::Moment now) {
    auto signs = OrderedJson::array();
    for (std::size_t i = 0; i < sign_count; ++i) {
        if (client.signs.test(i)) signs.push_back(name_of(static_cast<Sign>(i)));
    }
    auto figures = OrderedJson::object();
    for (const auto& figure : client.last_finding.figures) {
        if (figure.name) figures[figure.name] = figure.value;
    }
    auto left = std::chrono::ceil<std::chrono::seconds>(client.until - now).count();
    OrderedJson json;
    json["client"] = client.client;
    json["signs"] = std::move(signs);
    json["action"] = name_of(client.action);
    json["since"] = base::to_rfc3339(client.since);
    json["last"] = base::to_rfc3339(client.last);
    json["times"] = client.times;
    json["seconds_left"] = std::max<std::int64_t>(left, 0);
    json["last_sign"] = name_of(client.last_finding.sign);
    json["figures"] = std::move(figures);
    json["request_id"] = client.request_id;
    return json;
}

}  // namespace

std::string clients_body(const std::vector<NamedClient>& clients, base::Clock::Moment now) {
    auto listed = OrderedJson::array();
    for (const auto& client : clients) listed.push_back(json_of(client, now));
    OrderedJson body;
    body["clients"] = std::move(listed);
    return body.dump();
}

}  // namespace gateway
