#include "base/text.hpp"
#include "news_routes.hpp"

namespace orchestrator {

namespace {

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;
/// Grows when the JSON of an item changes its form: the same version then has another ETag.
constexpr std::string_view form = "1";

std::string_view next_tag(std::string_view& list) {
    auto comma = list.find(',');
    auto tag = base::trim(list.substr(0, comma));
    list = comma == list.npos ? std::string_view() : list.substr(comma + 1);
    return tag;
}

}  // namespace

base::Result<const NewsType*> type_of(const Shared& parts, const http::Request& request) {
    std::string name(request.parameter("type"));
    auto found = parts.dependencies.types.find(name);
    if (found == parts.dependencies.types.end()) {
        return base::Error{base::Reason::not_found, "unknown_news_type",
                           "There is no news type of that name."};
    }
    return &found->second;
}

base::Result<news::ArticleId> id_of(const http::Request& request) {
    auto id = base::parse_number(request.parameter("id"), id_max);
    if (!id) {
        return base::Error{base::Reason::not_found, "news_not_found", "There is no such news item."};
    }
    return *id;
}

http::Response refuse(const http::Request& request, base::Error error) {
    if (error.code == "news_not_found" && base::parse_number(request.parameter("id"), id_max)) {
        error.message = "There is no " + std::string(request.parameter("type")) + " news " +
                        std::string(request.parameter("id")) + ".";
    }
    return http::failure(request, error);
}

std::string etag_of(const news::Article& article) {
    return "\"" + std::to_string(article.version) + "." + std::string(form) + "\"";
}

std::optional<news::Expected> expected_of(const http::Request& request) {
    auto header = request.header("If-Match");
    if (!header) return std::nullopt;
    news::Expected expected;
    expected.from_header = true;
    std::string_view list = base::trim(*header);
    expected.any = list == "*";
    while (!list.empty() && !expected.any) {
        auto tag = next_tag(list);
        // If-Match compares strongly: a weak tag, or one of another form, names no version of ours.
        std::string end = "." + std::string(form) + "\"";
        if (tag.size() <= end.size() + 1 || tag.front() != '"' || !tag.ends_with(end)) continue;
        auto version = base::parse_number(tag.substr(1, tag.size() - 1 - end.size()), id_max);
        if (version) expected.versions.push_back(*version);
    }
    return expected;
}

}  // namespace orchestrator
