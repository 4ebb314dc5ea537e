#include "item_rules.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "history_rows.hpp"
#include "html_text.hpp"
#include "names.hpp"

namespace django {

namespace {

constexpr std::size_t byline_characters = 50;
constexpr std::size_t tags_max = 20;
constexpr std::size_t tag_characters = 50;
constexpr std::size_t extra_bytes_max = 16 * 1024;
constexpr std::size_t history_max = 1000;
constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;

/// Makes one item of one row.
class ItemMaker {
public:
    ItemMaker(const RowPointer& row, const ItemRules& rules, const Mapping& mapping,
              Evaluation& evaluation, base::Time now)
        : scope_{row, {}}, rules_(rules), mapping_(mapping), evaluation_(evaluation), now_(now) {}

    Mapped<Item> make(Warnings& warnings) {
        evaluation_.begin();
        if (!evaluation_.holds(rules_.where, scope_)) return left_out<Item>(evaluation_);
        Item item;
        item.legacy_id = legacy_id_of(*scope_.row);
        item.id = id();
        item.created_at = time(rules_.created_at);
        item.updated_at = time(rules_.updated_at);
        item.is_clear = read_state(item);
        item.content = content(scope_);
        auto unfit = [&](const char* code, const char* message) {
            return Unfit{code, message, is_hidden(item)};
        };
        if (evaluation_.is_too_large()) return too_large();
        if (item.content.type.empty()) {
            return unfit("missing_type", "The rule `type` gives nothing for this row.");
        }
        if (item.content.title.empty()) {
            return unfit("missing_title", "The row has neither a title nor a slug.");
        }
        if (item.content.content.empty()) {
            return unfit("missing_content", "The row has neither a content nor a description.");
        }
        if (runs_in_browsers(item.content)) {
            evaluation_.warn("script", item.content.content_format == "markdown"
                                           ? "the Markdown has scripts, which stay: whoever shows "
                                             "it has to clean it"
                                           : "the HTML has scripts, which will be taken out");
        }
        item.owner = first_reference(rules_.owner);
        item.authors = references(rules_.authors);
        item.related = references(rules_.related);
        item.canonical_url = evaluation_.text(rules_.canonical_url, scope_);
        item.path = path();
        if (rules_.corrections.given) item.corrections = corrections();
        if (evaluation_.is_too_large()) return too_large();
        if (rules_.history.form != HistoryRule::Form::none) read_history(item, warnings);
        return item;
    }

private:
    std::optional<base::Time> time(const Expression& rule) const {
        return evaluation_.time(rule, scope_);
    }

    std::optional<std::int64_t> id() const {
        auto key = rules_.id ? evaluation_.value(rules_.id, scope_) : scope_.row->key;
        if (!key.is_scalar()) return std::nullopt;
        auto number = base::parse_number(key.text, id_max);
        return number && *number > 0 ? number : std::nullopt;
    }

    Content content(const Scope& scope) const {
        const auto& of = evaluation_;
        Content out;
        out.type = of.text(rules_.type, scope);
        out.title = line_of(of.text(rules_.title, scope));
        out.description = std::string(base::trim(of.text(rules_.description, scope)));
        out.content = std::string(base::trim(of.text(rules_.content, scope)));
        auto format = of.text(rules_.content_format, scope);
        if (format == "html" || format == "markdown") {
            out.content_format = format;
        } else if (!format.empty() && format != "text") {
            of.warn("unknown_format",
                    "content_format is " + format.substr(0, 40) + "; the content is taken as text");
        }
        out.slug = of.text(rules_.slug, scope);
        out.language = of.text(rules_.language, scope);
        if (out.title.empty() && !out.slug.empty()) {
            of.warn("missing_title", "the slug stands for a title that is missing");
            out.title = line_of(out.slug);
        }
        if (out.content.empty() && !out.description.empty()) {
            of.warn("missing_content", "the description stands for a content that is missing");
            out.content = out.description;
            out.content_format = "text";
        }
        Value extra = Value::object();
        for (const auto& [name, rule] : rules_.extra) {
            auto value = of.value(rule, scope);
            if (value.is_text() || !value.is_empty()) extra.set(name, of.unfolded(value));
        }
        read_byline(scope, out, extra);
        read_tags(scope, out, extra);
        read_image(scope, out);
        out.extra = to_json(extra);
        if (out.extra.size() > extra_bytes_max) {
            of.warn("extra_too_large", "`extra` is over 16 KiB and was left out");
            out.extra = "{}";
        }
        return out;
    }

