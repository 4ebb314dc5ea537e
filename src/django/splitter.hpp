#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>

#include "source.hpp"

namespace django {

/// Cuts what `dumpdata` writes as json (one array) or as jsonl (an object a line) into the texts of
/// its rows, without looking into them. What the file begins with says which of the two it is. A
/// damaged row does not take the others with it: of jsonl each line stands for itself, and of an
/// array each value up to the bracket that ends it.
class Splitter {
public:
    enum class Found {
        row,       ///< text() is one value
        too_long,  ///< text() has the beginning of one that is longer than it may be
        cut_off,   ///< the file ends in the middle of text(), or its array does not end
        end,
    };

    /// `bytes_max` of one value. From `place` on, if it is not the beginning.
    Splitter(std::istream& input, std::size_t bytes_max, SourcePlace place = {});

    Found next();
    std::string_view text() const { return text_; }
    /// On which the text begins, from 1 on.
    std::int64_t line() const { return text_line_; }
    /// Behind the text.
    SourcePlace place() const { return {bytes_, line_}; }

private:
    enum class Form { unknown, array, lines };

    int take() {
        int c = peek();
        if (c < 0) return c;
        ++at_;
        ++bytes_;
        if (c == '\n') ++line_;
        return c;
    }
    /// Below zero: the file has ended.
    int peek() {
        if (at_ == block_.size() && !fill()) return -1;
        return static_cast<unsigned char>(block_[at_]);
    }
    bool fill();
    void find_form();
    Found read_value(int first);
    Found read_line(int first);
    void keep(std::string_view bytes);

    std::istream& input_;
    std::string block_;   ///< what was read of it in one go
    std::size_t at_ = 0;  ///< how much of that is used
    const std::size_t bytes_max_;
    Form form_ = Form::unknown;
    bool ended_ = false;  ///< the array has
    bool too_long_ = false;
    std::int64_t bytes_ = 0;
    std::int64_t line_ = 1;
    std::int64_t text_line_ = 1;
    std::string text_;
};

}  // namespace django
