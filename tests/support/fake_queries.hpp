#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "news/queries.hpp"
#include "support/hang.hpp"

namespace support {

/// A news type that a test writes down, version by version; answers at once, as the real one would.
class FakeQueries final : public news::Queries {
public:
    /// The newest state of an article; the first one says who made it.
    void put(news::Article article, std::optional<std::int64_t> created_by = std::nullopt) {
        auto& stored = articles_[article.id];
        if (stored.versions.empty()) stored.created_by = created_by;
        stored.versions.push_back(std::move(article));
        if (known) ++known->position;
    }

    /// What generation() says; a test may make it unknown.
    std::optional<news::Generation> known{news::Generation{0, 1}};

    /// How often article(), by_slug() and by_legacy_id() were asked.
    mutable int asked = 0;

    /// Articles that article() cannot read now.
    std::set<news::ArticleId> unreadable{};

    /// True: article(), page(), list() and by_slug() never answer.
    bool hangs = false;
    mutable int hung = 0;  ///< how often they did not

    /// several() breaks down over it.
    std::optional<news::ArticleId> breaks_over{};

    std::optional<news::Generation> generation() const override { return known; }

    base::Task<news::Article> article(news::ArticleId id, base::Context context) const override {
        ++asked;
        co_await wait_if_hanging();
        if (unreadable.contains(id)) {
            co_return base::Error{base::Reason::unavailable, "overloaded", "Not now."};
        }
        auto found = articles_.find(id);
        if (found == articles_.end()) co_return not_found();
        const auto& now = found->second.versions.back();
        if (now.status == news::Status::removed) co_return not_found();
        bool hidden = now.status == news::Status::draft && !may_act(context.actor, found->second);
        if (hidden) co_return not_found();
        co_return now;
    }

    base::Task<std::vector<news::Article>> several(std::vector<news::ArticleId> ids,
                                                   base::Context) const override {
        if (ids.size() > news::several_max) {
            co_return base::Error{base::Reason::invalid, "too_many_ids", "Ask for fewer items."};
        }
        std::vector<news::Article> all;
        for (auto id : ids) {
            if (breaks_over == id) throw std::runtime_error("that article cannot be read");
            auto found = articles_.find(id);
            if (found != articles_.end() && is_listed(found->second)) {
                all.push_back(found->second.versions.back());
            }
        }
        co_return all;
    }

    base::Task<std::vector<news::Article>> page(std::int64_t page, std::int64_t limit,
                                                base::Context) const override {
        co_await wait_if_hanging();
        auto all = listed([](const news::Article&) { return true; });
        auto first = std::min<std::int64_t>((page - 1) * limit, std::ssize(all));
        all.erase(all.begin(), all.begin() + first);
        co_return cut(std::move(all), limit);
    }

    base::Task<std::vector<news::Article>> list(std::optional<news::ListCursor> after,
                                                std::int64_t limit, base::Context) const override {
        co_await wait_if_hanging();
        auto all = listed([&](const news::Article& item) { return follows(item, after); });
        co_return cut(std::move(all), limit);
    }

    base::Task<std::vector<news::Article>> tagged(std::string tag,
                                                  std::optional<news::ListCursor> after,
                                                  std::int64_t limit,
                                                  base::Context) const override {
        auto all = listed([&](const news::Article& item) {
            return follows(item, after) &&
                   std::find(item.tags.begin(), item.tags.end(), tag) != item.tags.end();
        });
        co_return cut(std::move(all), limit);
    }

    base::Task<std::vector<news::ListCursor>> places(news::PlacesQuestion question,
                                                     base::Context) const override {
        auto all = listed([&](const news::Article& item) { return fits(item, question.filter); });
        std::vector<news::ListCursor> places;
        if (question.backwards) std::reverse(all.begin(), all.end());
        for (const auto& item : all) {
            auto place = news::cursor_of(item);
            bool in_part =
                !question.from || (question.backwards ? news::comes_before(place, *question.from)
                                                      : news::comes_before(*question.from, place));
            if (!in_part || question.skip-- > 0) continue;
            if (question.oldest && place.published_at < *question.oldest) continue;
            if (std::ssize(places) < question.limit) places.push_back(std::move(place));
        }
        co_return places;
    }

    base::Task<std::vector<news::Article>> part(news::PlacesQuestion question,
                                                news::Contents contents,
                                                base::Context context) const override {
        co_await wait_if_hanging();
        auto stand = co_await places(std::move(question), context);
        std::vector<news::Article> all;
        for (const auto& place : *stand) all.push_back(articles_.at(place.id).versions.back());
        if (contents == news::Contents::left_out) {
            for (auto& item : all) item.content.clear();
        }
        co_return all;
    }

    base::Task<std::int64_t> count(news::ListFilter filter, base::Context) const override {
        auto all = listed([&](const news::Article& item) { return fits(item, filter); });
        co_return std::int64_t{std::ssize(all)};
    }

    bool lists_authors() const override { return true; }

    base::Task<news::SlugMatch> by_slug(std::string slug, base::Context) const override {
        ++asked;
        co_await wait_if_hanging();
        auto has = [&](const news::Article& version) { return version.slug == slug; };
        auto now = best_of([&](const Stored& stored) { return has(stored.versions.back()); });
        if (now && is_listed(articles_.at(*now))) co_return news::SlugMatch{*now, true};
        auto once = best_of([&](const Stored& stored) {
            const auto& versions = stored.versions;
            return !has(versions.back()) && std::any_of(versions.begin(), versions.end(), has);
        });
        if (once && (!now || is_listed(articles_.at(*once)))) {
            co_return news::SlugMatch{*once, false};
        }
        if (!now) co_return not_found();
        co_return news::SlugMatch{*now, true};
    }

