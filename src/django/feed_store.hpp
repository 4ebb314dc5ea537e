#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "bus/store_inbox.hpp"
#include "database/database.hpp"

namespace django {

/// That an article was changed here: by a person or on time, and by no import or bridge.
struct FeedEntry {
    std::int64_t position = 0;
    std::string news_type;
    std::int64_t article = 0;
    std::int64_t version = 0;  ///< of the article at that change
    bool removed = false;      ///< by that change
    base::Time changed_at{};
};

/// Some of them, in their order.
struct FeedEntries {
    std::vector<FeedEntry> entries;
    std::int64_t head = 0;  ///< the position of the newest of all
};

/// The row of an article that was made here.
struct FeedRow {
    std::string news_type;
    std::int64_t article = 0;
    std::string model;
    std::string key;
    std::int64_t version = 0;  ///< of the article, as it was told last; 0: never
};

/// What the feed keeps: see migrations/django/0002_create_feed.sql and 0003. Thread-safe.
class FeedStore {
public:
    explicit FeedStore(database::Database& database) : database_(database) {}

    base::Task<FeedEntries> after(std::int64_t position, std::int64_t count,
                                  base::Deadline deadline) const;
    base::Task<std::optional<FeedRow>> row_of(std::string news_type, std::int64_t article) const;
    base::Task<std::optional<FeedRow>> row_at(std::string model, std::string key) const;
    /// Of an article whose row is known the version alone.
    base::Task<void> keep(FeedRow row);

private:
    database::Database& database_;
};

/// Notes what happens to the articles of one type. An article stands in the feed once: who has not
/// heard of its earlier change hears of the newest alone.
class FeedRecorder final : public bus::Subscriber {
public:
    explicit FeedRecorder(std::string news_type) : news_type_(std::move(news_type)) {}
    void apply(database::Transaction& transaction, std::span<const bus::Event> events) override;

private:
    const std::string news_type_;
};

}  // namespace django
