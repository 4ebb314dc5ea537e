#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "positions.hpp"

namespace live {

/// Something that is told, in the bytes that go out: made once, sent to many.
struct Entry {
    std::size_t log = 0;
    std::int64_t position = 0;  ///< of its log; 0: it is in none, and told only to who listens now
    Positions reached;          ///< how far all logs are told with it
    std::vector<std::string> tags{};      ///< in order
    std::optional<std::int64_t> owner{};  ///< whose article it is about
    std::string whole;                    ///< its id, then the rest
    std::size_t id_bytes = 0;
    std::int64_t article = 0;
    /// The rest without what the article says: told instead once nobody may see that any more.
    /// Empty: it says nothing of the kind.
    std::string bare{};
    std::optional<base::Time> seen_until{};  ///< until then everybody may see it
    bool is_reset = false;  ///< something cannot be told: for all, whatever they asked for

    std::string_view without_id() const { return std::string_view(whole).substr(id_bytes); }
    bool is_over(base::Time now) const { return seen_until && *seen_until <= now; }
    std::size_t bytes() const { return whole.size() + bare.size(); }
    /// What is told once nobody may see the article.
    Entry hidden() const;
};
using Entries = std::vector<std::shared_ptr<const Entry>>;

/// What came of events of one log that follow each other.
struct Part {
    std::vector<Entry> entries;
    std::int64_t end = 0;  ///< up to where
    /// Articles of which nobody may be told what was told of them before.
    std::vector<std::int64_t> hidden{};

    /// What was told of the article so far says no more what it says.
    void hide(std::int64_t article);
};

/// What one reader wants to hear.
struct Filter {
    std::vector<bool> logs;               ///< by their order
    std::vector<std::string> tags{};      ///< any of them; empty: whatever tags it has
    std::optional<std::int64_t> owner{};  ///< only of this one's articles

    bool wants(const Entry& entry) const;
};

/// How many of the newest entries are kept. One is kept, however large it is.
struct RingLimits {
    std::size_t entries_max = 1024;
    std::size_t bytes_max = 8 * 1024 * 1024;
};

/// The newest entries: what readers read from who are not slow, or not for long. A value.
struct Ring {
    Entries entries;
    std::uint64_t first = 0;  ///< the number of the first of them
    std::size_t bytes = 0;
    Positions floor;            ///< everything after that is here
    Positions reached;          ///< everything up to there is told
    std::uint64_t hidings = 0;  ///< how often articles were hidden
    /// Says how far that is, and nothing else.
    std::shared_ptr<const std::string> heartbeat;

    std::uint64_t end() const { return first + entries.size(); }
};

/// A ring that begins at those positions.
Ring begin_at(Positions positions, const std::vector<std::string>& names);
/// One more step in a log, of which `told` came; the ids of its entries are filled in. What is here
/// of articles that it hides says no more what they say.
Ring after(const Ring& ring, std::size_t log, Part told, const std::vector<std::string>& names,
           const RingLimits& limits);

/// The same without telling what happened in a log up to `end`: it has to be read from there.
Ring without(const Ring& ring, std::size_t log, std::int64_t end,
             const std::vector<std::string>& names);

/// A comment with an id, which a browser remembers and nobody hears.
std::string heartbeat_at(const Positions& positions, const std::vector<std::string>& names);
std::string id_line(const Positions& positions, const std::vector<std::string>& names);

}  // namespace live
