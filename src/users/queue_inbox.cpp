#include "queue_inbox.hpp"

#include <set>

#include "queue_json.hpp"
#include "telemetry/log.hpp"
#include "users/events.hpp"

namespace users {

QueueInbox::QueueInbox(UserStore& store, identity::Accounts& accounts, std::int64_t attempts_max,
                       telemetry::Counter& retries)
    : store_(store), accounts_(accounts), attempts_max_(attempts_max), retries_(retries) {}

base::Task<bus::Progress> QueueInbox::load() {
    co_return bus::Progress();
}

base::Task<void> QueueInbox::settle(bus::Event event) {
    base::Context context;
    context.request_id = event.correlation_id;
    context.actor.id = event.actor;
    base::Result<void> done;
    if (event.type == user_registered) {
        auto activated = co_await accounts_.activate(event.stream, std::move(context));
        done = activated;
    } else if (event.type == user_removed) {
        auto erased = co_await accounts_.erase(event.stream, std::move(context));
        done = erased;
    } else if (auto token = account_token_of(event.body)) {
        auto finished = co_await accounts_.finish_change(event.stream, *token, std::move(context));
        done = finished;
    }
    // The account may be gone already, by a removal that waits behind this row.
    if (!done && done.error().reason == base::Reason::not_found) co_return base::Result<void>();
    co_return done;
}

base::Task<std::vector<bus::Deferred>> QueueInbox::apply(std::shared_ptr<const bus::Batch> batch) {
    std::vector<bus::Deferred> deferred;
    std::set<UserId> waiting;
    std::vector<std::int64_t> rows;
    for (const auto& event : batch->events) {
        if (waiting.contains(event.stream)) continue;
        auto settled = co_await settle(event);
        if (settled) {
            rows.push_back(event.position);
        } else {
            retries_.add();
            waiting.insert(event.stream);
            deferred.push_back({event.stream, settled.error().code});
        }
    }
    if (!rows.empty()) {
        auto applied = co_await store_.apply(std::move(rows));
        if (!applied) {
            retries_.add();
            co_return applied.error();
        }
    }
    applied().advance(batch->end.position);
    co_return deferred;
}

base::Task<void> QueueInbox::park(bus::Event event, std::string error) {
    retries_.add();
    auto parked = co_await store_.failed(event.stream, std::move(error), attempts_max_);
    if (!parked) co_return parked.error();
    applied().advance(event.position);
    if (*parked) {
        telemetry::log(telemetry::Level::error, "users",
                       "a change of a user is parked: it cannot be brought to the table",
                       {{"user_id", event.stream}, {"row", event.position}}, event.correlation_id);
    }
    co_return base::Result<void>();
}

base::Task<std::vector<bus::Parked>> QueueInbox::parked() {
    co_return co_await store_.failing();
}

base::Task<void> QueueInbox::release(std::int64_t, std::shared_ptr<const bus::Batch> missed) {
    // One after the other: those before the one that still fails are done with.
    for (const auto& event : missed->events) {
        auto settled = co_await settle(event);
        std::vector<std::int64_t> row{event.position};
        if (settled) {
            auto applied = co_await store_.apply(std::move(row));
            settled = applied;
        }
        if (!settled) {
            retries_.add();
            co_return settled.error();
        }
    }
    co_return base::Result<void>();
}

base::Task<void> QueueInbox::drop(std::int64_t) {
    co_return base::Error{base::Reason::conflict, "may_not_be_dropped",
                          "A change of a user was acknowledged, so it is kept until it is stored. "
                          "Mend what the list says, then use `retry`."};
}

base::Task<bus::Cursor> QueueInbox::begin_anew(const bus::Feed&) {
    co_return bus::Cursor();
}

}  // namespace users
