#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bus/feed.hpp"
#include "bus/subscription.hpp"
#include "bus/topic.hpp"
#include "config/section.hpp"
#include "database/database.hpp"
#include "database/store_file.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "news/events.hpp"
#include "recommendation/ranking_weights.hpp"
#include "recommendation/rankings.hpp"
#include "recommendation/recommendations.hpp"
#include "resilience/circuit_breaker.hpp"
#include "users/users.hpp"

namespace recommendation {

/// Settings of recommendation; describe() says what each means.
struct Config {
    std::chrono::hours half_life_h{14 * 24};
    std::chrono::milliseconds batch_interval_ms{50};
    std::int64_t batch_visits_max = 1024;
    std::int64_t ring_visits_max = 65536;
    std::chrono::milliseconds repeat_interval_ms{3600 * 1000};
    std::int64_t labels_per_user_max = 500;
    std::int64_t answer_entries_max = 100;
    RankingWeights ranking{};
    std::int64_t ranked_readers_max = 1'000'000;
    std::int64_t ranked_articles_max = 200'000;
    std::int64_t ranked_labels_max = 100'000;
    std::int64_t ranking_questions_max = 256;
    std::int64_t visits_max = 1000;
    std::chrono::milliseconds short_view_ms{5000};
    std::int64_t choices_max = 1000;
    std::int64_t log_days = 90;
    std::int64_t log_rows_max = 20'000'000;
    std::int64_t snapshot_rows = 2'000'000;
    std::chrono::milliseconds profiles_deadline_ms{200};
    resilience::CircuitBreakerConfig profiles_breaker{};
    database::Config database{};
    bus::Config bus{};
};

void describe(config::Section& section, RankingWeights& weights);
void describe(config::Section& section, Config& config);

/// What each reader cares about: a graph of readers and labels with weights that fade. Stores only
/// ids and labels; whose they are it asks the users module. A visit is applied once, soon (see
/// batch_interval_ms) and durably; one that is repeated within repeat_interval_ms changes nothing.
class Module : public host::Module {
public:
    /// What it keeps, which may be looked at without opening it.
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    /// What it asks and hears; all of it outlives the module.
    struct Neighbours {
        bus::Topic<news::NewsViewed>& visits;
        const bus::Feed& users_feed;  ///< whoever is removed there loses all edges
        const users::Users& users;    ///< asked for names; outlives all answers, too
        std::map<std::string, const bus::Feed*> news_feeds{};  ///< by type: what can be read
    };

    /// Opens the store, `recommendation.db`, and subscribes to visits, so before the first is
    /// published. Refused as database::Database::open is, and with `older_data` (conflict) when the
    /// users log is older than what this store has heard of it, unless the environment accepts
    /// that.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      const Neighbours& neighbours);

    virtual const Recommendations& recommendations() const = 0;
    virtual const Rankings& rankings() const = 0;

    /// /v1/recommendation/…
    ///
    /// `user/{id}` (that reader, admins): `[{"id":"label","weight":1.23,"last_seen":TIME}]`,
    /// heaviest first. The weight is Σ 2^(-age / half_life_h) over the reader's visits with that
    /// label, times ln(1 + readers / readers of that label): recent visits and rare labels count
    /// more. It fades between two answers, also without visits.
    ///
    /// `label/{label}` (editors): `[{"id":7,"name":"…"}]`, whose visits weigh most first; with
    /// "email" for admins. If users does not answer within profiles_deadline_ms, `[{"id":7}]` with
    /// Cache-Control: no-store.
    ///
    /// Both give at most answer_entries_max entries, and `[]` for what is not known. Refused with
    /// `user_not_found` (another reader's list), `unavailable`, `deadline`.
    void add_routes(http::Router& router) override = 0;

    /// Visits that are published by then are applied first, if that succeeds at once.
    base::Task<void> stop(base::Deadline deadline) override = 0;
};

}  // namespace recommendation
