#include "drf_pages.hpp"

#include <algorithm>

#include "base/json_writer.hpp"

namespace legacy {

namespace {

/// What a client asks for, if it is a size at all; else as if it had not asked.
std::int64_t size_of(const PageRules& rules, const DrfQuery& query) {
    if (rules.limit.empty()) return rules.size_default;
    auto text = query.get(rules.limit);
    auto size = text ? parse_python_int(*text) : std::nullopt;
    if (!size || *size < 1) return rules.size_default;
    return std::min(*size, rules.size_max);
}

/// A cursor of a link says in which direction it goes.
std::string link_text(bool backwards, const news::ListCursor& from) {
    return (backwards ? "p" : "n") + news::to_cursor(from);
}

}  // namespace

std::optional<Envelope> parse_envelope(std::string_view word) {
    if (word == "page_number") return Envelope::page_number;
    if (word == "limit_offset") return Envelope::limit_offset;
    if (word == "cursor") return Envelope::cursor;
    if (word == "array") return Envelope::array;
    return std::nullopt;
}

std::optional<Page> numbered_page(const PageRules& rules, const DrfQuery& query,
                                  std::string_view url, std::int64_t count) {
    Page page;
    page.limit = size_of(rules, query);
    // An empty list has one page.
    auto pages = std::max<std::int64_t>(1, (count + page.limit - 1) / page.limit);
    auto text = query.get(rules.page).value_or("1");
    if (text.empty() && rules.empty_page_is_first) text = "1";
    auto number = text == "last" ? std::optional(pages) : parse_python_int(text);
    if (!number || *number < 1 || *number > pages) return std::nullopt;
    page.skip = (*number - 1) * page.limit;
    if (page.skip > rules.offset_max) return std::nullopt;
    if (*number < pages) page.next = query.with(url, rules.page, std::to_string(*number + 1));
    if (*number == 2) page.previous = query.without(url, rules.page);
    if (*number > 2) page.previous = query.with(url, rules.page, std::to_string(*number - 1));
    return page;
}

std::optional<Page> offset_page(const PageRules& rules, const DrfQuery& query, std::string_view url,
                                std::int64_t count) {
    Page page;
    page.limit = size_of(rules, query);
    auto text = query.get(rules.offset);
    auto offset = text ? parse_python_int(*text) : std::nullopt;
    page.skip = std::max<std::int64_t>(0, offset.value_or(0));
    auto limit = std::to_string(page.limit);
    auto behind = page.skip + page.limit;
    if (page.skip < count && page.skip > rules.offset_max) return std::nullopt;
    if (behind < count) {
        page.next = query.with(url, rules.limit, limit, rules.offset, std::to_string(behind));
    }
    if (page.skip > 0) {
        auto before = page.skip - page.limit;
        std::optional<std::string> value;
        if (before > 0) value = std::to_string(before);
        page.previous = query.with(url, rules.limit, limit, rules.offset, value);
    }
    return page;
}

std::optional<CursorQuestion> cursor_question(const PageRules& rules, const DrfQuery& query) {
    CursorQuestion question;
    question.limit = size_of(rules, query);
    auto text = query.get(rules.cursor).value_or("");
    if (text.empty()) return question;
    question.backwards = text[0] == 'p';
    question.from = news::from_cursor(std::string_view(text).substr(1));
    if (!question.from || (text[0] != 'p' && text[0] != 'n')) return std::nullopt;
    return question;
}

Page cursor_page(const PageRules& rules, const DrfQuery& query, std::string_view url,
                 const CursorQuestion& question, const std::optional<news::ListCursor>& first,
                 const std::optional<news::ListCursor>& last, bool more) {
    Page page;
    page.limit = question.limit;
    auto link = [&](bool backwards, const std::optional<news::ListCursor>& from) {
        // Of an empty page there is only the way back from where it began.
        const auto& place = from ? from : question.from;
        return query.with(url, rules.cursor, link_text(backwards, *place));
    };
    bool came_from_somewhere = question.from.has_value();
    bool has_next = question.backwards ? came_from_somewhere : more;
    bool has_previous = question.backwards ? more : came_from_somewhere;
    if (has_next) page.next = link(false, last);
    if (has_previous) page.previous = link(true, first);
    return page;
}

std::string enveloped(Envelope envelope, const Page& page, std::int64_t count,
                      std::string_view results) {
    std::string body;
    body.reserve(results.size() + 512);
    if (envelope != Envelope::array) {
        base::JsonWriter json(body);
        json.open('{');
        if (envelope != Envelope::cursor) json.member("count", count);
        for (const auto& [name, url] :
             {std::pair("next", &page.next), {"previous", &page.previous}}) {
            json.name(name);
            if (*url) {
                json.value(std::string_view(**url));
            } else {
                json.value(nullptr);
            }
        }
        json.name("results");
    }
    body += '[';
    body += results;
    body += ']';
    if (envelope != Envelope::array) body += '}';
    return body;
}

}  // namespace legacy
