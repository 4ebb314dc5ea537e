#include "item_text.hpp"

#include "base/json_writer.hpp"
#include "time_text.hpp"

namespace django {

namespace {

using base::JsonWriter;

/// To the microsecond.
std::string written(base::Time time) {
    static const base::TimeZone utc;
    auto text = *format_time(time, "%Y-%m-%dT%H:%M:%S", utc);
    auto micros = std::to_string((time - std::chrono::floor<std::chrono::seconds>(time)).count());
    return text + "." + std::string(6 - micros.size(), '0') + micros + "Z";
}

void add(JsonWriter& out, const char* name, const std::string& text) {
    if (!text.empty()) out.member(name, text);
}
void add(JsonWriter& out, const char* name, const std::optional<base::Time>& time) {
    if (time) out.member(name, written(*time));
}
void add(JsonWriter& out, const char* name, const std::vector<std::string>& texts) {
    if (!texts.empty()) out.member(name, texts);
}

void write(JsonWriter& out, const Content& content) {
    out.member("type", content.type).member("title", content.title);
    add(out, "description", content.description);
    out.member("content", content.content).member("content_format", content.content_format);
    out.member("author", content.author);
    add(out, "tags", content.tags);
    add(out, "slug", content.slug);
    add(out, "language", content.language);
    if (!content.images.empty()) {
        out.name("images").open('[');
        for (const auto& image : content.images) {
            out.open('{').member("address", image.address);
            add(out, "alt", image.alt);
            add(out, "caption", image.caption);
            add(out, "credit", image.credit);
            out.close('}');
        }
        out.close(']');
    }
    if (content.extra != "{}") out.member("extra", content.extra);
}

}  // namespace

std::string to_text(const Person& person) {
    std::string text;
    JsonWriter out(text);
    out.open('{').member("legacy_id", person.legacy_id).member("login", person.login);
    add(out, "email", person.email);
    out.member("name", person.name).member("has_password", !person.password.empty());
    out.member("active", person.active).member("role", person.role);
    add(out, "registered_at", person.registered_at);
    if (person.tokens) out.member("tokens", std::ssize(*person.tokens));
    out.close('}');
    return text;
}

std::string to_text(const Item& item) {
    std::string text;
    JsonWriter out(text);
    out.open('{').member("legacy_id", item.legacy_id);
    if (item.id) out.member("id", *item.id);
    out.member("status", name_of(item.state));
    add(out, "published_at", item.published_at);
    add(out, "was_published_at", item.was_published_at);
    add(out, "created_at", item.created_at);
    add(out, "updated_at", item.updated_at);
    add(out, "updated_by", item.updated_by);
    add(out, "expires_at", item.expires_at);
    write(out, item.content);
    add(out, "owner", item.owner);
    add(out, "authors", item.authors);
    add(out, "related", item.related);
    add(out, "canonical_url", item.canonical_url);
    add(out, "path", item.path);
    if (!item.corrections.empty()) {
        out.name("corrections").open('[');
        for (const auto& one : item.corrections) {
            out.open('{').member("kind", one.kind).member("text", one.text);
            add(out, "at", one.at);
            out.close('}');
        }
        out.close(']');
    }
    if (!item.history.empty()) {
        out.name("history").open('[');
        for (const auto& past : item.history) {
            out.open('{');
            add(out, "at", past.at);
            add(out, "by", past.by);
            write(out, past.content);
            out.close('}');
        }
        out.close(']');
    }
    out.close('}');
    return text;
}

std::string to_text(const Redirect& redirect) {
    std::string text;
    JsonWriter out(text);
    out.open('{').member("from", redirect.from).member("to", redirect.to);
    if (!redirect.permanent) out.member("permanent", false);
    out.close('}');
    return text;
}

}  // namespace django
