#include "event_store.hpp"

#include "base/ids.hpp"
#include "event_json.hpp"
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

/// Whether an item that was imported before its hash was kept says what it said then.
bool is_as_first_imported(const ArticleCreated& first, const NewArticle& item) {
    bool same_time = !item.published_at || item.published_at == first.published_at;
    bool same_state = item.draft == (first.status == Status::draft && !first.published_at);
    return first.title == item.title && first.description == item.description &&
           first.content == item.content && first.author == item.author &&
           first.tags == item.tags && same_time && (same_state || item.published_at);
}

}  // namespace

/// A change on its way to the writer thread. It passes through many hands, each of which would move
/// all its members: so it stays where it is, and so does what comes of it.
struct EventStore::Decided {
    ArticleState before;
    Event event;
    std::string body;
    std::optional<IdempotencyKey> key;
    std::optional<std::int64_t> actor;
    std::string correlation_id;
    base::Time now;
    bool bounded;
};

/// An item with its first event written out, before the writer thread has it.
struct EventStore::NewItem {
    ImportItem item;
    Event event;
    std::string body;
};

std::vector<database::MigrationSet> command_schema() {
    return {bus::log_schema(), bus::calls_schema(), migrations::news_command()};
}

EventStore::EventStore(database::Database& database, bus::Log& log, const base::Clock& clock,
                       std::int64_t history_bytes_max)
    : database_(database), log_(log), clock_(clock), history_bytes_max_(history_bytes_max) {}

base::Task<EventStore::Loaded> EventStore::load(ArticleId id, const Command& command,
                                                Needs needs) const {
    auto work = [id, needs, key = command.idempotency_key, now = clock_.now()](
                    database::ReadTransaction& transaction) -> base::Result<Loaded> {
        Loaded loaded;
        auto before = bus::find_call(transaction, key, now);
        if (!before) return before.error();
        if (*before) {
            loaded.answered = (*before)->version;
            return loaded;
        }
        loaded.state = read_state(transaction, id);
        if (!loaded.state) return loaded;
        if (needs.content) loaded.content = read_content(transaction, *loaded.state);
        if (needs.earlier) {
            loaded.earlier = read_state(transaction, id, *needs.earlier);
            if (loaded.earlier) {
                loaded.earlier_content = read_content(transaction, *loaded.earlier);
            }
        }
        return loaded;
    };
    co_return co_await database_.read<Loaded>(command.context.deadline, std::move(work));
}

