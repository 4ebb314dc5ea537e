#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bus/store_inbox.hpp"
#include "database/database.hpp"
#include "log_store.hpp"

namespace recommendation {

/// To be told, after the commit, up to where the log goes. Thread-safe; does not block.
using Committed = std::function<void(std::int64_t position)>;

/// What happens to the articles of one news type → rows of the log. Events that change neither what
/// an article is about nor whether it can be read make none.
class ArticleProjector final : public bus::Subscriber {
public:
    ArticleProjector(std::string news_type, Committed committed)
        : news_type_(std::move(news_type)), committed_(std::move(committed)) {}

    void apply(database::Transaction& transaction, std::span<const bus::Event> events) override;

private:
    const std::string news_type_;
    const Committed committed_;
};

/// How one news type is heard. Where its log has another history, all of its articles are hidden,
/// and heard again.
class ArticleInbox final : public bus::StoreInbox {
public:
    ArticleInbox(std::string news_type, database::Database& database, bus::Subscriber& projector,
                 const base::Clock& clock, Committed committed)
        : StoreInbox("news-" + news_type, database, projector, clock),
          news_type_(std::move(news_type)),
          database_(database),
          clock_(clock),
          committed_(std::move(committed)) {}

    base::Task<bus::Cursor> begin_anew(const bus::Feed& feed) override;

private:
    const std::string news_type_;
    database::Database& database_;
    const base::Clock& clock_;
    const Committed committed_;
};

}  // namespace recommendation
