#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bus/event.hpp"
#include "news/article_events.hpp"

namespace news {

using Event = std::variant<ArticleCreated, ArticleRevised, ArticlePublished, ArticleScheduled,
                           ArticleUnpublished, ArticleRemoved, ArticleRestored, ArticleSubmitted,
                           ArticleWithdrawn, ArticleReturned, ArticleApproved, ArticleCorrected,
                           ArticleKilled, ArticleEmbargoEnded>;

/// Whether readers see the article after that event, for whoever follows a log without remembering
/// each article. Nothing: as before.
std::optional<bool> public_after(const Event& event);

/// The stored name of an event: `article_created.v1`.
std::string_view name_of(const Event& event);

/// What an event of a news log says, for everybody who hears one. Throws std::runtime_error for a
/// name or a body that no version of this program has written: a subscriber lets that pass, so that
/// the article is parked and not misread.
Event article_event(const bus::Event& event);

/// `news_viewed.v1`, ephemeral: a known reader looked at an article. Published by the orchestrator.
struct NewsViewed {
    std::int64_t user_id = 0;
    std::string news_type;
    ArticleId id = 0;
    std::vector<std::string> tags;
    base::Time at{};
};

/// A visit as an event on its own, but for its position; and back, which throws as article_event().
bus::Event to_event(const NewsViewed& visit);
NewsViewed visit_event(const bus::Event& event);

}  // namespace news
