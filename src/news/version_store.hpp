#pragma once

#include <optional>
#include <string>
#include <vector>

#include "article.hpp"
#include "bus/archive.hpp"
#include "bus/log.hpp"
#include "database/database.hpp"
#include "news/queries.hpp"

namespace news {

// Articles at their versions, from the log and the states beside it, within one transaction on the
// command store. What is read does not grow with an article's history: a state is at most
// `versions_between_states` events away from one that is stored.

inline constexpr Version versions_between_states = 20;

/// The state at version `last`, or the newest; nothing if there is no such version.
std::optional<ArticleState> read_state(database::ReadTransaction& transaction, ArticleId id,
                                       std::optional<Version> last = std::nullopt);

/// The content that belongs to a state. Reads one event.
std::string read_content(database::ReadTransaction& transaction, const ArticleState& state);

/// The version whose event was the last to happen before `end`, which is a whole millisecond; 0:
/// none had. By their order, since a date may come from a clock that was wrong: nothing has
/// happened later than what followed it, or than `now`.
Version read_version_before(database::ReadTransaction& transaction, ArticleId id, base::Time end,
                            base::Time now);

/// Part of a history while it is read: in short steps, each a transaction of its own, so that
/// whoever asks for something else waits for no more than one of them.
struct HistoryReading {
    HistoryQuestion question;
    HistoryPage page{};  ///< whole when it is done
    bool with_content = question.content.value_or(true);
    std::size_t bytes = 0;          ///< of the events that were read
    std::size_t content_bytes = 0;  ///< that are told
    std::optional<ArticleState> before{};
    std::optional<std::string> content{};
    bool done = false;
};

/// One more step.
void read_history(database::ReadTransaction& transaction, ArticleId id, HistoryReading& reading);

/// How many events the article has, 0 if it is not there.
Version current_version(database::ReadTransaction& transaction, ArticleId id);

/// Stores a state that was just reached, and drops the one before it unless it is to stay.
void put_state(database::Transaction& transaction, const ArticleState& state);

/// An event that is decided, on its way into the log.
struct DecidedEvent {
    Event event;
    std::string body;  ///< of the event, as JSON
    std::optional<std::int64_t> actor{};
    base::Time at{};
};

/// Appends the event to the article `state.id`, of which `state` is the newest; afterwards it is
/// the state after the event, and stored. The event stays with the caller, its body does not.
/// Gives where it stands in the log.
bus::Event append(database::Transaction& transaction, bus::Log& log, ArticleState& state,
                  DecidedEvent& decided, std::string correlation_id);

/// Stores what is to be stored of all states that the events of an article lead to; and drops all.
void put_states(database::Transaction& transaction, const std::vector<bus::LinkedEvent>& events);
void drop_states(database::Transaction& transaction, ArticleId id);

/// The stored states of one article in order of version.
std::vector<ArticleState> stored_states(database::ReadTransaction& transaction, ArticleId id);

/// Whether the file has states at all: one that no newer version has opened yet has none.
bool has_states(database::ReadTransaction& transaction);

/// Whether fill_states() has come to its end once.
bool states_are_filled(database::ReadTransaction& transaction);

/// Makes the missing states of up to `count` articles from after `id`; gives the last one looked
/// at, nothing when there were no more: then they are filled.
std::optional<ArticleId> fill_states(database::Transaction& transaction, ArticleId id,
                                     std::int64_t count);

}  // namespace news
