#pragma once

struct sqlite3;

namespace database {

/// What FTS5 needs on each connection for the tables of a WordIndex: the tokenizer `portal_words`,
/// which takes words as the index writes them, and the function `portal_relevance`. Throws Failure.
void add_word_functions(sqlite3* handle);

}  // namespace database
