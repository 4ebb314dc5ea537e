#pragma once

#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "http/message.hpp"
#include "news/events.hpp"
#include "news/queries.hpp"

namespace orchestrator {

/// What a response was made from: valid for as long as each shown type is at its generation. Of a
/// type whose generation is not known nothing is kept.
struct Source {
    const news::Queries* queries = nullptr;
    news::Generation generation{};
};

/// An answer that can be sent again.
struct CachedResponse {
    std::shared_ptr<const http::PreparedResponse> answer;
    std::vector<Source> sources;
    /// For a single item: the visit, but for who and when.
    std::optional<news::NewsViewed> viewed{};
    /// When the first of what it shows expires: from then on it is nobody's, valid or not.
    base::Clock::Moment expires = base::Clock::Moment::max();

    /// To be told of each article that it shows.
    void shows(const news::Article& article, const base::Clock& clock) {
        ends_at(article.expires_at, clock);
    }
    /// From then on it is not right any more; nothing: until its sources change.
    void ends_at(const std::optional<base::Time>& time, const base::Clock& clock);
    /// The same to another client.
    http::Response again() const;
};

/// An answer that is being made: what it will be kept under, and what it is made from so far.
struct NewPage {
    std::string target;  ///< the canonical one
    std::vector<Source> sources{};
    bool may_be_kept = true;

    /// To be told before that type is asked.
    void asks(const news::Queries& queries);
};

/// Answers ready to send, by their canonical target; the least recently used goes first. One per
/// I/O thread, so that a hit takes no lock; bounded by bytes. What is no longer valid is kept for
/// whoever cannot have anything better.
class ResponseCache {
public:
    using Moment = base::Clock::Moment;

    /// `stale_max`: of what is no longer valid, how long after it was last known to be.
    explicit ResponseCache(std::size_t bytes_max, Moment::duration stale_max = {})
        : bytes_max_(bytes_max), stale_max_(stale_max) {}

    /// Null if it is not there or no longer valid.
    const CachedResponse* find(std::string_view target, Moment now);
    /// Also what is not valid; null if that has lasted too long, or if one of those that are `well`
    /// has changed since: what it has taken from readers would come back.
    const CachedResponse* find_stale(std::string_view target, Moment now,
                                     std::span<const Source> well = {}) const;
    void put(std::string target, CachedResponse response, Moment now);

    std::size_t bytes() const { return bytes_; }

private:
    struct Entry {
        std::string target;
        CachedResponse response;
        std::size_t bytes = 0;
        Moment valid_at{};  ///< when it was last known to be
    };
    using Entries = std::list<Entry>;
    void erase(Entries::iterator entry);

    bool may_be_shown(const Entry& entry, Moment now) const;

    std::size_t bytes_max_;
    Moment::duration stale_max_;
    std::size_t bytes_ = 0;
    Entries entries_;                                                 ///< most recently used first
    std::unordered_map<std::string_view, Entries::iterator> places_;  ///< keys point into entries_
};

}  // namespace orchestrator
