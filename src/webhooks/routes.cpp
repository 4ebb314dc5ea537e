#include "routes.hpp"

#include "base/problems.hpp"
#include "base/text.hpp"
#include "http/command.hpp"
#include "http/json_body.hpp"
#include "http/query_values.hpp"
#include "input_json.hpp"
#include "signature_crypto.hpp"

namespace webhooks {

using base::malformed;

namespace {

using nlohmann::json;

constexpr std::int64_t number_max = (std::int64_t{1} << 53) - 1;
constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 100;
constexpr http::VersionTag version_tag{};
constexpr const char* advice = "Send the ETag of the webhook as it was given.";

/// No number, no webhook: 0 is none's id.
WebhookId id_of(const http::Request& request) {
    return base::parse_number(request.parameter("id"), number_max).value_or(0);
}

http::Response answer(std::string body, int status = 200) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    response.cache_control = "no-store";
    return response;
}

base::Result<DeliveryQuestion> question_of(const http::Request& request) {
    DeliveryQuestion question;
    auto limit = http::limit_in_query(request, limit_default, limit_max);
    if (!limit) return limit.error();
    question.limit = *limit;
    auto cursor = http::cursor_in_query(request);
    if (!cursor) return cursor.error();
    question.before = *cursor;
    auto state = request.query_parameter("state");
    if (state && !state->empty()) {
        question.state = parse_delivery_state(*state);
        if (!question.state) {
            return malformed("malformed_state", "The state must be pending, delivered or dead.");
        }
    }
    return question;
}

}  // namespace

void Routes::add_to(http::Router& router) {
    using http::Method;
    auto add = [&](Method method, const char* pattern,
                   Answer (Routes::*handler)(const http::Request&)) {
        router.add(
            {method, pattern, http::Access::admin,
             [this, handler](const http::Request& request) { return (this->*handler)(request); }});
    };
    // {url, events, types, description, enabled}: 201 with the secret, this once.
    add(Method::post, "/v1/webhooks", &Routes::create);
    add(Method::get, "/v1/webhooks", &Routes::all);
    add(Method::get, "/v1/webhooks/{id}", &Routes::one);
    // The same members; what is missing keeps its value.
    add(Method::put, "/v1/webhooks/{id}", &Routes::change);
    // With all that it would have been sent. 204.
    add(Method::del, "/v1/webhooks/{id}", &Routes::remove);
    // The new secret, this once; the one before signs for a while, too.
    add(Method::post, "/v1/webhooks/{id}/rotate-secret", &Routes::rotate_secret);
    // Sends a message that only tries whether it arrives, and says what came of it.
    add(Method::post, "/v1/webhooks/{id}/test", &Routes::try_out);
    // {from: a time} or {positions: {type: position}}: all that is behind is sent again.
    add(Method::post, "/v1/webhooks/{id}/replay", &Routes::replay);
    // ?state=&limit=1–100&cursor=…: the newest first.
    add(Method::get, "/v1/webhooks/{id}/deliveries", &Routes::deliveries);
    // One of them once more, at once.
    add(Method::post, "/v1/webhooks/{id}/deliveries/{delivery}/redeliver", &Routes::redeliver);
}

Routes::Answer Routes::create(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto settings = settings_from_json(std::get<json>(read), true);
    if (!settings) co_return http::failure(request, settings.error());
    auto command = version_tag.command(request, request.body);
    if (!command) co_return http::failure(request, command.error());
    auto made = co_await webhooks_.create(std::move(*settings), std::move(*command));
    if (!made) co_return http::failure(request, made.error());
    const auto& webhook = made->webhook;
    auto secret = secret_of(made->master_key, webhook.id, webhook.secret);
    auto response = answer(webhook_body(webhook, secret, clock_.now()), 201);
    response.etag = version_tag.of(webhook.version);
    response.fields.emplace_back("Location", "/v1/webhooks/" + std::to_string(webhook.id));
    co_return response;
}

