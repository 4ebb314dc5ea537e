#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <vector>

#include "bus/chain.hpp"
#include "bus/log.hpp"
#include "bus/store_inbox.hpp"
#include "bus/subscription.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/stepped_loop.hpp"
#include "support/temporary_folder.hpp"

namespace bus {

using Positions = std::vector<std::int64_t>;

inline std::unique_ptr<database::Database> open(const support::TemporaryFolder& folder,
                                                const char* name,
                                                std::vector<database::MigrationSet> schema,
                                                const database::Config& limits = {}) {
    database::Options options;
    options.file = folder / name;
    options.name = name;
    options.migrations = std::move(schema);
    options.limits = limits;
    return std::move(*database::Database::open(std::move(options)));
}

inline base::Result<Event> append(database::Database& database, Log& log, std::int64_t stream,
                                  std::int64_t version, bool refuse = false) {
    auto work = [&log, stream, version,
                 refuse](database::Transaction& transaction) -> base::Result<Event> {
        NewEvent event{stream, version, "tested.v1", R"({"n":1})", 7, "request-1"};
        auto stored = log.append(transaction, event);
        if (refuse) return base::Error{base::Reason::invalid, "no", "No."};
        return stored;
    };
    return base::run(database.write<Event>(base::Deadline(), 0, work));
}

/// Follows the chain of a log as `verify` does, from outside and beside whoever has it open.
inline ChainReport chain_of(const support::TemporaryFolder& folder,
                            const std::function<void(std::int64_t, std::int64_t)>& progress = {}) {
    database::StoreReader store({"test", folder / "log.db", database::StoreKind::log});
    return follow_chain(store, progress);
}

inline const database::MigrationSet heard_schema{
    "heard", {{"0001_create_heard", "create table heard (position integer primary key) strict;"}}};

inline Positions heard(database::Database& database) {
    auto work = [](database::ReadTransaction& transaction) -> base::Result<Positions> {
        Positions positions;
        auto rows = transaction.prepare("select position from heard order by position");
        while (rows.step()) positions.push_back(rows.integer(0));
        return positions;
    };
    return *base::run(database.read<Positions>(base::Deadline(), work));
}

/// Writes down what it hears; fails for some streams while told to.
class Listener final : public Subscriber {
public:
    void apply(database::Transaction& transaction, std::span<const Event> events) override {
        for (const auto& event : events) {
            if (failing.contains(event.stream)) throw std::runtime_error("cannot take this one");
            transaction.prepare("insert into heard (position) values (?) on conflict do nothing")
                .bind(1, event.position)
                .run();
        }
    }
    std::set<std::int64_t> failing;
};

/// A subscription whose steps a test takes on its own thread, with a clock that it moves.
class Stepped {
public:
    Stepped(const Feed& feed, Inbox& inbox, support::FakeClock& clock, Config config = {})
        : clock_(clock), subscription_(feed, inbox, clock, config, loop_.executor()) {
        REQUIRE(base::run(subscription_.load()));
        loop_.spawn(subscription_.run(), end_);
    }
    ~Stepped() {
        subscription_.stop();
        settle();
    }

    /// Until it waits, for time or for more.
    void settle() { loop_.settle(); }
    void pass(std::chrono::milliseconds span) {
        clock_.advance(span);
        settle();
    }
    bool ended() const { return end_.has_value(); }
    Subscription* operator->() { return &subscription_; }

private:
    support::FakeClock& clock_;
    support::SteppedLoop loop_;
    std::optional<base::Result<void>> end_;
    Subscription subscription_;
};

}  // namespace bus
