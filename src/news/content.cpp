#include "content.hpp"

#include "article.hpp"
#include "base/text.hpp"
#include "markdown.hpp"
#include "news_html.hpp"

namespace news {

namespace {

/// More than any content may have, of characters that take four bytes each.
constexpr std::size_t html_bytes_max = 1024 * 1024;

/// Writes a content, and the format it is given in, as they are stored.
std::vector<Dropped> settle(std::vector<base::Problem>& problems, ContentFormat& format,
                            std::string& content, const std::vector<std::string>& embeds) {
    // What is no UTF-8, or empty, is refused as such by who looks at lengths.
    bool is_sound = base::count_code_points(content) && !base::trim(content).empty();
    if (format == ContentFormat::text || !is_sound) return {};
    if (format == ContentFormat::markdown) {
        auto html = html_of_markdown(content, html_bytes_max);
        if (!html) {
            problems.push_back(
                {"content",
                 "makes more than 1 MiB of HTML, or has too many links in long paragraphs"});
            return {};
        }
        format = ContentFormat::html;
        content = std::move(*html);
    }
    auto cleaned = clean_html(content, embeds);
    if (base::trim(cleaned.html).empty()) {
        problems.push_back({"content", "has nothing that news HTML may have"});
        return {};
    }
    content = std::move(cleaned.html);
    return std::move(cleaned.dropped);
}

}  // namespace

std::vector<Dropped> settle_content(std::vector<base::Problem>& problems, NewArticle& article,
                                    const std::vector<std::string>& embeds) {
    return settle(problems, article.content_format, article.content, embeds);
}

std::vector<Dropped> settle_content(std::vector<base::Problem>& problems, Revision& revision,
                                    ContentFormat format, const std::string& content,
                                    const std::vector<std::string>& embeds) {
    auto given = revision.content_format.value_or(format);
    forget_if_same(revision.content_format, format);
    if (!revision.content) {
        if (given != format && given != ContentFormat::text) {
            problems.push_back({"content_format", "needs the content in that format with it"});
        }
        return {};
    }
    if (given == format) forget_if_same(revision.content, content);
    bool stays = given == ContentFormat::markdown && format == ContentFormat::markdown;
    if (!revision.content || stays) return {};
    auto dropped = settle(problems, given, *revision.content, embeds);
    revision.content_format = given;
    forget_if_same(revision.content_format, format);
    forget_if_same(revision.content, content);
    return dropped;
}

}  // namespace news
