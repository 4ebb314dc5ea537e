#include "named_clients.hpp"

#include <algorithm>

namespace gateway {

NamedClients::Named NamedClients::name(const ClientKey& key, const std::string& client,
                                       const Finding& finding, const std::string& request_id,
                                       base::Time now, base::Clock::Moment moment) {
    std::lock_guard lock(mutex_);
    auto found = clients_.find(key);
    bool is_new = found == clients_.end();
    if (is_new) {
        if (std::ssize(clients_) >= limits_.named_max) return Named::no_room;
        found = clients_.emplace(key, NamedClient{client}).first;
        found->second.since = now;
    }
    auto& named = found->second;
    auto sign = static_cast<std::size_t>(finding.sign);
    bool is_new_sign = !named.signs.test(sign);
    named.signs.set(sign);
    named.action = std::max(named.action, limits_.action(finding.sign));
    named.last_finding = finding;
    named.request_id = request_id;
    named.last = now;
    named.until = moment + limits_.hold;
    ++named.times;
    publish();
    if (!is_new && !is_new_sign && moment - named.told < limits_.window) return Named::again;
    named.told = moment;
    return Named::told;
}

void NamedClients::expire(base::Clock::Moment now) {
    std::lock_guard lock(mutex_);
    if (std::erase_if(clients_, [&](auto& one) { return one.second.until <= now; }) > 0) publish();
}

bool NamedClients::forget(const ClientKey& key) {
    std::lock_guard lock(mutex_);
    if (clients_.erase(key) == 0) return false;
    publish();
    return true;
}

std::vector<NamedClient> NamedClients::all() const {
    std::vector<NamedClient> all;
    {
        std::lock_guard lock(mutex_);
        all.reserve(clients_.size());
        for (const auto& [key, named] : clients_) all.push_back(named);
    }
    std::sort(all.begin(), all.end(), [](auto& a, auto& b) {
        return a.last != b.last ? a.last > b.last : a.client < b.client;
    });
    return all;
}

std::vector<std::string> NamedClients::listed() const {
    std::vector<std::string> listed;
    {
        std::lock_guard lock(mutex_);
        for (const auto& [key, named] : clients_) {
            if (named.action == SignAction::list) listed.push_back(named.client);
        }
    }
    std::sort(listed.begin(), listed.end());
    return listed;
}

std::size_t NamedClients::size() const {
    std::lock_guard lock(mutex_);
    return clients_.size();
}

/// While the lock is held.
void NamedClients::publish() {
    auto standings = std::make_shared<Standings>();
    for (const auto& [key, named] : clients_) {
        if (named.action == SignAction::none) continue;
        standings->emplace(key, Standing{named.action, named.until});
    }
    if (standings->empty() && acted_on_ == 0) return;
    acted_on_ = standings->size();
    standings_.replace(std::move(standings));
}

}  // namespace gateway
