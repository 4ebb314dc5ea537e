#include "answer_json.hpp"

#include "base/json_writer.hpp"

namespace webhooks {

namespace {

void write_time(base::JsonWriter& json, const char* name, const std::optional<base::Time>& at) {
    json.name(name);
    if (at) {
        json.value(base::to_rfc3339(*at));
    } else {
        json.value(nullptr);
    }
}

void write_number(base::JsonWriter& json, const char* name,
                  const std::optional<std::int64_t>& number) {
    json.name(name);
    if (number) {
        json.value(*number);
    } else {
        json.value(nullptr);
    }
}

void write_text(base::JsonWriter& json, const char* name, const std::string& text) {
    json.name(name);
    if (text.empty()) {
        json.value(nullptr);
    } else {
        json.value(text);
    }
}

void write(base::JsonWriter& json, const Webhook& webhook, base::Time now,
           const std::string& secret = "") {
    const auto& settings = webhook.settings;
    std::vector<std::string> events;
    for (auto event : settings.events) events.emplace_back(news::name_of(event));
    if (events.empty()) events.emplace_back("*");
    auto types = settings.types;
    if (types.empty()) types.emplace_back("*");
    std::optional<base::Time> previous_until;
    if (webhook.previous_until > now) previous_until = webhook.previous_until;
    json.open('{')
        .member("id", webhook.id)
        .member("version", webhook.version)
        .member("url", settings.url)
        .member("events", events)
        .member("types", types)
        .member("description", settings.description)
        .member("enabled", settings.enabled)
        .member("gone", webhook.is_gone)
        .member("created_at", base::to_rfc3339(webhook.created_at))
        .member("updated_at", base::to_rfc3339(webhook.updated_at));
    write_time(json, "previous_secret_until", previous_until);
    if (!secret.empty()) json.member("secret", secret);
    json.close('}');
}

void write(base::JsonWriter& json, const Delivery& delivery) {
    const auto& what = delivery.what;
    bool is_pending = delivery.state == DeliveryState::pending;
    std::optional<base::Time> next_at;
    if (is_pending) next_at = delivery.next_at;
    json.open('{')
        .member("id", message_id(delivery.webhook, what))
        .member("event", news::name_of(what.change))
        .member("news_type", what.news_type)
        .member("news_id", what.article)
        .member("position", what.position)
        .member("at", base::to_rfc3339(what.at))
        .member("state", name_of(delivery.state))
        .member("attempts", delivery.attempts);
    write_time(json, "next_attempt_at", next_at);
    write_time(json, "last_attempt_at", delivery.last_at);
    write_number(json, "last_status", delivery.last_status);
    write_text(json, "last_error", delivery.last_error);
    json.close('}');
}

/// `{"status":"success", …}`
template <class Write>
std::string success(const Write& rest) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("status", "success");
    rest(json);
    json.close('}');
    return body;
}

}  // namespace

std::string webhook_body(const Webhook& webhook, const std::string& secret, base::Time now) {
    return success([&](base::JsonWriter& json) {
        json.name("webhook");
        write(json, webhook, now, secret);
    });
}

std::string webhooks_body(const std::vector<Webhook>& webhooks, base::Time now) {
    return success([&](base::JsonWriter& json) {
        json.name("webhooks").open('[');
        for (const auto& webhook : webhooks) write(json, webhook, now);
        json.close(']');
    });
}

std::string secret_body(const std::string& secret, base::Time previous_until) {
    return success([&](base::JsonWriter& json) {
        json.member("secret", secret)
            .member("previous_secret_until", base::to_rfc3339(previous_until));
    });
}

std::string delivery_body(const Delivery& delivery) {
    return success([&](base::JsonWriter& json) {
        json.name("delivery");
        write(json, delivery);
    });
}

std::string deliveries_body(const std::vector<Delivery>& deliveries,
                            const std::optional<std::int64_t>& next) {
    return success([&](base::JsonWriter& json) {
        json.name("deliveries").open('[');
        for (const auto& delivery : deliveries) write(json, delivery);
        json.close(']');
        write_text(json, "next", next ? std::to_string(*next) : "");
    });
}

std::string replayed_body(const std::map<std::string, std::int64_t>& positions) {
    return success([&](base::JsonWriter& json) {
        json.name("positions").open('{');
        for (const auto& [type, position] : positions) json.member(type, position);
        json.close('}');
    });
}

std::string tried_body(const Tried& tried) {
    return success([&](base::JsonWriter& json) {
        json.member("delivered", tried.error.empty());
        write_number(json, "response_status", tried.status);
        write_text(json, "error", tried.error);
        json.member("took_ms", tried.took_ms);
    });
}

}  // namespace webhooks
