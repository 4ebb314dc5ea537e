#include "reader_store.hpp"

#include "log_store.hpp"

namespace recommendation {

namespace {

/// As many are too many at most, when the bound was made smaller.
constexpr std::int64_t hidden_at_once = 1000;

std::int64_t number_of(ReaderHash reader) {
    return static_cast<std::int64_t>(reader);
}

}  // namespace

std::optional<std::string> reader_key(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select key from reader_key where id = 1");
    if (!row.step()) return std::nullopt;
    return std::string(row.text(0));
}

void put_reader_key(database::Transaction& transaction, const std::string& key) {
    transaction.prepare("insert into reader_key (id, key) values (1, ?)").bind(1, key).run();
}

SnapshotName snapshot_name(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select name, erasures from snapshot where id = 1");
    if (!row.step()) return {};
    return {std::string(row.text(0)), row.integer(1)};
}

bool put_snapshot_name(database::Transaction& transaction, const SnapshotName& snapshot) {
    transaction.prepare("update snapshot set name = ? where id = 1 and erasures = ?")
        .bind(1, snapshot.name)
        .bind(2, snapshot.erasures)
        .run();
    return transaction.changes() > 0;
}

std::optional<LeftOut> ReaderStore::left_out(ReaderHash reader) const {
    auto row = transaction_.prepare("select why from left_out where reader = ?");
    row.bind(1, number_of(reader));
    if (!row.step()) return std::nullopt;
    return static_cast<LeftOut>(row.integer(0));
}

Preferences ReaderStore::preferences(ReaderHash reader) const {
    Preferences preferences;
    preferences.is_personal = !left_out(reader);
    auto labels = transaction_.prepare(questions::labels_chosen);
    labels.bind(1, number_of(reader));
    while (labels.step()) {
        bool is_followed = labels.integer(1) == 1;
        auto& chosen = is_followed ? preferences.followed : preferences.muted;
        chosen.emplace_back(labels.text(0));
    }
    auto articles = transaction_.prepare(questions::articles_hidden);
    articles.bind(1, number_of(reader));
    while (articles.step()) {
        preferences.hidden.push_back({std::string(articles.text(0)), articles.integer(1)});
    }
    return preferences;
}

bool ReaderWriter::choose(ReaderHash reader, const std::string& label, Choice choice,
                          std::int64_t most) {
    auto number = static_cast<std::int64_t>(choice);
    {
        auto others = transaction_.prepare(
            "select count(*) from label_choices where reader = ? and choice = ? and label <> ?");
        others.bind(1, number_of(reader)).bind(2, number).bind(3, label);
        if (others.step() && others.integer(0) >= most) return false;
    }
    transaction_
        .prepare(
            "insert into label_choices (reader, label, choice) values (?1, ?2, ?3)"
            " on conflict (reader, label) do update set choice = ?3")
        .bind(1, number_of(reader))
        .bind(2, label)
        .bind(3, number)
        .run();
    return true;
}

void ReaderWriter::take_back(ReaderHash reader, const std::string& label, Choice choice) {
    transaction_.prepare("delete from label_choices where reader = ? and label = ? and choice = ?")
        .bind(1, number_of(reader))
        .bind(2, label)
        .bind(3, static_cast<std::int64_t>(choice))
        .run();
}

void ReaderWriter::hide(ReaderHash reader, const ArticleName& article, base::Time now,
                        std::int64_t most) {
    transaction_
        .prepare(
            "insert into hidden_articles (reader, news_type, news_id, at) values (?1, ?2, ?3, ?4)"
            " on conflict (reader, news_type, news_id) do update set at = ?4")
        .bind(1, number_of(reader))
        .bind(2, article.news_type)
        .bind(3, article.id)
        .bind(4, base::to_micros(now))
        .run();
    transaction_
        .prepare(
            "delete from hidden_articles where (reader, news_type, news_id) in (select reader,"
            " news_type, news_id from hidden_articles where reader = ? order by at desc, news_type,"
            " news_id limit ? offset ?)")
        .bind(1, number_of(reader))
        .bind(2, hidden_at_once)
        .bind(3, most)
        .run();
}

void ReaderWriter::show_again(ReaderHash reader, const ArticleName& article) {
    transaction_
        .prepare("delete from hidden_articles where reader = ? and news_type = ? and news_id = ?")
        .bind(1, number_of(reader))
        .bind(2, article.news_type)
        .bind(3, article.id)
        .run();
}

void ReaderWriter::leave_out(ReaderHash reader, LeftOut why) {
    // Who is removed stays removed.
    transaction_
        .prepare(
            "insert into left_out (reader, why) values (?1, ?2)"
            " on conflict (reader) do update set why = case when left_out.why < ?2"
            " then left_out.why else ?2 end")
        .bind(1, number_of(reader))
        .bind(2, static_cast<std::int64_t>(why))
        .run();
}

void ReaderWriter::take_in(ReaderHash reader) {
    transaction_.prepare("delete from left_out where reader = ? and why = ?")
        .bind(1, number_of(reader))
        .bind(2, static_cast<std::int64_t>(LeftOut::not_wanted))
        .run();
}

void ReaderWriter::forget(ReaderHash reader) {
    LogWriter(transaction_).forget_reader(reader);
    for (const char* table : {"label_choices", "hidden_articles"}) {
        transaction_.prepare("delete from " + std::string(table) + " where reader = ?")
            .bind(1, number_of(reader))
            .run();
    }
    transaction_.prepare("update snapshot set name = '', erasures = erasures + 1").run();
}

bool ReaderWriter::take(const std::string& name, base::Time now) {
    auto taken = transaction_.prepare(
        "insert into taken_visits (name, at) values (?, ?) on conflict do nothing");
    taken.bind_blob(1, name).bind(2, base::to_micros(now)).run();
    return transaction_.changes() > 0;
}

void ReaderWriter::forget_taken(base::Time before, std::int64_t most) {
    static const std::string sql =
        "delete from taken_visits where name in (" + std::string(questions::taken_before) + ")";
    transaction_.prepare(sql).bind(1, base::to_micros(before)).bind(2, most).run();
}

}  // namespace recommendation