Routes::Answer Routes::all(const http::Request& request) {
    auto webhooks = co_await store_.all(request.context);
    if (!webhooks) co_return http::failure(request, webhooks.error());
    co_return answer(webhooks_body(*webhooks, clock_.now()));
}

Routes::Answer Routes::one(const http::Request& request) {
    auto found = co_await store_.find(id_of(request), request.context);
    if (!found) co_return http::failure(request, found.error());
    auto response = answer(webhook_body(found->webhook, "", clock_.now()));
    response.etag = version_tag.of(found->webhook.version);
    co_return response;
}

Routes::Answer Routes::change(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto change = settings_from_json(std::get<json>(read), false);
    if (!change) co_return http::failure(request, change.error());
    base::Command command{request.context, version_tag.expected(request)};
    auto changed =
        co_await webhooks_.change(id_of(request), std::move(*change), std::move(command));
    if (!changed) co_return version_tag.refuse(request, changed.error(), advice);
    auto response = answer(webhook_body(*changed, "", clock_.now()));
    response.etag = version_tag.of(changed->version);
    co_return response;
}

Routes::Answer Routes::remove(const http::Request& request) {
    base::Command command{request.context, version_tag.expected(request)};
    auto removed = co_await store_.remove(id_of(request), std::move(command));
    if (!removed) co_return version_tag.refuse(request, removed.error(), advice);
    http::Response response;
    response.status = 204;
    response.cache_control = "no-store";
    co_return response;
}

Routes::Answer Routes::rotate_secret(const http::Request& request) {
    auto command = version_tag.command(request, request.body);
    if (!command) co_return http::failure(request, command.error());
    auto rotated = co_await store_.rotate_secret(id_of(request), std::move(*command));
    if (!rotated) co_return version_tag.refuse(request, rotated.error(), advice);
    const auto& webhook = rotated->webhook;
    auto secret = secret_of(rotated->master_key, webhook.id, webhook.secret);
    co_return answer(secret_body(secret, webhook.previous_until));
}

Routes::Answer Routes::try_out(const http::Request& request) {
    auto found = co_await store_.find(id_of(request), request.context);
    if (!found) co_return http::failure(request, found.error());
    auto tried = co_await sender_.try_out(std::move(found->webhook), std::move(found->master_key));
    if (!tried) co_return http::failure(request, tried.error());
    co_return answer(tried_body(*tried));
}

Routes::Answer Routes::replay(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto replay = replay_from_json(std::get<json>(read));
    if (!replay) co_return http::failure(request, replay.error());
    base::Command command{request.context, version_tag.expected(request)};
    From from{replay->from, std::move(replay->positions)};
    auto positions = co_await store_.replay(id_of(request), std::move(from), std::move(command));
    if (!positions) co_return version_tag.refuse(request, positions.error(), advice);
    co_return answer(replayed_body(*positions));
}

Routes::Answer Routes::deliveries(const http::Request& request) {
    auto question = question_of(request);
    if (!question) co_return http::failure(request, question.error());
    auto limit = question->limit;
    // One more than wanted tells whether anything follows.
    question->limit += 1;
    auto found = co_await deliveries_.list(id_of(request), *question, request.context);
    if (!found) co_return http::failure(request, found.error());
    std::optional<std::int64_t> next;
    if (std::ssize(*found) > limit) {
        found->pop_back();
        next = found->back().number;
    }
    co_return answer(deliveries_body(*found, next));
}

Routes::Answer Routes::redeliver(const http::Request& request) {
    auto name = parse_message_id(request.parameter("delivery"));
    // No id, no delivery; but whether there is the webhook is told first.
    MessageName wanted = name ? *name : MessageName();
    auto again = co_await deliveries_.redeliver(id_of(request), std::move(wanted), clock_.now(),
                                                request.context);
    if (!again) co_return http::failure(request, again.error());
    delivery_.wake();
    co_return answer(delivery_body(*again));
}

}  // namespace webhooks
