#pragma once

#include <string>
#include <string_view>

#include "article.hpp"
#include "bus/event.hpp"
#include "news/events.hpp"
#include "news/queries.hpp"

namespace news {

/// The stored body of an event: JSON, times in RFC 3339 with milliseconds.
std::string to_json(const Event& event);

/// The event that was stored under this name. Throws std::runtime_error for a name or a body that
/// no version of this program has written.
Event event_from_json(std::string_view type, std::string_view body);

/// A log entry in the words of the rules.
Recorded recorded_of(const bus::Event& event);

/// An object of a site's own in the one spelling that events have of it, empty if it has no
/// members; nothing if the text is no JSON object, or one that nobody can have meant.
std::optional<std::string> extra_as_stored(std::string_view text);

/// Tags as the view stores them.
std::string tags_to_json(const std::vector<std::string>& tags);
std::vector<std::string> tags_from_json(std::string_view text);
/// Corrections likewise; none: an empty text.
std::string corrections_to_json(const std::vector<Correction>& corrections);
std::vector<Correction> corrections_from_json(std::string_view text);

/// What a version changed, member by member, for the history: all but its content. `before` is null
/// for the first.
std::vector<Change> differences(const ArticleState* before, const ArticleState& after);
Change content_change(const std::string* before, const std::string& after);
/// Takes the content from an entry, and notes that it did.
void leave_content_out(HistoryEntry& entry);

}  // namespace news
