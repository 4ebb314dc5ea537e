#include "html_writer.hpp"

#include <algorithm>
#include <utility>

#include "base/html_characters.hpp"
#include "html_reader.hpp"

namespace news {

namespace {

using Element = HtmlElement;

constexpr int depth_max = 32;

bool is_text_block(Element element) {
    return element >= Element::p && element <= Element::pre;
}

bool is_heading(Element element) {
    return element >= Element::h2 && element <= Element::h4;
}

bool is_cell(Element element) {
    return element == Element::td || element == Element::th;
}

bool is_list(Element element) {
    return element == Element::ul || element == Element::ol;
}

bool is_table_part(Element element) {
    return element >= Element::table && element <= Element::tr;
}

/// What may stand within itself, and so is counted.
bool nests(Element element) {
    return is_list(element) || element == Element::table || element == Element::blockquote ||
           element == Element::figure || element == Element::div;
}

}  // namespace

HtmlWriter::HtmlWriter(std::size_t repeats_max) : repeats_left_(repeats_max) {
    stack_.emplace_back();
}

// Blocks.

bool HtmlWriter::open(Element element, std::string_view attributes) {
    if (element == Element::li) {
        open_item();
        return true;
    }
    if (element == Element::figcaption) {
        open_caption_of_figure();
        return true;
    }
    if (is_cell(element) || (is_table_part(element) && element != Element::table)) {
        open_table_part(element, attributes);
        return true;
    }
    bool stays =
        element == Element::p && is_text_block(top().element) && top().element != Element::p;
    if (stays) {
        soft_break_ = true;
        return true;
    }
    if (nests(element) && depth_ == depth_max) {
        leave_block(element == Element::div);
        return false;
    }
    end_text_block();
    if (is_list(element) && is_list(top().element)) reopen_item();
    make_room();
    push(element, attributes);
    return true;
}

void HtmlWriter::open_item() {
    end_text_block();
    if (top().element == Element::li) pop();
    if (is_list(top().element)) return push(Element::li);
    leave_block(false);
}

void HtmlWriter::open_caption_of_figure() {
    end_text_block();
    if (top().element == Element::figcaption) pop();
    if (top().element == Element::figure) return push(Element::figcaption);
    leave_block(false);
}

void HtmlWriter::open_table_part(Element element, std::string_view attributes) {
    if (!pop_to_table()) return leave_block(false);
    if (element == Element::thead || element == Element::tbody) {
        pop_above(Element::table);
    } else if (element == Element::tr) {
        if (top().element == Element::tr) pop();
    } else if (top().element != Element::tr) {
        push(Element::tr);
    }
    push(element, attributes);
}

void HtmlWriter::open_caption() {
    if (!pop_to_table()) return leave_block(false);
    pop_above(Element::table);
}

/// An item that was closed before its own list: the list belongs into it.
void HtmlWriter::reopen_item() {
    constexpr std::string_view end_tag = "</li>";
    auto last = out_.find_last_not_of(" \t\n");
    auto written = std::string_view(out_).substr(0, last + 1);
    if (!written.ends_with(end_tag)) return;
    out_.resize(written.size() - end_tag.size());
    stack_.emplace_back();
    top().element = Element::li;
}

/// Opens what must be between a list or a table and anything else.
void HtmlWriter::make_room() {
    if (is_list(top().element)) return push(Element::li);
    if (!is_table_part(top().element)) return;
    if (top().element != Element::tr) push(Element::tr);
    push(Element::td);
}

/// The same before anything within a line.
void HtmlWriter::make_place(bool is_picture) {
    make_room();
    if (is_text_block(top().element)) return;
    bool is_of_block = top().divisions > 0 || top().others > 0;
    bool stands_alone = is_picture && top().element == Element::figure;
    if (is_of_block && !stands_alone) push(Element::p);
}

void HtmlWriter::push(Element element, std::string_view attributes) {
    close_marks();
    out_ += '<';
    out_ += name_of(element);
    out_ += attributes;
    out_ += '>';
    stack_.emplace_back();
    top().element = element;
    top().start = out_.size();
    if (is_cell(element)) top().outside = std::exchange(marks_, {});
    if (nests(element)) ++depth_;
    soft_break_ = false;
}

void HtmlWriter::pop() {
    close_marks();
    auto& block = top();
    constexpr std::string_view paragraph = "<p>";
    // An empty paragraph says nothing, unless it stands between two pieces of text.
    bool is_empty = block.element == Element::p && out_.size() == block.start;
    auto before = is_empty ? block.start - paragraph.size() : 0;
    bool is_nothing =
        is_empty && (before == 0 || out_[before - 1] == '>' || is_html_space(out_[before - 1]));
    if (is_nothing) {
        out_.erase(before);
    } else {
        out_ += "</";
        out_ += name_of(block.element);
        out_ += '>';
    }
    if (is_cell(block.element)) marks_ = std::move(block.outside);
    if (nests(block.element)) --depth_;
    stack_.pop_back();
    soft_break_ = false;
}

void HtmlWriter::pop_to(std::size_t size) {
    while (stack_.size() > size) pop();
}

/// Until a part of a table is on top; false if there is no table.
bool HtmlWriter::pop_to_table() {
    bool found = std::any_of(stack_.begin(), stack_.end(),
                             [](const Block& block) { return block.element == Element::table; });
    while (found && !is_table_part(top().element)) pop();
    return found;
}

void HtmlWriter::pop_above(Element element) {
    while (top().element != element) pop();
}

void HtmlWriter::end_text_block() {
    if (is_text_block(top().element)) pop();
}

void HtmlWriter::close(Element element) {
    if (element == Element::div) return close_left_block(true);
    if (is_text_block(element)) return close_text_block(element);
    for (auto i = stack_.size(); i-- > 1;) {
        auto open = stack_[i].element;
        if (open == element || (is_cell(open) && is_cell(element))) return pop_to(i);
        bool is_wall = is_cell(open) && !is_table_part(element);
        bool is_list_wall = is_list(open) && element == Element::li;
        if (is_wall || is_list_wall || open == Element::table) return;
    }
}

void HtmlWriter::close_text_block(Element element) {
    auto open = top().element;
    if (element == open || (is_heading(open) && is_heading(element))) return pop();
    if (is_text_block(open) && open != Element::p) soft_break_ = true;
}

void HtmlWriter::leave_block(bool division) {
    if (top().element == Element::p) pop();
    ++(division ? top().divisions : top().others);
    if (is_text_block(top().element)) {
        soft_break_ = true;
    } else {
        close_marks();
    }
}

void HtmlWriter::close_left_block(bool division) {
    for (auto i = stack_.size(); i-- > 0;) {
        auto& block = stack_[i];
        auto& count = division ? block.divisions : block.others;
        if (count > 0) {
            --count;
            pop_to(i + 1);
            if (is_text_block(block.element)) {
                soft_break_ = true;
            } else {
                close_marks();
            }
            return;
        }
        if (division && block.element == Element::div) return pop_to(i);
        if (is_cell(block.element)) break;
    }
    // Whatever it was the end of, a paragraph ends there.
    if (top().element == Element::p) pop();
}

// What is within a line.

void HtmlWriter::text(std::string_view text) {
    auto first = std::min(text.find_first_not_of(" \t\n"), text.size());
    write(text.substr(0, first));
    if (first == text.size()) return;
    make_place(false);
    bool is_due = std::exchange(soft_break_, false) && out_.size() > top().start &&
                  !is_html_space(out_.back());
    if (is_due) out_ += top().element == Element::pre ? '\n' : ' ';
    open_marks();
    write(text.substr(first));
}

void HtmlWriter::write(std::string_view text) {
    // Browsers leave out the first line break of a pre.
    bool is_first = top().element == Element::pre && out_.size() == top().start;
    if (is_first && text.starts_with('\n')) out_ += '\n';
    base::append_html(out_, text, base::HtmlPlace::text);
}

void HtmlWriter::picture(std::string_view element) {
    make_place(true);
    open_marks();
    out_ += element;
}

void HtmlWriter::line() {
    end_text_block();
    make_room();
    close_marks();
    out_ += "<hr>";
}

void HtmlWriter::line_break() {
    if (is_list(top().element) || is_table_part(top().element)) return;
    make_place(false);
    out_ += "<br>";
}

std::string HtmlWriter::finish() {
    pop_to(1);
    close_marks();
    return std::move(out_);
}

// Marks.

void HtmlWriter::start_mark(Element element, bool counts) {
    counts = counts && find_mark(element) == marks_.active.size();
    if (counts) marks_.active.push_back({element});
    marks_.tags[static_cast<std::size_t>(element)].push_back(counts);
}

void HtmlWriter::start_link(std::string attributes) {
    forget_mark(Element::a);
    if (!attributes.empty()) marks_.active.push_back({Element::a, std::move(attributes)});
}

void HtmlWriter::end_mark(Element element) {
    if (element == Element::a) return forget_mark(element);
    auto& tags = marks_.tags[static_cast<std::size_t>(element)];
    if (tags.empty()) return;
    bool counted = tags.back();
    tags.pop_back();
    if (counted) forget_mark(element);
}

std::size_t HtmlWriter::find_mark(Element element) const {
    const auto& active = marks_.active;
    auto found = std::find_if(active.begin(), active.end(),
                              [&](const Mark& mark) { return mark.element == element; });
    return static_cast<std::size_t>(found - active.begin());
}

void HtmlWriter::forget_mark(Element element) {
    auto i = find_mark(element);
    if (i == marks_.active.size()) return;
    close_marks(i);
    marks_.active.erase(marks_.active.begin() + static_cast<std::ptrdiff_t>(i));
}

void HtmlWriter::open_marks() {
    while (marks_.written < marks_.active.size()) {
        auto& mark = marks_.active[marks_.written];
        auto name = name_of(mark.element);
        auto cost = mark.opened ? 2 * name.size() + 5 + mark.attributes.size() : 0;
        if (cost > repeats_left_) {
            ++(mark.element == Element::a ? lost_links_ : lost_marks_);
            forget_mark(mark.element);
            continue;
        }
        repeats_left_ -= cost;
        mark.opened = true;
        out_ += '<';
        out_ += name;
        out_ += mark.attributes;
        out_ += '>';
        ++marks_.written;
    }
}

void HtmlWriter::close_marks(std::size_t left) {
    while (marks_.written > left) {
        out_ += "</";
        out_ += name_of(marks_.active[--marks_.written].element);
        out_ += '>';
    }
}

}  // namespace news
