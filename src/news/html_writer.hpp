#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "html_rules.hpp"

namespace news {

/// Writes elements of news HTML, well nested whatever it is told: each has what it needs around it,
/// and nothing within it that may not be there.
///
/// Blocks stand on a stack. Each knows where it may stand; what is in its way is closed, and what
/// it needs (a list's item, a table's row and cell) is opened before it. Marks (strong, a …) are
/// apart from blocks: they are opened only when something is written within them, and closed with
/// every block. So a mark that reaches over several paragraphs becomes one in each, and misnested
/// ones come out nested.
class HtmlWriter {
public:
    /// `repeats_max`: the bytes that marks may have together where they are opened once more. Else
    /// a long link over many paragraphs would grow with the square of its length.
    explicit HtmlWriter(std::size_t repeats_max);

    /// Any block. `attributes` is written as it is. False if it would be too deep within others: it
    /// is left out like leave_block().
    bool open(HtmlElement element, std::string_view attributes);
    /// The end of any block, if one is open.
    void close(HtmlElement element);
    /// What follows, up to the next part of the table, is a row.
    void open_caption();
    /// The start of a block (a `division`: a div) that is not written: what it holds is a
    /// paragraph.
    void leave_block(bool division);
    void close_left_block(bool division);

    /// A mark; one that does not count is there only so that its end is known.
    void start_mark(HtmlElement element, bool counts);
    /// A link ends the one before it.
    void start_link(std::string attributes);
    void end_mark(HtmlElement element);

    /// Decoded. White space opens nothing: it stays wherever it is.
    void text(std::string_view text);
    /// A whole img or iframe.
    void picture(std::string_view element);
    void line();
    void line_break();

    /// Links, and other marks, that were given up for the rest of what they reach over, because
    /// repeats_max was used up.
    std::int64_t lost_links() const { return lost_links_; }
    std::int64_t lost_marks() const { return lost_marks_; }

    /// Closes all that is open.
    std::string finish();

private:
    /// A mark that counts; `opened`: it was written before.
    struct Mark {
        HtmlElement element;
        std::string attributes{};
        bool opened = false;
    };
    struct Marks {
        std::vector<Mark> active{};  ///< each element at most once, outermost first
        std::size_t written = 0;     ///< so many of them are open in what was written
        /// For each tag of a mark without its end whether it is the one that counts.
        std::array<std::vector<bool>, 5> tags{};
    };
    struct Block {
        HtmlElement element = HtmlElement::none;
        std::size_t start = 0;  ///< where its content begins in what was written
        int divisions = 0;      ///< div within it that are not written
        int others = 0;         ///< and other blocks
        Marks outside{};        ///< of a cell: the marks do not reach into it
    };

    Block& top() { return stack_.back(); }
    void open_item();
    void open_caption_of_figure();
    void open_table_part(HtmlElement element, std::string_view attributes);
    void reopen_item();
    void make_room();
    void make_place(bool is_picture);
    void push(HtmlElement element, std::string_view attributes = {});
    void pop();
    void pop_to(std::size_t size);
    bool pop_to_table();
    void pop_above(HtmlElement element);
    void end_text_block();
    void close_text_block(HtmlElement element);
    void write(std::string_view text);

    std::size_t find_mark(HtmlElement element) const;
    void forget_mark(HtmlElement element);
    void open_marks();
    void close_marks(std::size_t left = 0);

    std::string out_;
    std::vector<Block> stack_;  ///< the first is the whole
    Marks marks_;
    int depth_ = 0;            ///< of those that are open: what may stand within itself
    bool soft_break_ = false;  ///< two blocks of the source meet within one line
    std::size_t repeats_left_;
    std::int64_t lost_links_ = 0;
    std::int64_t lost_marks_ = 0;
};

}  // namespace news
