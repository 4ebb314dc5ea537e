#include "compare_service.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/thread.hpp"
#include "host/open_store.hpp"
#include "redaction.hpp"
#include "telemetry/log.hpp"

namespace migrations {
database::MigrationSet legacy();
}

namespace legacy {

namespace {

using telemetry::Level;

constexpr const char* not_kept = "what is compared is not stored: it is counted in memory alone";

/// Whoever answers requests goes first: answers can be dropped here, and are counted then. On Linux
/// a thread has a niceness of its own.
void stand_behind_others() {
    constexpr int behind_others = 19;
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), behind_others);
}

bool is_failure_of_others(const http::PlainResponse& answer) {
    return answer.status == 502 || answer.status == 503 || answer.status == 504;
}

TallyLimits tally_limits(const CompareConfig& config) {
    TallyLimits limits;
    limits.kinds_max = static_cast<std::size_t>(config.kinds_max);
    limits.samples_max = static_cast<std::size_t>(config.samples_max);
    limits.noise_max = static_cast<std::size_t>(config.noise_max);
    return limits;
}

}  // namespace

/// One route, its rules and what was found. The tally is the mutex's.
struct CompareService::Route {
    RouteRules rules;
    RouteRules noise_rules;
    Ask ask_legacy;
    Ask ask_native;
    Tally tally;
    std::atomic<std::int64_t> generation;  ///< the tally's
    std::atomic<std::int64_t> begun{0};    ///< comparisons of this generation
    std::atomic<std::int64_t> dropped{0};  ///< that the tally does not know of yet
    telemetry::Counter& equal;
    telemetry::Counter& differs;
    telemetry::Counter& skipped;
    telemetry::Counter& failed;
    telemetry::Counter& drops;

    void tell_drops() {
        if (auto count = dropped.exchange(0)) tally.drop(count);
    }
};

/// One comparison on its way. It counts only if its route was not begun anew meanwhile.
struct CompareService::Item {
    Route& route;
    Comparison comparison;
    std::int64_t generation;
};

CompareService::CompareService(const CompareConfig& config, const host::Environment& environment,
                               std::unique_ptr<database::Database> database, TallyStates kept)
    : config_(config),
      clock_(environment.clock),
      limits_{static_cast<std::size_t>(config.body_bytes_max),
              static_cast<std::size_t>(config.sample_bytes_max)},
      scheduled_(environment.scheduled),
      metrics_(environment.metrics),
      database_(std::move(database)),
      store_(*database_),
      kept_(std::move(kept)),
      work_(boost::asio::make_work_guard(loop_)),
      timer_(clock_, loop_.get_executor()) {
    waiting_gauge_ =
        metrics_.gauge("portal_legacy_comparisons_waiting", "Answers that wait to be compared.", {},
                       [this] { return static_cast<double>(waiting_.load()); });
}

CompareService::~CompareService() {
    std::ignore = base::run(stop(base::Deadline()));
    // What waits in its queues speaks to the loop.
    database_.reset();
}

void CompareService::add_route(const std::string& route, CompareRules rules, Ask ask_legacy,
                               Ask ask_native) {
    auto text = text_of(rules);
    Tally tally(tally_limits(config_), std::move(kept_[route]));
    auto generation = tally.state().generation;
    if (tally.state().rules != text) {
        if (generation > 0)
            telemetry::log(Level::info, "legacy",
                           "a route is compared by other rules: it begins anew",
                           {{"route", route}});
        tally.begin_anew(clock_.now(), text);
        generation = tally.state().generation;
    }
    auto counter = [&](const char* result) -> telemetry::Counter& {
        return metrics_.counter("portal_legacy_comparisons_total",
                                "Answers that were held against those of the other side, by what "
                                "was known then to be noise.",
                                {{"route", route}, {"result", result}});
    };
    auto noise_rules = rules_for_noise(rules);
    routes_[route] = std::make_unique<Route>(
        RouteRules(std::move(rules)), RouteRules(std::move(noise_rules)), std::move(ask_legacy),
        std::move(ask_native), std::move(tally), generation, 0, 0, counter("equal"),
        counter("differs"), counter("skipped"), counter("failed"), counter("dropped"));
}

void CompareService::start() {
    if (!scheduled_) return;
    thread_ = std::thread([this] {
        base::name_thread("compare");
        stand_behind_others();
        loop_.run();
        loop_.drain();
    });
    auto ended = [this](const std::exception_ptr& thrown, const base::Result<void>&) {
        try {
            if (thrown) std::rethrow_exception(thrown);
        } catch (const std::exception& failure) {
            telemetry::log(Level::critical, "legacy", not_kept, {{"error", failure.what()}});
        }
        ended_.advance(1);
    };
    boost::asio::co_spawn(loop_, keep(), std::move(ended));
    running_ = true;
}

