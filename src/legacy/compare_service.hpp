#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "answers_json.hpp"
#include "base/loop.hpp"
#include "base/watermark.hpp"
#include "compare_store.hpp"
#include "host/environment.hpp"
#include "legacy/compare_config.hpp"
#include "legacy/comparison.hpp"
#include "tally.hpp"

namespace legacy {

/// The comparer at work. It counts in memory, and stores what has changed once in
/// `store_interval_ms`: a crash of the process loses no more than that, one of the machine a little
/// more, since nobody waits for the disk. If nothing can be stored, it goes on in memory, the log
/// says so once, and it tries again now and then. A route that is compared by other rules than
/// before begins anew.
///
/// Its asks run on its thread, so what they use must outlive it, and it must be stopped first. The
/// answers of the monolith that say that somebody else failed (502, 503, 504) are not compared:
/// they count as failed.
class CompareService final : public Comparer {
public:
    /// `database` has the tables of migrations/legacy, and `kept` what is in them.
    CompareService(const CompareConfig& config, const host::Environment& environment,
                   std::unique_ptr<database::Database> database, TallyStates kept);
    /// As stop() without a deadline.
    ~CompareService() override;
    CompareService(const CompareService&) = delete;

    void add_route(const std::string& route, CompareRules rules, Ask ask_legacy,
                   Ask ask_native) override;
    void offer(Comparison comparison) override;
    bool has_room() const override;
    std::size_t body_bytes_max() const override { return limits_.body_bytes_max; }
    CompareReport report(const std::string& route) const override;
    /// Refused with `unknown_route`, or with `not_stored`: then it holds until the next start.
    base::Task<void> restart(std::string route) override;

    /// Begins to take offers, unless nothing is to be done on time; see host::Environment.
    void start();
    /// What waits is dropped, what is under way is waited for, and what was found is stored.
    /// Refused with `deadline_passed`; then it runs still.
    base::Task<void> stop(base::Deadline deadline);

    /// What the operator should know of its store, see database::Database::warning().
    std::string warning() const { return database_->warning(); }
    /// How many offers that were taken have been dealt with.
    const base::Watermark& settled() const { return settled_; }

private:
    struct Route;
    struct Item;

    void take(std::shared_ptr<const Item> item);
    void pump();
    base::Task<void> settle(std::shared_ptr<const Item> item);
    base::Task<http::PlainResponse> asked(const Ask& ask, std::shared_ptr<const Item> item);
    void file(const Item& item, Outcome outcome,
              const std::optional<std::vector<std::string>>& noise);
    void fail(const Item& item);
    base::Task<void> keep();
    base::Task<void> flush();
    TallyStates take_changes();
    void not_stored(const std::string& why);
    bool has_ended() const { return stopping_ && in_flight_ == 0; }

    const CompareConfig config_;
    const base::Clock& clock_;
    const AnswerLimits limits_;
    const bool scheduled_;
    telemetry::Metrics& metrics_;
    std::unique_ptr<database::Database> database_;
    CompareStore store_;
    TallyStates kept_;

    std::map<std::string, std::unique_ptr<Route>> routes_;  ///< as it is when started
    mutable std::mutex mutex_;  ///< of every route's tally, and held only to change or copy one
    std::atomic<bool> running_{false};
    std::atomic<std::int64_t> waiting_{0};
    base::Watermark settled_;
    base::Watermark ended_;
    telemetry::Metrics::Registration waiting_gauge_;

    // Of the thread alone.
    std::deque<std::shared_ptr<const Item>> queue_;
    std::int64_t in_flight_ = 0;
    bool stopping_ = false;
    bool is_storing_ = true;  ///< the last attempt was good, or none was made

    base::Loop loop_;
    boost::asio::executor_work_guard<base::Executor> work_;
    base::Timer timer_;
    std::thread thread_;
};

/// Opens its store. Blocks. Refused as host::open_store() is.
base::Result<std::unique_ptr<CompareService>> open_comparer(const CompareConfig& config,
                                                            const host::Environment& environment);

}  // namespace legacy
