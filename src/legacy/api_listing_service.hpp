#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "news/types.hpp"

namespace legacy {

/// Asks several news types as if they were one: what the monolith had in one table. Whole or not at
/// all: where one of them cannot answer, the answer is its refusal. Stateless but for the types.
class ApiListing {
public:
    explicit ApiListing(news::Types types) : types_(std::move(types)) {}

    using Names = std::vector<std::string>;

    base::Task<std::int64_t> count(Names names, news::ListFilter filter,
                                   base::Context context) const;

    struct Part {
        std::vector<news::Article> articles;
        bool more = false;  ///< the list goes on in the direction of the question
        /// Where it begins and ends, also if the articles there were withdrawn meanwhile; nothing
        /// if it is empty, and then there are no more.
        std::optional<news::ListCursor> first{};
        std::optional<news::ListCursor> last{};
    };
    /// In the order of lists, whatever the direction. Drafts are never among them, whoever asks.
    base::Task<Part> part(Names names, news::PlacesQuestion question, base::Context context) const;

    /// The published article of that number, of the first type that has one. Refused with
    /// `news_not_found`.
    base::Task<news::Article> article(Names names, news::ArticleId id, base::Context context) const;

private:
    using Places = std::vector<news::ListCursor>;
    using Articles = std::vector<news::Article>;

    base::Task<Places> places(Names names, news::PlacesQuestion question,
                              base::Context context) const;
    base::Task<Articles> articles(Places places, base::Context context) const;

    news::Types types_;
};

}  // namespace legacy
