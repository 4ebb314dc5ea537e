#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <optional>
#include <vector>

#include "top_list.hpp"

namespace recommendation {

/// The numbers that stand for keys in memory: one for each, from 0 on, those that are free again
/// first. At most so many as it is made for; who keeps something by number forgets that before the
/// number is given anew. Knows which were not used for longest: a list runs through all. Pure; one
/// thread.
template <class Key>
class Names {
public:
    explicit Names(std::size_t most) : most_(most) {}

    std::size_t size() const { return numbers_.size(); }
    bool is_full() const { return size() >= most_; }
    const Key& key(Index number) const { return entries_[number].key; }
    std::optional<Index> find(const Key& key) const {
        auto found = numbers_.find(key);
        if (found == numbers_.end()) return std::nullopt;
        return found->second;
    }

    /// The number of a key, which is used now; a new one if it has none. Nothing: it is new, and
    /// there are as many as there may be.
    std::optional<Index> use(const Key& key) {
        if (auto known = find(key)) {
            touch(*known);
            return known;
        }
        if (is_full()) return std::nullopt;
        auto number = static_cast<Index>(entries_.size());
        if (free_.empty()) {
            entries_.emplace_back();
        } else {
            number = free_.back();
            free_.pop_back();
        }
        entries_[number].key = key;
        numbers_.emplace(key, number);
        link_newest(number);
        return number;
    }

    /// It is used now.
    void touch(Index number) {
        unlink(number);
        link_newest(number);
    }

    /// The first unused for longest; fewer if there are fewer.
    std::vector<Index> unused_longest(std::size_t count) const {
        std::vector<Index> all;
        for (auto one = oldest_; one != none && all.size() < count; one = entries_[one].newer) {
            all.push_back(one);
        }
        return all;
    }

    void forget(Index number) {
        unlink(number);
        numbers_.erase(entries_[number].key);
        entries_[number].key = Key();
        free_.push_back(number);
    }

    template <class File>
    void keep(File& file) {
        file(entries_, free_, newest_, oldest_);
        if constexpr (File::reads) {
            numbers_.clear();
            for (auto one = oldest_; one != none; one = entries_[one].newer) {
                numbers_.emplace(entries_[one].key, one);
            }
        }
    }

private:
    static constexpr Index none = static_cast<Index>(-1);
    struct Entry {
        Key key{};
        Index newer = none;
        Index older = none;

        template <class File>
        void keep(File& file) {
            file(key, newer, older);
        }
    };

    void link_newest(Index number) {
        auto& entry = entries_[number];
        entry.older = newest_;
        entry.newer = none;
        (newest_ == none ? oldest_ : entries_[newest_].newer) = number;
        newest_ = number;
    }
    void unlink(Index number) {
        const auto& entry = entries_[number];
        (entry.older == none ? oldest_ : entries_[entry.older].newer) = entry.newer;
        (entry.newer == none ? newest_ : entries_[entry.newer].older) = entry.older;
    }

    std::size_t most_;
    boost::unordered_flat_map<Key, Index> numbers_;
    std::vector<Entry> entries_;
    std::vector<Index> free_;
    Index newest_ = none;
    Index oldest_ = none;
};

}  // namespace recommendation
