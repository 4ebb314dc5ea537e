#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/database.hpp"
#include "visit_log.hpp"

namespace recommendation {

/// See questions in graph_store.hpp.
namespace questions {
inline constexpr std::string_view log_after =
    "select position, kind, at, reader, news_type, news_id, labels, words from visit_log"
    " where position > ?1 order by position limit ?2";
inline constexpr std::string_view newest_of_article =
    "select kind, at, labels, words from visit_log"
    " where labels is not null and news_type = ?1 and news_id = ?2"
    " order by position desc limit 1";
inline constexpr std::string_view log_of_reader =
    "select position, kind, at, reader, news_type, news_id, labels, words from visit_log"
    " where reader = ?1 and position > ?2 order by position limit ?3";
inline constexpr std::string_view articles_of_type =
    "select news_type, news_id from visit_log where labels is not null and news_type = ?1"
    " and news_id > ?2 group by news_type, news_id order by news_type, news_id limit ?3";
inline constexpr std::string_view kinds_after =
    "select position, at, labels is not null, news_type, news_id from visit_log"
    " where position > ?1 order by position limit ?2";
inline constexpr std::string_view is_superseded =
    "select 1 from visit_log where labels is not null and news_type = ?1 and news_id = ?2"
    " and position > ?3 and position <= ?4 limit 1";
}  // namespace questions

/// The log within one transaction: what is asked.
class LogStore {
public:
    explicit LogStore(database::ReadTransaction& transaction) : transaction_(transaction) {}

    /// The position of the newest row; 0: there was none.
    std::int64_t last() const;
    std::vector<LogRow> after(std::int64_t position, std::int64_t most) const;
    std::vector<LogRow> of_reader(ReaderHash reader, std::int64_t after, std::int64_t most) const;
    std::optional<LoggedArticle> article(const ArticleName& name) const;
    /// The articles of that type that it knows, by id.
    std::vector<ArticleName> articles(const std::string& news_type, std::int64_t after,
                                      std::int64_t most) const;

private:
    std::vector<LogRow> rows_of(database::Statement& rows) const;

    database::ReadTransaction& transaction_;
};

/// The log within one transaction: what is changed.
class LogWriter {
public:
    explicit LogWriter(database::Transaction& transaction) : transaction_(transaction) {}

    /// Gives its position.
    std::int64_t append(const LogRow& row);
    /// What has become of an article, at that time. Gives its position.
    std::int64_t put_article(const ArticleName& name, const LoggedArticle& article, base::Time at);
    void forget_reader(ReaderHash reader);
    /// How far the log is forgotten.
    struct Kept {
        base::Time since{};
        std::int64_t rows_max = 0;
    };
    /// Looks at up to `most` rows after that position, and takes out what is older than is kept; of
    /// an article the last row stays. Gives where to go on; where it is, there is nothing old.
    std::int64_t forget_older(const Kept& kept, std::int64_t after, std::int64_t most);

private:
    database::Transaction& transaction_;
};

}  // namespace recommendation