base::Task<void> CompareService::stop(base::Deadline deadline) {
    // No deadline: what never ends by itself is asked again, so the wait has no other bound.
    constexpr std::chrono::milliseconds round{60000};
    if (!thread_.joinable()) co_return base::Result<void>();
    running_ = false;
    boost::asio::post(loop_, [this] {
        stopping_ = true;
        waiting_ -= static_cast<std::int64_t>(queue_.size());
        queue_.clear();
        timer_.cancel();
    });
    while (ended_.value() < 1) {
        if (deadline.passed()) co_return base::deadline_passed();
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline.within(round).at() - base::Deadline::Clock::now());
        co_await ended_.reached(1, left + std::chrono::milliseconds(1));
    }
    // Connections that were kept open wait on this loop still.
    loop_.stop();
    thread_.join();
    co_return base::Result<void>();
}

bool CompareService::has_room() const {
    return running_ && waiting_ < config_.queue_max;
}

void CompareService::offer(Comparison comparison) {
    auto found = routes_.find(comparison.route);
    if (found == routes_.end() || !running_) return;
    auto& route = *found->second;
    if (waiting_.fetch_add(1) >= config_.queue_max) {
        waiting_.fetch_sub(1);
        route.dropped.fetch_add(1);
        route.drops.add();
        return;
    }
    auto item = std::make_shared<const Item>(route, std::move(comparison), route.generation.load());
    boost::asio::post(loop_, [this, held = std::move(item)]() mutable { take(std::move(held)); });
}

void CompareService::take(std::shared_ptr<const Item> item) {
    if (stopping_) {
        waiting_.fetch_sub(1);
        return;
    }
    queue_.push_back(std::move(item));
    pump();
}

void CompareService::pump() {
    while (!queue_.empty() && in_flight_ < config_.in_flight_max) {
        auto item = std::move(queue_.front());
        queue_.pop_front();
        waiting_.fetch_sub(1);
        ++in_flight_;
        auto ended = [this](const std::exception_ptr& thrown, const base::Result<void>&) {
            try {
                if (thrown) std::rethrow_exception(thrown);
            } catch (const std::exception& failure) {
                telemetry::log(Level::error, "legacy", "a comparison broke",
                               {{"error", failure.what()}});
            }
            --in_flight_;
            settled_.advance(settled_.value() + 1);
            if (stopping_) timer_.cancel();
            // Not from here: what ends at once would begin the next on top of it.
            boost::asio::post(loop_, [this] { pump(); });
        };
        boost::asio::co_spawn(loop_, settle(std::move(item)), std::move(ended));
    }
}

base::Task<void> CompareService::settle(std::shared_ptr<const Item> item) {
    auto& route = item->route;
    const auto& comparison = item->comparison;
    bool is_ours = comparison.answered == Side::native;
    auto repeat = route.rules.rules.repeat;
    bool asks_twice = repeat > 0 && comparison.request.method() == http::Method::get &&
                      route.begun.fetch_add(1) % repeat == 0;
    const auto& ask = is_ours ? route.ask_legacy : route.ask_native;
    auto other = co_await asked(ask, item);
    if (!other) {
        fail(*item);
        co_return base::Result<void>();
    }
    // A reader's browser may have had it compressed.
    const auto& as_sent = is_ours ? *other : comparison.answer;
    auto decoded = http::decoded(as_sent, limits_.body_bytes_max);
    const auto& legacy = decoded ? *decoded : as_sent;
    const auto& native = is_ours ? comparison.answer : *other;
    // Of ours, too, as long as no reader has seen it: who is late beside the readers may be in time
    // for one of them.
    if (is_failure_of_others(legacy) || (!is_ours && is_failure_of_others(native))) {
        fail(*item);
        co_return base::Result<void>();
    }
    auto outcome = compare_answers(route.rules, legacy, native, limits_);
    std::optional<std::vector<std::string>> noise;
    if (asks_twice) {
        auto second = co_await asked(route.ask_legacy, item);
        if (second) noise = noise_between(route.noise_rules, legacy, *second, limits_);
    }
    file(*item, std::move(outcome), noise);
    co_return base::Result<void>();
}

base::Task<http::PlainResponse> CompareService::asked(const Ask& ask,
                                                      std::shared_ptr<const Item> item) {
    std::string broken;
    try {
        auto task = ask(item->comparison, base::Deadline::in(config_.deadline_ms));
        co_return co_await std::move(task);
    } catch (const std::exception& thrown) {
        broken = thrown.what();
    }
    telemetry::log(Level::error, "legacy", "the other side could not be asked",
                   {{"route", item->comparison.route}, {"error", broken}},
                   item->comparison.request.request_id());
    co_return base::Error{base::Reason::unavailable, "not_asked", "It could not be asked."};
}

