#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/timer.hpp"
#include "base/watermark.hpp"
#include "base/work_pool.hpp"
#include "database/database.hpp"
#include "ranking_snapshot.hpp"
#include "ranking_state.hpp"
#include "reader_store.hpp"
#include "telemetry/metrics.hpp"
#include "visit_log.hpp"

namespace recommendation {

/// The ranking in memory, as far as the log has been learned, and the one thread that learns and
/// ranks: so nothing of it needs a lock. Made of the log alone, from its beginning or from where a
/// snapshot ends; after a start that is learned anew, while the rest is served. Thread-safe but for
/// run(), which lives on one executor.
class Learner {
public:
    struct Limits {
        RankingWeights weights{};
        RankingLimits ranking{};
        std::int64_t questions_max = 0;    ///< that wait
        std::int64_t rows_at_once = 1000;  ///< that are learned between two questions
        std::string snapshot{};            ///< the file's name
        /// A snapshot is made when so many rows were learned since the last one.
        std::int64_t snapshot_rows = 0;
    };

    Learner(database::Database& database, const base::Clock& clock, telemetry::Metrics& metrics,
            const Limits& limits, base::Executor executor);

    /// How far the log goes at the start, and which snapshot is good. Until that is learned,
    /// nothing is ranked.
    void load(std::int64_t last, SnapshotName snapshot) {
        ready_at_ = last;
        erasures_ = snapshot.erasures;
        snapshot_name_ = std::move(snapshot.name);
    }
    /// Learns until stop(). Spawn it once.
    base::Task<void> run();
    void stop();

    /// The log goes as far as that now.
    void committed(std::int64_t position) { committed_.advance(position); }
    /// Up to where it is learned.
    const base::Watermark& learned() const { return learned_; }
    bool is_ready() const { return learned_.value() >= ready_at_; }
    /// Rows that are in the log, but not learned yet.
    std::int64_t backlog() const;

    /// Calls `question(RankingState&)`, which gives a T, between two steps of learning. Refused
    /// with `recommendation_busy` (too many wait), `recommendation_not_ready` and `deadline`.
    template <class T, class Question>
    base::Task<T> ask(base::Deadline deadline, Question question) {
        if (!is_ready()) co_return not_ready();
        if (pool_.queued() >= static_cast<std::size_t>(limits_.questions_max)) co_return busy();
        auto work = [this, moved = std::move(question)]() mutable {
            forget_erased();
            return moved(state_);
        };
        co_return co_await pool_.run<T>(deadline, 0, std::move(work));
    }
    /// Once for each reader whose rows were taken out of the log, after that commit. No answer that
    /// is asked for from then on knows them, and no snapshot that is made from then on has them.
    void erased(ReaderHash reader);

private:
    static base::Error not_ready();
    static base::Error busy();
    bool has_erased() const;
    // In the pool's thread.
    void forget_erased();
    void remove_files() const;
    base::Task<void> learn_next();
    base::Task<void> read_file();
    base::Task<void> write_file();
    base::Task<void> keep_file();
    SnapshotSettings settings() const;
    /// Whether so much was learned since the last one.
    bool wants_snapshot(std::int64_t rows) const;
    void learn_rows(std::vector<LogRow>& rows);

    database::Database& database_;
    const base::Clock& clock_;
    const Limits limits_;
    base::Watermark committed_;
    base::Watermark learned_;
    std::int64_t ready_at_ = 0;
    std::string snapshot_name_;  ///< empty: none is good
    bool has_read_file_ = false;
    std::int64_t snapshot_at_ = 0;  ///< its position
    base::Clock::Moment snapshot_not_before_{};
    std::atomic<bool> stopping_{false};
    base::Timer timer_;
    telemetry::Counter& rows_;
    mutable std::mutex erased_mutex_;
    std::vector<std::pair<ReaderHash, std::int64_t>>
        erased_;  ///< not forgotten yet; under the lock
    std::atomic<bool> snapshot_is_gone_{false};
    // Only in the pool's thread.
    std::int64_t erasures_ = 0;  ///< of the store, as many as are forgotten here
    RankingState state_;
    std::unordered_map<ReaderHash, std::int64_t> forgotten_;  ///< and up to where
    base::WorkPool pool_;
};

}  // namespace recommendation
