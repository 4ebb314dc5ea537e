#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "database/transaction.hpp"

namespace database {

/// The words of one text as a WordIndex takes them, made one after the other; what a word is, its
/// caller says. A word is any text without control characters and spaces.
class WordText {
public:
    static constexpr char next_place = ' ';
    static constexpr char same_place = '\x1f';
    static constexpr std::string_view separators{" \x1f"};

    /// At the place behind the last one.
    void add(std::string_view word) {
        if (!text_.empty()) text_ += next_place;
        text_ += word;
    }
    /// At the place of the last one: another form of it.
    void add_form(std::string_view word) {
        text_ += same_place;
        text_ += word;
    }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

/// One or several words, one behind the other, and what they are worth where they are found.
struct WordPhrase {
    std::vector<std::string> words;
    double weight = 0;
};

/// What rows must have: of each list in `all` at least one phrase, in one of the columns; all of
/// `marks` in the last column; nothing of `none`.
struct WordQuestion {
    std::vector<std::vector<WordPhrase>> all;
    std::vector<std::string> marks;
    std::vector<WordPhrase> none;
    std::int64_t first = 0;  ///< places, from and to
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
    std::int64_t limit = 100;
};

/// A row that was found.
struct WordMatch {
    std::int64_t place = 0;
    double score = 0;
};

/// An index from words to rows: a table of FTS5 without content, which a migration has made:
///
///     create virtual table NAME using fts5(COLUMN, …, marks, content='', tokenize='portal_words')
///
/// Rows have a place, by which they are ordered. Immutable. What it does throws Failure.
class WordIndex {
public:
    /// `columns`: all of the table, the last is that of the marks.
    WordIndex(std::string table, std::vector<std::string> columns)
        : table_(std::move(table)), columns_(std::move(columns)) {}

    /// Those with the greatest places first. `column_weights`: what a phrase is worth in each
    /// column; none: nothing is scored. Phrases beyond the first phrases_max count for nothing.
    std::vector<WordMatch> find(ReadTransaction& transaction, const WordQuestion& question,
                                const std::vector<double>& column_weights) const;
    static constexpr std::size_t phrases_max = 100;

    /// A row at a place that has none.
    void add(Transaction& transaction, std::int64_t place,
             const std::vector<std::string>& texts) const;
    /// `texts`: exactly those that it was added with.
    void remove(Transaction& transaction, std::int64_t place,
                const std::vector<std::string>& texts) const;
    /// A bounded part of the work after which nothing of a removed row is in the file any more.
    /// `first`: of that work. False: it is done.
    bool purge(Transaction& transaction, bool first) const;
    /// Without any row.
    void clear(Transaction& transaction) const;
    /// Throws Failure if the index is not whole in itself.
    void check(Transaction& transaction) const;

private:
    std::string match_of(const WordQuestion& question) const;
    std::string row_sql(bool removes) const;

    const std::string table_;
    const std::vector<std::string> columns_;
};

}  // namespace database