void CompareService::fail(const Item& item) {
    std::lock_guard lock(mutex_);
    if (item.generation != item.route.generation) return;
    item.route.tally.fail();
    item.route.failed.add();
}

void CompareService::file(const Item& item, Outcome outcome,
                          const std::optional<std::vector<std::string>>& noise) {
    auto& route = item.route;
    auto target = redacted_target(item.comparison.request.target(), limits_.text_bytes_max);
    // Whether or not it is noise otherwise: in this answer nobody knows what is right there.
    std::erase_if(outcome.differences, [&](const auto& difference) {
        return noise && std::binary_search(noise->begin(), noise->end(), difference.pointer);
    });
    std::lock_guard lock(mutex_);
    if (item.generation != route.generation) return;
    if (noise) route.tally.learn(*noise);
    if (outcome.skipped && !route.tally.differs(outcome.differences)) {
        route.tally.skip();
        route.skipped.add();
    } else if (route.tally.file(outcome.differences, target, clock_.now())) {
        route.differs.add();
    } else {
        route.equal.add();
    }
}

CompareReport CompareService::report(const std::string& route) const {
    auto found = routes_.find(route);
    if (found == routes_.end()) return {};
    std::lock_guard lock(mutex_);
    found->second->tell_drops();
    return found->second->tally.report();
}

base::Task<void> CompareService::restart(std::string route) {
    auto found = routes_.find(route);
    if (found == routes_.end()) {
        co_return base::Error{base::Reason::not_found, "unknown_route",
                              "No route of that name is compared."};
    }
    TallyStates changes;
    {
        std::lock_guard lock(mutex_);
        auto& its = *found->second;
        its.dropped = 0;
        its.begun = 0;
        its.tally.begin_anew(clock_.now(), its.tally.state().rules);
        its.generation = its.tally.state().generation;
        changes[route] = its.tally.take_changes().state;
    }
    auto stored = co_await store_.put(std::move(changes));
    if (stored) co_return base::Result<void>();
    {
        std::lock_guard lock(mutex_);
        found->second->tally.nothing_stored();
    }
    co_return base::Error{
        base::Reason::unavailable, "not_stored",
        "Counting has begun anew, but that could not be stored: " + stored.error().message};
}

/// Stores now and then, and a last time when it stops and nothing is under way any more.
base::Task<void> CompareService::keep() {
    // A disk that is full will be so for a while, and each attempt is a line in the log.
    constexpr int patience = 60;
    bool is_last = false;
    while (!is_last) {
        auto span = config_.store_interval_ms * (is_storing_ ? 1 : patience);
        if (!has_ended()) co_await timer_.pause(span);
        is_last = has_ended();
        co_await flush();
    }
    co_return base::Result<void>();
}

base::Task<void> CompareService::flush() {
    auto changes = take_changes();
    // Of a store that is out the log says so once, and it stays so.
    if (changes.empty() || !database_->usable()) co_return base::Result<void>();
    std::string why;
    try {
        auto stored = co_await store_.put(std::move(changes));
        is_storing_ = is_storing_ || stored;
        if (stored) co_return base::Result<void>();
        why = stored.error().message;
    } catch (const std::exception& failure) {
        why = failure.what();
    }
    not_stored(why);
    co_return base::Result<void>();
}

TallyStates CompareService::take_changes() {
    TallyStates all;
    std::lock_guard lock(mutex_);
    for (auto& [name, route] : routes_) {
        route->tell_drops();
        auto changes = route->tally.take_changes();
        if (changes.any) all[name] = std::move(changes.state);
    }
    return all;
}

void CompareService::not_stored(const std::string& why) {
    if (std::exchange(is_storing_, false))
        telemetry::log(Level::error, "legacy", not_kept, {{"error", why}});
    std::lock_guard lock(mutex_);
    for (auto& [name, route] : routes_) route->tally.nothing_stored();
}

base::Result<std::unique_ptr<CompareService>> open_comparer(const CompareConfig& config,
                                                            const host::Environment& environment) {
    database::Config limits;
    limits.readers = 1;
    auto database = host::open_store(compare_store_file(environment.folder), {migrations::legacy()},
                                     limits, environment);
    if (!database) return database.error();
    auto kept = base::run(CompareStore(**database).load());
    if (!kept && !database::is_out(kept.error())) return kept.error();
    return std::make_unique<CompareService>(config, environment, std::move(*database),
                                            kept ? std::move(*kept) : TallyStates());
}

}  // namespace legacy
