#include "queue_feed.hpp"

namespace users {

QueueFeed::QueueFeed(const UserStore& store, std::int64_t number, std::int64_t workers)
    : store_(store), number_(number), workers_(workers) {}

base::Task<std::vector<bus::Event>> QueueFeed::after(std::int64_t position, std::int64_t count,
                                                     base::Deadline deadline) const {
    co_return co_await store_.waiting(number_, workers_, position, count, deadline);
}

base::Task<std::vector<bus::Event>> QueueFeed::stream(std::int64_t id,
                                                      base::Deadline deadline) const {
    co_return co_await store_.waiting_of(id, deadline);
}

}  // namespace users
