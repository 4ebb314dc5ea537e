#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "editing/desk.hpp"

namespace editing {

/// Who has which article open, as far as they have said so lately. In memory: after a start nobody
/// has. Thread-safe.
class Presence {
public:
    /// Told of who has an article open whenever others have than before. Quick; asks nothing here.
    using Tell = std::function<void(PresenceChanged)>;

    /// `span`: how long after the last sign somebody still counts.
    Presence(std::chrono::milliseconds span, std::size_t articles_max, Tell tell = {})
        : span_(span), articles_max_(articles_max), tell_(std::move(tell)) {}

    /// Refused with `presence_full`. The longest there come first.
    base::Result<std::vector<Present>> arrive(const ArticleName& article, std::int64_t user,
                                              base::Time now);
    std::vector<Present> present(const ArticleName& article, base::Time now);
    void leave(const ArticleName& article, std::int64_t user);
    /// Whoever has given no sign for too long has gone.
    void forget_gone(base::Time now);

private:
    using People = std::map<std::int64_t, Present>;

    void forget_gone(const ArticleName& article, People& people, base::Time now) const;
    void forget_all_gone(base::Time now);
    void tell(const ArticleName& article, const People& people) const;
    static std::vector<Present> in_order(const People& people);

    const std::chrono::milliseconds span_;
    const std::size_t articles_max_;
    const Tell tell_;
    std::mutex mutex_;
    std::map<ArticleName, People> articles_;
};

/// People in one article, at most; who comes then is refused.
inline constexpr std::size_t present_max = 50;

}  // namespace editing
