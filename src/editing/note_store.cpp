#include "note_store.hpp"

#include <limits>

#include "base/text.hpp"
#include "bus/call_store.hpp"

namespace editing {

namespace {

constexpr const char* columns = "id, user, at, text";

Note note_of(const database::Statement& row) {
    return {row.integer(0), row.integer_or_null(1), base::from_micros(row.integer(2)),
            std::string(row.text(3))};
}

std::optional<Note> find(database::ReadTransaction& transaction, const ArticleName& article,
                         std::int64_t id) {
    auto row = transaction.prepare(std::string("select ") + columns +
                                   " from notes where news_type = ?1 and article = ?2 and id = ?3");
    row.bind(1, article.news_type).bind(2, article.id).bind(3, id);
    if (!row.step()) return std::nullopt;
    return note_of(row);
}

std::int64_t count_of(database::ReadTransaction& transaction, const ArticleName& article) {
    auto row =
        transaction.prepare("select count(*) from notes where news_type = ?1 and article = ?2");
    row.bind(1, article.news_type).bind(2, article.id);
    row.step();
    return row.integer(0);
}

Note put(database::Transaction& transaction, const ArticleName& article, const std::string& text,
         std::optional<std::int64_t> user, base::Time now) {
    auto row = transaction.prepare(std::string("insert into notes (news_type, article, user, at,"
                                               " text) values (?1, ?2, ?3, ?4, ?5) returning ") +
                                   columns);
    row.bind(1, article.news_type).bind(2, article.id).bind(3, user);
    row.bind(4, base::to_micros(now)).bind(5, text);
    if (!row.step()) transaction.damaged("a note was not stored");
    auto note = note_of(row);
    while (row.step()) {
    }
    return note;
}

/// The same answer as before, also where the note is gone meanwhile.
Note note_again(database::ReadTransaction& transaction, const ArticleName& article,
                const bus::AnsweredCall& before, const base::Command& command,
                const std::string& text) {
    if (auto note = find(transaction, article, before.version)) return *note;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    auto at = base::parse_number(before.answer, most).value_or(0);
    return {before.version, command.context.actor.subject(), base::from_micros(at), text};
}

}  // namespace

base::Task<Note> NoteStore::add(ArticleName article, std::string text, base::Command command) {
    auto deadline = command.context.deadline;
    auto bytes = text.size();
    auto work = [this, article = std::move(article), text = std::move(text),
                 command =
                     std::move(command)](database::Transaction& transaction) -> base::Result<Note> {
        auto now = clock_.now();
        auto before = bus::find_call(transaction, command.idempotency_key, now);
        if (!before) return before.error();
        if (*before) return note_again(transaction, article, **before, command, text);
        if (count_of(transaction, article) >= per_article_max_) {
            return base::Error{base::Reason::conflict, "too_many_notes",
                               "This news item has " + std::to_string(per_article_max_) +
                                   " notes, which is the most. Remove some first."};
        }
        auto note = put(transaction, article, text, command.context.actor.subject(), now);
        bus::AnsweredCall call{article.id, note.id, std::to_string(base::to_micros(note.at))};
        bus::remember_call(transaction, command.idempotency_key, call, now);
        return note;
    };
    co_return co_await database_.write<Note>(deadline, bytes, std::move(work));
}

base::Task<std::vector<Note>> NoteStore::list(ArticleName article,
                                              std::optional<std::int64_t> before,
                                              std::int64_t limit, base::Deadline deadline) const {
    using All = std::vector<Note>;
    auto work = [article = std::move(article), before,
                 limit](database::ReadTransaction& transaction) -> base::Result<All> {
        All all;
        auto row = transaction.prepare(std::string("select ") + columns +
                                       " from notes where news_type = ?1 and article = ?2"
                                       " and id < ?3 order by id desc limit ?4");
        row.bind(1, article.news_type).bind(2, article.id);
        row.bind(3, before.value_or(std::numeric_limits<std::int64_t>::max())).bind(4, limit);
        while (row.step()) all.push_back(note_of(row));
        return all;
    };
    co_return co_await database_.read<All>(deadline, std::move(work));
}

base::Task<void> NoteStore::remove(ArticleName article, std::int64_t note, base::Context context) {
    auto deadline = context.deadline;
    auto work = [article = std::move(article), note,
                 actor = context.actor](database::Transaction& transaction) -> base::Result<void> {
        auto found = find(transaction, article, note);
        if (!found) return {};
        bool may = actor.role >= base::Role::editor ||
                   (found->user.has_value() && found->user == actor.subject());
        if (!may) {
            return base::Error{base::Reason::forbidden, "forbidden",
                               "Only who wrote this note, and editors, may remove it."};
        }
        transaction.prepare("delete from notes where id = ?").bind(1, note).run();
        return {};
    };
    co_return co_await database_.write<void>(deadline, 0, std::move(work));
}

}  // namespace editing
