#include "sender_service.hpp"

#include "base/ids.hpp"
#include "message_json.hpp"
#include "schedule.hpp"
#include "signature_crypto.hpp"

namespace webhooks {

namespace {
constexpr std::size_t answer_bytes_max = 64 * 1024;
}

Sender::Sender(const news::Types& types, http::OutboundGuard guard,
               std::shared_ptr<http::Client> client, const Options& options,
               const base::Clock& clock)
    : types_(types),
      guard_(std::move(guard)),
      client_(std::move(client)),
      options_(options),
      clock_(clock) {}

std::map<std::string, std::int64_t> Sender::shown() const {
    std::map<std::string, std::int64_t> positions;
    for (const auto& [name, type] : types_) {
        auto generation = type.queries->generation();
        positions[name] = generation ? generation->position : 0;
    }
    return positions;
}

base::Task<Outcome> Sender::attempt(Webhook webhook, Announcement what, std::string master_key,
                                    Stop stop) const {
    Outcome not_ready;
    not_ready.kind = Outcome::Kind::not_ready;
    std::optional<news::Article> shown;
    auto type = types_.find(what.news_type);
    if (type != types_.end() && news::is_public_after(what.change)) {
        auto generation = type->second.queries->generation();
        if (!generation || generation->position < what.position) co_return not_ready;
        // As nobody: what is sent is what everybody may read.
        base::Context context;
        context.deadline = base::Deadline::in(options_.timeout);
        auto article = co_await type->second.queries->article(what.article, context);
        bool is_hidden = !article && article.error().reason == base::Reason::not_found;
        if (!article && !is_hidden) co_return not_ready;
        if (article) shown = std::move(*article);
    }
    Message message;
    message.url = webhook.settings.url;
    message.secrets = secrets_of(webhook, master_key);
    message.id = message_id(webhook.id, what);
    message.body = message_body(what, shown);
    // While it is sent only the message is held.
    shown.reset();
    co_return co_await send(std::move(message), std::move(stop));
}

base::Task<Outcome> Sender::send(Message message, Stop stop) const {
    Outcome outcome;
    auto url = guard_.read(message.url);
    if (!url) {
        outcome.error = url.error().code;
        co_return outcome;
    }
    auto timestamp = base::to_micros(clock_.now()) / 1000000;
    http::ClientRequest request;
    request.upstream = url->server;
    request.target = url->target;
    request.method = http::Method::post;
    request.stop = stop;
    request.fields = {
        {"Content-Type", "application/json"},
        {"User-Agent", "portal-webhooks"},
        {"webhook-id", message.id},
        {"webhook-timestamp", std::to_string(timestamp)},
        {"webhook-signature", signature_of(message.secrets, message.id, timestamp, message.body)}};
    request.body = std::move(message.body);
    auto deadline = base::Deadline::in(options_.timeout);
    auto answer = co_await client_->send(std::move(request), deadline);
    if (!answer) {
        outcome.error = answer.error().code;
        if (outcome.error == "request_stopped") outcome.kind = Outcome::Kind::stopped;
        co_return outcome;
    }
    outcome.status = answer->status;
    if (auto said = answer->header("Retry-After")) {
        outcome.retry_after = asked_wait(*said, options_.retry_after_max);
    }
    if (answer->status < 200 || answer->status > 299) outcome.error = "not_taken";
    // What it says besides is of no interest, and shown to nobody.
    auto body = answer->body;
    if (body) co_await http::collect(body, answer_bytes_max);
    co_return outcome;
}

std::vector<std::string> Sender::secrets_of(const Webhook& webhook, const std::string& key) const {
    std::vector<std::string> secrets{secret_of(key, webhook.id, webhook.secret)};
    if (webhook.secret > 1 && webhook.previous_until > clock_.now()) {
        secrets.push_back(secret_of(key, webhook.id, webhook.secret - 1));
    }
    return secrets;
}

base::Task<Tried> Sender::try_out(Webhook webhook, std::string master_key) const {
    Message message;
    message.url = webhook.settings.url;
    message.secrets = secrets_of(webhook, master_key);
    message.id = "msg_" + std::to_string(webhook.id) + "_ping_" + base::make_uuid_v7(clock_.now());
    message.body = ping_body(webhook.id, clock_.now());
    auto begun = clock_.steady();
    auto outcome = co_await send(std::move(message), nullptr);
    if (!outcome) co_return outcome.error();
    auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - begun);
    co_return Tried{outcome->status, outcome->error, took.count()};
}

}  // namespace webhooks
