#include "log_store.hpp"

#include <algorithm>

namespace recommendation {

namespace {

/// Stands between labels and between words, and in none of them.
constexpr char separator = '\x1f';

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const auto& text : texts) {
        if (!all.empty()) all += separator;
        // An imported one may have it.
        auto at = all.size();
        all += text;
        std::replace(all.begin() + static_cast<std::ptrdiff_t>(at), all.end(), separator, ' ');
    }
    return all;
}

std::vector<std::string> texts_in(std::string_view all) {
    std::vector<std::string> texts;
    while (!all.empty()) {
        auto end = std::min(all.find(separator), all.size());
        texts.emplace_back(all.substr(0, end));
        all.remove_prefix(std::min(end + 1, all.size()));
    }
    return texts;
}

LogKind kind_in(const database::ReadTransaction& transaction, std::int64_t number) {
    auto kind = static_cast<LogKind>(number);
    switch (kind) {
        case LogKind::view:
        case LogKind::short_view:
        case LogKind::impression:
        case LogKind::like:
        case LogKind::share:
        case LogKind::article:
        case LogKind::article_hidden:
            return kind;
    }
    transaction.damaged("a visit is of no kind that there is");
}

}  // namespace

std::int64_t LogStore::last() const {
    auto row = transaction_.prepare("select max(position) from visit_log");
    return row.step() ? row.integer_or_null(0).value_or(0) : 0;
}

std::vector<LogRow> LogStore::rows_of(database::Statement& rows) const {
    std::vector<LogRow> all;
    while (rows.step()) {
        LogRow row;
        row.position = rows.integer(0);
        row.kind = kind_in(transaction_, rows.integer(1));
        row.at = base::from_micros(rows.integer(2));
        if (auto reader = rows.integer_or_null(3)) row.reader = static_cast<ReaderHash>(*reader);
        row.article = {std::string(rows.text(4)), rows.integer(5)};
        if (auto labels = rows.text_or_null(6)) row.labels = texts_in(*labels);
        if (auto words = rows.text_or_null(7)) row.words = texts_in(*words);
        all.push_back(std::move(row));
    }
    return all;
}

std::vector<LogRow> LogStore::after(std::int64_t position, std::int64_t most) const {
    auto rows = transaction_.prepare(questions::log_after);
    rows.bind(1, position).bind(2, most);
    return rows_of(rows);
}

std::vector<LogRow> LogStore::of_reader(ReaderHash reader, std::int64_t after,
                                        std::int64_t most) const {
    auto rows = transaction_.prepare(questions::log_of_reader);
    rows.bind(1, static_cast<std::int64_t>(reader)).bind(2, after).bind(3, most);
    return rows_of(rows);
}

std::optional<LoggedArticle> LogStore::article(const ArticleName& name) const {
    auto row = transaction_.prepare(questions::newest_of_article);
    row.bind(1, name.news_type).bind(2, name.id);
    if (!row.step()) return std::nullopt;
    LoggedArticle article;
    article.is_public = kind_in(transaction_, row.integer(0)) == LogKind::article;
    article.published_at = base::from_micros(row.integer(1));
    article.labels = texts_in(row.text(2));
    article.words = texts_in(row.text(3));
    return article;
}

std::vector<ArticleName> LogStore::articles(const std::string& news_type, std::int64_t after,
                                            std::int64_t most) const {
    auto rows = transaction_.prepare(questions::articles_of_type);
    rows.bind(1, news_type).bind(2, after).bind(3, most);
    std::vector<ArticleName> all;
    while (rows.step()) all.push_back({std::string(rows.text(0)), rows.integer(1)});
    return all;
}

std::int64_t LogWriter::append(const LogRow& row) {
    std::optional<std::int64_t> reader;
    if (row.reader) reader = static_cast<std::int64_t>(*row.reader);
    auto added = transaction_.prepare(
        "insert into visit_log (kind, at, reader, news_type, news_id) values (?, ?, ?, ?, ?)"
        " returning position");
    added.bind(1, static_cast<std::int64_t>(row.kind))
        .bind(2, base::to_micros(row.at))
        .bind(3, reader)
        .bind(4, row.article.news_type)
        .bind(5, row.article.id);
    return added.step() ? added.integer(0) : 0;
}

std::int64_t LogWriter::put_article(const ArticleName& name, const LoggedArticle& article,
                                    base::Time at) {
    auto kind = article.is_public ? LogKind::article : LogKind::article_hidden;
    auto labels = joined(article.labels);
    auto words = joined(article.words);
    auto added = transaction_.prepare(
        "insert into visit_log (kind, at, news_type, news_id, labels, words)"
        " values (?, ?, ?, ?, ?, ?) returning position");
    added.bind(1, static_cast<std::int64_t>(kind))
        .bind(2, base::to_micros(article.published_at.value_or(at)))
        .bind(3, name.news_type)
        .bind(4, name.id)
        .bind(5, labels)
        .bind(6, words);
    return added.step() ? added.integer(0) : 0;
}

void LogWriter::forget_reader(ReaderHash reader) {
    transaction_.prepare("delete from visit_log where reader = ?")
        .bind(1, static_cast<std::int64_t>(reader))
        .run();
}

std::int64_t LogWriter::forget_older(const Kept& kept, std::int64_t after, std::int64_t most) {
    struct Seen {
        std::int64_t position = 0;
        bool is_article = false;
        ArticleName article;
    };
    auto last = LogStore(transaction_).last();
    std::vector<Seen> old;
    {
        auto rows = transaction_.prepare(questions::kinds_after);
        rows.bind(1, after).bind(2, most);
        while (rows.step()) {
            auto position = rows.integer(0);
            bool is_article = rows.integer(2) != 0;
            bool is_kept =
                base::from_micros(rows.integer(1)) >= kept.since && position > last - kept.rows_max;
            // Rows of articles tell no time of their own: they are as old as the visits around.
            if (is_kept && !is_article) break;
            old.push_back({position, is_article, {std::string(rows.text(3)), rows.integer(4)}});
        }
    }
    for (const auto& row : old) {
        bool stays = row.is_article;
        if (row.is_article) {
            auto newer = transaction_.prepare(questions::is_superseded);
            // What is behind the end says nothing of the visits that are kept before it.
            newer.bind(1, row.article.news_type)
                .bind(2, row.article.id)
                .bind(3, row.position)
                .bind(4, old.back().position);
            stays = !newer.step();
        }
        if (stays) continue;
        transaction_.prepare("delete from visit_log where position = ?")
            .bind(1, row.position)
            .run();
    }
    return old.empty() ? after : old.back().position;
}

}  // namespace recommendation
