#include "version_store.hpp"

#include <stdexcept>

#include "base/ids.hpp"
#include "bus/archive.hpp"
#include "event_json.hpp"
#include "metadata_json.hpp"

namespace news {

namespace {

/// An answer is cut when the events it was made from are larger than this, whole.
constexpr std::size_t history_bytes_max = 4 * 1024 * 1024;
/// So much is read and proven in one step, within a millisecond.
constexpr std::size_t history_step_bytes = 256 * 1024;
/// So much content is shown without being asked for.
constexpr std::size_t unasked_content_bytes_max = 256 * 1024;

const std::string columns =
    "stream, version, status, published_at, created_at, updated_at, created_by, title, description,"
    " author, tags, content_version, history_bytes, slug, extra, legacy_id, content_format,"
    " embargo_until, expires_at, corrections, notice, metadata";

std::optional<std::int64_t> micros(const std::optional<base::Time>& time) {
    if (!time) return std::nullopt;
    return base::to_micros(*time);
}

ArticleState state_of(const database::Statement& row) {
    ArticleState state;
    state.id = row.integer(0);
    state.version = row.integer(1);
    state.status = parse_status(row.text(2)).value_or(Status::draft);
    if (auto published = row.integer_or_null(3)) {
        state.published_at = base::from_micros(*published);
    }
    state.created_at = base::from_micros(row.integer(4));
    state.updated_at = base::from_micros(row.integer(5));
    state.created_by = row.integer_or_null(6);
    state.title = row.text(7);
    state.description = row.text(8);
    state.author = row.text(9);
    state.tags = tags_from_json(row.text(10));
    state.content_version = row.integer(11);
    state.history_bytes = row.integer(12);
    state.slug = row.text(13);
    state.extra = row.text(14);
    state.legacy_id = row.text(15);
    state.content_format = parse_content_format(row.text(16)).value_or(ContentFormat::text);
    if (auto embargo = row.integer_or_null(17)) state.embargo_until = base::from_micros(*embargo);
    if (auto expiry = row.integer_or_null(18)) state.expires_at = base::from_micros(*expiry);
    state.corrections = corrections_from_json(row.text(19));
    state.notice = row.text(20);
    state.metadata = metadata_from_json(row.text(21));
    return state;
}

/// The newest stored state that is not beyond `last`.
ArticleState nearest_state(database::ReadTransaction& transaction, ArticleId id, Version last) {
    static const std::string sql = "select " + columns +
                                   " from article_states where stream = ? and version <= ?"
                                   " order by version desc limit 1";
    auto row = transaction.prepare(sql);
    row.bind(1, id).bind(2, last);
    return row.step() ? state_of(row) : ArticleState{};
}

bool stays(Version version) {
    return version % versions_between_states == 0;
}

/// The content of one event; a stored state says that it has one.
std::string content_of(database::ReadTransaction& transaction, ArticleId id, Version version) {
    std::optional<std::string> content;
    bus::read_proven_stream(transaction, id, version - 1, [&](const bus::Event& stored) {
        auto event = event_from_json(stored.type, stored.body);
        if (const auto* found = content_in(event)) content = *found;
        return false;
    });
    if (!content) {
        throw std::runtime_error("version " + std::to_string(version) + " of article " +
                                 std::to_string(id) + " should have content and has none");
    }
    return std::move(*content);
}

}  // namespace

Version current_version(database::ReadTransaction& transaction, ArticleId id) {
    auto row = transaction.prepare("select max(version) from events where stream = ?");
    row.bind(1, id);
    row.step();
    return row.integer(0);
}

std::optional<ArticleState> read_state(database::ReadTransaction& transaction, ArticleId id,
                                       std::optional<Version> last) {
    auto current = current_version(transaction, id);
    auto wanted = last.value_or(current);
    if (wanted < 1 || wanted > current) return std::nullopt;
    auto state = nearest_state(transaction, id, wanted);
    if (state.version == wanted) return state;
    bus::read_proven_stream(transaction, id, state.version, [&](const bus::Event& event) {
        state = apply(std::move(state), id, recorded_of(event));
        return state.version < wanted;
    });
    return state;
}

std::string read_content(database::ReadTransaction& transaction, const ArticleState& state) {
    return content_of(transaction, state.id, state.content_version);
}

Version read_version_before(database::ReadTransaction& transaction, ArticleId id, base::Time end,
                            base::Time now) {
    if (now < end) return current_version(transaction, id);
    // What is followed by something earlier happened before that, so the newest event with an
    // earlier date is the last before `end`. A row has its time behind its body, and looking at it
    // there would read all bodies; its id begins with the same time, and stands before.
    auto first_id = base::uuid_v7_prefix(end);
    auto row = transaction.prepare(
        "select version from events where stream = ? and event_id < ? order by version desc"
        " limit 1");
    row.bind(1, id).bind(2, first_id);
    return row.step() ? row.integer(0) : 0;
}

void read_history(database::ReadTransaction& transaction, ArticleId id, HistoryReading& reading) {
    auto& [question, page, with_content, bytes, content_bytes, before, content, done] = reading;
    if (!before && question.after > 0) {
        before = nearest_state(transaction, id, question.after);
        if (with_content && before->version > 0) content = read_content(transaction, *before);
    }
    std::size_t step_bytes = 0;
    done = true;
    auto first = before ? before->version : 0;
    bus::read_proven_stream(transaction, id, first, [&](const bus::Event& stored) {
        bool is_full = std::ssize(page.entries) == question.limit || bytes > history_bytes_max;
        if (is_full) {
            page.next = page.entries.back().version;
            return false;
        }
        if (step_bytes > history_step_bytes) {
            done = false;
            return false;
        }
        step_bytes += stored.body.size();
        auto recorded = recorded_of(stored);
        auto after = apply(before.value_or(ArticleState{}), id, recorded);
        if (after.version <= question.after) {
            const auto* brought = with_content ? content_in(recorded.event) : nullptr;
            if (brought) content = *brought;
            before = std::move(after);
            return true;
        }
        bytes += stored.body.size();
        HistoryEntry entry{after.version, stored.type, recorded.actor, recorded.at, {}, false};
        entry.changes = differences(before ? &*before : nullptr, after);
        if (const auto* note = note_in(recorded.event)) entry.note = *note;
        if (const auto* brought = content_in(recorded.event)) {
            if (with_content) {
                bytes += content ? content->size() : 0;
                content_bytes += brought->size() + (content ? content->size() : 0);
                if (content != *brought) {
                    entry.changes.push_back(
                        content_change(content ? &*content : nullptr, *brought));
                }
                content = *brought;
            } else {
                entry.content_left_out = true;
            }
        }
        page.entries.push_back(std::move(entry));
        before = std::move(after);
        if (!question.content && content_bytes > unasked_content_bytes_max) {
            // Too much to be told without being asked for: from all of them, so that one answer
            // has one form.
            with_content = false;
            content_bytes = 0;
            for (auto& earlier : page.entries) leave_content_out(earlier);
        }
        return true;
    });
}

void put_state(database::Transaction& transaction, const ArticleState& state) {
    static const std::string sql =
        "insert into article_states (" + columns +
        ") values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
        " ?18, ?19, ?20, ?21, ?22)"
        " on conflict (stream, version) do update set status = ?3, published_at = ?4,"
        " created_at = ?5, updated_at = ?6, created_by = ?7, title = ?8, description = ?9,"
        " author = ?10, tags = ?11, content_version = ?12, history_bytes = ?13, slug = ?14,"
        " extra = ?15, legacy_id = ?16, content_format = ?17, embargo_until = ?18,"
        " expires_at = ?19, corrections = ?20, notice = ?21, metadata = ?22";
    // A first version is one event: reading it is as cheap as reading this.
    if (state.version < 2) return;
    std::string tags = tags_to_json(state.tags);
    auto corrections = corrections_to_json(state.corrections);
    auto metadata = metadata_to_json(state.metadata);
    transaction.prepare(sql)
        .bind(1, state.id)
        .bind(2, state.version)
        .bind(3, name_of(state.status))
        .bind(4, micros(state.published_at))
        .bind(5, base::to_micros(state.created_at))
        .bind(6, base::to_micros(state.updated_at))
        .bind(7, state.created_by)
        .bind(8, state.title)
        .bind(9, state.description)
        .bind(10, state.author)
        .bind(11, tags)
        .bind(12, state.content_version)
        .bind(13, state.history_bytes)
        .bind(14, state.slug)
        .bind(15, state.extra)
        .bind(16, state.legacy_id)
        .bind(17, name_of(state.content_format))
        .bind(18, micros(state.embargo_until))
        .bind(19, micros(state.expires_at))
        .bind(20, corrections)
        .bind(21, state.notice)
        .bind(22, metadata)
        .run();
    if (stays(state.version - 1)) return;
    transaction.prepare("delete from article_states where stream = ? and version = ?")
        .bind(1, state.id)
        .bind(2, state.version - 1)
        .run();
}

bus::Event append(database::Transaction& transaction, bus::Log& log, ArticleState& state,
                  DecidedEvent& decided, std::string correlation_id) {
    auto id = state.id;
    auto bytes = decided.body.size();
    bus::NewEvent added{id,
                        state.version + 1,
                        std::string(name_of(decided.event)),
                        std::move(decided.body),
                        decided.actor,
                        std::move(correlation_id),
                        decided.at};
    auto stored = log.append(transaction, std::move(added));
    Recorded recorded{stored.version, decided.actor, stored.recorded_at, std::move(decided.event),
                      bytes};
    state = apply(std::move(state), id, recorded);
    decided.event = std::move(recorded.event);
    put_state(transaction, state);
    return stored;
}

void put_states(database::Transaction& transaction, const std::vector<bus::LinkedEvent>& events) {
    ArticleState state;
    for (const auto& [event, previous] : events) {
        state = apply(std::move(state), event.stream, recorded_of(event));
        put_state(transaction, state);
    }
}

void drop_states(database::Transaction& transaction, ArticleId id) {
    transaction.prepare("delete from article_states where stream = ?").bind(1, id).run();
}

std::vector<ArticleState> stored_states(database::ReadTransaction& transaction, ArticleId id) {
    static const std::string sql =
        "select " + columns + " from article_states where stream = ? order by version";
    std::vector<ArticleState> states;
    auto row = transaction.prepare(sql);
    row.bind(1, id);
    while (row.step()) states.push_back(state_of(row));
    return states;
}

bool has_states(database::ReadTransaction& transaction) {
    return transaction
        .prepare(
            "select 1 from schema_migrations where set_name = 'news_command'"
            " and name = '0008_keep_metadata'")
        .step();
}

bool states_are_filled(database::ReadTransaction& transaction) {
    return transaction.prepare("select 1 from states_filled").step();
}

std::optional<ArticleId> fill_states(database::Transaction& transaction, ArticleId id,
                                     std::int64_t count) {
    std::vector<ArticleId> ids;
    {
        // Each step of the index that follows is one article, however many versions it has.
        auto next = transaction.prepare("select min(stream) from events where stream > ?");
        database::RisingKeys<ArticleId> streams(transaction, "the streams of its log", id);
        for (auto at = id; std::ssize(ids) < count; at = ids.back()) {
            next.reset().bind(1, at);
            next.step();
            auto stream = next.integer_or_null(0);
            if (!stream) break;
            streams.next(*stream);
            ids.push_back(*stream);
        }
    }
    if (ids.empty()) {
        transaction.execute("insert into states_filled (filled) values (1)");
        return std::nullopt;
    }
    for (auto stream : ids) {
        auto current = current_version(transaction, stream);
        auto state = nearest_state(transaction, stream, current);
        bool is_there = current < 2 || state.version == current;
        // What is archived has its states in its archive.
        if (is_there || bus::archive_of(transaction, stream)) continue;
        bus::read_stream(transaction, stream, state.version, [&](const bus::Event& event) {
            state = apply(std::move(state), stream, recorded_of(event));
            put_state(transaction, state);
            return true;
        });
    }
    return ids.back();
}

}  // namespace news
