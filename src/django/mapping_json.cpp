#include "mapping_json.hpp"

#include <algorithm>

#include "base/problems.hpp"
#include "base/time_zone.hpp"
#include "config/strict_json.hpp"
#include "history_rule_json.hpp"
#include "names.hpp"
#include "rule_json.hpp"
#include "value_json.hpp"

namespace django {

namespace {

using Kind = Expression::Kind;

Expression text_expression(const char* text) {
    Expression out;
    out.kind = Kind::constant;
    out.value = Value(text);
    return out;
}

/// The file as a whole.
class MappingReader {
public:
    Mapping read(const RulePlace& place) {
        if (!rules_.object(place, {"source", "relations", "natural_keys", "parents", "translations",
                                   "users", "news", "redirects", "export"})) {
            return {};
        }
        Mapping& out = mapping_;
        out.natural_keys = usual_natural_keys();
        if (place.has("source")) read_source(place.at("source"));
        if (place.has("relations")) read_relations(place.at("relations"));
        if (place.has("natural_keys")) {
            members(place.at("natural_keys"), [&](const std::string& model, const RulePlace& one) {
                out.natural_keys[model] = rules_.texts(one);
            });
        }
        if (place.has("parents")) {
            members(place.at("parents"), [&](const std::string& model, const RulePlace& one) {
                out.parents[model] = rules_.model(one);
            });
        }
        if (place.has("translations")) {
            members(place.at("translations"), [&](const std::string& model, const RulePlace& one) {
                read_translation(model, one);
            });
        }
        if (place.has("export")) {
            members(place.at("export"), [&](const std::string& model, const RulePlace& one) {
                read_defaults(model, one);
            });
        }
        each(place, "users", [&](const RulePlace& one) { read_users(one); });
        each(place, "news", [&](const RulePlace& one) { read_item(one); });
        each(place, "redirects", [&](const RulePlace& one) { read_redirects(one); });
        if (out.users.empty() && out.items.empty() && out.redirects.empty()) {
            rules_.complain("news", "is missing: there is nothing to bring");
        }
        out.reverses = rules_.reverses();
        return std::move(mapping_);
    }
    std::vector<base::Problem>& problems() { return rules_.problems(); }

private:
    template <class Read>
    void each(const RulePlace& place, const char* name, Read read) {
        if (!place.has(name)) return;
        auto list = place.at(name);
        if (!list.value.is_array()) return read(list);
        for (std::size_t i = 0; i < list.value.size(); ++i) read(list.at(i));
    }

    void read_source(const RulePlace& place) {
        if (!rules_.object(place, {"time_zone", "naive_times", "media_url", "media", "images",
                                   "byline", "languages"})) {
            return;
        }
        if (place.has("time_zone")) {
            mapping_.time_zone = rules_.text(place.at("time_zone"));
            auto zone = base::TimeZone::load(mapping_.time_zone);
            if (!zone) rules_.complain(place.at("time_zone").path, zone.error().message);
        }
        if (place.has("naive_times")) {
            auto word = rules_.text(place.at("naive_times"));
            if (word != "utc" && word != "local") {
                rules_.complain(place.at("naive_times").path, "must be utc or local");
            }
            mapping_.naive_is_utc = word == "utc";
        }
        if (place.has("media")) {
            rules_.complain(place.at("media").path,
                            "is not supported yet: files stay where they are, below `media_url`");
        }
        if (place.has("media_url")) mapping_.media_url = rules_.text(place.at("media_url"));
        if (place.has("images")) mapping_.images = rules_.model(place.at("images"));
        if (place.has("byline")) mapping_.byline = rules_.text(place.at("byline"));
        if (place.has("languages")) mapping_.languages = rules_.texts(place.at("languages"));
    }

    void read_relations(const RulePlace& place) {
        if (!place.value.is_object()) return rules_.complain(place.path, "must be an object");
        for (const auto& [name, value] : place.value.items()) {
            auto dots = std::count(name.begin(), name.end(), '.');
            if (dots != 2) {
                rules_.complain(place.at(name).path, "must be named as app.model.field");
            }
            mapping_.relations[name] = rules_.model(place.at(name));
        }
    }

    template <class Read>
    void members(const RulePlace& place, Read read) {
        if (!place.value.is_object()) return rules_.complain(place.path, "must be an object");
        for (const auto& [name, value] : place.value.items()) read(lower(name), place.at(name));
    }

    void read_translation(const std::string& name, const RulePlace& place) {
        if (!rules_.object(place, {"model", "master", "language"})) return;
        if (!place.has("model")) return rules_.complain(place.path, "has no `model`");
        Translation out{rules_.model(place.at("model")), "master", "language_code"};
        if (place.has("master")) out.master = rules_.text(place.at("master"));
        if (place.has("language")) out.language = rules_.text(place.at("language"));
        rules_.reverses().push_back({out.model, {out.master}});
        mapping_.translations[name] = out;
    }

