#include "document_store.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/clock.hpp"
#include "news/events.hpp"
#include "plain_text.hpp"
#include "words.hpp"

namespace migrations {
database::MigrationSet search();
}

namespace search {

namespace {

std::string words_of(std::string_view text, const Stemmer& stemmer) {
    database::WordText words;
    for (const auto& word : words_in(text)) {
        words.add(word.form);
        auto stem = stem_of(word, stemmer);
        if (!stem.empty()) words.add_form(stem);
    }
    return words.text();
}

std::string joined(const std::vector<std::string>& tags) {
    std::string text;
    for (const auto& tag : tags) {
        if (&tag != &tags.front()) text += tag_separator;
        text += tag;
    }
    return text;
}

Document read(const database::Statement& row) {
    Document document;
    document.place = row.integer(0);
    document.news_type = row.text(1);
    document.article = row.integer(2);
    document.version = row.integer(3);
    document.owner = row.integer_or_null(4);
    auto published_at = row.integer_or_null(5);
    if (published_at) document.published_at = base::from_micros(*published_at);
    document.is_public = !is_draft(document.place);
    document.language = row.text(6);
    document.title = row.text(7);
    document.description = row.text(8);
    document.author = row.text(9);
    document.tags = tags_in(row.text(10));
    document.format = news::parse_content_format(row.text(11)).value_or(news::ContentFormat::text);
    document.content = row.text(12);
    return document;
}

/// What the words of an index are made by.
std::string made_by(const std::string& language) {
    static const std::string words = words_version();
    return words + ' ' + language;
}

constexpr const char* document_columns =
    "select d.place, d.news_type, d.article, d.version, d.owner, d.published_at, d.language,"
    " t.title, t.description, d.author, d.tags, d.format, t.content"
    " from documents d join texts t on t.place = d.place";

}  // namespace

std::vector<std::string> tags_in(std::string_view text) {
    std::vector<std::string> tags;
    while (!text.empty()) {
        auto end = std::min(text.find(tag_separator), text.size());
        tags.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return tags;
}

std::vector<std::string> texts_of(const Document& document, const std::string& language) {
    const auto& spoken = document.language.empty() ? language : document.language;
    Stemmer stemmer(spoken);
    std::string tags;
    database::WordText marks;
    marks.add(mark("type", document.news_type));
    marks.add(mark("author", document.author));
    marks.add(mark("language", spoken.substr(0, spoken.find('-'))));
    if (document.owner) marks.add(mark("owner", std::to_string(*document.owner)));
    for (const auto& tag : document.tags) {
        tags += tag + '\n';
        marks.add(mark("tag", tag));
    }
    return {words_of(document.title, stemmer),
            words_of(tags, stemmer),
            words_of(document.description, stemmer),
            words_of(document.author, stemmer),
            words_of(plain_text(document.content, document.format), stemmer),
            marks.text()};
}

const database::WordIndex& entries() {
    static const database::WordIndex index(
        "entries", {"title", "tags", "description", "author", "body", "marks"});
    return index;
}

std::optional<Document> DocumentStore::find(const std::string& news_type, news::ArticleId article) {
    std::string sql(document_columns);
    auto row = transaction_.prepare(sql.append(" where d.news_type = ?1 and d.article = ?2"));
    row.bind(1, news_type).bind(2, article);
    if (!row.step()) return std::nullopt;
    return read(row);
}

std::int64_t DocumentStore::free_place(base::Time time, bool is_public) {
    for (auto first = first_place(time, is_public);; first += places_per_millisecond) {
        auto row = transaction_.prepare(
            "select place from documents where place >= ?1 and place < ?2"
            " order by place desc limit 1");
        row.bind(1, first).bind(2, first + places_per_millisecond);
        if (!row.step()) return first;
        if (row.integer(0) + 1 < first + places_per_millisecond) return row.integer(0) + 1;
    }
}

void DocumentStore::count_words(const std::vector<std::string>& texts, std::int64_t change) {
    std::set<std::string_view> words;
    for (std::size_t column = 0; column + 1 < texts.size(); ++column) {
        std::string_view text = texts[column];
        while (!text.empty()) {
            auto end = std::min(text.find_first_of(database::WordText::separators), text.size());
            words.insert(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }
    for (auto word : words) words_[std::string(word)] += change;
}

void DocumentStore::add(Document document) {
    auto tags = joined(document.tags);
    std::optional<std::int64_t> micros;
    if (document.published_at) micros = base::to_micros(*document.published_at);
    transaction_
        .prepare(
            "insert into documents (place, news_type, article, version, owner, published_at,"
            " language, author, tags, format) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(1, document.place)
        .bind(2, document.news_type)
        .bind(3, document.article)
        .bind(4, document.version)
        .bind(5, document.owner)
        .bind(6, micros)
        .bind(7, document.language)
        .bind(8, document.author)
        .bind(9, tags)
        .bind(10, news::name_of(document.format))
        .run();
    transaction_
        .prepare("insert into texts (place, title, description, content) values (?, ?, ?, ?)")
        .bind(1, document.place)
        .bind(2, document.title)
        .bind(3, document.description)
        .bind(4, document.content)
        .run();
    changes_.push_back({std::move(document), false});
    ++documents_;
}

void DocumentStore::remove(Document document) {
    transaction_.prepare("delete from documents where place = ?").bind(1, document.place).run();
    transaction_.prepare("delete from texts where place = ?").bind(1, document.place).run();
    changes_.push_back({std::move(document), true});
    --documents_;
}

/// The engine begins a new part of the index with each place that is below the one before: they go
/// there in order, at each place what leaves it first.
void DocumentStore::write_entries() {
    std::sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
        return std::pair(a.document.place, b.removes) < std::pair(b.document.place, a.removes);
    });
    for (const auto& [document, removes] : changes_) {
        auto texts = texts_of(document, language_);
        if (removes) {
            entries().remove(transaction_, document.place, texts);
        } else {
            entries().add(transaction_, document.place, texts);
        }
        count_words(texts, removes ? -1 : 1);
    }
    changes_.clear();
}

void DocumentStore::keep(std::optional<Document> before, std::optional<Document> now,
                         base::Time at) {
    auto same = before;
    if (before && now) same->version = now->version;
    if (!before || same != now) return replace(std::move(before), std::move(now), at);
    // Nothing that it is found by.
    transaction_.prepare("update documents set version = ? where place = ?")
        .bind(1, now->version)
        .bind(2, now->place)
        .run();
}

void DocumentStore::replace(std::optional<Document> before, std::optional<Document> document,
                            base::Time at) {
    bool stays = before && document && document->is_public == before->is_public &&
                 (!document->is_public || before->published_at == document->published_at);
    auto place = before ? before->place : 0;
    if (before) remove(std::move(*before));
    if (!document) {
        if (before) transaction_.prepare("update state set removed = 1 where id = 1").run();
        return;
    }
    if (!stays) {
        auto time = document->is_public ? document->published_at.value_or(at) : at;
        place = free_place(time, document->is_public);
    }
    document->place = place;
    add(std::move(*document));
}

void DocumentStore::finish() {
    write_entries();
    auto count = transaction_.prepare(
        "insert into words (word, documents) values (?1, ?2)"
        " on conflict (word) do update set documents = documents + ?2");
    bool fewer = false;
    for (const auto& [word, change] : words_) {
        if (change == 0) continue;
        fewer = fewer || change < 0;
        count.reset().bind(1, word).bind(2, change).run();
    }
    if (fewer) {
        auto drop = transaction_.prepare("delete from words where word = ? and documents <= 0");
        for (const auto& [word, change] : words_) {
            if (change < 0) drop.reset().bind(1, word).run();
        }
    }
    auto made = made_by(language_);
    transaction_.prepare("update state set documents = documents + ?, made_by = ? where id = 1")
        .bind(1, documents_)
        .bind(2, made)
        .run();
}

void Projector::apply(database::Transaction& transaction, std::span<const bus::Event> events) {
    struct Change {
        std::optional<Document> before{};
        std::optional<Document> now{};
        base::Time at{};
    };
    DocumentStore store(transaction, language_);
    std::map<news::ArticleId, Change> changes;
    std::vector<news::ArticleId> order;
    for (const auto& event : events) {
        auto known = changes.find(event.stream);
        if (known == changes.end()) {
            auto before = store.find(news_type_, event.stream);
            known = changes.emplace(event.stream, Change{before, before, {}}).first;
            order.push_back(event.stream);
        }
        auto& change = known->second;
        // Said before, and known.
        if (change.now && event.version <= change.now->version) continue;
        bool is_new = !change.now;
        change.now = after(std::move(change.now), news::article_event(event));
        change.at = event.recorded_at;
        if (!change.now) continue;
        change.now->news_type = news_type_;
        change.now->article = event.stream;
        change.now->version = event.version;
        if (is_new && !change.now->owner) change.now->owner = event.actor;
    }
    for (auto id : order) {
        auto& [before, now, at] = changes.at(id);
        if (before != now) store.keep(std::move(before), std::move(now), at);
    }
    store.finish();
}

bool is_of_other_words(database::ReadTransaction& transaction, const std::string& language) {
    auto row = transaction.prepare("select made_by from state where id = 1");
    return row.step() && !row.text(0).empty() && row.text(0) != made_by(language);
}

std::vector<std::string> news_types(database::ReadTransaction& transaction) {
    std::vector<std::string> types;
    auto next = transaction.prepare(
        "select news_type from documents where news_type > ? order by news_type limit 1");
    std::string last;
    while (next.reset().bind(1, last).step()) types.push_back(last = next.text(0));
    return types;
}

bool forget(database::Transaction& transaction, const std::string& news_type,
            const std::string& language, std::int64_t count) {
    std::vector<Document> documents;
    {
        std::string sql(document_columns);
        auto rows = transaction.prepare(sql.append(" where d.news_type = ?1 limit ?2"));
        rows.bind(1, news_type).bind(2, count);
        while (rows.step()) documents.push_back(read(rows));
    }
    DocumentStore store(transaction, language);
    for (auto& document : documents) store.replace(std::move(document), std::nullopt, {});
    store.finish();
    return !documents.empty();
}

bool has_remains(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select removed from state where id = 1");
    return row.step() && row.integer(0) != 0;
}

bool purge(database::Transaction& transaction, bool first) {
    // What is removed from here on begins it again.
    if (first) transaction.prepare("update state set removed = 2 where id = 1").run();
    if (entries().purge(transaction, first)) return true;
    transaction.prepare("update state set removed = 0 where id = 1 and removed = 2").run();
    return false;
}

std::vector<database::MigrationSet> schema() {
    return {bus::subscriber_schema(), migrations::search()};
}

}  // namespace search
