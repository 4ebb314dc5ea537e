// What a ranking forgets, so that it stays as large as it may be.
#include <algorithm>

#include "ranking.hpp"

namespace recommendation {

void Ranking::forget_reader(Index reader) {
    if (reader >= readers_.size()) return;
    auto& one = readers_[reader];
    for (const auto& label : one.labels) --labels_[label.label].readers;
    if (!one.reads.empty()) --readers_total_;
    one = Reader();
}

void Ranking::forget_articles(std::span<const Index> gone) {
    std::vector<bool> is_gone(articles_.size());
    for (auto article : gone) {
        if (article >= articles_.size()) continue;
        is_gone[article] = true;
        withdraw(article);
        shown_total_ -= articles_[article].shown;
        articles_[article] = Article();
        hour_.erase(article);
        day_.erase(article);
        followed_.erase(article);
    }
    sequences_.erase(is_gone);
    auto forget_in = [&](std::vector<Index>& articles) {
        std::erase_if(articles, [&](Index article) { return is_gone[article]; });
    };
    for (auto& reader : readers_) {
        bool had_read = !reader.reads.empty();
        forget_in(reader.session);
        forget_in(reader.reads);
        // Counted among the readers as long as something that they read is known.
        if (had_read && reader.reads.empty()) --readers_total_;
    }
}

void Ranking::set_back(base::Time now) {
    for (auto* popularity : {&hour_, &day_, &followed_}) popularity->set_back(now);
    sequences_.set_back(now);
    auto last = interest_scale_.score(now);
    for (auto& reader : readers_) {
        reader.last = std::min(reader.last, now);
        for (auto& label : reader.labels) label.rank = std::min(label.rank, last);
    }
    for (auto& article : articles_) {
        if (article.published_at) article.published_at = std::min(*article.published_at, now);
    }
    for (auto& label : labels_) {
        auto best = label.best.best();
        label.best = TopList(Popularity::best_max);
        for (auto article : best) {
            label.best.grew(article, [this](Index index) { return day_.rank(index); });
        }
    }
    auto earlier = [this](Index a, Index b) {
        return *articles_[a].published_at < *articles_[b].published_at;
    };
    std::ranges::stable_sort(newest_, earlier);
}

}  // namespace recommendation
