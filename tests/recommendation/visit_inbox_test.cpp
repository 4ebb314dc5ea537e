#include "visit_inbox.hpp"

#include "news/events.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/inbox_suite.hpp"
#include "support/occupied_store.hpp"
#include "support/temporary_folder.hpp"

namespace recommendation {

namespace {

using namespace std::chrono_literals;
using Positions = std::vector<std::int64_t>;

/// The graph's store and its inbox, and nobody who works.
struct Stage {
    Stage() {
        database::Options options;
        options.file = folder / "recommendation.db";
        options.name = "recommendation";
        options.migrations = graph_schema();
        options.limits = support::one_at_a_time();
        database = std::move(*database::Database::open(std::move(options)));
        Scale scale{clock.now(), 0, 1h};
        Learner::Limits limits;
        limits.questions_max = 16;
        learner = std::make_unique<Learner>(*database, clock, metrics, limits, loop.get_executor());
        learner->load(1, {});  // which is never learned: nobody waits for it
        visits = std::make_unique<VisitService>(*database, clock, metrics, pseudonyms, scale,
                                                VisitLimits{{10, 1h}, 10}, *learner);
        inbox = std::make_unique<VisitInbox>(*visits, metrics);
    }
    void execute(const std::string& sql) {
        auto work = [&](database::Transaction& transaction) -> base::Result<bool> {
            transaction.execute(sql);
            return true;
        };
        REQUIRE(base::run(database->write<bool>(base::Deadline(), 0, work)));
    }
    Positions applied() {
        auto work = [](database::ReadTransaction& transaction) -> base::Result<Positions> {
            Positions positions;
            auto rows = transaction.prepare("select news_id from views order by news_id");
            while (rows.step()) positions.push_back(rows.integer(0));
            return positions;
        };
        return *base::run(database->read<Positions>(base::Deadline(), work));
    }

    support::TemporaryFolder folder;
    support::FakeClock clock;
    telemetry::Metrics metrics;
    base::Loop loop;
    Pseudonyms pseudonyms{"a key"};
    std::unique_ptr<Learner> learner;
    std::unique_ptr<VisitService> visits;
    std::unique_ptr<VisitInbox> inbox;
    std::unique_ptr<database::Database> database;
};

}  // namespace

TEST_CASE("the graph is an inbox of visits, which leaves out what breaks and keeps no place",
          "[recommendation]") {
    Stage stage;
    auto break_on = [&](const std::set<std::int64_t>& readers) {
        std::string sql = "drop trigger if exists spoil";
        for (auto reader : readers) {
            sql += "; create trigger spoil before insert on views when new.user_id = " +
                   std::to_string(reader) + " begin select raise(abort, 'spoilt'); end";
        }
        stage.execute(sql);
    };
    bus::InboxStage stand{*stage.inbox, [&] { return stage.applied(); }, break_on,
                          support::Occupation(*stage.database)};
    stand.event = [&](std::int64_t position, std::int64_t stream) {
        auto event = news::to_event({stream, "sports", position, {"a"}, stage.clock.now()});
        event.position = position;
        return event;
    };
    stand.puts_aside = false;
    stand.keeps_place = false;
    bus::check_inbox(stand);
    CHECK_THAT(stage.metrics.text(),
               Catch::Contains("portal_recommendation_visits_dropped_total{why=\"broken\"} 1\n"));
}

}  // namespace recommendation
