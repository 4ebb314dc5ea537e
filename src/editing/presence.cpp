#include "presence.hpp"

#include <algorithm>
#include <tuple>

namespace editing {

base::Result<std::vector<Present>> Presence::arrive(const ArticleName& article, std::int64_t user,
                                                    base::Time now) {
    std::lock_guard lock(mutex_);
    bool is_open = articles_.contains(article);
    if (!is_open && articles_.size() >= articles_max_) forget_all_gone(now);
    bool has_room = is_open || articles_.size() < articles_max_;
    if (has_room) {
        auto& people = articles_[article];
        forget_gone(article, people, now);
        auto [entry, is_new] = people.try_emplace(user, Present{user, now, now});
        entry->second.seen = now;
        if (people.size() <= present_max) {
            if (is_new) tell(article, people);
            return in_order(people);
        }
        people.erase(user);
    }
    return base::Error{base::Reason::unavailable, "presence_full",
                       "More articles or people are open than are remembered. Nothing else is "
                       "affected; try again in a while."};
}

std::vector<Present> Presence::present(const ArticleName& article, base::Time now) {
    std::lock_guard lock(mutex_);
    auto found = articles_.find(article);
    if (found == articles_.end()) return {};
    forget_gone(article, found->second, now);
    auto people = in_order(found->second);
    if (people.empty()) articles_.erase(found);
    return people;
}

void Presence::leave(const ArticleName& article, std::int64_t user) {
    std::lock_guard lock(mutex_);
    auto found = articles_.find(article);
    if (found == articles_.end()) return;
    if (found->second.erase(user) > 0) tell(article, found->second);
    if (found->second.empty()) articles_.erase(found);
}

void Presence::forget_gone(base::Time now) {
    std::lock_guard lock(mutex_);
    forget_all_gone(now);
}

void Presence::forget_gone(const ArticleName& article, People& people, base::Time now) const {
    auto gone =
        std::erase_if(people, [&](const auto& one) { return one.second.seen + span_ < now; });
    if (gone > 0) tell(article, people);
}

void Presence::forget_all_gone(base::Time now) {
    for (auto& [article, people] : articles_) forget_gone(article, people, now);
    std::erase_if(articles_, [](const auto& one) { return one.second.empty(); });
}

void Presence::tell(const ArticleName& article, const People& people) const {
    if (tell_) tell_({article, in_order(people)});
}

std::vector<Present> Presence::in_order(const People& people) {
    std::vector<Present> all;
    for (const auto& [user, present] : people) all.push_back(present);
    std::sort(all.begin(), all.end(), [](const Present& a, const Present& b) {
        return std::tie(a.since, a.user) < std::tie(b.since, b.user);
    });
    return all;
}

}  // namespace editing
