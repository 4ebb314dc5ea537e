#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "editing/desk.hpp"
#include "news/article.hpp"
#include "news/items.hpp"

namespace live {

/// Of which article, by whom, when and with which words something was done in the newsroom.
struct Step {
    std::string news_type;
    news::ArticleId id = 0;
    news::Version version = 0;
    std::optional<std::int64_t> actor{};
    base::Time at{};
    std::string note{};
};

/// An article as the lists have it.
std::string article_text(const news::Article& article);

/// Whole events without ids, as a stream of events has them. `article`: its text; empty if nobody
/// may see it.
std::string public_event(std::string_view word, const std::string& news_type, news::ArticleId id,
                         std::string_view article = {});
/// `item`: null if it is not there any more.
std::string newsroom_event(std::string_view word, const Step& step, const news::Item* item);
std::string presence_event(const editing::ArticleName& article,
                           const std::vector<editing::Present>& people);
/// That something may have been missed: whoever hears it loads anew.
std::string reset_event(std::string_view why);

}  // namespace live
