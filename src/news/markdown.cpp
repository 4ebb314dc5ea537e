#include "markdown.hpp"

#include <md4c.h>

#include <algorithm>

#include "base/html_characters.hpp"

namespace news {

namespace {

constexpr unsigned dialect =
    MD_FLAG_PERMISSIVEAUTOLINKS | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_NOHTML;

struct Page {
    std::string html{};
    std::size_t bytes_max = 0;
    int pictures = 0;  ///< whose description is being read: it is a value

    /// What md4c is told: zero goes on.
    int goes_on() const { return html.size() <= bytes_max ? 0 : 1; }
};

Page& page_of(void* user) {
    return *static_cast<Page*>(user);
}

std::string_view text_of(const MD_CHAR* text, MD_SIZE size) {
    return {text, size};
}

/// A piece of text, in whatever place it is written.
void append_piece(std::string& out, MD_TEXTTYPE type, std::string_view text,
                  base::HtmlPlace place) {
    switch (type) {
        case MD_TEXT_NULLCHAR:
            out += "\xEF\xBF\xBD";
            break;
        case MD_TEXT_ENTITY:
            base::append_html(out, base::decode_html(text, place), place);
            break;
        default:
            base::append_html(out, text, place);
    }
}

void append_attribute(std::string& out, std::string_view name, const MD_ATTRIBUTE& value) {
    if (!value.text) return;
    out.append(" ").append(name).append("=\"");
    for (int i = 0; value.substr_offsets[i] < value.size; ++i) {
        auto begin = value.substr_offsets[i];
        auto piece = text_of(value.text + begin, value.substr_offsets[i + 1] - begin);
        append_piece(out, value.substr_types[i], piece, base::HtmlPlace::value);
    }
    out += '"';
}

/// Empty where the block has no element of its own.
std::string element_of(MD_BLOCKTYPE type, void* detail) {
    switch (type) {
        case MD_BLOCK_QUOTE:
            return "blockquote";
        case MD_BLOCK_UL:
            return "ul";
        case MD_BLOCK_OL:
            return "ol";
        case MD_BLOCK_LI:
            return "li";
        case MD_BLOCK_H:
            return "h" + std::to_string(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
        case MD_BLOCK_CODE:
            return "pre";
        case MD_BLOCK_P:
            return "p";
        case MD_BLOCK_TABLE:
            return "table";
        case MD_BLOCK_THEAD:
            return "thead";
        case MD_BLOCK_TBODY:
            return "tbody";
        case MD_BLOCK_TR:
            return "tr";
        case MD_BLOCK_TH:
            return "th";
        case MD_BLOCK_TD:
            return "td";
        default:
            return "";
    }
}

const char* element_of(MD_SPANTYPE type) {
    switch (type) {
        case MD_SPAN_EM:
            return "em";
        case MD_SPAN_STRONG:
            return "strong";
        case MD_SPAN_A:
            return "a";
        case MD_SPAN_CODE:
            return "code";
        case MD_SPAN_DEL:
            return "s";
        default:
            return "";
    }
}

int enter_block(MD_BLOCKTYPE type, void* detail, void* user) {
    auto& page = page_of(user);
    if (type == MD_BLOCK_HR) page.html += "<hr>";
    auto element = element_of(type, detail);
    if (element.empty()) return page.goes_on();
    page.html += '<' + element;
    if (type == MD_BLOCK_OL) {
        auto start = static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start;
        if (start != 1) page.html += " start=\"" + std::to_string(start) + '"';
    }
    page.html += type == MD_BLOCK_CODE ? "><code>" : ">";
    return page.goes_on();
}

int leave_block(MD_BLOCKTYPE type, void* detail, void* user) {
    auto& page = page_of(user);
    if (type == MD_BLOCK_CODE) page.html += "</code>";
    auto element = element_of(type, detail);
    if (!element.empty()) page.html += "</" + element + '>';
    return page.goes_on();
}

int enter_span(MD_SPANTYPE type, void* detail, void* user) {
    auto& page = page_of(user);
    if (page.pictures > 0) {
        if (type == MD_SPAN_IMG) ++page.pictures;
        return page.goes_on();
    }
    if (type == MD_SPAN_IMG) {
        page.html += "<img";
        append_attribute(page.html, "src", static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src);
        append_attribute(page.html, "title", static_cast<MD_SPAN_IMG_DETAIL*>(detail)->title);
        page.html += " alt=\"";
        page.pictures = 1;
        return page.goes_on();
    }
    page.html.append("<").append(element_of(type));
    if (type == MD_SPAN_A) {
        append_attribute(page.html, "href", static_cast<MD_SPAN_A_DETAIL*>(detail)->href);
        append_attribute(page.html, "title", static_cast<MD_SPAN_A_DETAIL*>(detail)->title);
    }
    page.html += '>';
    return page.goes_on();
}

int leave_span(MD_SPANTYPE type, void*, void* user) {
    auto& page = page_of(user);
    if (page.pictures > 0) {
        if (type == MD_SPAN_IMG && --page.pictures == 0) page.html += "\">";
        return page.goes_on();
    }
    page.html.append("</").append(element_of(type)).append(">");
    return page.goes_on();
}

int add_text(MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* user) {
    auto& page = page_of(user);
    if (type == MD_TEXT_BR) {
        page.html += page.pictures > 0 ? " " : "<br>";
    } else if (type == MD_TEXT_SOFTBR) {
        page.html += '\n';
    } else {
        auto place = page.pictures > 0 ? base::HtmlPlace::value : base::HtmlPlace::text;
        append_piece(page.html, type, text_of(text, size), place);
    }
    return page.goes_on();
}

/// md4c 0.4.8 goes through all lines of a paragraph for each bracket that may end a link in it.
bool takes_too_long(std::string_view markdown) {
    constexpr std::size_t steps_max = 10'000'000;
    std::size_t steps = 0;  // of the paragraphs that are over
    std::size_t lines = 0;
    std::size_t brackets = 0;
    while (!markdown.empty()) {
        auto end = std::min(markdown.find('\n'), markdown.size());
        auto line = markdown.substr(0, end);
        markdown.remove_prefix(std::min(end + 1, markdown.size()));
        if (line.find_first_not_of(" \t\r") == line.npos) {
            steps += lines * brackets;
            lines = brackets = 0;
            continue;
        }
        ++lines;
        brackets += static_cast<std::size_t>(std::count(line.begin(), line.end(), ']'));
        if (steps + lines * brackets > steps_max) return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> html_of_markdown(std::string_view markdown, std::size_t bytes_max) {
    if (markdown.size() > bytes_max || takes_too_long(markdown)) return std::nullopt;
    // md4c 0.4.8 looks a little beyond the end in some places.
    constexpr std::size_t looked_beyond = 64;
    std::string padded(markdown);
    padded.append(looked_beyond, '\n');
    Page page;
    page.bytes_max = bytes_max;
    MD_PARSER parser{0,          dialect,  enter_block, leave_block, enter_span,
                     leave_span, add_text, nullptr,     nullptr};
    auto failed = md_parse(padded.data(), static_cast<MD_SIZE>(markdown.size()), &parser, &page);
    if (failed < 0) throw std::bad_alloc();
    if (failed > 0) return std::nullopt;
    return std::move(page.html);
}

}  // namespace news
