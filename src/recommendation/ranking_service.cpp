#include "ranking_service.hpp"

#include <algorithm>

namespace recommendation {

namespace {

/// More than are given, since some may have another type.
constexpr std::size_t trends_asked = 512;

using List = std::vector<Recommended>;

Reason::Kind kind_of(Term term) {
    switch (term) {
        case Term::read_next:
            return Reason::Kind::read_next;
        case Term::popular:
            return Reason::Kind::trending;
        case Term::interest:
            return Reason::Kind::label;
        case Term::fresh:
            return Reason::Kind::fresh;
        case Term::explore:
            return Reason::Kind::explore;
    }
    return Reason::Kind::fresh;
}

Reason reason_of(const RankingState& state, const Why& why) {
    Reason reason;
    reason.kind = kind_of(why.term);
    reason.share = why.share;
    if (why.article) reason.article = state.articles().key(*why.article);
    if (why.label) reason.label = state.labels().key(*why.label);
    reason.lift = why.lift;
    reason.visits = why.visits;
    reason.age = std::chrono::floor<std::chrono::seconds>(why.age);
    return reason;
}

template <class Key>
std::vector<Index> numbers_of(const Names<Key>& names, const std::vector<Key>& keys) {
    std::vector<Index> numbers;
    for (const auto& key : keys) {
        if (auto number = names.find(key)) numbers.push_back(*number);
    }
    return numbers;
}

List named(const RankingState& state, const std::vector<Ranked>& ranked) {
    List list;
    for (const auto& one : ranked) {
        list.push_back({state.articles().key(one.article), one.score, {}});
    }
    return list;
}

List named_trends(const RankingState& state, const std::vector<Trend>& trends,
                  const TrendingQuestion& question) {
    List list;
    for (const auto& trend : trends) {
        if (list.size() == question.most) break;
        const auto& name = state.articles().key(trend.article);
        if (!question.news_type.empty() && name.news_type != question.news_type) continue;
        Reason reason;
        reason.kind = Reason::Kind::trending;
        reason.share = 1;
        reason.visits = trend.visits;
        list.push_back({name, trend.score, {std::move(reason)}});
    }
    return list;
}

}  // namespace

base::Task<RankedList> RankingService::for_reader(RankedQuestion question,
                                                  base::Context context) const {
    RankedList nobodys;
    nobodys.personal = false;
    auto user = context.actor.id;
    if (!user) co_return nobodys;
    Reader reader;
    reader.reader = pseudonyms_.of_user(*user);
    auto ask = [hash = *reader.reader](
                   database::ReadTransaction& transaction) -> base::Result<Preferences> {
        return ReaderStore(transaction).preferences(hash);
    };
    auto preferences = co_await database_.read<Preferences>(context.deadline, std::move(ask));
    if (!preferences) co_return preferences.error();
    if (!preferences->is_personal) co_return nobodys;
    reader.preferences = std::move(*preferences);
    reader.reads = pending_(*user);
    co_return co_await ranked(std::move(reader), question, context.deadline);
}

base::Task<bool> RankingService::is_wanted(base::Context context) const {
    if (!context.actor.id) co_return true;
    auto ask = [hash = pseudonyms_.of_user(*context.actor.id)](
                   database::ReadTransaction& transaction) -> base::Result<bool> {
        return !ReaderStore(transaction).left_out(hash).has_value();
    };
    co_return co_await database_.read<bool>(context.deadline, std::move(ask));
}

base::Task<RankedList> RankingService::for_reads(std::vector<ArticleName> reads,
                                                 RankedQuestion question,
                                                 base::Context context) const {
    Reader reader;
    for (auto read = reads.rbegin(); read != reads.rend(); ++read) {
        bool is_new = std::ranges::find(reader.reads, *read) == reader.reads.end();
        if (is_new) reader.reads.push_back(*read);
    }
    co_return co_await ranked(std::move(reader), question, context.deadline);
}

base::Task<RankedList> RankingService::ranked(Reader reader, RankedQuestion question,
                                              base::Deadline deadline) const {
    auto rank = [reader = std::move(reader), question,
                 now = clock_.now()](RankingState& state) -> RankedList {
        Wanted wanted;
        if (reader.reader) wanted.reader = state.readers().find(*reader.reader);
        wanted.reads = numbers_of(state.articles(), reader.reads);
        wanted.hidden = numbers_of(state.articles(), reader.preferences.hidden);
        wanted.followed = numbers_of(state.labels(), reader.preferences.followed);
        wanted.muted = numbers_of(state.labels(), reader.preferences.muted);
        const auto& said = reader.preferences;
        RankedList list{true, {}, said.muted, said.hidden};
        bool has_said = !said.followed.empty() || !said.muted.empty() || !said.hidden.empty();
        list.personal = wanted.reader || !wanted.reads.empty() || has_said;
        if (!list.personal) return list;
        auto most = std::min(question.most, most_max);
        auto ranked = state.ranking().rank(wanted, now, most);
        list.articles = named(state, ranked);
        // Where all was read there is the plain page still.
        list.personal = !list.articles.empty();
        if (!question.explain) return list;
        auto reasons = state.ranking().explain(wanted, now, ranked);
        for (std::size_t i = 0; i < reasons.size(); ++i) {
            for (const auto& why : reasons[i]) {
                list.articles[i].reasons.push_back(reason_of(state, why));
            }
        }
        return list;
    };
    co_return co_await learner_.ask<RankedList>(deadline, std::move(rank));
}

base::Task<List> RankingService::next(ArticleName article, std::size_t most,
                                      base::Context context) const {
    auto rank = [article = std::move(article), most = std::min(most, most_max),
                 now = clock_.now()](RankingState& state) -> List {
        auto number = state.articles().find(article);
        if (!number) return {};
        auto all = state.ranking().next(*number, now, most);
        for (const auto& similar : state.ranking().similar(*number, now, most)) {
            if (all.size() >= most) break;
            auto found = std::ranges::find(all, similar.article, &Ranked::article);
            if (found == all.end()) all.push_back(similar);
        }
        return named(state, all);
    };
    co_return co_await learner_.ask<List>(context.deadline, std::move(rank));
}

base::Task<List> RankingService::similar(ArticleName article, std::size_t most,
                                         base::Context context) const {
    auto rank = [article = std::move(article), most = std::min(most, most_max),
                 now = clock_.now()](RankingState& state) -> List {
        auto number = state.articles().find(article);
        if (!number) return {};
        return named(state, state.ranking().similar(*number, now, most));
    };
    co_return co_await learner_.ask<List>(context.deadline, std::move(rank));
}

base::Task<List> RankingService::trending(TrendingQuestion question, base::Context context) const {
    auto rank = [question = std::move(question), now = clock_.now()](RankingState& state) -> List {
        std::optional<Index> label;
        if (!question.tag.empty()) label = state.labels().find(question.tag);
        if (!question.tag.empty() && !label) return {};
        bool is_hour = question.window == TrendingQuestion::Window::hour;
        const auto& ranking = state.ranking();
        return named_trends(state,
                            is_hour ? ranking.trending(now, label, trends_asked)
                                    : ranking.most_read(now, label, trends_asked),
                            question);
    };
    co_return co_await learner_.ask<List>(context.deadline, std::move(rank));
}

}  // namespace recommendation
