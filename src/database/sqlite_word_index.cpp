#include <algorithm>

#include "database/word_index.hpp"

namespace database {

namespace {

/// So many pages of the index are written at most by one step.
constexpr const char* pages_at_once = "64";

/// In the language of FTS5's questions. Each word in quotes: nothing in it means anything there.
void append_phrase(std::string& out, const std::vector<std::string>& words) {
    out += '"';
    for (const auto& word : words) {
        if (&word != &words.front()) out += ' ';
        for (char c : word) {
            if (c == '"') out += '"';
            out += c;
        }
    }
    out += '"';
}

template <class Phrases, class Words>
void append_any(std::string& out, const Phrases& phrases, const Words& words_of) {
    out += '(';
    bool first = true;
    for (const auto& phrase : phrases) {
        if (!first) out += " OR ";
        first = false;
        append_phrase(out, words_of(phrase));
    }
    out += ')';
}

std::string command_of(const std::string& table, const std::string& command,
                       const std::string& number = "") {
    if (number.empty())
        return "insert into " + table + "(" + table + ") values ('" + command + "')";
    return "insert into " + table + "(" + table + ", rank) values ('" + command + "', " + number +
           ")";
}

std::int64_t changes_so_far(Transaction& transaction) {
    auto row = transaction.prepare("select total_changes()");
    row.step();
    return row.integer(0);
}

}  // namespace

std::string WordIndex::match_of(const WordQuestion& question) const {
    std::string columns = "{";
    for (std::size_t i = 0; i + 1 < columns_.size(); ++i) columns += ' ' + columns_[i];
    columns += " } : ";
    auto words_of = [](const WordPhrase& phrase) { return phrase.words; };
    std::string match;
    auto also = [&] {
        if (!match.empty()) match += " AND ";
    };
    for (const auto& phrases : question.all) {
        also();
        match += columns;
        append_any(match, phrases, words_of);
    }
    for (const auto& mark : question.marks) {
        also();
        match += columns_.back() + " : ";
        append_phrase(match, {mark});
    }
    if (question.none.empty()) return match;
    match = '(' + match + ") NOT (" + columns;
    append_any(match, question.none, words_of);
    return match + ')';
}

std::vector<WordMatch> WordIndex::find(ReadTransaction& transaction, const WordQuestion& question,
                                       const std::vector<double>& column_weights) const {
    std::vector<double> weights = column_weights;
    if (!weights.empty()) {
        weights.resize(columns_.size());
        for (const auto& phrases : question.all) {
            for (const auto& phrase : phrases) weights.push_back(phrase.weight);
        }
        // A function takes no more than so many; what is beyond counts for nothing.
        weights.resize(std::min(weights.size(), columns_.size() + phrases_max));
    }
    std::string score = "0.0";
    if (!weights.empty()) {
        score = "portal_relevance(" + table_;
        for (std::size_t i = 0; i < weights.size(); ++i) score += ", ?" + std::to_string(i + 5);
        score += ')';
    }
    auto rows =
        transaction.prepare("select rowid, " + score + " from " + table_ + " where " + table_ +
                            " match ?1 and rowid between ?2 and ?3"
                            " order by rowid desc limit ?4");
    auto match = match_of(question);
    rows.bind(1, match).bind(2, question.first).bind(3, question.last).bind(4, question.limit);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        rows.bind_real(static_cast<int>(i) + 5, weights[i]);
    }
    std::vector<WordMatch> found;
    while (rows.step()) found.push_back({rows.integer(0), rows.real(1)});
    return found;
}

std::string WordIndex::row_sql(bool removes) const {
    std::string names = removes ? table_ + ", rowid" : "rowid";
    std::string values = removes ? "'delete', ?1" : "?1";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        names += ", " + columns_[i];
        values += ", ?" + std::to_string(i + 2);
    }
    return "insert into " + table_ + "(" + names + ") values (" + values + ")";
}

void WordIndex::add(Transaction& transaction, std::int64_t place,
                    const std::vector<std::string>& texts) const {
    auto row = transaction.prepare(row_sql(false));
    row.bind(1, place);
    for (std::size_t i = 0; i < texts.size(); ++i) row.bind(static_cast<int>(i) + 2, texts[i]);
    row.run();
}

void WordIndex::remove(Transaction& transaction, std::int64_t place,
                       const std::vector<std::string>& texts) const {
    auto row = transaction.prepare(row_sql(true));
    row.bind(1, place);
    for (std::size_t i = 0; i < texts.size(); ++i) row.bind(static_cast<int>(i) + 2, texts[i]);
    row.run();
}

bool WordIndex::purge(Transaction& transaction, bool first) const {
    auto before = changes_so_far(transaction);
    // Negative: all that there is becomes one, however little of it is new.
    std::string pages = std::string(first ? "-" : "") + pages_at_once;
    transaction.prepare(command_of(table_, "merge", pages)).run();
    // As FTS5's documentation has it: what changes less than two rows had nothing to do.
    return first || changes_so_far(transaction) - before >= 2;
}

void WordIndex::clear(Transaction& transaction) const {
    transaction.prepare(command_of(table_, "delete-all")).run();
}

void WordIndex::check(Transaction& transaction) const {
    transaction.prepare(command_of(table_, "integrity-check")).run();
}

}  // namespace database
