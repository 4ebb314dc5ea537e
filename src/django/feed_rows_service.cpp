#include "feed_rows_service.hpp"

#include <algorithm>

#include "news/events.hpp"
#include "news/importer.hpp"
#include "open_store.hpp"
#include "row_key_json.hpp"
#include "staging_service.hpp"
#include "telemetry/log.hpp"
#include "walk_service.hpp"

namespace django {

namespace {

using base::Error;
using base::Reason;
using telemetry::Level;

constexpr std::size_t keys_asked_at_once = 500;

/// `news.article` and `12` of `news.article:12`.
std::pair<std::string, std::string> parts_of(const std::string& legacy_id) {
    auto colon = legacy_id.find(':');
    if (colon == legacy_id.npos) return {};
    return {legacy_id.substr(0, colon), legacy_id.substr(colon + 1)};
}

/// In the form that most keys have.
Value key_of(const std::string& text) {
    bool is_number = !text.empty() && text.size() < 19 && text != "0" && text[0] != '0' &&
                     text.find_first_not_of("0123456789") == text.npos;
    return is_number ? Value::number(text) : Value(text);
}

/// It is not known what the row has to be: a person is to look at it.
FeedChange untold(FeedChange change, const news::Article& article, std::string why) {
    telemetry::log(Level::warning, "django", "an article has no row in the feed",
                   {{"news_type", article.news_type}, {"article", article.id}, {"why", why}});
    change.fields = Value();
    change.why = std::move(why);
    return change;
}

bool makes_articles(const Mapping& mapping, const std::string& model) {
    return std::any_of(mapping.items.begin(), mapping.items.end(),
                       [&](const ItemRules& rules) { return rules.model == model; });
}

Error not_all_read() {
    return {Reason::unavailable, "base_not_read",
            "django.base is still being looked through for what rows have. Ask again."};
}

Error not_found() {
    return {Reason::not_found, "row_not_found", "No article here has that row."};
}

}  // namespace

FeedRows::FeedRows(const Parts& parts) : parts_(parts), portal_(parts.exported), files_(request_) {
    request_.source = parts.config.base;
    request_.folder = parts.folder;
    // Rows of the base that are none were told of by the import.
    request_.rejected_file = parts.folder / "django.base.rejected";
}

base::Result<void> FeedRows::prepare() {
    auto opened = open_source(request_.source, parts_.config.row_bytes_max);
    if (!opened) return opened.error();
    if (!opened->source->place()) return base_is_no_dump(request_.source);
    auto ready = files_.open();
    if (!ready) return ready;
    ImportProgress unheard = [](const auto&, auto, auto) {};
    Staging staging{request_.source,
                    files_.staging(),
                    parts_.mapping,
                    parts_.config,
                    unheard,
                    parts_.stop,
                    true};
    auto staged = stage(std::move(*opened), staging);
    if (!staged) return staged.error();
    staging_ = std::move(staged->store);
    tell_relations(*staging_, parts_.mapping);
    for (const auto& reverse : parts_.mapping.reverses) {
        if (parts_.stop.load()) return import_stopped();
        staging_->index(reverse);
    }
    passes_.emplace(*staging_, parts_.stop);
    auto taken = [this](const std::string& model, const std::string& key) {
        auto row = base::run(parts_.store.row_at(model, key));
        if (!row) throw std::runtime_error(row.error().message);
        auto articles = portal_.known({model + ":" + key});
        if (!articles) throw std::runtime_error(articles.error().message);
        return row->has_value() || articles->front();
    };
    rows_.emplace(SiteRows::Parts{parts_.mapping, *staging_, parts_.zone, staged->naive_is_utc,
                                  parts_.exported.embeds, *passes_, parts_.clock.now(), false,
                                  taken, true});
    return {};
}

base::Result<FeedPage> FeedRows::page(const FeedEntries& entries, std::int64_t after,
                                      base::Deadline deadline) {
    passes_->until(deadline);
    FeedPage page;
    page.next = after;
    page.head = entries.head;
    std::int64_t bytes = 0;
    rows_->at(parts_.clock.now());
    for (const auto& entry : entries.entries) {
        auto change = change_of(entry);
        if (std::holds_alternative<NotYet>(change)) break;
        auto& found = std::get<Found>(change);
        if (!found) return found.error();
        page.next = entry.position;
        if (!*found) continue;
        (*found)->position = entry.position;
        bytes += static_cast<std::int64_t>(memory_of((*found)->fields));
        page.changes.push_back(std::move(**found));
        bool is_enough = bytes >= parts_.config.feed_bytes_max || deadline.passed();
        if (is_enough || parts_.stop.load()) break;
    }
    return page;
}

std::variant<FeedRows::NotYet, FeedRows::Found> FeedRows::change_of(const FeedEntry& entry) {
    auto type = parts_.exported.types.find(entry.news_type);
    if (type == parts_.exported.types.end()) return Found(std::nullopt);
    const auto& instance = *type->second;
    // Asked before the article: what is shown afterwards is at least as new.
    bool shows_all = instance.backlog() == 0;
    auto article = base::run(instance.queries().article(entry.article, reading_context()));
    if (!article && article.error().reason != Reason::not_found) return Found(article.error());
    bool is_shown = article ? !entry.removed && article->version >= entry.version : entry.removed;
    if (!is_shown && !shows_all) return NotYet{};
    return article ? saved(*article, entry.changed_at) : removed(entry, instance);
}

FeedRows::Found FeedRows::saved_base_row(const news::Article& article, const std::string& legacy_id,
                                         base::Time changed_at) {
    auto [model, key] = parts_of(legacy_id);
    if (!parts_.owners.is_told(model, changed_at)) return std::nullopt;
    FeedChange change;
    change.model = model;
    change.key = key_of(key);
    auto row = staging_->find(model, change.key);
    if (!row) {
        change.why = "django.base of portal has no such row: make it anew, of the site as it is.";
        return change;
    }
    auto changed = rows_->changed(row, article);
    if (passes_->is_cut_short()) return not_all_read();
    if (changed.stays_public) {
        return untold(std::move(change), article,
                      "It is not public here, and no rule of the mapping can make its row say so.");
    }
    change.kept = std::move(changed.left);
    return with_row(std::move(change), *std::get<RowPointer>(changed.row), article);
}

FeedRows::Found FeedRows::saved(const news::Article& article, base::Time changed_at) {
    auto known = base::run(parts_.store.row_of(article.news_type, article.id));
    if (!known) return known.error();
    auto legacy_id = article.legacy_id;
    // A base that was made since has it, with what Django has made of it.
    bool is_in_base =
        legacy_id.empty() && *known && staging_->find((*known)->model, key_of((*known)->key));
    if (is_in_base) legacy_id = (*known)->model + ":" + (*known)->key;
    auto change = legacy_id.empty() ? saved_row_of_ours(article, *known, changed_at)
                                    : saved_base_row(article, legacy_id, changed_at);
    bool is_ours = *known || article.legacy_id.empty();
    bool has_row = change && *change && !(*change)->key.is_null();
    if (!is_ours || !has_row) return change;
    FeedRow row{article.news_type, article.id, (*change)->model, key_text((*change)->key)};
    if (!*known) {
        auto kept = base::run(parts_.store.keep(row));
        if (!kept) return kept.error();
    }
    row.version = article.version;
    bool is_new = !(*change)->fields.is_null() && !(*known && (*known)->version == row.version);
    auto told = is_new ? tell(std::move(row)) : base::Result<void>();
    if (!told) return told.error();
    return change;
}

/// What that row says next, in the old site or in a dump of it, is said of that article.
base::Result<void> FeedRows::tell(FeedRow row) {
    base::Context context;
    context.request_id = news::import_request_prefix;
    auto& importer = parts_.exported.types.at(row.news_type)->importer();
    auto legacy_id = row.model + ":" + row.key;
    auto known = base::run(importer.recognise(legacy_id, row.article, row.version, context));
    if (!known) return known;
    return base::run(parts_.store.keep(std::move(row)));
}

FeedRows::Found FeedRows::saved_row_of_ours(const news::Article& article,
                                            const std::optional<FeedRow>& known,
                                            base::Time changed_at) {
    std::optional<SiteRows::Given> given;
    if (known) {
        if (!parts_.owners.is_told(known->model, changed_at)) return std::nullopt;
        given = {known->model, key_of(known->key)};
    }
    auto made = rows_->made(article, given);
    if (passes_->is_cut_short()) return not_all_read();
    const auto* row = std::get_if<RowPointer>(&made.row);
    FeedChange change;
    if (!row || (*row)->key.is_null()) {
        auto why = row ? std::string("its row would have no pk") : std::get<std::string>(made.row);
        if (given) {
            change.model = given->model;
            change.key = given->key;
        }
        auto told = untold(std::move(change), article, std::move(why));
        return given ? std::optional(std::move(told)) : std::nullopt;
    }
    if (!parts_.owners.is_told((*row)->model, changed_at)) return std::nullopt;
    change.kept = std::move(made.left);
    return with_row(std::move(change), **row, article);
}

base::Result<std::vector<bool>> FeedRows::removed_rows(const std::string& model,
                                                       const std::vector<Value>& keys) {
    std::vector<bool> removed;
    for (std::size_t begin = 0; begin < keys.size(); begin += keys_asked_at_once) {
        auto end = std::min(keys.size(), begin + keys_asked_at_once);
        std::vector<std::string> ids;
        for (auto at = begin; at < end; ++at) {
            auto row = staging_->find(model, keys[at]);
            ids.push_back(row ? django::legacy_id_of(*row) : model + ":" + key_text(keys[at]));
        }
        auto some = portal_.removed(ids);
        if (!some) return some;
        removed.insert(removed.end(), some->begin(), some->end());
    }
    return removed;
}

FeedRows::Found FeedRows::with_row(FeedChange change, const Row& row,
                                   const news::Article& article) {
    change.model = row.model;
    change.key = row.key;
    change.fields = row.fields;
    for (const auto& field : row.fields.names) {
        auto target = staging_->target(row.model, field);
        if (!makes_articles(parts_.mapping, target)) continue;
        const auto& value = *row.fields.find(field);
        if (value.is_null()) continue;
        // A list may also be the one natural key.
        bool is_many = value.is_list() && !staging_->find(target, value);
        auto keys = is_many ? value.items : std::vector<Value>{value};
        auto removed = removed_rows(target, keys);
        if (!removed) return removed.error();
        if (std::find(removed->begin(), removed->end(), true) == removed->end()) continue;
        if (is_many) {
            std::vector<Value> rest;
            for (std::size_t i = 0; i < keys.size(); ++i) {
                if (!(*removed)[i]) rest.push_back(keys[i]);
            }
            change.fields.set(field, Value::list(std::move(rest)));
        } else if (rows_->may_be_null(row.model, field)) {
            change.fields.set(field, Value());
        } else if (passes_->is_cut_short()) {
            return not_all_read();
        } else {
            return untold(std::move(change), article,
                          "Its `" + field + "` leads to " + target + " " + key_text(value) +
                              ", which was removed here.");
        }
    }
    return change;
}

FeedRows::Found FeedRows::removed(const FeedEntry& entry, const news::Instance& instance) {
    FeedChange change;
    change.operation = FeedChange::Operation::remove;
    auto known = base::run(parts_.store.row_of(entry.news_type, entry.article));
    if (!known) return known.error();
    if (*known) {
        if (!parts_.owners.is_told((*known)->model, entry.changed_at)) return std::nullopt;
        change.model = (*known)->model;
        change.key = key_of((*known)->key);
        return change;
    }
    auto legacy_id = legacy_id_of(entry, instance);
    if (!legacy_id) return legacy_id.error();
    auto [model, key] = parts_of(*legacy_id);
    if (!parts_.owners.is_told(model, entry.changed_at)) return std::nullopt;
    // It may be an article of another type by now.
    auto gone = portal_.removed({*legacy_id});
    if (!gone) return gone.error();
    if (!gone->front()) return std::nullopt;
    change.model = model;
    change.key = key_of(key);
    return change;
}

/// A removed article is in no view; its log has it.
base::Result<std::string> FeedRows::legacy_id_of(const FeedEntry& entry,
                                                 const news::Instance& instance) {
    auto events = base::run(instance.feed().stream(entry.article, base::Deadline()));
    if (!events) return events.error();
    std::string legacy_id;
    for (const auto& event : *events) {
        auto said = news::article_event(event);
        if (const auto* created = std::get_if<news::ArticleCreated>(&said)) {
            legacy_id = created->legacy_id;
        } else if (const auto* revised = std::get_if<news::ArticleRevised>(&said)) {
            legacy_id = revised->legacy_id.value_or(legacy_id);
        }
    }
    return legacy_id;
}

base::Result<FeedChange> FeedRows::row(const std::string& model, const std::string& key,
                                       base::Deadline deadline) {
    if (!parts_.owners.is_portals(model)) return not_found();
    passes_->until(deadline);
    rows_->at(parts_.clock.now());
    auto made = base::run(parts_.store.row_at(model, key));
    if (!made) return made.error();
    auto found = Found(std::nullopt);
    if (*made) {
        auto type = parts_.exported.types.find((*made)->news_type);
        if (type == parts_.exported.types.end()) return not_found();
        auto article =
            base::run(type->second->queries().article((*made)->article, reading_context()));
        if (!article && article.error().reason == Reason::not_found) return not_found();
        if (!article) return article.error();
        found = saved(*article, parts_.clock.now());
    } else {
        auto articles = portal_.articles({model + ":" + key});
        if (!articles) return articles.error();
        auto& article = articles->front();
        if (article.kind == PortalArticle::Kind::here)
            found = saved(article.article, parts_.clock.now());
    }
    if (!found) return found.error();
    if (!*found || (*found)->fields.is_null()) return not_found();
    return std::move(**found);
}

}  // namespace django
