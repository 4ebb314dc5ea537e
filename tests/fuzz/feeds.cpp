// Feeds, sitemaps and items in the forms of others: whatever an article says, the XML is
// well-formed, as a strict reader of nothing else says, and the JSON is JSON that stays within its
// place in a page.
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.hpp"
#include "fuzz/check.hpp"
#include "orchestrator/feed.hpp"
#include "orchestrator/shape.hpp"
#include "orchestrator/sitemap.hpp"
#include "site/robots.hpp"

namespace {

using fuzz::require;

/// Reads XML as this server writes it: elements, attributes, texts, and the few references.
class XmlReader {
public:
    explicit XmlReader(std::string_view xml) : left_(xml) {}

    /// How many elements of that name there are, in a whole document.
    std::size_t count(std::string_view wanted) {
        take("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        std::size_t found = 0;
        do {
            require(!left_.empty() && left_.front() == '<', "an element begins");
            left_.remove_prefix(1);
            bool closes = left_.starts_with('/');
            if (closes) left_.remove_prefix(1);
            auto name = take_name();
            if (closes) {
                require(!open_.empty() && open_.back() == name, "what closes was open");
                open_.pop_back();
                take(">");
            } else {
                found += name == wanted ? 1 : 0;
                take_attributes();
                bool is_empty = left_.starts_with('/');
                if (is_empty) left_.remove_prefix(1);
                take(">");
                if (!is_empty) open_.push_back(name);
            }
            if (!open_.empty()) take_characters('<');
        } while (!open_.empty());
        require(left_.empty(), "nothing follows the outermost element");
        return found;
    }

private:
    void take(std::string_view expected) {
        require(left_.starts_with(expected), "it goes on with " + std::string(expected) + ", not " +
                                                 std::string(left_.substr(0, 60)));
        left_.remove_prefix(expected.size());
    }
    std::string_view take_name() {
        auto end =
            left_.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-:_");
        require(end != left_.npos && end > 0, "a name has letters, and ends");
        auto name = left_.substr(0, end);
        left_.remove_prefix(end);
        return name;
    }
    void take_attributes() {
        std::vector<std::string_view> names;
        while (left_.starts_with(' ')) {
            left_.remove_prefix(1);
            auto name = take_name();
            for (auto other : names) require(other != name, "an attribute is there once");
            names.push_back(name);
            take("=\"");
            take_characters('"');
            take("\"");
        }
    }
    void take_characters(char end) {
        auto whole = left_;
        while (!left_.empty() && left_.front() != end) {
            auto c = static_cast<unsigned char>(left_.front());
            require(c != '<' && c != '>', "no bracket stands in a text");
            require(c >= 0x20 || c == '\t' || c == '\n', "no control character does");
            if (c == '&') {
                auto semicolon = left_.find(';');
                require(semicolon != left_.npos && semicolon <= 5, "a reference ends");
                auto name = left_.substr(1, semicolon - 1);
                bool is_known = name == "amp" || name == "lt" || name == "gt" || name == "quot" ||
                                name == "#13" || name == "#10" || name == "#9";
                require(is_known, "a reference is one of a few");
                left_.remove_prefix(semicolon);
            }
            left_.remove_prefix(1);
        }
        auto text = whole.substr(0, whole.size() - left_.size());
        require(base::count_code_points(text).has_value(), "what is written is UTF-8");
    }

    std::string_view left_;
    std::vector<std::string_view> open_{};
};

nlohmann::json json_in(const std::string& text) {
    auto json = nlohmann::json::parse(text, nullptr, false);
    require(json.is_object(), "the JSON is an object");
    return json;
}

void check_names(std::string_view text) {
    if (auto part = orchestrator::parse_sitemap_name(text)) {
        require(name_of(*part) == text, "a sitemap has one name");
    }
    site::Robots robots{{std::string(text)}, {std::string(text)}, std::string(text), ""};
    if (!fault_of(robots)) {
        require(text.find_first_of("\r\n#") == text.npos, "no line for robots has another in it");
    }
    orchestrator::ninjs_for(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Copy copy(fuzz::text_of(bytes, size));
    auto left = copy.view();
    check_names(left.substr(0, left.find('\n')));
    auto next = [&] { return std::string(fuzz::take_until(left, '\n')); };
    news::Article article;
    article.title = next();
    article.slug = next();
    article.author = next();
    article.description = next();
    article.tags = {next(), article.title};
    article.metadata.language = next();
    article.metadata.images = {{7, article.title, article.description, article.author, true}};
    article.corrections = {{article.description, {}}};
    article.content = left;
    article.news_type = "sports";
    article.id = 17;
    article.content_format = static_cast<news::ContentFormat>(size % 3);
    site::Pages pages{.name = article.author,
                      .description = article.title,
                      .paid_part = article.description,
                      .copyright = article.slug,
                      .address = "https://news.example"};
    pages.access = size % 2 == 0 ? "paid" : "";

    auto articles = std::vector{article, article};
    orchestrator::Feed feed{pages, article.title, "https://news.example/feeds/all.rss", articles};
    require(XmlReader(rss_of(feed)).count("item") == 2, "each article is an item");
    require(XmlReader(atom_of(feed)).count("entry") == 2, "each article is an entry");
    news::Heading heading{17, article.title, article.slug, article.metadata.language, {}, {}, {}};
    std::vector<orchestrator::SitemapEntry> entries{{"sports", heading}, {"sports", heading}};
    auto map = sitemap_of(pages, entries);
    require(XmlReader(map).count("url") == XmlReader(news_sitemap_of(pages, entries)).count("url"),
            "both sitemaps have the same pages");
    require(map.size() < 2 * 2200 + 200, "an address of a sitemap is short");

    // JSON is not told what is no UTF-8: the rules of news have refused it.
    if (!base::count_code_points(copy.view())) return 0;
    require(json_in(json_feed_of(feed))["items"].size() == 2, "each article is an item");
    auto linked = orchestrator::linked_data_of(pages, article);
    require(linked.find('<') == linked.npos, "linked data can stand in a page");
    require(json_in(linked)["headline"] == article.title, "a title is what it was");
    for (auto shape : {orchestrator::Shape::ninjs_2, orchestrator::Shape::ninjs_3}) {
        auto ninjs = json_in(ninjs_of(pages, article, shape, true));
        require(ninjs["slugline"] == article.slug || article.slug.empty(), "a slug is, too");
        json_in(canceled_ninjs_of(pages, "sports", 17, article.title, shape));
    }
    return 0;
}
