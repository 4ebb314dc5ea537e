#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "drf_query.hpp"
#include "news/list_cursor.hpp"

namespace legacy {

/// What stands around a list: `page_number` and `limit_offset` count and link to the pages before
/// and behind, `cursor` only links, `array` is the bare list.
enum class Envelope { page_number, limit_offset, cursor, array };

std::optional<Envelope> parse_envelope(std::string_view word);

/// How a list is cut into pages, and which query parameters say so; an empty name: there is none.
struct PageRules {
    Envelope envelope = Envelope::page_number;
    std::string page = "page";
    std::string limit{};
    std::string offset{};
    std::string cursor{};
    std::int64_t size_default = 20;
    std::int64_t size_max = 100;
    /// No page begins behind so many items: there is no such page then, whatever the links say.
    std::int64_t offset_max = 100000;
    /// A page number that is empty is the first, and not wrong: from 3.15 on.
    bool empty_page_is_first = false;
};

/// Where an answer to a list's question stands in the list.
struct Page {
    std::int64_t skip = 0;
    std::int64_t limit = 0;
    std::optional<std::string> next{};
    std::optional<std::string> previous{};
};

/// Nothing: there is no such page, and the answer is 404. `url`: the list's, without a query.
/// `count`: items of the list.
std::optional<Page> numbered_page(const PageRules& rules, const DrfQuery& query,
                                  std::string_view url, std::int64_t count);
/// The same by limit and offset, of which every one is good but those that are too deep.
std::optional<Page> offset_page(const PageRules& rules, const DrfQuery& query, std::string_view url,
                                std::int64_t count);

/// What a cursor asks for: what follows a place, or what stands before it.
struct CursorQuestion {
    std::optional<news::ListCursor> from{};
    bool backwards = false;
    std::int64_t limit = 0;
};

/// Nothing: that is no cursor of ours, and the answer is 404.
std::optional<CursorQuestion> cursor_question(const PageRules& rules, const DrfQuery& query);
/// The links beside what was found: its first and last item, and whether more stands in the
/// direction of the question.
Page cursor_page(const PageRules& rules, const DrfQuery& query, std::string_view url,
                 const CursorQuestion& question, const std::optional<news::ListCursor>& first,
                 const std::optional<news::ListCursor>& last, bool more);

/// The answer's JSON around its items, which stand in `results` with commas between them.
std::string enveloped(Envelope envelope, const Page& page, std::int64_t count,
                      std::string_view results);

}  // namespace legacy
