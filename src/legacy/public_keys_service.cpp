#include "public_keys_service.hpp"

#include <algorithm>

#include "public_keys_json.hpp"
#include "telemetry/log.hpp"
#include "whoami_service.hpp"

namespace legacy {

namespace {

using Moment = base::Clock::Moment;

base::Error no_keys(const std::string& why) {
    return {base::Reason::unavailable, "keys_unusable", "What the address answers " + why};
}

/// A token that names none may be of any of them.
bool has_key(const PublicKeys& keys, const std::string& key_id) {
    if (key_id.empty()) return !keys.empty();
    return std::any_of(keys.begin(), keys.end(),
                       [&](const PublicKey& key) { return key.id() == key_id; });
}

constexpr auto never = Moment::min().time_since_epoch().count();

}  // namespace

PublicKeysService::PublicKeysService(http::Client& client, const SessionConfig& config,
                                     const base::Clock& clock)
    : client_(client),
      config_(config),
      clock_(clock),
      address_(*http::parse_upstream(parts_of_address(config.tokens_jwks_url).server)),
      target_(parts_of_address(config.tokens_jwks_url).target),
      keys_(std::make_shared<const PublicKeys>()),
      fresh_until_(never),
      next_question_(never) {}

/// True for one of those who come at the same moment, and then for nobody until it is time again.
bool PublicKeysService::claim_question() {
    auto now = clock_.steady();
    auto next = next_question_.load();
    if (now.time_since_epoch().count() < next) return false;
    auto after =
        (now + Moment::duration(config_.tokens_jwks_interval_s)).time_since_epoch().count();
    if (!next_question_.compare_exchange_strong(next, after)) return false;
    answered_ = false;
    return true;
}

base::Task<PublicKeysService::Keys> PublicKeysService::keys_for(std::string key_id) {
    auto keys = keys_.get();
    bool is_known = has_key(*keys, key_id);
    bool is_fresh = clock_.steady().time_since_epoch().count() < fresh_until_.load();
    if (is_known && is_fresh) co_return keys;
    if (claim_question()) {
        auto asked = co_await ask();
        if (asked) {
            keys = std::make_shared<const PublicKeys>(std::move(*asked));
            keys_.replace(keys);
            auto until = clock_.steady() + Moment::duration(config_.tokens_jwks_kept_s);
            fresh_until_ = until.time_since_epoch().count();
            answered_ = true;
            co_return keys;
        }
        telemetry::log(telemetry::Level::warning, "legacy",
                       "the keys of the monolith's tokens cannot be had",
                       {{"address", config_.tokens_jwks_url}, {"error", asked.error().message}});
        // Sooner than keys that are there are asked for again: until then nobody is known.
        auto again = clock_.steady() + std::min<Moment::duration>(config_.tokens_jwks_timeout_ms,
                                                                  config_.tokens_jwks_interval_s);
        next_question_ = again.time_since_epoch().count();
    }
    // The site has just said which keys there are; or those of before have to do.
    if (is_known || answered_) co_return keys;
    co_return login_unknown();
}

base::Task<PublicKeys> PublicKeysService::ask() {
    http::ClientRequest request;
    request.upstream = address_;
    request.target = target_;
    request.fields = {{"Accept", "application/json"}};
    const auto deadline = base::Deadline::in(config_.tokens_jwks_timeout_ms);
    auto response = co_await client_.send(std::move(request), deadline);
    if (!response) co_return response.error();
    if (response->status != 200) {
        co_return no_keys("has the status " + std::to_string(response->status) + ".");
    }
    auto body = response->body;
    auto content =
        co_await http::collect(body, static_cast<std::size_t>(config_.tokens_jwks_bytes_max));
    if (!content) co_return content.error();
    auto keys = public_keys_from_json(*content);
    if (!keys) co_return no_keys(keys.error().message);
    co_return std::move(*keys);
}

}  // namespace legacy
