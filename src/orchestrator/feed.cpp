#include "feed.hpp"

#include <algorithm>
#include <array>

#include "base/html_characters.hpp"
#include "base/http_date.hpp"
#include "base/text.hpp"
#include "base/xml_writer.hpp"

namespace orchestrator {

namespace {

using base::HtmlPlace;
using base::XmlWriter;

/// Paragraphs, each with its line breaks.
std::string paragraphs_of(std::string_view text) {
    std::string out;
    bool is_open = false;
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size());
        auto line = base::trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) {
            if (is_open) out += "</p>";
            is_open = false;
            continue;
        }
        out += is_open ? "<br>" : "<p>";
        base::append_html(out, line, HtmlPlace::text);
        is_open = true;
    }
    if (is_open) out += "</p>";
    return out;
}

/// The name of an attribute that is an address, if one begins there; empty: none does.
std::string_view address_at(std::string_view html) {
    for (std::string_view name : {" href=\"", " src=\""}) {
        if (html.starts_with(name)) return name;
    }
    return {};
}

/// News HTML has `<` and `"` only where tags have them, and writes each value in quotes.
std::string with_address(std::string_view html, const std::string& address,
                         const std::string& page) {
    std::string out;
    bool in_tag = false;
    bool in_value = false;
    while (!html.empty()) {
        char c = html.front();
        auto name = in_tag && !in_value ? address_at(html) : std::string_view();
        if (!name.empty()) {
            out += name;
            html.remove_prefix(name.size());
            in_value = true;
            // An address without a host, as news HTML has it: a path, or a place on the page.
            bool is_path = html.starts_with('/') && !html.starts_with("//");
            if (is_path) base::append_html(out, address, HtmlPlace::value);
            if (html.starts_with('#')) base::append_html(out, page, HtmlPlace::value);
            continue;
        }
        if (c == '"') {
            in_value = in_tag && !in_value;
        } else if (!in_value && c == '<') {
            in_tag = true;
        } else if (!in_value && c == '>') {
            in_tag = false;
        }
        out += c;
        html.remove_prefix(1);
    }
    return out;
}

base::Time updated_at(const Feed& feed) {
    base::Time latest{};
    for (const auto& article : feed.articles) latest = std::max(latest, article.updated_at);
    return latest;
}

void write_picture(XmlWriter& xml, const site::Pages& pages, const news::Image& image) {
    xml.open("media:content").attribute("url", picture_address(pages, image));
    xml.attribute("medium", "image");
    const auto& said = image.caption.empty() ? image.alt : image.caption;
    if (!said.empty()) {
        xml.open("media:description").attribute("type", "plain").text(said).close();
    }
    if (!image.credit.empty()) xml.element("media:credit", image.credit);
    xml.close();
}

void write_item(XmlWriter& xml, const site::Pages& pages, const news::Article& article) {
    xml.open("item").element("title", article.title).element("link", page_of(pages, article));
    xml.open("guid").attribute("isPermaLink", "false").text(identity_of(pages, article)).close();
    xml.element("pubDate", base::to_http_date(shown_at(article)));
    xml.element("dc:creator", article.author);
    for (const auto& tag : article.tags) xml.element("category", tag);
    if (!article.description.empty()) xml.element("description", article.description);
    xml.element("content:encoded", standalone_html(pages, article));
    for (const auto& image : article.metadata.images) write_picture(xml, pages, image);
    xml.close();
}

void write_entry(XmlWriter& xml, const site::Pages& pages, const news::Article& article) {
    xml.open("entry");
    const auto& language = article.metadata.language;
    if (!language.empty()) xml.attribute("xml:lang", language);
    xml.element("id", identity_of(pages, article)).element("title", article.title);
    xml.open("link").attribute("rel", "alternate").attribute("href", page_of(pages, article));
    xml.close();
    xml.element("published", base::to_rfc3339(shown_at(article)));
    xml.element("updated", base::to_rfc3339(article.updated_at));
    xml.open("author").element("name", article.author).close();
    for (const auto& tag : article.tags) xml.open("category").attribute("term", tag).close();
    if (!article.description.empty()) xml.element("summary", article.description);
    xml.open("content").attribute("type", "html").text(standalone_html(pages, article)).close();
    xml.close();
}

}  // namespace

std::optional<FeedFormat> parse_feed_format(std::string_view ending) {
    if (ending == "rss") return FeedFormat::rss;
    if (ending == "atom") return FeedFormat::atom;
    if (ending == "json") return FeedFormat::json;
    return std::nullopt;
}

const char* media_type_of(FeedFormat format) {
    switch (format) {
        case FeedFormat::rss:
            return "application/rss+xml; charset=utf-8";
        case FeedFormat::atom:
            return "application/atom+xml; charset=utf-8";
        case FeedFormat::json:
            break;
    }
    return "application/feed+json; charset=utf-8";
}

base::Time shown_at(const news::Article& article) {
    return article.published_at.value_or(article.created_at);
}

std::string identity_of(const site::Pages& pages, const news::Article& article) {
    return pages.address + "/v1/news/" + article.news_type + "/" + std::to_string(article.id);
}

std::string standalone_html(const site::Pages& pages, const news::Article& article) {
    if (article.content_format != news::ContentFormat::html) return paragraphs_of(article.content);
    return with_address(article.content, pages.address, page_of(pages, article));
}

std::string picture_address(const site::Pages& pages, const news::Image& image) {
    return pages.address + "/v1/media/" + std::to_string(image.media) + "/original";
}

std::string rss_of(const Feed& feed) {
    const auto& pages = feed.pages;
    std::string out;
    XmlWriter xml(out);
    xml.declaration().open("rss").attribute("version", "2.0");
    xml.attribute("xmlns:atom", "http://www.w3.org/2005/Atom");
    xml.attribute("xmlns:content", "http://purl.org/rss/1.0/modules/content/");
    xml.attribute("xmlns:dc", "http://purl.org/dc/elements/1.1/");
    xml.attribute("xmlns:media", "http://search.yahoo.com/mrss/");
    xml.open("channel").element("title", feed.title).element("link", pages.address + "/");
    xml.element("description", pages.description.empty() ? feed.title : pages.description);
    xml.open("atom:link").attribute("rel", "self").attribute("type", "application/rss+xml");
    xml.attribute("href", feed.self).close();
    if (!pages.language.empty()) xml.element("language", pages.language);
    if (!pages.copyright.empty()) xml.element("copyright", pages.copyright);
    if (!feed.articles.empty()) {
        xml.element("lastBuildDate", base::to_http_date(updated_at(feed)));
    }
    for (const auto& article : feed.articles) write_item(xml, pages, article);
    xml.close().close();
    return out;
}

std::string atom_of(const Feed& feed) {
    const auto& pages = feed.pages;
    std::string out;
    XmlWriter xml(out);
    xml.declaration().open("feed").attribute("xmlns", "http://www.w3.org/2005/Atom");
    if (!pages.language.empty()) xml.attribute("xml:lang", pages.language);
    xml.element("id", feed.self).element("title", feed.title);
    xml.element("updated", base::to_rfc3339(updated_at(feed)));
    xml.open("link").attribute("rel", "self").attribute("href", feed.self).close();
    xml.open("link").attribute("rel", "alternate").attribute("href", pages.address + "/").close();
    if (!pages.description.empty()) xml.element("subtitle", pages.description);
    if (!pages.copyright.empty()) xml.element("rights", pages.copyright);
    for (const auto& article : feed.articles) write_entry(xml, pages, article);
    xml.close();
    return out;
}

}  // namespace orchestrator
