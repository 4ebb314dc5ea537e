#include "visit_store.hpp"

#include <algorithm>

#include "log_store.hpp"

namespace recommendation {

namespace {
/// More than a batch can have added, so that what is old goes faster than new comes.
constexpr std::int64_t forgotten_at_least = 16;
}  // namespace

VisitsTaken VisitWriter::take(const std::vector<ReaderVisit>& visits) {
    VisitsTaken all;
    for (const auto& visit : visits) take(visit, all);
    auto most = 2 * std::ssize(visits) + forgotten_at_least;
    GraphWriter(transaction_, limits_.graph).forget_visits(now_, most);
    ReaderWriter(transaction_).forget_taken(now_ - names_kept, most);
    return all;
}

void VisitWriter::take(const ReaderVisit& visit, VisitsTaken& all) {
    auto reader = visit.session;
    if (visit.user) {
        const auto& user = known_user(*visit.user);
        if (user.is_left_out) {
            ++all.left_out;
            return;
        }
        reader = user.reader;
    }
    if (!visit.tags) {
        const auto& article = known(visit.article);
        if (!article || !article->is_public) {
            ++all.unknown;
            return;
        }
    }
    if (!visit.name.empty()) {
        auto name = pseudonyms_.of_visit(reader.value_or(visit.named_by), visit.name);
        if (!ReaderWriter(transaction_).take(name, now_)) {
            ++all.repeated;
            return;
        }
    }
    // Of nobody it says as much once as a thousand times.
    bool is_nobodys_view = visit.kind == LogKind::view && !reader;
    if (is_nobodys_view && !viewed_by_nobody_.insert(visit.article).second) {
        ++all.repeated;
        return;
    }
    ++all.taken;
    if (visit.hides) {
        ReaderWriter(transaction_).hide(*reader, visit.article, now_, limits_.hidden_max);
        return;
    }
    auto at = std::min(visit.at, now_);
    if (visit.kind == LogKind::view && visit.user) {
        news::NewsViewed viewed{*visit.user, visit.article.news_type, visit.article.id,
                                visit.tags ? *visit.tags : known(visit.article)->labels, at};
        auto applied = GraphWriter(transaction_, limits_.graph).apply(viewed, scale_, now_);
        all.edges_removed += applied.edges_removed;
    }
    LogRow row;
    row.kind = visit.kind;
    row.at = at;
    row.reader = reader;
    row.article = visit.article;
    all.position = LogWriter(transaction_).append(row);
}

const VisitWriter::KnownUser& VisitWriter::known_user(std::int64_t user) {
    auto known = users_.find(user);
    if (known != users_.end()) return known->second;
    auto reader = pseudonyms_.of_user(user);
    bool is_left_out = ReaderStore(transaction_).left_out(reader).has_value();
    return users_[user] = {reader, is_left_out};
}

const std::optional<LoggedArticle>& VisitWriter::known(const ArticleName& article) {
    auto known = known_.find(article);
    if (known != known_.end()) return known->second;
    return known_[article] = LogStore(transaction_).article(article);
}

std::uint64_t erase_user(database::Transaction& transaction, const Pseudonyms& pseudonyms,
                         const GraphLimits& limits, std::int64_t user, LeftOut why) {
    auto reader = pseudonyms.of_user(user);
    auto edges = GraphWriter(transaction, limits).remove_reader(user);
    ReaderWriter readers(transaction);
    readers.forget(reader);
    readers.leave_out(reader, why);
    return static_cast<std::uint64_t>(edges);
}

}  // namespace recommendation
