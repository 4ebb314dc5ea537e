#pragma once

#include "http/router.hpp"
#include "news/types.hpp"
#include "search/queries.hpp"
#include "telemetry/metrics.hpp"

namespace search {

/// GET /v1/search: asks the index, and the news for what it has found.
class Routes {
public:
    Routes(const Queries& queries, news::Types types, telemetry::Counter& searches)
        : queries_(queries), types_(std::move(types)), searches_(searches) {}
    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;

    Answer search(const http::Request& request);
    base::Result<Question> question_of(const http::Request& request) const;
    /// Those of the hits that everybody may read at this moment, by type; a type that does not
    /// answer is named as failed.
    using Articles = std::map<std::string, std::map<news::ArticleId, news::Article>>;
    base::Task<Articles> articles_of(std::vector<Hit> hits, base::Context context);

    const Queries& queries_;
    const news::Types types_;
    telemetry::Counter& searches_;
};

}  // namespace search