    void read_byline(const Scope& scope, Content& out, Value& extra) const {
        auto byline = line_of(evaluation_.text(rules_.author, scope));
        if (byline.empty()) {
            if (rules_.author) evaluation_.warn("missing_author", "source.byline stands for it");
            byline = mapping_.byline;
        }
        out.author = std::string(base::trim(first_characters(byline, byline_characters)));
        if (out.author == byline) return;
        evaluation_.warn("long_byline", "a byline is over 50 characters: whole it is in extra");
        extra.set("full_author", Value(byline));
    }

    void read_tags(const Scope& scope, Content& out, Value& extra) const {
        std::vector<Value> more;
        for (const auto& raw : evaluation_.texts(rules_.tags, scope)) {
            auto tag = line_of(raw);
            bool fits = base::count_code_points(tag).value_or(tag_characters + 1) <= tag_characters;
            if (fits && out.tags.size() < tags_max) {
                out.tags.push_back(std::move(tag));
            } else {
                more.emplace_back(std::move(tag));
            }
        }
        if (more.empty()) return;
        evaluation_.warn("more_tags", "tags over 50 characters, or more than 20, are in extra");
        extra.set("more_tags", Value::list(std::move(more)));
    }

    void read_image(const Scope& scope, Content& out) const {
        if (!rules_.image) return;
        auto addresses = evaluation_.texts(rules_.image.source, scope);
        if (addresses.empty()) return;
        out.images.push_back({addresses.front(), evaluation_.text(rules_.image.alt, scope),
                              evaluation_.text(rules_.image.caption, scope),
                              evaluation_.text(rules_.image.credit, scope)});
    }

    /// HTML may stand in Markdown too.
    static bool runs_in_browsers(const Content& content) {
        return content.content_format != "text" && has_script(content.content);
    }

    /// A time that tells whether readers may see it. `clear`: false if it cannot be read.
    std::optional<base::Time> telling_time(const Expression& rule, bool& clear) const {
        if (!rule) return std::nullopt;
        auto value = evaluation_.value(rule, scope_);
        auto at = evaluation_.time(value);
        if (!at && !value.is_empty()) clear = false;
        return at;
    }

    /// Draft, unless all that the rules say of it says published, and nothing that they ask for is
    /// missing: a name that is misspelled must not make everything public. False: something is.
    bool read_state(Item& item) const {
        auto misses = evaluation_.misses();
        bool clear = true;
        auto at = telling_time(rules_.published_at, clear);
        item.expires_at = telling_time(rules_.expires_at, clear);
        bool is_public = false;
        if (rules_.state.by_condition) {
            is_public = evaluation_.holds(rules_.state.published, scope_);
        } else if (rules_.state.status) {
            is_public = status_is_public();
        } else {
            is_public = at.has_value();
        }
        clear = clear && evaluation_.misses() == misses;
        if (!is_public) return clear;
        if (!clear) {
            evaluation_.warn("unclear_state",
                             "a field that says whether it is public is not there or cannot be "
                             "read: it is a draft");
            return false;
        }
        if (evaluation_.is_restricted(scope_.row)) {
            evaluation_.warn("restricted", "a page that not everybody may see is a draft");
            return true;
        }
        if (item.expires_at && *item.expires_at <= now_) {
            evaluation_.warn("expired", "what was public until a time that is past is a draft");
            // As that of its publication its time would make it public again.
            item.was_published_at = at;
            return true;
        }
        if (!at) {
            at = item.created_at ? item.created_at : item.updated_at;
            evaluation_.warn("no_publication_time",
                             at ? "what is public has no time of publication: that of its creation "
                                  "or last change counts"
                                : "what is public has no time at all: it is a draft");
        }
        item.published_at = at;
        if (at && *at <= now_) item.state = State::published;
        return true;
    }

    bool status_is_public() const {
        auto status = evaluation_.value(*rules_.state.status, scope_);
        if (status.kind == Value::Kind::boolean) return status.is_true();
        if (status.text == "published") return true;
        if (status.text != "draft") {
            evaluation_.warn("unknown_status",
                             "a status is neither draft nor published, so it is a "
                             "draft: " +
                                 status.text.substr(0, 40));
        }
        return false;
    }

    std::vector<std::string> references(const Expression& rule) const {
        std::vector<Scope> found;
        if (rule.kind == Expression::Kind::each) {
            for (auto& one : evaluation_.rows(rule.rows, scope_)) {
                bool inner =
                    !rule.inner.empty() && rule.inner.front().kind == Expression::Kind::path;
                if (!inner) {
                    found.push_back(std::move(one));
                    continue;
                }
                auto some = evaluation_.follow(rule.inner.front().path, one, true);
                found.insert(found.end(), some.begin(), some.end());
            }
        } else if (rule.kind == Expression::Kind::path) {
            found = evaluation_.follow(rule.path, scope_, true);
        } else if (rule.kind == Expression::Kind::first) {
            for (const auto& one : rule.inner) {
                auto some = references(one);
                if (!some.empty()) return some;
            }
        }
        std::vector<std::string> out;
        for (const auto& one : found) {
            if (one.row && out.size() < 100) out.push_back(legacy_id_of(*one.row));
        }
        return out;
    }
    std::string first_reference(const Expression& rule) const {
        auto all = references(rule);
        return all.empty() ? "" : all.front();
    }

