#include "ranking_state.hpp"

#include <algorithm>
#include <string_view>

namespace recommendation {

namespace {
constexpr std::size_t forgotten_at_once = 10;  // one of so many articles
/// The same in every run (FNV-1a).
std::uint32_t hash_of(std::string_view word) {
    std::uint32_t hash = 2166136261;
    for (char one : word) hash = (hash ^ static_cast<unsigned char>(one)) * 16777619;
    return hash;
}

}  // namespace

RankingState::RankingState(const RankingWeights& weights, const RankingLimits& limits)
    : ranking_(weights),
      readers_(limits.readers_max),
      articles_(limits.articles_max),
      labels_(limits.labels_max) {}

void RankingState::publish(const ArticleName& article, base::Time at,
                           const std::vector<std::string>& labels,
                           const std::vector<std::string>& words) {
    auto known = articles_.use(article);
    if (!known) {
        make_room_for_articles();
        known = articles_.use(article);
    }
    std::vector<Index> numbers;
    for (const auto& label : labels) {
        if (auto number = labels_.use(label)) {
            numbers.push_back(*number);
        } else {
            ++labels_left_out_;
        }
    }
    std::vector<std::uint32_t> hashes;
    latest_ = std::max(latest_, at);
    for (const auto& word : words) hashes.push_back(hash_of(word));
    std::ranges::sort(hashes);
    ranking_.publish(*known, at, std::move(numbers), std::move(hashes));
}

/// The numbers of those that go are looked for in all that is kept, so many go at once.
void RankingState::make_room_for_articles() {
    auto gone = articles_.unused_longest(articles_.size() / forgotten_at_once + 1);
    ranking_.forget_articles(gone);
    for (auto article : gone) articles_.forget(article);
}

void RankingState::withdraw(const ArticleName& article) {
    if (auto number = articles_.find(article)) ranking_.withdraw(*number);
}

bool RankingState::visit(ReaderHash reader, const ArticleName& article, base::Time at) {
    auto read = articles_.find(article);
    if (!read) return false;
    articles_.touch(*read);
    latest_ = std::max(latest_, at);
    return ranking_.visit(number_of(reader), *read, at);
}

bool RankingState::visit_unknown(const ArticleName& article, base::Time at) {
    auto read = articles_.find(article);
    if (!read) return false;
    articles_.touch(*read);
    latest_ = std::max(latest_, at);
    ranking_.visit_unknown(*read, at);
    return true;
}

void RankingState::skim(ReaderHash reader, const ArticleName& article) {
    if (auto opened = articles_.find(article)) ranking_.skim(number_of(reader), *opened);
}

void RankingState::like(ReaderHash reader, const ArticleName& article, base::Time at) {
    if (auto liked = articles_.find(article)) ranking_.like(number_of(reader), *liked, at);
}

void RankingState::show(const ArticleName& article) {
    if (auto shown = articles_.find(article)) ranking_.show(*shown);
}

Index RankingState::number_of(ReaderHash reader) {
    if (auto known = readers_.use(reader)) return *known;
    auto away = readers_.unused_longest(1).front();
    ranking_.forget_reader(away);
    readers_.forget(away);
    return *readers_.use(reader);
}

void RankingState::set_back(base::Time now) {
    latest_ = std::min(latest_, now);
    ranking_.set_back(now);
}

void RankingState::forget(ReaderHash reader) {
    auto number = readers_.find(reader);
    if (!number) return;
    ranking_.forget_reader(*number);
    readers_.forget(*number);
}

}  // namespace recommendation
