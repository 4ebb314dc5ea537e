#include "importer_service.hpp"

#include "publication.hpp"

#include "base/ids.hpp"
#include "damage_service.hpp"
#include "event_json.hpp"
#include "import_store.hpp"
#include "slug.hpp"
#include "slug_store.hpp"
#include "version_store.hpp"

namespace news {

namespace {

using Outcomes = std::vector<ImportOutcome>;
using Kind = ImportOutcome::Kind;

/// An item with all events of its first import written out, on the importer's thread, so that the
/// writer thread only stores.
struct Prepared {
    ImportItem item;
    std::vector<DecidedEvent> first;
};

DecidedEvent decided(Event event, std::optional<std::int64_t> actor, base::Time at) {
    auto body = to_json(event);
    return {std::move(event), std::move(body), actor, at};
}

/// The same for what becomes of an article that is there.
DecidedEvent decided(Event event, const ArticleState& before, std::optional<std::int64_t> actor,
                     base::Time at) {
    tell_embargo(event, before);
    return decided(std::move(event), actor, at);
}

ArticleState after(ArticleState state, const DecidedEvent& next) {
    auto version = state.version + 1;
    return apply(std::move(state), 0, {version, next.actor, next.at, next.event, next.body.size()});
}

std::vector<DecidedEvent> first_events(const ImportItem& item, base::Time now) {
    auto versions = versions_of(item, nullptr, now);
    auto& first = versions.front();
    auto created = create(item.article, now);
    if (versions.size() > 1) {
        created.title = first.title;
        created.description = first.description;
        created.content = first.content;
        created.author = first.author;
        created.tags = first.tags;
        created.status = first.publication.status;
        created.published_at = first.publication.published_at;
        created.extra = first.extra;
        created.content_format = first.content_format;
        created.metadata = first.metadata;
    }
    if (created.slug.empty()) created.slug = first_slug(item.article->title);
    auto created_at = item.article->created_at;
    if (created_at && *created_at < first.at) created.created_at = created_at;
    std::vector<DecidedEvent> events;
    events.push_back(decided(std::move(created), first.actor, first.at));
    if (versions.size() == 1) return events;

    auto state = after({}, events.front());
    auto content = std::move(first.content);
    for (std::size_t i = 1; i < versions.size(); ++i) {
        auto next = event_of(difference(state, content, versions[i]));
        if (!next) continue;
        events.push_back(decided(std::move(*next), state, versions[i].actor, versions[i].at));
        state = after(std::move(state), events.back());
        content = std::move(versions[i].content);
    }
    return events;
}

/// Whether an item that was imported before its hash was kept says what it said then.
bool is_as_first_imported(database::ReadTransaction& transaction, ArticleId id,
                          const NewArticle& item) {
    bool same = false;
    bus::read_stream(transaction, id, 0, [&](const bus::Event& stored) {
        auto event = event_from_json(stored.type, stored.body);
        const auto* first = std::get_if<ArticleCreated>(&event);
        if (!first) return false;
        bool same_time = !item.published_at || item.published_at == first->published_at;
        bool same_state = item.draft == (first->status == Status::draft && !first->published_at);
        same = first->title == item.title && first->description == item.description &&
               first->content == item.content && first->author == item.author &&
               first->tags == item.tags && first->extra == item.extra &&
               first->metadata == item.metadata && same_time && (same_state || item.published_at);
        return false;
    });
    return same;
}

constexpr const char* withdrawn = "withdrawn";

/// What is not said to be an import would be a person's change to the next one.
base::Result<void> check_request_id(const base::Context& context) {
    if (context.request_id.starts_with(import_request_prefix)) return {};
    return base::Error{
        base::Reason::invalid, "not_an_import",
        "The request id of an import begins with " + std::string(import_request_prefix) + "."};
}

/// One batch on the writer thread.
class Batch {
public:
    Batch(database::Transaction& transaction, bus::Log& log, const std::string& correlation_id,
          base::Time now)
        : transaction_(transaction), log_(log), correlation_id_(correlation_id), now_(now) {}

    ImportOutcome bring(Prepared& prepared) {
        const auto& source_id = *prepared.item.article->source_id;
        auto source = find_source(transaction_, source_id);
        if (!source) return bring_first(prepared);
        bool same = source->hash == prepared.item.hash && !source->moved;
        if (!same) return bring_again(prepared.item, std::move(*source));
        return {Kind::unchanged, source->id, current_version(transaction_, source->id)};
    }

    ImportOutcome move_away(const std::string& source_id, const MovedTo& to, bool theirs) {
        auto source = find_source(transaction_, source_id);
        if (!source) return {};
        auto stored = read(source->id, Part::standing);
        if (!stored) return damaged(source->id);
        auto& state = stored->state;
        if (source->moved) return {Kind::unchanged, source->id, state.version};
        bool is_here = !theirs && is_changed_here(transaction_, *source);
        if (is_here || was_killed(state)) return conflict(state);
        append(state, decided(ArticleRemoved{to}, std::nullopt, now_));
        settle(source_id, "", true);
        return {Kind::updated, source->id, version_};
    }

