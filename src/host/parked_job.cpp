#include "parked_job.hpp"

#include <algorithm>

#include "base/task.hpp"

namespace host {

using Json = nlohmann::json;

namespace {

base::Result<Json> list(const std::vector<NamedSubscription>& subscriptions) {
    auto all = Json::array();
    for (const auto& [name, subscription] : subscriptions) {
        auto parked = base::run(subscription->parked_streams());
        if (!parked) return parked.error();
        for (const auto& one : *parked) {
            all.push_back({{"subscription", name},
                           {"stream", one.stream},
                           {"position", one.position},
                           {"attempts", one.attempts},
                           {"parked_at", base::to_rfc3339(one.parked_at)},
                           {"error", one.error}});
        }
    }
    Json result{{"parked", std::move(all)}};
    return {boost::system::in_place_value, std::move(result)};
}

base::Error unknown(const std::vector<NamedSubscription>& subscriptions, const std::string& name) {
    std::string names;
    for (const auto& one : subscriptions) names += (names.empty() ? "" : ", ") + one.name;
    return {base::Reason::not_found, "unknown_subscription",
            "There is no subscription " + name + "; there are: " + names + "."};
}

}  // namespace

operations::NamedJob parked_job(std::vector<NamedSubscription> subscriptions) {
    auto job = [all = std::move(subscriptions)](const Json& arguments,
                                                operations::Progress&) -> base::Result<Json> {
        auto what = arguments.at("do").get<std::string>();
        if (what == "list") return list(all);
        auto name = arguments.at("subscription").get<std::string>();
        auto stream = arguments.at("stream").get<std::int64_t>();
        auto named =
            std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
        if (named == all.end()) return unknown(all, name);
        auto& subscription = *named->subscription;
        auto done =
            base::run(what == "drop" ? subscription.drop(stream) : subscription.retry(stream));
        if (!done) return done.error();
        return {boost::system::in_place_value, Json::object()};
    };
    return {"parked", std::move(job)};
}

}  // namespace host
