#include "sqlite_words.hpp"

#include <sqlite3.h>

#include <array>
#include <string_view>
#include <vector>

#include "database/failure.hpp"
#include "database/word_index.hpp"

namespace database {

namespace {

using Emit = int (*)(void*, int, const char*, int, int, int);

int create_tokenizer(void*, const char**, int, Fts5Tokenizer** out) {
    static char nothing;
    *out = reinterpret_cast<Fts5Tokenizer*>(&nothing);
    return SQLITE_OK;
}

void delete_tokenizer(Fts5Tokenizer*) {}

int tokenize(Fts5Tokenizer*, void* context, int, const char* text, int size, Emit emit) {
    std::string_view rest(text, static_cast<std::size_t>(size));
    std::size_t at = 0;
    bool same_place = false;
    while (at < rest.size()) {
        auto end = rest.find_first_of(WordText::separators, at);
        if (end == rest.npos) end = rest.size();
        if (end > at) {
            int result =
                emit(context, same_place ? FTS5_TOKEN_COLOCATED : 0, text + at,
                     static_cast<int>(end - at), static_cast<int>(at), static_cast<int>(end));
            if (result != SQLITE_OK) return result;
        }
        same_place = end < rest.size() && rest[end] == WordText::same_place;
        at = end + 1;
    }
    return SQLITE_OK;
}

/// What each phrase is worth, and each column: see WordIndex::find.
struct Weights {
    std::vector<double> columns;
    std::vector<double> phrases;
};

Weights weights_of(int columns, int count, sqlite3_value** values) {
    Weights weights;
    for (int i = 0; i < count; ++i) {
        auto& to = i < columns ? weights.columns : weights.phrases;
        to.push_back(sqlite3_value_double(values[i]));
    }
    return weights;
}

/// How often each phrase is there, counted by what its columns are worth.
int count_phrases(const Fts5ExtensionApi* api, Fts5Context* row, const Weights& weights,
                  std::vector<double>& counts) {
    int instances = 0;
    int result = api->xInstCount(row, &instances);
    for (int i = 0; result == SQLITE_OK && i < instances; ++i) {
        int phrase = 0;
        int column = 0;
        int place = 0;
        result = api->xInst(row, i, &phrase, &column, &place);
        auto number = static_cast<std::size_t>(phrase);
        auto in = static_cast<std::size_t>(column);
        if (result == SQLITE_OK && number < counts.size() && in < weights.columns.size()) {
            counts[number] += weights.columns[in];
        }
    }
    return result;
}

/// BM25, but that what a phrase is worth is said by who asks: FTS5's own reads the whole list of
/// each phrase to know how rare it is.
void relevance(const Fts5ExtensionApi* api, Fts5Context* row, sqlite3_context* answer, int count,
               sqlite3_value** values) {
    constexpr double saturation = 1.2;
    constexpr double by_length = 0.75;
    auto weights = weights_of(api->xColumnCount(row), count, values);
    std::vector<double> counts(weights.phrases.size());
    int result = count_phrases(api, row, weights, counts);
    int length = 0;
    sqlite3_int64 total = 0;
    sqlite3_int64 rows = 0;
    if (result == SQLITE_OK) result = api->xColumnSize(row, -1, &length);
    if (result == SQLITE_OK) result = api->xColumnTotalSize(row, -1, &total);
    if (result == SQLITE_OK) result = api->xRowCount(row, &rows);
    if (result != SQLITE_OK) {
        sqlite3_result_error_code(answer, result);
        return;
    }
    double relative = total > 0 ? static_cast<double>(length) * static_cast<double>(rows) /
                                      static_cast<double>(total)
                                : 1.0;
    double scale = saturation * (1 - by_length + by_length * relative);
    double score = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        score += weights.phrases[i] * counts[i] * (saturation + 1) / (counts[i] + scale);
    }
    sqlite3_result_double(answer, score);
}

fts5_api* api_of(sqlite3* handle) {
    fts5_api* api = nullptr;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle, "select fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return api;
}

}  // namespace

void add_word_functions(sqlite3* handle) {
    auto* api = api_of(handle);
    if (!api) throw Failure(FailureKind::other, "SQLite has no FTS5");
    fts5_tokenizer tokenizer{create_tokenizer, delete_tokenizer, tokenize};
    bool done =
        api->xCreateTokenizer(api, "portal_words", nullptr, &tokenizer, nullptr) == SQLITE_OK &&
        api->xCreateFunction(api, "portal_relevance", nullptr, relevance, nullptr) == SQLITE_OK;
    if (!done) throw Failure(FailureKind::other, "FTS5 does not take our tokenizer");
}

}  // namespace database