    ImportOutcome withdraw(const std::string& source_id, bool theirs) {
        auto source = find_source(transaction_, source_id);
        if (!source) return {};
        auto stored = read(source->id, Part::standing);
        if (!stored) return damaged(source->id);
        auto& state = stored->state;
        if (source->moved || !is_or_will_be_public(state)) {
            return {Kind::unchanged, source->id, state.version};
        }
        if (!theirs && is_changed_here(transaction_, *source)) return conflict(state);
        append(state, decided(ArticleUnpublished{}, std::nullopt, now_));
        // No item has this hash: whatever comes of it again is a change.
        settle(source_id, withdrawn, false);
        return {Kind::updated, source->id, version_};
    }

private:
    ImportOutcome bring_first(Prepared& prepared) {
        const auto& article = *prepared.item.article;
        auto wanted = article.id;
        bool is_free = wanted && current_version(transaction_, *wanted) == 0;
        ArticleState state;
        state.id = is_free ? *wanted : new_id();
        name(prepared, state.id);
        auto id = state.id;
        for (auto& event : prepared.first) append(state, std::move(event));
        add_source(transaction_, *article.source_id, id, prepared.item.hash);
        // Events that say who made them look like those of people, a single one too.
        if (!prepared.item.history.empty() || article.updated_by) {
            settle(*article.source_id, prepared.item.hash, false);
        }
        return {Kind::added, id, version_};
    }

    /// A slug that was made from the title must be one that nobody has; one that the source has
    /// stays as it is.
    void name(Prepared& prepared, ArticleId id) {
        auto& first = prepared.first.front();
        auto& created = std::get<ArticleCreated>(first.event);
        if (prepared.item.article->slug.empty()) {
            auto slug = free_slug(transaction_, created.slug, id);
            if (slug != created.slug) {
                created.slug = std::move(slug);
                first.body = to_json(first.event);
            }
        }
        take_slug(transaction_, created.slug, id);
    }

    ImportOutcome bring_again(const ImportItem& item, Source source) {
        const auto& article = *item.article;
        auto stored = read(source.id, Part::all);
        if (!stored) return damaged(source.id);
        auto* state = &stored->state;
        auto& content = stored->content;
        bool is_old = source.hash.empty() && !source.moved;
        if (is_old && is_as_first_imported(transaction_, source.id, article)) {
            version_ = source.version;
            settle(*article.source_id, item.hash, false);
            return {Kind::unchanged, source.id, state->version};
        }
        bool is_here = !item.theirs && is_changed_here(transaction_, source);
        // What an editor has taken from readers no import gives back to them.
        if (is_here || was_killed(*state)) return conflict(*state);

        auto before = state->version;
        auto versions = versions_of(item, &*state, now_);
        if (state->status == Status::removed) {
            restore(*state, stored->version_before_removal, versions.back());
            content = versions.back().content;
        }
        auto last = state->updated_at;
        for (std::size_t i = 0; i < versions.size(); ++i) {
            auto& version = versions[i];
            bool is_present = i + 1 == versions.size();
            if (!is_present && version.at <= last) continue;
            auto revised = difference(*state, content, version);
            if (is_present) add_names(revised, *state, article);
            if (is_present) set_embargo(revised, *state, article);
            if (revised.slug) take_slug(transaction_, *revised.slug, source.id);
            auto event = event_of(std::move(revised));
            if (!event) continue;
            auto at = version.at > state->updated_at ? version.at : now_;
            append(*state, decided(std::move(*event), *state, version.actor, at));
            content = std::move(version.content);
        }
        version_ = state->version;
        settle(*article.source_id, item.hash, false);
        bool changed = state->version != before;
        return {changed ? Kind::updated : Kind::unchanged, source.id, state->version};
    }

    /// What the source says of it; one that has passed is none.
    void set_embargo(ArticleRevised& revised, const ArticleState& state,
                     const NewArticle& article) const {
        if (!article.embargo_until) return;
        std::optional<base::Time> until;
        if (*article.embargo_until > now_) until = to_millis(*article.embargo_until);
        if (until == state.embargo_until) return;
        revised.embargo_until.emplace(until);
        // Whoever hears of it without knowing the article knows whether it is public.
        if (!revised.publication) {
            revised.publication = Publication{state.status, state.published_at};
        }
    }

    /// A removed article that its source has, and that nobody has removed here: it was one of
    /// another type meanwhile, or its source counts.
    void restore(ArticleState& state, Version from, const EarlierVersion& version) {
        ArticleRestored restored{from,
                                 version.title,
                                 version.description,
                                 version.content,
                                 version.author,
                                 version.tags,
                                 version.publication.status,
                                 version.publication.published_at,
                                 version.extra,
                                 version.content_format};
        restored.metadata = version.metadata;
        append(state, decided(std::move(restored), state, std::nullopt, now_));
    }

