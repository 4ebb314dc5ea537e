#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace base {

/// A bounded map of what was used lately, thread-safe: when a sixteenth of it (its keys are spread
/// over sixteen parts, each with a lock of its own) is full, the entry of that part which was not
/// asked for the longest goes. Pinned entries stay, and count beside the limit.
template <class Key, class Value, class Hash = std::hash<Key>>
class Cache {
public:
    /// `capacity`: entries that are not pinned; at least one per part.
    explicit Cache(std::size_t capacity) : part_capacity_(capacity / parts + 1) {}

    std::optional<Value> find(const Key& key) {
        auto& part = part_of(key);
        std::lock_guard lock(part.mutex);
        auto found = part.entries.find(key);
        if (found == part.entries.end()) return std::nullopt;
        auto& entry = found->second;
        if (entry.pins == 0) part.order.splice(part.order.begin(), part.order, entry.place);
        return entry.value;
    }

    void put(const Key& key, Value value) { store(key, std::move(value), 0); }
    /// Puts it so that it stays until it was unpinned as often as pinned.
    void pin(const Key& key, Value value) { store(key, std::move(value), 1); }
    /// Puts it only if the key is not there: for what was read before others may have changed it.
    void fill(const Key& key, Value value) {
        auto& part = part_of(key);
        std::lock_guard lock(part.mutex);
        if (!part.entries.contains(key)) insert(part, key, std::move(value), 0);
    }

    /// Calls `change(value)` with the key's value, a fresh one if it has none, while no other
    /// thread can have it.
    template <class Change>
    void change(const Key& key, Change change) {
        auto& part = part_of(key);
        std::lock_guard lock(part.mutex);
        auto found = part.entries.find(key);
        if (found == part.entries.end()) {
            Value value{};
            change(value);
            insert(part, key, std::move(value), 0);
            return;
        }
        auto& entry = found->second;
        if (entry.pins == 0) part.order.splice(part.order.begin(), part.order, entry.place);
        change(entry.value);
    }

    void unpin(const Key& key) {
        auto& part = part_of(key);
        std::lock_guard lock(part.mutex);
        auto found = part.entries.find(key);
        if (found == part.entries.end() || found->second.pins == 0) return;
        if (--found->second.pins > 0) return;
        part.order.push_front(key);
        found->second.place = part.order.begin();
        shrink(part);
    }

    /// Pinned or not.
    void erase(const Key& key) {
        auto& part = part_of(key);
        std::lock_guard lock(part.mutex);
        auto found = part.entries.find(key);
        if (found == part.entries.end()) return;
        if (found->second.pins == 0) part.order.erase(found->second.place);
        part.entries.erase(found);
    }

    std::size_t size() const {
        std::size_t count = 0;
        for (const auto& part : parts_) {
            std::lock_guard lock(part.mutex);
            count += part.entries.size();
        }
        return count;
    }

private:
    static constexpr std::size_t parts = 16;
    struct Entry {
        Value value;
        std::size_t pins = 0;
        typename std::list<Key>::iterator place{};  ///< only while not pinned
    };
    struct Part {
        mutable std::mutex mutex;
        std::unordered_map<Key, Entry, Hash> entries;
        std::list<Key> order;  ///< not pinned, latest first
    };

    Part& part_of(const Key& key) {
        // The low bits choose the bucket within a part: take others.
        auto hash = static_cast<std::uint64_t>(Hash()(key)) * 0x9e3779b97f4a7c15ULL;
        return parts_[hash >> 60];
    }

    void store(const Key& key, Value value, std::size_t pins) {
        auto& part = part_of(key);
        std::lock_guard lock(part.mutex);
        auto found = part.entries.find(key);
        if (found == part.entries.end()) {
            insert(part, key, std::move(value), pins);
            return;
        }
        auto& entry = found->second;
        entry.value = std::move(value);
        if (entry.pins == 0 && pins > 0) part.order.erase(entry.place);
        entry.pins += pins;
    }

    void insert(Part& part, const Key& key, Value value, std::size_t pins) {
        auto& entry = part.entries.emplace(key, Entry{std::move(value), pins, {}}).first->second;
        if (pins > 0) return;
        part.order.push_front(key);
        entry.place = part.order.begin();
        shrink(part);
    }

    void shrink(Part& part) {
        while (part.order.size() > part_capacity_) {
            part.entries.erase(part.order.back());
            part.order.pop_back();
        }
    }

    const std::size_t part_capacity_;
    std::array<Part, parts> parts_;
};

}  // namespace base
