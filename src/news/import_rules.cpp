// What imports make of articles: their lengths are not looked at any more.
#include <algorithm>

#include "article.hpp"

namespace news {

EarlierVersion present_version(const NewArticle& article, const ArticleState* state,
                               base::Time now) {
    EarlierVersion present{now,
                           std::nullopt,
                           article.title,
                           article.description,
                           article.content,
                           article.author,
                           article.tags,
                           publication_of(article, now),
                           article.extra,
                           article.content_format};
    // Published without a time is now only when it was not before.
    bool stays =
        state && state->status == Status::published && !article.draft && !article.published_at;
    if (stays) present.publication.published_at = state->published_at;
    auto at = article.updated_at ? article.updated_at : article.created_at;
    if (at) present.at = std::min(*at, now);
    return present;
}

ArticleRevised difference(const ArticleState& state, const std::string& content,
                          const EarlierVersion& version) {
    ArticleRevised revised{version.title, version.description,   version.content, version.author,
                           version.tags,  version.publication,   std::nullopt,    version.extra,
                           std::nullopt,  version.content_format};
    forget_if_same(revised.title, state.title);
    forget_if_same(revised.description, state.description);
    forget_if_same(revised.content, content);
    forget_if_same(revised.author, state.author);
    forget_if_same(revised.tags, state.tags);
    forget_if_same(revised.publication, Publication{state.status, state.published_at});
    forget_if_same(revised.extra, state.extra);
    forget_if_same(revised.content_format, state.content_format);
    return revised;
}

void add_names(ArticleRevised& revised, const ArticleState& state, const NewArticle& article) {
    if (!article.slug.empty() && article.slug != state.slug) revised.slug = article.slug;
    if (!article.legacy_id.empty() && article.legacy_id != state.legacy_id) {
        revised.legacy_id = article.legacy_id;
    }
    if (article.owner && article.owner != state.created_by) revised.owner = article.owner;
}

std::optional<Event> event_of(ArticleRevised revised) {
    if (changes_members(revised)) return Event(std::move(revised));
    if (revised.publication) return publication_event(*revised.publication);
    return std::nullopt;
}

}  // namespace news