    base::Task<news::ArticleId> by_legacy_id(std::string legacy_id, base::Context) const override {
        ++asked;
        auto found = best_of([&](const Stored& stored) {
            return !legacy_id.empty() && stored.versions.back().legacy_id == legacy_id;
        });
        if (!found) co_return not_found();
        co_return *found;
    }

    base::Task<std::optional<news::MovedTo>> moved_to(news::ArticleId,
                                                      base::Context) const override {
        co_return std::optional<news::MovedTo>();
    }

    base::Task<news::StateCounts> counts(base::Context) const override {
        news::StateCounts counts;
        for (const auto& [id, stored] : articles_) {
            const auto& now = stored.versions.back();
            bool has_time = now.status == news::Status::draft && now.published_at;
            auto& count = has_time                                ? counts.scheduled
                          : now.status == news::Status::published ? counts.published
                          : now.status == news::Status::removed   ? counts.removed
                                                                  : counts.draft;
            ++count;
        }
        co_return counts;
    }

    base::Task<news::HistoryPage> history(news::ArticleId id, news::HistoryQuestion question,
                                          base::Context context) const override {
        auto admitted = admit_to_past(id, context.actor);
        if (!admitted) co_return admitted.error();
        news::HistoryPage page;
        for (const auto& version : articles_.at(id).versions) {
            if (version.version <= question.after) continue;
            if (std::ssize(page.entries) == question.limit) {
                page.next = page.entries.back().version;
                break;
            }
            news::HistoryEntry entry;
            entry.version = version.version;
            entry.at = version.updated_at;
            page.entries.push_back(std::move(entry));
        }
        co_return page;
    }

    base::Task<news::Article> version(news::ArticleId id, news::Version version,
                                      base::Context context) const override {
        auto admitted = admit_to_past(id, context.actor);
        if (!admitted) co_return admitted.error();
        const auto& versions = articles_.at(id).versions;
        if (version < 1 || version > std::ssize(versions)) co_return no_version();
        co_return versions[static_cast<std::size_t>(version - 1)];
    }

    base::Task<news::Article> as_of(news::ArticleId id, base::Time time,
                                    base::Context context) const override {
        auto admitted = admit_to_past(id, context.actor);
        if (!admitted) co_return admitted.error();
        const news::Article* then = nullptr;
        for (const auto& version : articles_.at(id).versions) {
            auto millisecond = std::chrono::floor<std::chrono::milliseconds>(version.updated_at);
            if (millisecond <= time) then = &version;
        }
        if (!then) co_return no_version();
        co_return *then;
    }

private:
    base::Task<void> wait_if_hanging() const {
        if (!hangs) co_return base::Result<void>();
        ++hung;
        co_await hang();
        co_return base::Result<void>();
    }

    struct Stored {
        std::vector<news::Article> versions;
        std::optional<std::int64_t> created_by{};
    };

    static bool may_act(const base::Actor& actor, const Stored& stored) {
        if (actor.role >= base::Role::editor) return true;
        auto subject = actor.subject();
        return actor.role == base::Role::author && subject && subject == stored.created_by;
    }
    static bool is_listed(const Stored& stored) {
        return stored.versions.back().status == news::Status::published;
    }
    static bool fits(const news::Article& item, const news::ListFilter& filter) {
        bool tagged = std::find(item.tags.begin(), item.tags.end(), filter.tag) != item.tags.end();
        return (filter.tag.empty() || tagged) &&
               (filter.author.empty() || filter.author == item.author) &&
               (filter.language.empty() || filter.language == item.metadata.language);
    }
    static bool follows(const news::Article& item, const std::optional<news::ListCursor>& after) {
        return !after || std::tie(item.published_at.value(), item.id, after->news_type) <
                             std::tie(after->published_at, after->id, item.news_type);
    }
    static std::vector<news::Article> cut(std::vector<news::Article> all, std::int64_t limit) {
        if (std::ssize(all) > limit) all.resize(static_cast<std::size_t>(limit));
        return all;
    }
    static base::Error not_found() {
        return {base::Reason::not_found, "news_not_found", "There is no such news item."};
    }
    static base::Error no_version() {
        return {base::Reason::not_found, "version_not_found", "There is no such version."};
    }

    template <class Wanted>
    std::optional<news::ArticleId> best_of(Wanted wanted) const {
        const news::Article* best = nullptr;
        auto rank = [](const news::Article& item) {
            return std::tuple(item.status == news::Status::published, item.published_at, item.id);
        };
        for (const auto& [id, stored] : articles_) {
            const auto& now = stored.versions.back();
            if (now.status == news::Status::removed || !wanted(stored)) continue;
            if (!best || rank(*best) < rank(now)) best = &now;
        }
        if (!best) return std::nullopt;
        return best->id;
    }

    template <class Wanted>
    std::vector<news::Article> listed(Wanted wanted) const {
        std::vector<news::Article> all;
        for (const auto& [id, stored] : articles_) {
            if (is_listed(stored) && wanted(stored.versions.back())) {
                all.push_back(stored.versions.back());
            }
        }
        std::sort(all.begin(), all.end(), [](const news::Article& a, const news::Article& b) {
            return std::tie(b.published_at, b.id) < std::tie(a.published_at, a.id);
        });
        return all;
    }

    base::Result<void> admit_to_past(news::ArticleId id, const base::Actor& actor) const {
        auto found = articles_.find(id);
        if (found == articles_.end()) return not_found();
        if (may_act(actor, found->second)) return {};
        if (!is_listed(found->second)) return not_found();
        return base::Error{base::Reason::forbidden, "forbidden", "Only its author may do that."};
    }

    std::map<news::ArticleId, Stored> articles_;
};

}  // namespace support