    void read_defaults(const std::string& model, const RulePlace& place) {
        if (!is_model_name(model)) {
            return rules_.complain(place.path, "must be named as a model, as news.article");
        }
        if (!rules_.object(place, {"defaults", "erased"})) return;
        if (place.has("erased")) {
            auto erased = place.at("erased");
            if (rules_.text(erased) != "stays") rules_.complain(erased.path, "can only be stays");
            mapping_.stay_if_erased.insert(model);
            if (!place.has("defaults")) return;
        }
        if (!place.has("defaults")) return rules_.complain(place.path, "has no `defaults`");
        auto defaults = place.at("defaults");
        auto value = value_from_json(defaults.value.dump());
        if (!defaults.value.is_object() || !value) {
            return rules_.complain(defaults.path, "must be an object of fields and their values");
        }
        mapping_.defaults[model] = std::move(*value);
    }

    void take(const RulePlace& place, const char* name, Expression& out) {
        if (place.has(name)) out = rules_.expression(place.at(name));
    }
    std::string model_of(const RulePlace& place) {
        if (place.has("model")) return rules_.model(place.at("model"));
        rules_.complain(place.path, "has no `model`");
        return "";
    }

    void read_users(const RulePlace& place) {
        if (!rules_.object(place, {"model", "where", "login", "email", "name", "password", "active",
                                   "registered", "role", "tokens"})) {
            return;
        }
        UserRules out;
        out.model = model_of(place);
        if (place.has("where")) out.where = rules_.condition(place.at("where"));
        take(place, "login", out.login);
        take(place, "email", out.email);
        take(place, "password", out.password);
        take(place, "active", out.active);
        take(place, "registered", out.registered);
        take(place, "role", out.role);
        take(place, "tokens", out.tokens);
        // `["first_name", "last_name"]` are the parts of a name.
        if (place.has("name") && place.at("name").value.is_array()) {
            out.name.kind = Kind::each;
            auto parts = place.at("name");
            for (std::size_t i = 0; i < parts.value.size(); ++i) {
                out.name.rows.paths.push_back(rules_.path(parts.at(i)));
            }
            out.name.join = " ";
        } else {
            take(place, "name", out.name);
        }
        if (!out.login) rules_.complain(place.path, "has no `login`");
        mapping_.users.push_back(std::move(out));
    }

    void read_redirects(const RulePlace& place) {
        if (!rules_.object(place, {"model", "where", "from", "to", "permanent"})) return;
        RedirectRules out;
        out.model = model_of(place);
        if (place.has("where")) out.where = rules_.condition(place.at("where"));
        take(place, "from", out.from);
        take(place, "to", out.to);
        take(place, "permanent", out.permanent);
        if (!out.from || !out.to) rules_.complain(place.path, "needs `from` and `to`");
        mapping_.redirects.push_back(std::move(out));
    }

    void read_item(const RulePlace& place) {
        if (!rules_.object(place,
                           {"model",          "where",       "parent",     "id",        "type",
                            "title",          "description", "content",    "author",    "authors",
                            "content_format", "owner",       "tags",       "published", "status",
                            "published_at",   "created_at",  "updated_at", "slug",      "language",
                            "canonical_url",  "expires_at",  "related",    "url",       "image",
                            "corrections",    "history",     "extra"})) {
            return;
        }
        ItemRules out;
        out.model = model_of(place);
        if (place.has("where")) out.where = rules_.condition(place.at("where"));
        if (place.has("parent")) mapping_.parents[out.model] = rules_.model(place.at("parent"));
        take(place, "id", out.id);
        take(place, "type", out.type);
        take(place, "title", out.title);
        take(place, "description", out.description);
        take(place, "content_format", out.content_format);
        take(place, "author", out.author);
        take(place, "authors", out.authors);
        take(place, "owner", out.owner);
        take(place, "tags", out.tags);
        take(place, "published_at", out.published_at);
        take(place, "created_at", out.created_at);
        take(place, "updated_at", out.updated_at);
        take(place, "slug", out.slug);
        take(place, "language", out.language);
        take(place, "canonical_url", out.canonical_url);
        take(place, "expires_at", out.expires_at);
        take(place, "related", out.related);
        take(place, "url", out.url);
        if (place.has("content")) read_content(place.at("content"), out);
        read_state(place, out);
        if (place.has("image")) read_image(place.at("image"), out.image);
        if (place.has("corrections")) read_corrections(place.at("corrections"), out.corrections);
        if (place.has("history")) out.history = history_rule(place.at("history"), rules_);
        if (place.has("extra")) read_extra(place.at("extra"), out);
        if (!out.title) rules_.complain(place.path, "has no `title`");
        if (!out.content) rules_.complain(place.path, "has no `content`");
        if (!out.type) rules_.complain(place.path, "has no `type`");
        mapping_.items.push_back(std::move(out));
    }

