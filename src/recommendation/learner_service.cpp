#include "learner_service.hpp"

#include <algorithm>
#include <filesystem>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "log_store.hpp"
#include "ranking_snapshot.hpp"
#include "reader_store.hpp"
#include "telemetry/log.hpp"

namespace recommendation {

using namespace std::chrono_literals;

namespace {

constexpr auto retry_wait = 50ms;
constexpr auto longest_wait = 3600s;
/// Questions are counted before they are queued, so some more may come when many threads ask at
/// once.
constexpr std::size_t places_for_learning = 64;
/// While one is written nobody is answered, so that is not done often.
constexpr auto snapshot_pause = 600s;
/// So much clocks may differ, and be set right, without anything being made of it.
constexpr auto clock_slack = 3600s;
/// Names are numbers of 52 bits, chosen by chance.
constexpr std::int64_t snapshot_name_max = (std::int64_t{1} << 52) - 1;

base::WorkPool::Options pool_options(std::int64_t questions_max) {
    base::WorkPool::Options options;
    options.name = "ranking";
    // What is learned finds room behind all questions that there may be.
    options.queue_max = static_cast<std::size_t>(questions_max) + places_for_learning;
    options.full = {base::Reason::unavailable, "recommendation_busy",
                    "Too many questions for a ranking wait already. Try again."};
    return options;
}

struct SnapshotOutcome {
    std::int64_t position = 0;
    std::string fault{};  ///< empty: none
};

base::Error unusable(const std::string& fault) {
    return {base::Reason::unavailable, "snapshot_unusable", fault};
}

}  // namespace

Learner::Learner(database::Database& database, const base::Clock& clock,
                 telemetry::Metrics& metrics, const Limits& limits, base::Executor executor)
    : database_(database),
      clock_(clock),
      limits_(limits),
      timer_(clock, executor),
      rows_(metrics.counter("portal_recommendation_learned_total",
                            "Rows of the log of visits that the ranking has learned.")),
      state_(limits.weights, limits.ranking),
      pool_(pool_options(limits.questions_max)) {}

SnapshotSettings Learner::settings() const {
    return {limits_.weights, limits_.ranking};
}

base::Error Learner::not_ready() {
    return {base::Reason::unavailable, "recommendation_not_ready",
            "What was read is still being learned. Try again in a minute."};
}

base::Error Learner::busy() {
    return pool_options(0).full;
}

std::int64_t Learner::backlog() const {
    return std::max(std::max(committed_.value(), ready_at_) - learned_.value(), std::int64_t{0});
}

void Learner::stop() {
    stopping_.store(true);
    timer_.cancel();
}

base::Task<void> Learner::run() {
    committed_.advance(ready_at_);
    auto read = co_await read_file();
    if (!read) {
        telemetry::log(telemetry::Level::warning, "recommendation",
                       "the snapshot of the ranking is not used: all visits are learned anew",
                       {{"why", read.error().message}});
    }
    bool was_ready = is_ready();
    while (!stopping_.load()) {
        auto next = learned_.value() + 1;
        // Who is erased ends the wait; nobody can be between this look and its beginning.
        if (!has_erased()) {
            co_await committed_.reached(next, timer_, clock_.steady() + longest_wait);
        }
        if (stopping_.load()) break;
        if (has_erased()) {
            auto work = [this] {
                forget_erased();
                return true;
            };
            co_await pool_.run<bool>(base::Deadline(), 0, std::move(work));
        }
        if (snapshot_is_gone_.exchange(false)) snapshot_at_ = 0;
        if (committed_.value() < next) continue;
        auto learned = co_await learn_next();
        if (!learned) co_await timer_.pause(retry_wait);
        bool is_time = clock_.steady() >= snapshot_not_before_;
        if (is_time && wants_snapshot(limits_.snapshot_rows)) co_await keep_file();
        if (was_ready || !is_ready()) continue;
        was_ready = true;
        telemetry::log(telemetry::Level::info, "recommendation", "what was read is learned",
                       {{"rows", learned_.value()}});
    }
    // What is learned faster than a file is read is not worth one.
    if (wants_snapshot(limits_.snapshot_rows / 10)) co_await keep_file();
    co_return base::Result<void>();
}

base::Task<void> Learner::learn_next() {
    using Rows = std::vector<LogRow>;
    auto goal = committed_.value();
    auto read = [position = learned_.value(), most = limits_.rows_at_once](
                    database::ReadTransaction& transaction) -> base::Result<Rows> {
        return LogStore(transaction).after(position, most);
    };
    auto rows = co_await database_.read<Rows>(base::Deadline(), std::move(read));
    if (!rows) co_return rows.error();
    if (rows->empty()) {
        // Taken out since.
        learned_.advance(goal);
        co_return base::Result<void>();
    }
    auto end = rows->back().position;
    auto work = [this, moved = std::move(*rows)]() mutable {
        learn_rows(moved);
        return true;
    };
    auto learned = co_await pool_.run<bool>(base::Deadline(), 0, std::move(work));
    if (!learned) co_return learned.error();
    learned_.advance(end);
    co_return base::Result<void>();
}

bool Learner::wants_snapshot(std::int64_t rows) const {
    return !limits_.snapshot.empty() && learned_.value() - snapshot_at_ >= rows;
}

base::Task<void> Learner::read_file() {
    if (limits_.snapshot.empty() || has_read_file_) co_return base::Result<void>();
    has_read_file_ = true;
    auto name = base::parse_number(snapshot_name_, snapshot_name_max);
    if (!name) {
        // Who was erased may be in one that is there all the same.
        remove_files();
        co_return base::Result<void>();
    }
    auto work = [this, name = static_cast<std::uint64_t>(*name)]() -> SnapshotOutcome {
        try {
            return {read_snapshot(limits_.snapshot, name, settings(), state_).position, {}};
        } catch (const std::exception& failure) {
            state_ = RankingState(limits_.weights, limits_.ranking);
            remove_files();
            return {0, failure.what()};
        }
    };
    auto read = co_await pool_.run<SnapshotOutcome>(base::Deadline(), 0, std::move(work));
    if (!read) co_return read.error();
    if (!read->fault.empty()) co_return unusable(read->fault);
    snapshot_at_ = read->position;
    learned_.advance(read->position);
    co_return base::Result<void>();
}

base::Task<void> Learner::keep_file() {
    snapshot_not_before_ = clock_.steady() + snapshot_pause;
    auto written = co_await write_file();
    if (written) co_return base::Result<void>();
    telemetry::log(telemetry::Level::warning, "recommendation",
                   "no snapshot of the ranking can be kept: the next start takes longer",
                   {{"why", written.error().message}});
    co_return base::Result<void>();
}

base::Task<void> Learner::write_file() {
    auto look = [](database::ReadTransaction& transaction) -> base::Result<SnapshotName> {
        return snapshot_name(transaction);
    };
    auto before = co_await database_.read<SnapshotName>(base::Deadline(), std::move(look));
    if (!before) co_return before.error();
    SnapshotStamp stamp{base::random_bits() >> 12, learned_.value()};
    auto work = [this, stamp, erasures = before->erasures]() -> SnapshotOutcome {
        forget_erased();
        // One is in the store, and on its way here.
        if (erasures_ != erasures) return {0, "somebody is being erased"};
        try {
            write_snapshot(limits_.snapshot, stamp, settings(), state_);
            return {stamp.position, {}};
        } catch (const std::exception& failure) {
            return {0, failure.what()};
        }
    };
    auto written = co_await pool_.run<SnapshotOutcome>(base::Deadline(), 0, std::move(work));
    if (!written) co_return written.error();
    if (!written->fault.empty()) co_return unusable(written->fault);
    SnapshotName name{std::to_string(stamp.name), before->erasures};
    auto put = [name](database::Transaction& transaction) -> base::Result<bool> {
        return put_snapshot_name(transaction, name);
    };
    auto is_good = co_await database_.write<bool>(base::Deadline(), 0, std::move(put));
    if (!is_good) co_return is_good.error();
    // Somebody was erased meanwhile, and may be in it.
    if (!*is_good) remove_files();
    if (*is_good) snapshot_at_ = stamp.position;
    co_return base::Result<void>();
}

void Learner::learn_rows(std::vector<LogRow>& rows) {
    forget_erased();
    auto now = clock_.now();
    if (state_.latest() > now + clock_slack) {
        telemetry::log(telemetry::Level::warning, "recommendation",
                       "the clock was ahead: what was read meanwhile counts as read now");
        state_.set_back(now);
    }
    for (auto& row : rows) {
        // What lies ahead was written with a clock that was wrong.
        row.at = std::min(row.at, now);
        if (row.reader && !forgotten_.empty()) {
            auto erased = forgotten_.find(*row.reader);
            if (erased != forgotten_.end() && row.position <= erased->second) continue;
        }
        learn(state_, row);
    }
    rows_.add(rows.size());
    std::erase_if(forgotten_, [&](const auto& one) { return one.second <= rows.back().position; });
}

void Learner::erased(ReaderHash reader) {
    {
        std::lock_guard lock(erased_mutex_);
        // Its rows may have been read before they were taken out.
        erased_.emplace_back(reader, committed_.value());
    }
    timer_.cancel();
}

bool Learner::has_erased() const {
    std::lock_guard lock(erased_mutex_);
    return !erased_.empty();
}

void Learner::forget_erased() {
    std::vector<std::pair<ReaderHash, std::int64_t>> erased;
    {
        std::lock_guard lock(erased_mutex_);
        erased.swap(erased_);
    }
    if (erased.empty()) return;
    for (const auto& [reader, position] : erased) {
        state_.forget(reader);
        if (position > learned_.value()) forgotten_[reader] = position;
        ++erasures_;
    }
    // It has them still; the store knows that it may not be used.
    remove_files();
    snapshot_is_gone_.store(true);
}

void Learner::remove_files() const {
    if (limits_.snapshot.empty()) return;
    std::error_code ignored;
    std::filesystem::remove(limits_.snapshot, ignored);
    std::filesystem::remove(limits_.snapshot + ".new", ignored);
}

}  // namespace recommendation
