#include "health_routes.hpp"

#include <algorithm>

namespace news {

namespace {

base::Task<http::Response> answer(http::Response response) {
    co_return response;
}

http::Response health_of_type(const http::Request& request,
                              const std::vector<operations::Check>& checks) {
    std::string type(request.parameter("type"));
    auto found = std::find_if(checks.begin(), checks.end(), [&](const operations::Check& check) {
        return check.name == "news-" + type;
    });
    if (found == checks.end()) {
        return http::failure(request, {base::Reason::not_found, "unknown_news_type",
                                       "There is no news type of that name."});
    }
    return operations::health_of({*found});
}

}  // namespace

void add_health_routes(http::Router& router, std::vector<operations::Check> checks) {
    router.add(operations::health_route("/v1/news/healthcheck", checks));
    router.add({http::Method::get, "/v1/news/{type}/healthcheck", http::Access::anyone,
                [checks = std::move(checks)](const http::Request& request) {
                    return answer(health_of_type(request, checks));
                }});
}

}  // namespace news