    /// An article before anything is done with it.
    struct Stored {
        ArticleState state{};
        std::string content{};
        Version version_before_removal = 0;
    };
    enum class Part { standing, all };
    /// Refused with `news_damaged`: one such article holds up no other.
    base::Result<Stored> read(ArticleId id, Part part) const {
        auto work = [&]() -> base::Result<Stored> {
            auto state = read_state(transaction_, id);
            if (!state) throw std::runtime_error("an imported item has no article");
            Stored stored{std::move(*state)};
            if (part == Part::standing) return stored;
            stored.content = read_content(transaction_, stored.state);
            stored.version_before_removal = version_before_removal(stored.state);
            return stored;
        };
        return unless_damaged<Stored>(id, work);
    }
    ImportOutcome damaged(ArticleId id) const {
        return {Kind::conflict, id, current_version(transaction_, id), "news_damaged"};
    }

    /// The newest version at which the article was not removed. Before its removal here there may
    /// be another, and before the first there is always one that is none.
    Version version_before_removal(const ArticleState& state) const {
        auto version = state.version;
        for (auto earlier = std::optional(state); earlier->status == Status::removed;) {
            earlier = read_state(transaction_, state.id, --version);
        }
        return version;
    }

    static ImportOutcome conflict(const ArticleState& state) {
        const char* reason = was_killed(state)                 ? "killed_here"
                             : state.status == Status::removed ? "removed_here"
                                                               : "changed_here";
        return {Kind::conflict, state.id, state.version, reason};
    }

    void append(ArticleState& state, DecidedEvent event) {
        news::append(transaction_, log_, state, event, correlation_id_);
        version_ = state.version;
    }

    void settle(const std::string& source_id, const std::string& hash, bool moved) {
        update_source(transaction_, source_id, {0, hash, version_, moved});
    }

    ArticleId new_id() const {
        for (;;) {
            auto id = base::make_news_id(now_, base::random_bits());
            if (current_version(transaction_, id) == 0) return id;
        }
    }

    database::Transaction& transaction_;
    bus::Log& log_;
    const std::string& correlation_id_;
    base::Time now_;
    Version version_ = 0;  ///< of the article that was changed last
};

}  // namespace

base::Task<Outcomes> ImporterService::import_items(std::vector<ImportItem> items,
                                                   base::Context context) {
    auto said = check_request_id(context);
    if (!said) co_return said.error();
    std::vector<Prepared> prepared;
    prepared.reserve(items.size());
    std::size_t bytes = 0;
    auto now = clock_.now();
    for (auto& item : items) {
        auto events = first_events(item, now);
        for (const auto& event : events) bytes += event.body.size() + 300;
        prepared.push_back({std::move(item), std::move(events)});
    }
    auto known = std::make_shared<std::vector<Known>>();
    for (const auto& [item, first] : prepared) {
        known->push_back({*item.article->source_id, item.hash});
    }
    auto back = co_await bring_back(known, context);
    if (!back) co_return back.error();
    auto work = [this, known, prepared = std::move(prepared), correlation_id = context.request_id,
                 now](database::Transaction& transaction) mutable -> base::Result<Outcomes> {
        auto there = expect_back(transaction, *known);
        if (!there) return there.error();
        Batch batch(transaction, log_, correlation_id, now);
        Outcomes outcomes;
        for (auto& item : prepared) outcomes.push_back(batch.bring(item));
        return outcomes;
    };
    co_return co_await database_.write<Outcomes>(context.deadline, bytes, std::move(work));
}

base::Task<ImportOutcome> ImporterService::move_away(std::string source_id, MovedTo to, bool theirs,
                                                     base::Context context) {
    auto said = check_request_id(context);
    if (!said) co_return said.error();
    auto known = std::make_shared<std::vector<Known>>(1, Known{source_id});
    auto back = co_await bring_back(known, context);
    if (!back) co_return back.error();
    auto work = [this, known, source_id = std::move(source_id), to = std::move(to), theirs,
                 correlation_id = context.request_id, now = clock_.now()](
                    database::Transaction& transaction) -> base::Result<ImportOutcome> {
        auto there = expect_back(transaction, *known);
        if (!there) return there.error();
        return Batch(transaction, log_, correlation_id, now).move_away(source_id, to, theirs);
    };
    co_return co_await database_.write<ImportOutcome>(context.deadline, 0, std::move(work));
}

base::Task<ImportOutcome> ImporterService::withdraw(std::string source_id, bool theirs,
                                                    base::Context context) {
    auto said = check_request_id(context);
    if (!said) co_return said.error();
    auto known = std::make_shared<std::vector<Known>>(1, Known{source_id});
    auto back = co_await bring_back(known, context);
    if (!back) co_return back.error();
    auto work =
        [this, known, source_id = std::move(source_id), theirs, correlation_id = context.request_id,
         now = clock_.now()](database::Transaction& transaction) -> base::Result<ImportOutcome> {
        auto there = expect_back(transaction, *known);
        if (!there) return there.error();
        return Batch(transaction, log_, correlation_id, now).withdraw(source_id, theirs);
    };
    co_return co_await database_.write<ImportOutcome>(context.deadline, 0, std::move(work));
}

}  // namespace news
