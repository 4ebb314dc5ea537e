#include "news_html.hpp"

#include <array>
#include <utility>

#include "base/html_characters.hpp"
#include "html_attributes.hpp"
#include "html_reader.hpp"
#include "html_rules.hpp"
#include "html_writer.hpp"

namespace news {

namespace {

using Action = HtmlAction;
using Element = HtmlElement;
using Loss = HtmlLoss;

/// So much more than a text is long may marks take that are opened once more: a short article with
/// a long link over all of it stays whole.
constexpr std::size_t repeats_always = 16 * 1024;

/// Reads pieces, asks the rules what becomes of each, and has that written.
class Cleaner {
public:
    Cleaner(std::string_view html, const std::vector<std::string>& embeds)
        : reader_(html), writer_(html.size() + repeats_always), embeds_(embeds) {}

    CleanedHtml run() {
        while (reader_.next()) {
            const auto& token = reader_.token();
            bool after_pre = std::exchange(after_pre_, false);
            if (token.kind == HtmlToken::Kind::text) {
                text(token, after_pre);
            } else if (token.kind == HtmlToken::Kind::start_tag) {
                start_tag(token);
            } else if (token.kind == HtmlToken::Kind::end_tag) {
                end_tag(token);
            } else {
                lose(Loss::comment);
            }
        }
        auto html = writer_.finish();
        lose(Loss::link, writer_.lost_links());
        lose(Loss::nesting, writer_.lost_marks());
        return {std::move(html), losses()};
    }

private:
    void text(const HtmlToken& token, bool after_pre) {
        auto text = base::decode_html(token.text, base::HtmlPlace::text);
        bool is_of_tag = after_pre && text.starts_with('\n');
        writer_.text(std::string_view(text).substr(is_of_tag ? 1 : 0));
    }

    void start_tag(const HtmlToken& token) {
        for (const auto& attribute : token.attributes) {
            if (is_event_handler(attribute.name)) lose(Loss::event_handler);
        }
        auto rule = html_rule(token.name);
        lose(rule.loss);
        switch (rule.action) {
            case Action::open:
                return open(rule.element, token);
            case Action::mark:
                return start_mark(rule.element, token);
            case Action::caption:
                return writer_.open_caption();
            case Action::line:
                return writer_.line();
            case Action::line_break:
                return writer_.line_break();
            case Action::image:
                return image(token);
            case Action::quote:
                ++quotes_;
                return writer_.text("“");
            case Action::embed:
                return embed(token);
            case Action::block:
                return writer_.leave_block(false);
            case Action::drop_text:
                return reader_.skip_text_of(std::string(token.name));
            case Action::drop_all:
                return skip_all(token);
            case Action::drop_rest:
                return reader_.skip_rest();
            case Action::leave:
            case Action::drop:
                return;
        }
    }

    void end_tag(const HtmlToken& token) {
        auto rule = html_rule(token.name);
        if (rule.action == Action::open) return writer_.close(rule.element);
        if (rule.action == Action::mark) return writer_.end_mark(rule.element);
        if (rule.action == Action::block) return writer_.close_left_block(false);
        if (rule.action == Action::quote) return end_quote();
        if (rule.action == Action::line_break) writer_.line_break();
    }

    void open(Element element, const HtmlToken& token) {
        std::string attributes;
        if (element == Element::div) {
            attributes = data_attributes(token);
            if (attributes.empty()) return writer_.leave_block(true);
        }
        if (element == Element::ol) attributes = list_attributes(token);
        if (element == Element::td || element == Element::th) attributes = cell_attributes(token);
        if (!writer_.open(element, attributes)) lose(Loss::nesting);
        after_pre_ = element == Element::pre;
    }

    void start_mark(Element element, const HtmlToken& token) {
        if (element == Element::a) {
            auto attributes = link_attributes(token);
            if (attributes.empty() && token.find("href")) lose(Loss::link);
            return writer_.start_link(std::move(attributes));
        }
        bool counts = true;
        if (element == Element::strong) {
            // That is how some editors wrap all that is copied from them.
            auto style = to_small_letters(value_of(token, "style"));
            counts = style.find("font-weight:normal") == std::string::npos &&
                     style.find("font-weight: normal") == std::string::npos;
        }
        writer_.start_mark(element, counts);
    }

    void end_quote() {
        if (quotes_ == 0) return;
        --quotes_;
        writer_.text("”");
    }

    void image(const HtmlToken& token) {
        auto attributes = image_attributes(token);
        if (attributes.empty()) return lose(Loss::image);
        writer_.picture("<img" + attributes + ">");
    }

    void embed(const HtmlToken& token) {
        auto attributes = embed_attributes(token, embeds_);
        if (attributes.empty()) {
            lose(Loss::embed);
        } else {
            writer_.picture("<iframe" + attributes + "></iframe>");
        }
        skip_text_of_embed();
    }

    /// Without its end tag all that follows would be its text: that is read as HTML instead. Looked
    /// for once in vain, there is none further on either.
    void skip_text_of_embed() { embeds_end_ = embeds_end_ && reader_.skip_ended_text_of("iframe"); }

    /// Up to the end of the element that has just begun.
    void skip_all(const HtmlToken& token) {
        auto name = token.name;
        if (name == "svg" || name == "math") return skip_drawing(token);
        for (std::size_t depth = 1; depth > 0 && reader_.next();) {
            const auto& inner = reader_.token();
            bool is_start = inner.kind == HtmlToken::Kind::start_tag;
            if (inner.name == name) depth = is_start ? depth + 1 : depth - 1;
            if (!is_start) continue;
            auto action = html_rule(inner.name).action;
            if (action == Action::embed) skip_text_of_embed();
            if (action == Action::drop_text) reader_.skip_text_of(std::string(inner.name));
        }
    }

    /// The same, or up to what ends a drawing by standing in it. What is within is of another
    /// language, and no text.
    void skip_drawing(const HtmlToken& token) {
        if (token.self_closing) return;
        auto name = token.name;
        for (std::size_t depth = 1; depth > 0 && reader_.next();) {
            const auto& inner = reader_.token();
            bool is_start = inner.kind == HtmlToken::Kind::start_tag;
            bool is_end = inner.kind == HtmlToken::Kind::end_tag;
            if (is_start && ends_drawing(inner.name)) return start_tag(inner);
            if (is_end && (inner.name == "p" || inner.name == "br")) return end_tag(inner);
            if (inner.name != name) continue;
            if (is_end) --depth;
            if (is_start && !inner.self_closing) ++depth;
        }
    }

    void lose(Loss loss, std::int64_t count = 1) { lost_[static_cast<std::size_t>(loss)] += count; }

    std::vector<Dropped> losses() const {
        std::vector<Dropped> all;
        for (std::size_t i = 1; i < html_losses; ++i) {
            if (lost_[i] > 0) all.push_back({name_of(static_cast<Loss>(i)), lost_[i]});
        }
        return all;
    }

    HtmlReader reader_;
    HtmlWriter writer_;
    const std::vector<std::string>& embeds_;
    bool after_pre_ = false;   ///< the piece before was the start of a pre
    std::int64_t quotes_ = 0;  ///< that are open
    bool embeds_end_ = true;   ///< as far as is known, there is an end tag of an iframe further on
    std::array<std::int64_t, html_losses> lost_{};
};

}  // namespace

CleanedHtml clean_html(std::string_view html, const std::vector<std::string>& embeds) {
    return Cleaner(html, embeds).run();
}

}  // namespace news
