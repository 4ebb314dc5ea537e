#include "event_store.hpp"

#include "base/ids.hpp"
#include "damage_service.hpp"
#include "event_json.hpp"
#include "import_store.hpp"
#include "slug.hpp"
#include "slug_store.hpp"
#include "version_store.hpp"

namespace migrations {
database::MigrationSet news_command();
}

namespace news {

namespace {

constexpr std::int64_t articles_filled_at_once = 200;

std::size_t about_bytes(const std::string& body) {
    return body.size() + 300;
}

base::Error conflict(Version current) {
    return {base::Reason::conflict,
            "version_conflict",
            "Somebody else has changed this news item. It is at version " +
                std::to_string(current) + " now; read it again and repeat the change on that.",
            {},
            current};
}

base::Error history_full(std::int64_t bytes_max) {
    return {base::Reason::conflict, "article_history_full",
            "All versions of this news item together would have more than " +
                std::to_string(bytes_max) +
                " bytes (news.stream_bytes_max). It can still be unpublished and removed; go on "
                "with a new one."};
}

base::Error batch_too_large() {
    return {base::Reason::invalid, "invalid_batch",
            "The items of a batch have at most " + std::to_string(batch_content_bytes_max >> 20) +
                " MiB of contents together. Send fewer at once."};
}

base::Error slug_taken(const std::string& slug) {
    return {base::Reason::conflict,
            "slug_taken",
            "Another news item has the slug " + slug + ", or had it once. Choose another one.",
            {{"slug", "is another news item's"}}};
}

}  // namespace

/// A change on its way to the writer thread. It passes through many hands, each of which would move
/// all its members: so it stays where it is, and so does what comes of it.
struct EventStore::Decided {
    ArticleState before;
    DecidedEvent change;
    std::optional<IdempotencyKey> key;
    std::string correlation_id;
    bool bounded;
    bool slug_is_made;  ///< from the title: another one does as well
};

std::vector<database::MigrationSet> command_schema() {
    return {bus::log_schema(), bus::calls_schema(), migrations::news_command()};
}

EventStore::EventStore(database::Database& database, bus::Log& log, const base::Clock& clock,
                       std::int64_t history_bytes_max)
    : database_(database), log_(log), clock_(clock), history_bytes_max_(history_bytes_max) {}

base::Result<EventStore::Loaded> EventStore::read(database::ReadTransaction& transaction,
                                                  ArticleId id, Needs needs) {
    Loaded loaded;
    loaded.archived = find_archived(transaction, id);
    if (loaded.archived) return loaded;
    auto read = [&]() -> base::Result<Loaded> {
        loaded.state = read_state(transaction, id);
        if (!loaded.state) return std::move(loaded);
        if (needs.content) loaded.content = read_content(transaction, *loaded.state);
        if (needs.earlier) {
            loaded.earlier = read_state(transaction, id, *needs.earlier);
            if (loaded.earlier) {
                loaded.earlier_content = read_content(transaction, *loaded.earlier);
            }
        }
        return std::move(loaded);
    };
    return unless_damaged<Loaded>(id, read);
}

base::Task<EventStore::Loaded> EventStore::load(ArticleId id, const Command& command,
                                                Needs needs) const {
    auto work = [id, needs, key = command.idempotency_key, now = clock_.now()](
                    database::ReadTransaction& transaction) -> base::Result<Loaded> {
        auto before = bus::find_call(transaction, key, now);
        if (!before) return before.error();
        if (*before) {
            Loaded loaded;
            loaded.answered = (*before)->version;
            return loaded;
        }
        return read(transaction, id, needs);
    };
    co_return co_await database_.read<Loaded>(command.context.deadline, std::move(work));
}

base::Task<std::string> EventStore::content(ArticleState state, base::Context context) const {
    auto work = [state = std::move(state)](
                    database::ReadTransaction& transaction) -> base::Result<std::string> {
        auto read = [&]() -> base::Result<std::string> {
            return {boost::system::in_place_value, read_content(transaction, state)};
        };
        return unless_damaged<std::string>(state.id, read);
    };
    co_return co_await database_.read<std::string>(context.deadline, std::move(work));
}

base::Task<std::optional<bus::AnsweredCall>> EventStore::answered(const Command& command) const {
    using Found = std::optional<bus::AnsweredCall>;
    auto work = [key = command.idempotency_key, now = clock_.now()](
                    database::ReadTransaction& transaction) -> base::Result<Found> {
        return bus::find_call(transaction, key, now);
    };
    co_return co_await database_.read<Found>(command.context.deadline, std::move(work));
}

ArticleId EventStore::new_id(database::Transaction& transaction) const {
    for (;;) {
        auto id = base::make_news_id(clock_.now(), base::random_bits());
        if (current_version(transaction, id) == 0) return id;
    }
}

EventStore::Decided EventStore::decided(ArticleState before, Event event, const Command& command,
                                        base::Time now, bool always) {
    auto* created = std::get_if<ArticleCreated>(&event);
    bool slug_is_made = created && created->slug.empty();
    if (slug_is_made) created->slug = first_slug(created->title);
    auto body = to_json(event);
    bool bounded = !always && !takes_down(event);
    DecidedEvent change{std::move(event), std::move(body), command.context.actor.subject(), now};
    return {std::move(before),          std::move(change), command.idempotency_key,
            command.context.request_id, bounded,           slug_is_made};
}

base::Task<std::unique_ptr<EventStore::Appended>> EventStore::append(ArticleState before,
                                                                     Event event,
                                                                     const Command& command,
                                                                     base::Time now, bool always) {
    auto change = std::make_unique<Decided>(
        decided(std::move(before), std::move(event), command, now, always));
    auto bytes = about_bytes(change->change.body);
    auto work = [this, change = std::move(change)](database::Transaction& transaction) {
        return append(transaction, *change);
    };
    return database_.write<std::unique_ptr<Appended>>(command.context.deadline, bytes,
                                                      std::move(work));
}

base::Result<EventStore::Appended> EventStore::append_one(database::Transaction& transaction,
                                                          const Together& change,
                                                          const Command& command, base::Time now,
                                                          std::string& content) {
    Needs needs;
    needs.content = true;
    auto loaded =
        change.id == 0 ? base::Result<Loaded>(Loaded()) : read(transaction, change.id, needs);
    if (!loaded) return loaded.error();
    if (loaded->archived) return conflict(loaded->archived->version);
    auto event = change.decide(*loaded);
    if (!event) return event.error();
    Command plain;
    plain.context = command.context;
    auto before = loaded->state ? std::move(*loaded->state) : ArticleState();
    auto one = decided(std::move(before), std::move(*event), plain, now, false);
    auto appended = append(transaction, one);
    if (!appended) return appended.error();
    const auto* brought = content_in((*appended)->event);
    content = brought ? *brought : std::move(loaded->content);
    return std::move(**appended);
}

base::Task<EventStore::AppendedTogether> EventStore::append_together(std::vector<Together> changes,
                                                                     const Command& command,
                                                                     base::Time now,
                                                                     std::size_t bytes) {
    auto work = [this, changes = std::move(changes), command,
                 now](database::Transaction& transaction) -> base::Result<AppendedTogether> {
        AppendedTogether done;
        std::size_t content_bytes = 0;
        auto call = bus::find_call(transaction, command.idempotency_key, clock_.now());
        if (!call) return call.error();
        if (*call) {
            done.repeated = true;
            done.made = made_in((*call)->answer);
            return done;
        }
        for (std::size_t i = 0; i < changes.size(); ++i) {
            std::string content;
            auto one = append_one(transaction, changes[i], command, now, content);
            if (!one) return in_batch(one.error(), i);
            done.made.push_back({one->state.id, one->state.version});
            content_bytes += content.size();
            if (content_bytes > batch_content_bytes_max) return batch_too_large();
            done.contents.push_back(std::move(content));
            done.all.push_back(std::move(*one));
        }
        // Its last event: where the log is cut off before that, nothing of the batch is there.
        const auto& last = done.made.back();
        bus::AnsweredCall all{last.id, last.version, text_of(done.made)};
        bus::remember_call(transaction, command.idempotency_key, all, clock_.now());
        return done;
    };
    return database_.write<AppendedTogether>(command.context.deadline, bytes, std::move(work));
}

base::Result<void> EventStore::name(database::Transaction& transaction, Decided& decided,
                                    ArticleId id) {
    auto& change = decided.change;
    auto* created = std::get_if<ArticleCreated>(&change.event);
    if (created && decided.slug_is_made) {
        auto slug = free_slug(transaction, created->slug, id);
        if (slug != created->slug) {
            created->slug = std::move(slug);
            change.body = to_json(change.event);
        }
    }
    const auto* slug = slug_in(change.event);
    if (!slug) return {};
    bool is_chosen = !decided.slug_is_made;
    if (is_chosen && slug_is_taken(transaction, *slug, id)) return slug_taken(*slug);
    take_slug(transaction, *slug, id);
    return {};
}

base::Result<std::unique_ptr<EventStore::Appended>> EventStore::append(
    database::Transaction& transaction, Decided& decided) {
    auto& state = decided.before;
    auto appended = std::make_unique<Appended>();
    auto call = bus::find_call(transaction, decided.key, clock_.now());
    if (!call) return call.error();
    if (*call) {
        appended->repeated = true;
        appended->call = std::move(**call);
        return appended;
    }
    // What is to happen on time was agreed to by whose it is.
    bool is_on_time =
        decided.correlation_id.starts_with(scheduler_request_prefix) && !decided.change.actor;
    if (guard_ && state.version > 0 && !is_on_time) {
        auto may = guard_->may_change(state.legacy_id);
        if (!may) return may.error();
    }
    if (state.version == 0) {
        state.id = new_id(transaction);
    } else if (auto current = current_version(transaction, state.id);
               // Archiving moves an article and leaves its version: the next load brings it back.
               current != state.version || bus::archive_of(transaction, state.id)) {
        return conflict(current);
    }
    auto named = name(transaction, decided, state.id);
    if (!named) return named.error();
    auto bytes = static_cast<std::int64_t>(decided.change.body.size());
    if (decided.bounded && state.history_bytes + bytes > history_bytes_max_) {
        return history_full(history_bytes_max_);
    }
    auto stored =
        news::append(transaction, log_, state, decided.change, std::move(decided.correlation_id));
    appended->position = stored.position;
    appended->state = std::move(state);
    appended->event = std::move(decided.change.event);
    bus::AnsweredCall done{stored.stream, stored.version};
    bus::remember_call(transaction, decided.key, done, stored.recorded_at);
    return appended;
}

base::Task<void> EventStore::fill_states() {
    auto look = [](database::ReadTransaction& transaction) -> base::Result<bool> {
        return states_are_filled(transaction);
    };
    auto filled = co_await database_.read<bool>(base::Deadline(), std::move(look));
    if (!filled) co_return filled.error();
    std::optional<ArticleId> at;
    if (!*filled) at = 0;
    while (at) {
        using Next = std::optional<ArticleId>;
        auto work = [id = *at](database::Transaction& transaction) -> base::Result<Next> {
            return news::fill_states(transaction, id, articles_filled_at_once);
        };
        auto next = co_await database_.write<Next>(base::Deadline(), 0, std::move(work));
        if (!next) co_return next.error();
        at = *next;
    }
    co_return base::Result<void>();
}

base::Task<void> EventStore::forget_answered() {
    co_return co_await bus::forget_old_calls(database_, clock_);
}

}  // namespace news
