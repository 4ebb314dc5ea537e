// What a ranking learns of readers.
#include <algorithm>
#include <cmath>

#include "ranking.hpp"

namespace recommendation {

namespace {

constexpr std::size_t labels_of_reader_max = 500;
/// How many visits a like is worth, to the interest in its labels.
constexpr int liked_visits = 2;

}  // namespace

bool Ranking::visit(Index reader_index, Index article, base::Time at) {
    auto& reader = grown_to(readers_, reader_index);
    if (reader.reads.empty()) ++readers_total_;
    if (!reader.session.empty() && reader.last - at > weights_.session_min) {
        // Told late: of a session that has long ended.
        visit_unknown(article, at);
        add_interest(reader, articles_[article], at);
        note_read(reader, article);
        return true;
    }
    if (!reader.session.empty() && at - reader.last > weights_.session_min) reader.session.clear();
    reader.last = std::max(reader.last, at);
    auto again = std::ranges::find(reader.session, article);
    if (again != reader.session.end()) {
        std::rotate(reader.session.begin(), again, again + 1);
        return false;
    }
    sequences_.add(article, reader.session, at);
    visit_unknown(article, at);
    add_interest(reader, articles_[article], at);

    reader.session.insert(reader.session.begin(), article);
    if (reader.session.size() > Sequences::window) reader.session.pop_back();
    note_read(reader, article);
    return true;
}

void Ranking::visit_unknown(Index article, base::Time at) {
    grown_to(articles_, article);
    hour_.add(article, at);
    day_.add(article, at);
    followed_.add(article, at);
    add_to_labels(article);
}

void Ranking::skim(Index reader_index, Index article) {
    auto& reader = grown_to(readers_, reader_index);
    if (reader.reads.empty()) ++readers_total_;
    grown_to(articles_, article);
    note_read(reader, article);
}

void Ranking::like(Index reader_index, Index article, base::Time at) {
    auto& reader = grown_to(readers_, reader_index);
    auto& liked = grown_to(articles_, article);
    for (int visit = 0; visit < liked_visits; ++visit) add_interest(reader, liked, at);
}

void Ranking::note_read(Reader& reader, Index article) {
    std::erase(reader.reads, article);
    reader.reads.push_back(article);
    if (reader.reads.size() > reads_max) reader.reads.erase(reader.reads.begin());
}

void Ranking::add_to_labels(Index article) {
    if (!articles_[article].published_at) return;
    for (auto label : articles_[article].labels) {
        labels_[label].best.grew(article, [this](Index index) { return day_.rank(index); });
    }
}

void Ranking::show(Index article) {
    ++grown_to(articles_, article).shown;
    ++shown_total_;
}

void Ranking::add_interest(Reader& reader, const Article& article, base::Time at) {
    if (article.labels.empty()) return;
    auto added = interest_scale_.score(at) - std::log2(static_cast<double>(article.labels.size()));
    for (auto label : article.labels) {
        auto found = std::ranges::find(reader.labels, label, &LabelRank::label);
        if (found != reader.labels.end()) {
            found->rank = add_view(found->rank, added);
            continue;
        }
        ++labels_[label].readers;
        if (reader.labels.size() < labels_of_reader_max) {
            reader.labels.push_back({label, added});
            continue;
        }
        auto lightest = std::ranges::min_element(reader.labels, {}, &LabelRank::rank);
        --labels_[lightest->label].readers;
        *lightest = {label, added};
    }
}

}  // namespace recommendation
