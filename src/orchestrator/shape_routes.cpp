// One item in the forms of others: the same question as for its own.
#include "answer_json.hpp"
#include "news_routes.hpp"

namespace orchestrator {

namespace {

bool is_ninjs(Shape shape) {
    return shape == Shape::ninjs_2 || shape == Shape::ninjs_3;
}

http::Response response_in(Shape shape, std::string body) {
    http::Response response;
    response.content_type = media_type_of(shape);
    response.body = std::move(body);
    if (is_ninjs(shape)) response.fields.emplace_back("Vary", "Accept");
    return response;
}

}  // namespace

ReadRoutes::Answer ReadRoutes::linked_data(const http::Request& request) {
    return shaped(request, Shape::linked_data);
}

ReadRoutes::Answer ReadRoutes::ninjs(const http::Request& request) {
    return shaped(request, ninjs_for(request.header("Accept").value_or("")));
}

ReadRoutes::Answer ReadRoutes::shaped(const http::Request& request, Shape shape) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    if (parts_.neighbours.pages.address.empty()) co_return refuse(request, no_site_address());
    NewPage page{"/v1/news/" + std::string(request.parameter("type")) + "/" + std::to_string(*id)};
    page.target += ending_of(shape);
    // No target has a space in it.
    if (shape == Shape::ninjs_2) page.target += " 2";
    if (auto again = kept(request, page.target)) co_return std::move(*again);
    const auto& queries = *(*type)->queries;
    page.asks(queries);
    co_return co_await show(request, queries, *id, std::move(page), shape);
}

http::Response ReadRoutes::in_shape(const news::Article& article, Shape shape) const {
    const auto& pages = parts_.neighbours.pages;
    switch (shape) {
        case Shape::json:
            break;
        case Shape::linked_data:
            return response_in(shape, linked_data_of(pages, article));
        case Shape::ninjs_2:
        case Shape::ninjs_3: {
            bool is_public = news::is_public(article, parts_.clock.now());
            return response_in(shape, ninjs_of(pages, article, shape, is_public));
        }
    }
    auto response = response_in(shape, item_body(article));
    response.etag = etag_of(article);
    return response;
}

std::optional<http::Response> ReadRoutes::canceled_in(Shape shape, const http::Request& request,
                                                      news::ArticleId id,
                                                      const base::Error& error) const {
    bool is_told = is_ninjs(shape) && error.code == "killed" && !error.details.empty();
    if (!is_told) return std::nullopt;
    const auto& notice = error.details.front().message;
    return response_in(shape, canceled_ninjs_of(parts_.neighbours.pages, request.parameter("type"),
                                                id, notice, shape));
}

}  // namespace orchestrator
