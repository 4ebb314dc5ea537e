#include "revocations.hpp"

#include <algorithm>

namespace identity {

Revocations::Table::Table() : shards_(std::make_unique<std::array<Shard, shard_count>>()) {}

std::int64_t Revocations::Table::least_epoch(std::int64_t id) const {
    auto& shard = (*shards_)[place_of(id)];
    if (shard.empty.load(std::memory_order_acquire)) return 0;
    auto entries = shard.entries.get();
    auto found = entries->find(id);
    return found == entries->end() ? 0 : found->second.least_epoch;
}

void Revocations::Table::add_all(const std::vector<Revocation>& all, Revocation::Kind kind) {
    // A part is copied once, however many of them go there.
    std::array<std::shared_ptr<Entries>, shard_count> changed;
    for (const auto& revocation : all) {
        if (revocation.kind != kind) continue;
        auto place = place_of(revocation.id);
        auto& entries = changed[place];
        if (!entries) entries = std::make_shared<Entries>(*(*shards_)[place].entries.get());
        auto& entry = entries->try_emplace(revocation.id, revocation).first->second;
        entry.least_epoch = std::max(entry.least_epoch, revocation.least_epoch);
        entry.until = std::max(entry.until, revocation.until);
    }
    for (std::size_t place = 0; place < shard_count; ++place) {
        if (!changed[place]) continue;
        auto& shard = (*shards_)[place];
        shard.entries.replace(std::move(changed[place]));
        shard.empty.store(false, std::memory_order_release);
    }
}

void Revocations::Table::forget(base::Time now) {
    for (auto& shard : *shards_) {
        auto before = shard.entries.get();
        auto ended = [now](const auto& entry) { return entry.second.until < now; };
        if (std::none_of(before->begin(), before->end(), ended)) continue;
        auto entries = std::make_shared<Entries>(*before);
        std::erase_if(*entries, ended);
        bool empty = entries->empty();
        shard.entries.replace(std::move(entries));
        shard.empty.store(empty, std::memory_order_release);
    }
}

std::size_t Revocations::Table::size() const {
    std::size_t count = 0;
    for (auto& shard : *shards_) count += shard.entries.get()->size();
    return count;
}

bool Revocations::admit(UserId user, std::int64_t epoch, std::int64_t family) const {
    return epoch >= users_.least_epoch(user) && families_.least_epoch(family) == 0;
}

void Revocations::add_all(const std::vector<Revocation>& all) {
    users_.add_all(all, Revocation::Kind::user);
    families_.add_all(all, Revocation::Kind::family);
}

void Revocations::forget(base::Time now) {
    users_.forget(now);
    families_.forget(now);
}

std::size_t Revocations::size() const {
    return users_.size() + families_.size();
}

}  // namespace identity
