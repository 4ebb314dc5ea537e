#include "html_rules.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace news {

namespace {

using Rules = std::unordered_map<std::string_view, HtmlRule>;
using Action = HtmlAction;
using Element = HtmlElement;
using Loss = HtmlLoss;

constexpr std::array<std::string_view, 23> elements = {
    "a",     "strong", "em",    "s",  "code", "p",          "h2",     "h3",
    "h4",    "pre",    "ul",    "ol", "li",   "blockquote", "figure", "figcaption",
    "table", "thead",  "tbody", "tr", "td",   "th",         "div"};

constexpr std::array<std::string_view, html_losses> losses = {
    "",     "comment", "drawing", "element", "embed",  "event_handler",
    "form", "image",   "link",    "nesting", "script", "style"};

Rules make_rules() {
    Rules rules;
    auto add = [&](HtmlRule rule, std::initializer_list<std::string_view> names) {
        for (auto name : names) rules[name] = rule;
    };
    auto become = [&](Action action, Element element,
                      std::initializer_list<std::string_view> names) {
        add({action, element, Loss::nothing}, names);
    };
    become(Action::mark, Element::a, {"a"});
    become(Action::mark, Element::strong, {"strong", "b"});
    become(Action::mark, Element::em, {"em", "i", "cite", "dfn", "var"});
    become(Action::mark, Element::s, {"s", "strike", "del"});
    become(Action::mark, Element::code, {"code", "kbd", "samp", "tt"});
    become(Action::open, Element::p, {"p"});
    become(Action::open, Element::h2, {"h1", "h2"});
    become(Action::open, Element::h3, {"h3"});
    become(Action::open, Element::h4, {"h4", "h5", "h6"});
    become(Action::open, Element::pre, {"pre", "listing"});
    become(Action::open, Element::ul, {"ul", "menu", "dir"});
    become(Action::open, Element::ol, {"ol"});
    become(Action::open, Element::li, {"li"});
    become(Action::open, Element::blockquote, {"blockquote"});
    become(Action::open, Element::figure, {"figure"});
    become(Action::open, Element::figcaption, {"figcaption"});
    become(Action::open, Element::table, {"table"});
    become(Action::open, Element::thead, {"thead"});
    become(Action::open, Element::tbody, {"tbody", "tfoot"});
    become(Action::open, Element::tr, {"tr"});
    become(Action::open, Element::td, {"td"});
    become(Action::open, Element::th, {"th"});
    become(Action::open, Element::div, {"div"});
    become(Action::caption, Element::none, {"caption"});
    become(Action::line, Element::none, {"hr"});
    become(Action::line_break, Element::none, {"br"});
    become(Action::image, Element::none, {"img", "image"});
    become(Action::quote, Element::none, {"q"});
    become(Action::embed, Element::none, {"iframe"});
    become(Action::leave, Element::none,
           {"html", "head", "body", "span", "font", "picture", "col", "colgroup", "wbr"});

    auto lose = [&](Action action, Loss loss, std::initializer_list<std::string_view> names) {
        add({action, Element::none, loss}, names);
    };
    lose(Action::block, Loss::element,
         {"address", "article", "aside", "center", "dd", "details", "dialog", "dl", "dt", "footer",
          "header", "hgroup", "legend", "main", "marquee", "nav", "section", "search", "summary"});
    lose(Action::block, Loss::form, {"form", "fieldset", "option", "optgroup"});
    lose(Action::leave, Loss::form, {"button", "label", "output"});
    lose(Action::drop, Loss::form, {"input", "keygen", "isindex"});
    lose(Action::drop, Loss::element,
         {"area", "base", "basefont", "bgsound", "frame", "link", "meta", "param", "source",
          "track"});
    lose(Action::drop, Loss::embed, {"embed", "oembed"});
    lose(Action::drop_text, Loss::script, {"script", "noscript"});
    lose(Action::drop_text, Loss::style, {"style"});
    lose(Action::drop_text, Loss::element, {"noembed", "noframes", "title", "xmp"});
    lose(Action::drop_text, Loss::form, {"textarea"});
    lose(Action::drop_all, Loss::drawing, {"svg", "math", "canvas"});
    lose(Action::drop_all, Loss::form, {"datalist", "meter", "progress", "select"});
    lose(Action::drop_all, Loss::embed, {"applet", "audio", "object", "video"});
    lose(Action::drop_all, Loss::element, {"template"});
    lose(Action::drop_rest, Loss::element, {"plaintext"});
    return rules;
}

/// As the standard has them, but for font, which some drawings have too.
constexpr std::string_view no_drawing[] = {
    "b",      "big",  "blockquote", "body",  "br",   "center", "code",    "dd",   "div",
    "dl",     "dt",   "em",         "embed", "h1",   "h2",     "h3",      "h4",   "h5",
    "h6",     "head", "hr",         "i",     "img",  "li",     "listing", "menu", "meta",
    "nobr",   "ol",   "p",          "pre",   "ruby", "s",      "small",   "span", "strike",
    "strong", "sub",  "sup",        "table", "tt",   "u",      "ul",      "var"};

}  // namespace

std::string_view name_of(HtmlElement element) {
    auto number = static_cast<std::size_t>(element);
    return number < elements.size() ? elements[number] : "";
}

std::string_view name_of(HtmlLoss loss) {
    return losses[static_cast<std::size_t>(loss)];
}

bool ends_drawing(std::string_view name) {
    return std::find(std::begin(no_drawing), std::end(no_drawing), name) != std::end(no_drawing);
}

HtmlRule html_rule(std::string_view name) {
    static const Rules rules = make_rules();
    auto found = rules.find(name);
    return found == rules.end() ? HtmlRule{} : found->second;
}

}  // namespace news
