// What an operator wants done with a parked stream: put into a queue on any thread, done between
// two looks at the feed by whoever runs the subscription.
#include <utility>

#include "bus/subscription.hpp"
#include "telemetry/log.hpp"

namespace bus {

base::Task<void> Subscription::ask(std::int64_t stream, bool drops) {
    auto start = [this, stream, drops](base::Completion<void> done) {
        {
            std::lock_guard lock(requests_mutex_);
            if (running_) {
                requests_.push_back({stream, drops, std::move(done)});
                return timer_.cancel();
            }
        }
        done(base::Error{base::Reason::unavailable, "not_running",
                         "Nothing is brought from that log just now. Try again."});
    };
    co_return co_await base::suspend<void>(std::move(start));
}

std::vector<Subscription::Request> Subscription::take_requests(bool still_runs) {
    std::lock_guard lock(requests_mutex_);
    running_ = still_runs;
    return std::exchange(requests_, {});
}

bool Subscription::has_requests() {
    std::lock_guard lock(requests_mutex_);
    return !requests_.empty();
}

base::Task<void> Subscription::answer_requests() {
    auto requests = take_requests(true);
    for (auto& request : requests) {
        auto answered = co_await answer(request.stream, request.drops);
        request.done(std::move(answered));
    }
    co_return base::Result<void>();
}

base::Task<void> Subscription::answer(std::int64_t stream, bool drops) {
    auto held = held_.find(stream);
    if (held == held_.end()) {
        co_return base::Error{base::Reason::not_found, "not_parked",
                              "That stream is not parked: `portal parked list` names those that "
                              "are."};
    }
    if (drops) {
        auto dropped = co_await inbox_.drop(stream);
        if (!dropped) co_return dropped.error();
        take_back(stream);
        telemetry::log(telemetry::Level::warning, "bus",
                       "a parked stream goes on without the events it has missed",
                       {{"subscription", inbox_.name()}, {"stream", stream}});
        co_return base::Result<void>();
    }
    held->second = Hold{};
    auto error = co_await release(stream);
    if (!error) {
        put_aside(stream, false);
        co_return error.error();
    }
    if (error->empty()) co_return base::Result<void>();
    co_return base::Error{base::Reason::unavailable, "still_broken",
                          "It cannot be applied yet: " + *error};
}

}  // namespace bus