base::Task<std::string> EventStore::content(ArticleState state, base::Context context) const {
    auto work = [state = std::move(state)](
                    database::ReadTransaction& transaction) -> base::Result<std::string> {
        return {boost::system::in_place_value, read_content(transaction, state)};
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

base::Task<std::unique_ptr<EventStore::Appended>> EventStore::append(ArticleState before,
                                                                     Event event,
                                                                     const Command& command,
                                                                     base::Time now, bool always) {
    auto body = to_json(event);
    auto bytes = about_bytes(body);
    bool bounded = !always && !takes_down(event);
    auto decided = std::make_unique<Decided>(
        Decided{std::move(before), std::move(event), std::move(body), command.idempotency_key,
                command.context.actor.subject(), command.context.request_id, now, bounded});
    auto work = [this, decided = std::move(decided)](database::Transaction& transaction) {
        return append(transaction, *decided);
    };
    return database_.write<std::unique_ptr<Appended>>(command.context.deadline, bytes,
                                                      std::move(work));
}

base::Result<std::unique_ptr<EventStore::Appended>> EventStore::append(
    database::Transaction& transaction, Decided& decided) {
    auto& before = decided.before;
    auto appended = std::make_unique<Appended>();
    auto call = bus::find_call(transaction, decided.key, clock_.now());
    if (!call) return call.error();
    if (*call) {
        appended->repeated = true;
        appended->call = std::move(**call);
        return appended;
    }
    auto id = before.id;
    if (before.version == 0) {
        id = new_id(transaction);
    } else if (auto current = current_version(transaction, id); current != before.version) {
        return conflict(current);
    }
    auto bytes = decided.body.size();
    if (decided.bounded &&
        before.history_bytes + static_cast<std::int64_t>(bytes) > history_bytes_max_) {
        return history_full(history_bytes_max_);
    }
    bus::NewEvent added{id,
                        before.version + 1,
                        std::string(name_of(decided.event)),
                        std::move(decided.body),
                        decided.actor,
                        std::move(decided.correlation_id),
                        decided.now};
    auto stored = log_.append(transaction, std::move(added));
    Recorded recorded{stored.version, decided.actor, stored.recorded_at, std::move(decided.event),
                      bytes};
    appended->position = stored.position;
    appended->state = apply(std::move(before), id, recorded);
    appended->event = std::move(recorded.event);
    put_state(transaction, appended->state);
    bus::AnsweredCall done{id, stored.version};
    bus::remember_call(transaction, decided.key, done, stored.recorded_at);
    return appended;
}

base::Task<EventStore::ImportResult> EventStore::import(std::vector<ImportItem> given,
                                                        base::Context context) {
    // Written out here, on the importer's thread, so that the writer thread only stores.
    std::vector<NewItem> items;
    items.reserve(given.size());
    std::size_t bytes = 0;
    auto now = clock_.now();
    for (auto& item : given) {
        Event event(create(item.article, now));
        auto body = to_json(event);
        bytes += about_bytes(body);
        items.push_back({std::move(item), std::move(event), std::move(body)});
    }
    auto deadline = context.deadline;
    auto work = [this, items = std::move(items), context = std::move(context),
                 now](database::Transaction& transaction) mutable -> base::Result<ImportResult> {
        ImportResult result;
        for (auto& item : items) {
            const auto& source_id = *item.item.article->source_id;
            auto id = new_id(transaction);
            transaction
                .prepare(
                    "insert into sources (source_id, stream, item_hash) values (?, ?, ?)"
                    " on conflict do nothing")
                .bind(1, source_id)
                .bind(2, id)
                .bind(3, item.item.hash)
                .run();
            if (transaction.changes() == 0) {
                auto known = transaction.prepare(
                    "select stream, item_hash from sources where source_id = ?");
                known.bind(1, source_id);
                known.step();
                bool same = known.text(1) == item.item.hash;
                id = known.integer(0);
                bool changed = !same && import_again(transaction, id, item, context, result);
                ++(changed ? result.count.updated : result.count.already_there);
                continue;
            }
            bus::NewEvent added{id,
                                1,
                                std::string(name_of(item.event)),
                                std::move(item.body),
                                context.actor.subject(),
                                context.request_id,
                                now};
            result.position = log_.append(transaction, std::move(added)).position;
            ++result.count.added;
        }
        return result;
    };
    co_return co_await database_.write<ImportResult>(deadline, bytes, std::move(work));
}

bool EventStore::import_again(database::Transaction& transaction, ArticleId id, const NewItem& item,
                              const base::Context& context, ImportResult& result) {
    bool has_hash = false;
    {
        auto known = transaction.prepare("select item_hash <> '' from sources where source_id = ?");
        known.bind(1, *item.item.article->source_id);
        has_hash = known.step() && known.integer(0) == 1;
    }
    bool same = false;
    if (!has_hash) {
        bus::read_stream(transaction, id, 0, [&](const bus::Event& stored) {
            auto first = event_from_json(stored.type, stored.body);
            const auto* created = std::get_if<ArticleCreated>(&first);
            same = created && is_as_first_imported(*created, *item.item.article);
            return false;
        });
    }
    transaction.prepare("update sources set item_hash = ? where source_id = ?")
        .bind(1, item.item.hash)
        .bind(2, *item.item.article->source_id)
        .run();
    auto state = read_state(transaction, id);
    // What was removed here stays removed, whatever its source says.
    if (same || !state || state->status == Status::removed) return false;

    auto now = clock_.now();
    auto content = read_content(transaction, *state);
    auto event = revise(*state, content, revision_of(item.item.article, now), now);
    // It was checked, and its publication is told in the one way that is always allowed.
    if (!event) throw std::logic_error("an imported item cannot be revised: " + event.error().code);
    const auto* revised = std::get_if<ArticleRevised>(&*event);
    if (revised && to_json(*event) == "{}") return false;  // changed here, to the same
    auto body = to_json(*event);
    auto body_bytes = body.size();
    bus::NewEvent added{id,
                        state->version + 1,
                        std::string(name_of(*event)),
                        std::move(body),
                        context.actor.subject(),
                        context.request_id,
                        now};
    auto stored = log_.append(transaction, std::move(added));
    Recorded recorded{stored.version, context.actor.subject(), stored.recorded_at,
                      std::move(*event), body_bytes};
    put_state(transaction, apply(std::move(*state), id, recorded));
    result.position = stored.position;
    return true;
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
