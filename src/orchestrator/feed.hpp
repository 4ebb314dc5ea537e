#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "listing.hpp"
#include "site/pages.hpp"

namespace orchestrator {

/// The forms that a list is given in to feed readers.
enum class FeedFormat { rss, atom, json };

/// By what the name of a feed ends in: `rss`, `atom`, `json`.
std::optional<FeedFormat> parse_feed_format(std::string_view ending);
/// Its media type.
const char* media_type_of(FeedFormat format);

/// One feed. Its articles are public ones.
struct Feed {
    const site::Pages& pages;
    std::string title;
    std::string self;  ///< its own address
    const std::vector<news::Article>& articles;
};

// All that follows is pure. Whatever the texts are, the XML is well-formed; contents are whole.

/// RSS 2.0 with the modules content, dc, media and atom:link.
std::string rss_of(const Feed& feed);
/// Atom 1.0 (RFC 4287).
std::string atom_of(const Feed& feed);
/// JSON Feed 1.1.
std::string json_feed_of(const Feed& feed);

base::Time shown_at(const news::Article& article);
/// The same for as long as the article is there, whatever becomes of its slug.
std::string identity_of(const site::Pages& pages, const news::Article& article);
/// A content as HTML that can stand in another page: addresses have the site's before them, text is
/// paragraphs, Markdown is shown as it is written.
std::string standalone_html(const site::Pages& pages, const news::Article& article);
/// Where a picture of an article is.
std::string picture_address(const site::Pages& pages, const news::Image& image);

}  // namespace orchestrator
