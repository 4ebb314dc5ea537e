#include "standing.hpp"

#include <algorithm>
#include <variant>

namespace live {

namespace {

template <class Event>
const std::vector<std::string>* whole_tags(const news::Event& event) {
    const auto* said = std::get_if<Event>(&event);
    return said ? &said->tags : nullptr;
}

/// Null: as before.
const std::vector<std::string>* tags_in(const news::Event& event) {
    if (const auto* tags = whole_tags<news::ArticleCreated>(event)) return tags;
    if (const auto* tags = whole_tags<news::ArticleRestored>(event)) return tags;
    const auto* revised = std::get_if<news::ArticleRevised>(&event);
    if (const auto* corrected = std::get_if<news::ArticleCorrected>(&event)) {
        revised = &corrected->changed;
    }
    return revised && revised->tags ? &*revised->tags : nullptr;
}

}  // namespace

Standing standing_of(const news::Article& article) {
    bool is_public = article.status == news::Status::published && !article.embargo_until;
    return {is_public, article.tags};
}

Standing after(Standing standing, const news::Event& event) {
    standing.is_public = news::public_after(event).value_or(standing.is_public);
    if (const auto* tags = tags_in(event)) standing.tags = *tags;
    return standing;
}

std::vector<std::string> tags_of(const Standing& before, const Standing& now) {
    std::vector<std::string> tags;
    for (const auto* standing : {&before, &now}) {
        if (!standing->is_public) continue;
        tags.insert(tags.end(), standing->tags.begin(), standing->tags.end());
    }
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    return tags;
}

}  // namespace live
