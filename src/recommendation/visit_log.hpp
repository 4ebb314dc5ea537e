#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "news/events.hpp"
#include "ranking_state.hpp"

namespace recommendation {

/// What a row of the log tells; the numbers are stored.
enum class LogKind : std::int64_t {
    view = 1,        ///< it was read
    short_view = 2,  ///< it was opened, and left at once
    impression = 3,  ///< it was shown in a list
    like = 4,
    share = 5,
    article = 10,        ///< it can be read by everybody, and what it is about
    article_hidden = 11  ///< nobody may read it, for now or for good
};

/// What is kept of an article, to rank it by.
struct LoggedArticle {
    bool is_public = false;
    std::optional<base::Time> published_at{};
    std::vector<std::string> labels{};  ///< the main one first
    std::vector<std::string> words{};   ///< of its title, see title_words()

    bool operator==(const LoggedArticle&) const = default;
};

/// One row of the log.
struct LogRow {
    std::int64_t position = 0;
    LogKind kind = LogKind::view;
    base::Time at{};
    std::optional<ReaderHash> reader{};
    ArticleName article;
    std::vector<std::string> labels{};  ///< of articles
    std::vector<std::string> words{};   ///< of articles
};

/// The words of a title that say what it is about: those of four letters and more, each once, as
/// they stand in addresses; the first twelve.
std::vector<std::string> title_words(std::string_view title);

/// What becomes of an article by an event; `before`: what it was, if anything is known of it.
/// Throws std::runtime_error where the event says too little to be the first of one. Pure.
LoggedArticle after(std::optional<LoggedArticle> before, const news::Event& event);

/// Puts rows into the ranking, in their order. Pure.
void learn(RankingState& state, const LogRow& row);

}  // namespace recommendation
