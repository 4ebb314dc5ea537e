// Lists for feed readers: the same questions as those of lists, in other forms.
#include "base/text.hpp"
#include "news_routes.hpp"

namespace orchestrator {

namespace {

base::Error feed_not_found() {
    return {base::Reason::not_found, "feed_not_found",
            "There is no such feed: a feed is a news type or all, or a tag or an author behind "
            "tags/ and authors/, and ends in .rss, .atom or .json."};
}

/// What a feed is called, and its form.
struct FeedName {
    std::string word;
    FeedFormat format = FeedFormat::rss;
};

std::optional<FeedName> feed_name_in(std::string_view text) {
    auto dot = text.rfind('.');
    if (dot == text.npos) return std::nullopt;
    auto format = parse_feed_format(text.substr(dot + 1));
    auto word = base::trim(text.substr(0, dot));
    auto length = base::count_code_points(word).value_or(0);
    if (!format || length < 1 || length > word_length_max) return std::nullopt;
    return FeedName{std::string(word), *format};
}

std::string body_of(FeedFormat format, const Feed& feed) {
    if (format == FeedFormat::rss) return rss_of(feed);
    if (format == FeedFormat::atom) return atom_of(feed);
    return json_feed_of(feed);
}

}  // namespace

void ReadRoutes::write_feed(http::Response& response, const FeedQuestion& feed,
                            const Listing& listing) const {
    const auto& pages = parts_.neighbours.pages;
    auto title = pages.name.empty() ? pages.address : pages.name;
    if (!feed.word.empty()) title += ": " + feed.word;
    response.content_type = media_type_of(feed.format);
    response.body = body_of(feed.format, {pages, std::move(title), feed.self, listing.items});
}

ReadRoutes::Answer ReadRoutes::feed(const http::Request& request) {
    return feed_of(request, "", request.parameter("feed"));
}
ReadRoutes::Answer ReadRoutes::feed_of_tag(const http::Request& request) {
    return feed_of(request, "tags/", request.parameter("feed"));
}
ReadRoutes::Answer ReadRoutes::feed_of_author(const http::Request& request) {
    return feed_of(request, "authors/", request.parameter("feed"));
}

ReadRoutes::Answer ReadRoutes::feed_of(const http::Request& request, std::string_view kind,
                                       std::string_view name) {
    const auto& pages = parts_.neighbours.pages;
    if (pages.address.empty()) co_return refuse(request, no_site_address());
    auto useless = useless_filter(request, {"status", "tag", "author", "from", "to", "language"});
    if (useless) co_return refuse(request, std::move(*useless));
    auto named = feed_name_in(name);
    const auto& types = parts_.neighbours.types;
    bool is_there = named && (!kind.empty() || named->word == "all" || types.contains(named->word));
    if (!is_there) co_return refuse(request, feed_not_found());

    Question question;
    question.kind = Question::Kind::keyset;
    question.limit = parts_.config.feed_items;
    question.target = std::string("/feeds/").append(kind);
    base::append_percent_encoded(question.target, named->word);
    question.target += name.substr(name.rfind('.'));
    bool is_of_type = kind.empty() && named->word != "all";
    if (is_of_type) {
        question.types.push_back(named->word);
    } else {
        for (const auto& [type, queries] : types) question.types.push_back(type);
    }
    if (kind == "tags/") question.filter.tag = named->word;
    if (kind == "authors/") question.filter.author = named->word;
    bool is_all = kind.empty() && !is_of_type;
    question.feed =
        FeedQuestion{named->format, is_all ? "" : named->word, pages.address + question.target};
    co_return co_await list(request, std::move(question));
}

}  // namespace orchestrator
