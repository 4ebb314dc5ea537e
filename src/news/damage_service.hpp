#pragma once

#include <utility>

#include "base/result.hpp"
#include "database/failure.hpp"
#include "news/article.hpp"

namespace news {

/// What is refused, `news_damaged`, when events of the article are not what was recorded: only this
/// article is, and the log says which store and event. Throws what is no such failure.
base::Error news_damaged(ArticleId id, const database::Failure& failure);

/// What `work` gives, which reads events of that article.
template <class T, class Work>
base::Result<T> unless_damaged(ArticleId id, Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (const database::Failure& failure) {
        return news_damaged(id, failure);
    }
}

}  // namespace news
