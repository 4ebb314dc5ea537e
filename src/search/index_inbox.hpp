#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "bus/store_inbox.hpp"
#include "database/database.hpp"
#include "document_store.hpp"

namespace search {

/// The store of all documents, whose file is begun anew where it was lost. Used on the background
/// thread.
class IndexFile {
public:
    IndexFile(database::Database& database, const base::Clock& clock)
        : database_(database), clock_(clock) {}

    /// How often it was begun anew.
    std::int64_t renewals() const { return renewals_.load(); }
    bool is_usable() const { return database_.usable().has_value(); }
    /// If it is lost: an empty one takes its place. Refused as Database::renew(), and where that is
    /// under way or was done just now.
    base::Task<void> renew_if_lost();

private:
    database::Database& database_;
    const base::Clock& clock_;
    std::atomic<std::int64_t> renewals_{0};
    bool is_under_way_ = false;
    base::Clock::Moment next_{};
};

/// The name under which a news type is heard.
std::string subscription_of(const std::string& news_type);
/// Forgets that a type was heard: whoever hears it again does so from its beginning. The database
/// outlives it.
base::Task<void> forget_heard(database::Database& database, std::string news_type);
/// Forgets a few documents of a type; false: there were none. The database outlives it.
base::Task<bool> forget_some(database::Database& database, std::string news_type,
                             std::string language);

/// How one news type is heard. What is none of its log's history is forgotten, a few documents at a
/// time, and heard again from the beginning.
class IndexInbox final : public bus::StoreInbox {
public:
    IndexInbox(std::string news_type, std::string language, database::Database& database,
               IndexFile& file, bus::Subscriber& projector, const base::Clock& clock);

    base::Task<bus::Progress> load() override;
    base::Task<std::vector<bus::Deferred>> apply(std::shared_ptr<const bus::Batch> batch) override;
    base::Task<void> park(bus::Event event, std::string error) override;
    bool is_lost() const override;
    base::Task<bus::Cursor> begin_anew(const bus::Feed& feed) override;

    /// Whether it has come as far as its feed was when it began. Thread-safe.
    bool is_whole() const { return !is_filling_.load(); }
    /// Where that is. Before load().
    void fill_up_to(std::int64_t position) { wanted_ = position; }

private:
    void has_come_to(std::int64_t position);

    const std::string news_type_;
    const std::string language_;
    database::Database& database_;
    IndexFile& file_;
    std::int64_t renewal_ = 0;  ///< the one it knows of
    std::int64_t wanted_ = 0;
    std::atomic<bool> is_filling_{false};
};

}  // namespace search
