// What was brought in is to be seen when somebody says that it is done.
#include "news/instance.hpp"

namespace news {

base::Result<void> wait_for_views(
    const Instances& instances, std::chrono::milliseconds stall_max, const base::Clock& clock,
    const std::function<void(const std::string& type, std::int64_t left)>& tell,
    const std::atomic<bool>& stop) {
    for (const auto& [type, instance] : instances) {
        auto backlog = instance->backlog();
        auto moved = clock.steady();
        while (!*base::run(instance->caught_up(std::chrono::seconds(1))) && !stop) {
            auto left = instance->backlog();
            tell(type, left);
            auto now = clock.steady();
            if (left < backlog) moved = now;
            backlog = left;
            if (now - moved > stall_max) {
                return base::Error{base::Reason::unavailable, "view_stalled",
                                   "Everything is stored, but the view of " + type +
                                       " does not follow, as on a full disk: " +
                                       std::to_string(backlog) + " items are not shown yet."};
            }
        }
    }
    return {};
}

}  // namespace news
