#pragma once

#include <cstdint>
#include <string_view>

namespace news {

/// All elements that news HTML has, and `none`. The first five are marks within a line.
enum class HtmlElement : std::uint8_t {
    a,
    strong,
    em,
    s,
    code,
    p,
    h2,
    h3,
    h4,
    pre,
    ul,
    ol,
    li,
    blockquote,
    figure,
    figcaption,
    table,
    thead,
    tbody,
    tr,
    td,
    th,
    div,
    none
};

std::string_view name_of(HtmlElement element);

/// What is done with an element of a given name.
enum class HtmlAction : std::uint8_t {
    open,     ///< becomes `element`
    mark,     ///< becomes `element`, a mark within a line
    caption,  ///< of a table: a row
    line,     ///< hr
    line_break,
    image,
    quote,      ///< q; what it holds stands between quotation marks
    embed,      ///< iframe; its content is no HTML
    leave,      ///< only its tags are left out
    block,      ///< the same, and what it holds is a paragraph
    drop,       ///< has no content
    drop_text,  ///< left out with its content, which is no HTML
    drop_all,   ///< left out with all elements within
    drop_rest   ///< left out with all that follows
};

/// What was left out; see Dropped.
enum class HtmlLoss : std::uint8_t {
    nothing,
    comment,
    drawing,
    element,
    embed,
    event_handler,
    form,
    image,
    link,
    nesting,
    script,
    style
};
constexpr std::size_t html_losses = 12;

std::string_view name_of(HtmlLoss loss);

struct HtmlRule {
    HtmlAction action = HtmlAction::leave;
    HtmlElement element = HtmlElement::none;
    HtmlLoss loss = HtmlLoss::element;
};

/// The rule for elements of that name, in small letters. Pure.
HtmlRule html_rule(std::string_view name);
/// Whether an element of that name is none of a drawing (svg, math): where it stands within one,
/// browsers take the drawing for ended. Pure.
bool ends_drawing(std::string_view name);

}  // namespace news
