#include "find_store.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "base/text.hpp"
#include "document.hpp"
#include "document_store.hpp"

namespace search {

namespace {

/// What a word counts that was not asked for as it stands there.
constexpr double stem_weight = 0.7;
constexpr double longer_weight = 0.5;
/// Words that begin with what is being typed: so many are looked at, and so many looked for.
constexpr std::int64_t longer_read_max = 20'000;
constexpr std::int64_t longer_max = 8;
/// So many documents all of them may have together with the word as it stands: what is frequent is
/// found as it stands, and costs no more for each word that begins with it.
constexpr std::int64_t longer_documents_max = 20'000;
constexpr std::int64_t pairs_max = 20;  ///< of a single character of a script without spaces

const std::vector<double>& column_weights() {
    static const std::vector<double> weights = {10, 6, 4, 3, 1, 0};
    return weights;
}

/// What a question's words are worth, by what the store says of them.
class Translation {
public:
    Translation(database::ReadTransaction& transaction, const std::vector<std::string>& languages)
        : transaction_(transaction) {
        auto row = transaction_.prepare("select documents from state where id = 1");
        if (row.step()) total_ = row.integer(0);
        for (const auto& language : languages) stemmers_.emplace_back(language);
    }

    std::vector<database::WordPhrase> phrases_of(const Term& term) {
        std::vector<database::WordPhrase> phrases;
        database::WordPhrase asked;
        std::int64_t documents_asked = 0;
        for (const auto& word : term.words) {
            asked.words.push_back(word.form);
            documents_asked = documents_with(word.form);
            asked.weight += rarity(documents_asked, total_);
        }
        phrases.push_back(asked);
        const auto& last = term.words.back();
        if (term.words.size() > 1) return phrases;
        std::set<std::string> known{last.form};
        for (const auto& stemmer : stemmers_) {
            auto stem = stem_of(last, stemmer);
            if (stem.empty() || !known.insert(stem).second) continue;
            phrases.push_back({{stem}, stem_weight * rarity(documents_with(stem), total_)});
        }
        if (!term.takes_longer()) return phrases;
        for (auto& [word, documents] :
             longer_than(last.form, last.ends_run ? pairs_max : longer_max)) {
            if (!known.insert(word).second) continue;
            // Of words that are all frequent the first is looked for, or nothing would be.
            bool is_needed = documents_asked == 0;
            if (!is_needed && documents_asked + documents > longer_documents_max) continue;
            documents_asked += documents;
            auto weight = last.ends_run ? 1.0 : longer_weight;
            phrases.push_back({{std::move(word)}, weight * rarity(documents, total_)});
        }
        return phrases;
    }

private:
    std::int64_t documents_with(const std::string& word) {
        auto row = transaction_.prepare("select documents from words where word = ?");
        row.bind(1, word);
        return row.step() ? row.integer(0) : 0;
    }

    std::vector<std::pair<std::string, std::int64_t>> longer_than(const std::string& begin,
                                                                  std::int64_t most) {
        auto behind = begin + "\xf4\x8f\xbf\xbf";
        auto rows = transaction_.prepare(
            "select word, documents from (select word, documents from words"
            " where word > ?1 and word < ?2 order by word limit ?3)"
            " order by documents desc, word limit ?4");
        rows.bind(1, begin).bind(2, behind).bind(3, longer_read_max).bind(4, most);
        std::vector<std::pair<std::string, std::int64_t>> words;
        while (rows.step()) words.emplace_back(rows.text(0), rows.integer(1));
        return words;
    }

    database::ReadTransaction& transaction_;
    std::vector<Stemmer> stemmers_;
    std::int64_t total_ = 0;
};

}  // namespace

std::vector<Candidate> find(database::ReadTransaction& transaction, const Wanted& wanted) {
    database::WordQuestion question;
    question.marks = wanted.marks;
    question.first = wanted.first;
    question.last = wanted.last;
    question.limit = wanted.limit;
    Translation translation(transaction, wanted.languages);
    for (const auto& term : wanted.terms) {
        auto phrases = translation.phrases_of(term);
        if (!term.is_without) {
            question.all.push_back(std::move(phrases));
        } else {
            // What is not wanted is not wanted in any form of it.
            for (auto& phrase : phrases) question.none.push_back(std::move(phrase));
        }
    }
    if (question.all.empty()) return {};
    static const std::vector<double> unscored;
    const auto& weights = wanted.scored ? column_weights() : unscored;
    std::vector<Candidate> found;
    auto take = [&] {
        for (const auto& match : entries().find(transaction, question, weights)) {
            found.push_back({match.place, match.score});
        }
    };
    take();
    if (!wanted.drafts) return found;
    auto to_draft = first_place({}, false) - first_place({}, true);
    question.first += to_draft;
    question.last += to_draft;
    question.marks.insert(question.marks.end(), wanted.draft_marks.begin(),
                          wanted.draft_marks.end());
    take();
    std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
        auto time = [&](auto place) { return place < 0 ? place - to_draft : place; };
        return time(a.place) > time(b.place);
    });
    return found;
}

std::vector<Counted> read_counted(database::ReadTransaction& transaction,
                                  const std::vector<Candidate>& candidates) {
    std::vector<Counted> all;
    auto row = transaction.prepare("select news_type, tags, author from documents where place = ?");
    for (const auto& candidate : candidates) {
        row.reset().bind(1, candidate.place);
        if (!row.step()) continue;
        Counted one{std::string(row.text(0)), {}, std::string(row.text(2)), candidate.place};
        one.tags = tags_in(row.text(1));
        all.push_back(std::move(one));
    }
    return all;
}

std::optional<Shown> read_shown(database::ReadTransaction& transaction, std::int64_t place,
                                std::int64_t content_max) {
    auto row = transaction.prepare(
        "select d.news_type, d.article, d.version, d.language, t.title, t.description, d.format,"
        " substr(t.content, 1, ?2)"
        " from documents d join texts t on t.place = d.place where d.place = ?1");
    row.bind(1, place).bind(2, content_max);
    if (!row.step()) return std::nullopt;
    Shown shown;
    shown.news_type = row.text(0);
    shown.article = row.integer(1);
    shown.version = row.integer(2);
    shown.language = row.text(3);
    shown.title = row.text(4);
    shown.description = row.text(5);
    shown.format = news::parse_content_format(row.text(6)).value_or(news::ContentFormat::text);
    shown.content = row.text(7);
    return shown;
}

}  // namespace search
