#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "news/events.hpp"

namespace news {

/// What readers and subscribers are told of an article. The end of an embargo is `published`; what
/// nobody could see before or after an event is told to nobody.
enum class PublicChange { published, updated, unpublished, removed, killed, corrected };
inline constexpr std::array public_changes = {PublicChange::published,   PublicChange::updated,
                                              PublicChange::unpublished, PublicChange::removed,
                                              PublicChange::killed,      PublicChange::corrected};

/// Its word, for ever: `published`.
std::string_view name_of(PublicChange change);
std::optional<PublicChange> parse_public_change(std::string_view word);

/// After it readers see the article; else its type and id are all that they may be told.
bool is_public_after(PublicChange change);

/// What an event is to readers; nothing: nothing. `was_public`: whether they saw the article before
/// it, which after it is `public_after(event).value_or(was_public)`. Pure.
std::optional<PublicChange> public_change(bool was_public, const Event& event);

}  // namespace news
