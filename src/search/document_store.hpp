#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "bus/store_inbox.hpp"
#include "database/database.hpp"
#include "database/word_index.hpp"
#include "document.hpp"

namespace search {

/// The words of all documents. Columns: title, tags, description, author, body, marks.
const database::WordIndex& entries();

/// What the index takes of a document, for its columns. `language`: of documents that have said
/// none. Whoever changes what comes of a document raises the version in words.cpp.
std::vector<std::string> texts_of(const Document& document, const std::string& language);

/// The tags, as they stand in a row.
std::vector<std::string> tags_in(std::string_view text);

/// The documents, in one transaction that changes them.
class DocumentStore {
public:
    /// `language`: of documents that have said none.
    DocumentStore(database::Transaction& transaction, const std::string& language)
        : transaction_(transaction), language_(language) {}
    /// Until then the index has none of it.
    void finish();

    std::optional<Document> find(const std::string& news_type, news::ArticleId article);
    /// As replace(), of one that has come to another version.
    void keep(std::optional<Document> before, std::optional<Document> now, base::Time at);
    /// Instead of `before`, which has its place; both may be nothing. `at`: what orders a draft.
    void replace(std::optional<Document> before, std::optional<Document> document, base::Time at);

private:
    /// What the index takes in, or lets go.
    struct Change {
        Document document;
        bool removes = false;
    };
    void add(Document document);
    void remove(Document document);
    std::int64_t free_place(base::Time time, bool is_public);
    void write_entries();
    void count_words(const std::vector<std::string>& texts, std::int64_t change);

    database::Transaction& transaction_;
    const std::string& language_;
    std::vector<Change> changes_;
    std::map<std::string, std::int64_t> words_;  ///< how often more or less they are used
    std::int64_t documents_ = 0;
};

/// Keeps the documents of one news type up to date.
class Projector final : public bus::Subscriber {
public:
    Projector(std::string news_type, std::string language)
        : news_type_(std::move(news_type)), language_(std::move(language)) {}
    void apply(database::Transaction& transaction, std::span<const bus::Event> events) override;

private:
    const std::string news_type_;
    const std::string language_;
};

/// Whether words were made in another way than they are here: nothing can be found or taken out
/// then. `language`: of documents that have said none.
bool is_of_other_words(database::ReadTransaction& transaction, const std::string& language);
/// Those that have documents.
std::vector<std::string> news_types(database::ReadTransaction& transaction);
/// Forgets up to `count` documents of a type; false: there were none.
bool forget(database::Transaction& transaction, const std::string& news_type,
            const std::string& language, std::int64_t count);

/// Whether something of what was removed may be in the file still.
bool has_remains(database::ReadTransaction& transaction);
/// A bounded part of the work after which that is not so; false: it is done, if nothing was removed
/// since the first part.
bool purge(database::Transaction& transaction, bool first);

std::vector<database::MigrationSet> schema();

}  // namespace search
