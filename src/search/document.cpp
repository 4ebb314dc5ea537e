#include "document.hpp"

#include <algorithm>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/text.hpp"

namespace search {

namespace {

/// Years before 1970 are above 0, too.
constexpr std::int64_t milliseconds_before_1970 = std::int64_t{1} << 46;
constexpr std::int64_t drafts = std::int64_t{1} << 62;

/// One that parts lists elsewhere; an imported history may have it.
std::vector<std::string> without_separators(std::vector<std::string> tags) {
    for (auto& tag : tags) std::replace(tag.begin(), tag.end(), tag_separator, ' ');
    return tags;
}

/// `Said`: an event that has all members.
template <class Said>
void take_all(Document& document, const Said& said) {
    document.title = said.title;
    document.description = said.description;
    document.content = said.content;
    document.author = said.author;
    document.tags = without_separators(said.tags);
    document.format = said.content_format;
    document.published_at = said.published_at;
    document.language = said.metadata.language;
}

template <class T>
void take(T& member, const std::optional<T>& said) {
    if (said) member = *said;
}

void happen(Document& document, const news::ArticleCreated& created) {
    take_all(document, created);
    if (created.owner) document.owner = created.owner;
}

void happen(Document& document, const news::ArticleRestored& restored) {
    take_all(document, restored);
}

void happen(Document& document, const news::ArticleRevised& revised) {
    take(document.title, revised.title);
    take(document.description, revised.description);
    take(document.content, revised.content);
    take(document.author, revised.author);
    if (revised.tags) document.tags = without_separators(*revised.tags);
    take(document.format, revised.content_format);
    take(document.language, revised.metadata.language);
    if (revised.publication) document.published_at = revised.publication->published_at;
    if (revised.owner) document.owner = revised.owner;
}

void happen(Document& document, const news::ArticleCorrected& corrected) {
    happen(document, corrected.changed);
}

void happen(Document& document, const news::ArticlePublished& published) {
    document.published_at = published.published_at;
}

void happen(Document& document, const news::ArticleEmbargoEnded& ended) {
    document.published_at = ended.publication.published_at;
}

template <class Other>
void happen(Document&, const Other&) {}

bool is_gone_after(const news::Event& event) {
    if (auto* revised = std::get_if<news::ArticleRevised>(&event)) {
        auto status = revised->publication ? revised->publication->status : news::Status::draft;
        return status == news::Status::removed || status == news::Status::killed;
    }
    if (auto* restored = std::get_if<news::ArticleRestored>(&event)) {
        return restored->status == news::Status::removed;
    }
    return std::holds_alternative<news::ArticleRemoved>(event) ||
           std::holds_alternative<news::ArticleKilled>(event);
}

}  // namespace

std::optional<Document> after(std::optional<Document> document, const news::Event& event) {
    bool says_all = std::holds_alternative<news::ArticleCreated>(event) ||
                    std::holds_alternative<news::ArticleRestored>(event);
    if (is_gone_after(event)) return std::nullopt;
    if (!document && !says_all) {
        throw std::runtime_error("it tells of a change of an article of which nothing is known");
    }
    if (!document) document.emplace();
    std::visit([&](const auto& said) { happen(*document, said); }, event);
    if (auto shown = news::public_after(event)) document->is_public = *shown;
    return document;
}

std::int64_t first_place(base::Time time, bool is_public) {
    auto milliseconds =
        std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
    auto place = (milliseconds + milliseconds_before_1970) * places_per_millisecond;
    return is_public ? place : place - drafts;
}

base::Time time_of(std::int64_t place) {
    if (place < 0) place += drafts;
    return base::Time(
        std::chrono::milliseconds(place / places_per_millisecond - milliseconds_before_1970));
}

std::string mark(std::string_view kind, std::string_view value) {
    // No control characters and no spaces.
    return std::string(kind) + '=' + base::to_base64url(value);
}

}  // namespace search