    /// What makes HTML says the format as well.
    void read_content(const RulePlace& place, ItemRules& out) {
        auto form = [&](const char* format) {
            if (!out.content_format) out.content_format = text_expression(format);
        };
        if (place.value.is_string() || place.value.is_array()) {
            out.content = rules_.expression(place);
            // A word is a format, not a field.
            if (out.content_format.kind == Kind::path) {
                auto word = out.content_format.path.steps.empty()
                                ? ""
                                : out.content_format.path.steps.front();
                if (word == "html" || word == "text" || word == "markdown") {
                    out.content_format = text_expression(word.c_str());
                }
            }
            return;
        }
        for (const char* word : {"html", "markdown"}) {
            if (!place.has(word)) continue;
            rules_.object(place, {word});
            out.content = rules_.expression(place.at(word));
            return form(word);
        }
        out.content = rules_.expression(place);
        bool makes_html = out.content.kind == Kind::stream || out.content.kind == Kind::rich_text ||
                          out.content.kind == Kind::plugins || out.content.kind == Kind::first;
        if (makes_html) form("html");
    }

    void read_state(const RulePlace& place, ItemRules& out) {
        if (place.has("published") && place.has("status")) {
            rules_.complain(place.at("status").path,
                            "and `published` say the same: use one of them");
        }
        if (place.has("published")) {
            auto published = place.at("published");
            out.state.by_condition = true;
            if (published.value.is_string()) {
                // A field that is true for what is public.
                Test test;
                test.path = rules_.path(published);
                test.values = {Value::boolean(true)};
                out.state.published = {std::move(test)};
            } else if (rules_.object(published, {"if"})) {
                if (published.has("if")) {
                    out.state.published = rules_.condition(published.at("if"));
                }
                // No condition would hold for every draft.
                if (out.state.published.empty()) {
                    rules_.complain(published.path, "has no condition: then all would be public");
                }
            }
        }
        if (place.has("status")) out.state.status = rules_.expression(place.at("status"));
        if (!place.has("published") && !place.has("status") && !place.has("published_at")) {
            rules_.complain(place.path,
                            "needs `published`, `status` or `published_at`: what tells drafts from "
                            "what is public");
        }
    }

    void read_image(const RulePlace& place, ImageRule& out) {
        if (!place.value.is_object()) {
            out.source = rules_.expression(place);
            return;
        }
        // What describes the picture stands beside what it is.
        auto source = place.value;
        for (auto [name, rule] : {std::pair{"alt", &out.alt}, std::pair{"caption", &out.caption},
                                  std::pair{"credit", &out.credit}}) {
            take(place, name, *rule);
            source.erase(name);
        }
        out.source = rules_.expression({source, place.path});
    }

    void read_corrections(const RulePlace& place, CorrectionsRule& out) {
        if (!rules_.object(place, {"each", "where", "by", "limit", "kind", "text", "at"})) return;
        if (!place.has("each") || !place.has("text")) {
            return rules_.complain(place.path, "needs `each` and `text`");
        }
        out.given = true;
        out.rows = rules_.rows(place);
        take(place, "kind", out.kind);
        take(place, "text", out.text);
        take(place, "at", out.at);
    }

    void read_extra(const RulePlace& place, ItemRules& out) {
        if (place.value.is_array()) {
            for (std::size_t i = 0; i < place.value.size(); ++i) {
                auto path = rules_.path(place.at(i));
                if (path.steps.empty()) continue;
                auto name = path.text();
                out.extra.emplace_back(name, path_expression(std::move(path.steps)));
            }
            return;
        }
        if (!place.value.is_object()) {
            return rules_.complain(place.path, "must be a list of fields, or an object of rules");
        }
        for (const auto& [name, value] : place.value.items()) {
            out.extra.emplace_back(name, rules_.expression(place.at(name)));
        }
    }

    RuleReader rules_;
    Mapping mapping_;
};

}  // namespace

base::Result<Mapping> mapping_from_json(std::string_view text) {
    config::JsonLimits limits;
    limits.comments = true;
    auto strict = config::parse_strict_json(text, limits);
    if (!strict) return strict.error();
    // Once more, because that one forgets the order of members; what could be wrong is known.
    auto ordered = RuleJson::parse(text, nullptr, false, true);
    MappingReader reader;
    auto mapping = reader.read({ordered, ""});
    if (reader.problems().empty()) return mapping;
    return base::invalid_input("invalid_mapping",
                               "The mapping cannot be used: ", std::move(reader.problems()));
}

}  // namespace django
