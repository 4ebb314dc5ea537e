#include "visit_log.hpp"

#include <algorithm>
#include <stdexcept>
#include <type_traits>

#include "base/slug.hpp"
#include "base/text.hpp"

namespace recommendation {

namespace {

/// What an event says of a member that all have who say what is written.
template <class Member>
auto said_of(const news::Event& event, Member member) {
    using Value = std::decay_t<decltype(member(news::ArticleCreated()))>;
    return std::visit(
        [&](const auto& said) -> std::optional<Value> {
            using Said = std::decay_t<decltype(said)>;
            if constexpr (std::is_same_v<Said, news::ArticleCreated> ||
                          std::is_same_v<Said, news::ArticleRestored> ||
                          std::is_same_v<Said, news::ArticleRevised>) {
                return member(said);
            } else if constexpr (std::is_same_v<Said, news::ArticleCorrected>) {
                return member(said.changed);
            } else {
                return std::nullopt;
            }
        },
        event);
}

/// When it says that readers get it, or got it; nothing: that stays.
std::optional<base::Time> time_said(const news::Event& event) {
    return std::visit(
        [](const auto& said) -> std::optional<base::Time> {
            using Said = std::decay_t<decltype(said)>;
            if constexpr (std::is_same_v<Said, news::ArticleCreated> ||
                          std::is_same_v<Said, news::ArticleRestored> ||
                          std::is_same_v<Said, news::ArticlePublished>) {
                return said.published_at;
            } else if constexpr (std::is_same_v<Said, news::ArticleRevised>) {
                return said.publication ? said.publication->published_at : std::nullopt;
            } else if constexpr (std::is_same_v<Said, news::ArticleEmbargoEnded>) {
                return said.publication.published_at;
            } else {
                return std::nullopt;
            }
        },
        event);
}

}  // namespace

std::vector<std::string> title_words(std::string_view title) {
    constexpr std::size_t title_length_max = 200;
    constexpr std::size_t word_length_min = 4;
    constexpr std::size_t words_max = 12;
    std::vector<std::string> words;
    auto slug = base::make_slug(title, title_length_max);
    std::string_view left = slug;
    while (!left.empty() && words.size() < words_max) {
        auto end = std::min(left.find('-'), left.size());
        auto word = left.substr(0, end);
        bool is_long = base::count_code_points(word).value_or(0) >= word_length_min;
        bool is_new = std::ranges::find(words, word) == words.end();
        if (is_long && is_new) words.emplace_back(word);
        left.remove_prefix(std::min(end + 1, left.size()));
    }
    return words;
}

LoggedArticle after(std::optional<LoggedArticle> before, const news::Event& event) {
    bool says_all = std::holds_alternative<news::ArticleCreated>(event) ||
                    std::holds_alternative<news::ArticleRestored>(event);
    if (!before && !says_all) {
        throw std::runtime_error("it tells of a change of an article of which nothing is known");
    }
    auto article = before.value_or(LoggedArticle());
    auto tags = said_of(event, [](const auto& said) { return said.tags; });
    auto title = said_of(event, [](const auto& said) { return said.title; });
    if (tags) article.labels = labels_of(*tags);
    if (title) article.words = title_words(*title);
    if (auto at = time_said(event)) article.published_at = at;
    if (auto shown = news::public_after(event)) article.is_public = *shown;
    return article;
}

void learn(RankingState& state, const LogRow& row) {
    switch (row.kind) {
        case LogKind::view:
            if (row.reader) state.visit(*row.reader, row.article, row.at);
            if (!row.reader) state.visit_unknown(row.article, row.at);
            return;
        case LogKind::short_view:
            if (row.reader) state.skim(*row.reader, row.article);
            return;
        case LogKind::impression:
            state.show(row.article);
            return;
        case LogKind::like:
        case LogKind::share:
            if (row.reader) state.like(*row.reader, row.article, row.at);
            return;
        case LogKind::article:
            state.publish(row.article, row.at, row.labels, row.words);
            return;
        case LogKind::article_hidden:
            state.withdraw(row.article);
            return;
    }
}

}  // namespace recommendation