    std::string path() const {
        auto text = evaluation_.text(rules_.url, scope_);
        if (text.empty() || text.starts_with('/')) return text;
        evaluation_.warn("bad_url", "an address does not begin with a slash and was left out");
        return "";
    }

    std::vector<Correction> corrections() const {
        std::vector<Correction> out;
        for (const auto& one : evaluation_.rows(rules_.corrections.rows, scope_)) {
            Correction correction;
            auto kind = evaluation_.text(rules_.corrections.kind, one);
            if (!kind.empty()) correction.kind = kind;
            correction.text = evaluation_.text(rules_.corrections.text, one);
            correction.at = evaluation_.time(rules_.corrections.at, one);
            if (!correction.text.empty() && out.size() < 100) out.push_back(std::move(correction));
        }
        return out;
    }

    std::optional<PastContent> past_content(const Scope& revision) const {
        auto row = revision.row ? row_as_it_was(*scope_.row, revision, rules_.history, evaluation_)
                                : nullptr;
        if (!row) return std::nullopt;
        PastContent past;
        past.content = content({row, {}});
        past.at = evaluation_.time(rules_.history.at, revision);
        past.by = by(revision);
        if (evaluation_.is_too_large()) return std::nullopt;
        return past;
    }

    static std::size_t memory_of(const Content& content) {
        return sizeof(PastContent) + content.title.size() + content.description.size() +
               content.content.size() + content.extra.size();
    }

    void read_history(Item& item, Warnings& warnings) const {
        std::vector<Scope> found;
        for (const auto& rows : rules_.history.rows) {
            evaluation_.begin();
            found = evaluation_.rows(rows, scope_);
            if (!found.empty()) break;
        }
        // What an old state lacks has been told of, or is long gone.
        Warnings unheard;
        evaluation_.hear(&unheard);
        item.later_drafts = leave_drafts_out(found, scope_, rules_.history, evaluation_);
        bool many = found.size() > history_max;
        if (many) found.erase(found.begin(), found.end() - history_max);
        std::int64_t unread = 0;
        std::size_t kept = 0;
        bool scripts = false;
        bool large = false;
        bool is_told = false;  // one of them is what is there now
        auto& states = item.history;
        // From the newest on, which are the ones to keep if they are too many.
        for (auto one = found.rbegin(); one != found.rend() && !large; ++one) {
            evaluation_.begin();
            auto past = past_content(*one);
            if (!past) {
                ++unread;
                continue;
            }
            scripts = scripts || runs_in_browsers(past->content);
            // Of equal states in a row the first counts.
            if (states.empty() && past->content == item.content) {
                if (is_told) ++item.unchanged_states;
                is_told = true;
                item.updated_by = past->by;
                continue;
            }
            if (!states.empty() && past->content == states.back().content) {
                ++item.unchanged_states;
                states.back() = std::move(*past);
                continue;
            }
            kept += memory_of(past->content);
            large = kept > Evaluation::row_memory_max;
            if (!large) states.push_back(std::move(*past));
        }
        std::reverse(states.begin(), states.end());
        evaluation_.begin();
        evaluation_.hear(&warnings);
        if (many || large) {
            evaluation_.warn("long_history",
                             "of more than 1000 old states, or 64 MiB, the newest were taken");
        }
        if (unread > 0) {
            evaluation_.warn("unreadable_history", "an old state is not what the rule says it is");
        }
        if (scripts) {
            evaluation_.warn("script", "an old state has scripts, which will be taken out");
        }
    }

    std::string by(const Scope& revision) const {
        if (rules_.history.by.kind != Expression::Kind::path) return "";
        auto found = evaluation_.follow(rules_.history.by.path, revision, true);
        return found.empty() || !found.front().row ? "" : legacy_id_of(*found.front().row);
    }

    const Scope scope_;
    const ItemRules& rules_;
    const Mapping& mapping_;
    Evaluation& evaluation_;
    const base::Time now_;
};

}  // namespace

Unfit too_large() {
    return {"too_large", "The rules make more than 64 MiB of this row."};
}

Mapped<Item> item_from(const RowPointer& row, const ItemRules& rules, const Mapping& mapping,
                       Evaluation& evaluation, Warnings& warnings, base::Time now) {
    evaluation.hear(&warnings);
    return ItemMaker(row, rules, mapping, evaluation, now).make(warnings);
}

}  // namespace django
