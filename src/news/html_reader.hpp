#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace news {

/// A member of a tag as it is written, its value without quotes.
struct HtmlAttribute {
    std::string_view name;
    std::string_view value;
};

/// One piece of an HTML text. Its parts lie in that text.
struct HtmlToken {
    enum class Kind { text, start_tag, end_tag, comment };
    Kind kind = Kind::text;
    std::string_view text{};  ///< of text, as written
    std::string name{};       ///< of tags, in small letters; empty if it is too long for any
    /// Of start tags, the first hundred.
    std::vector<HtmlAttribute> attributes{};
    bool self_closing = false;

    /// The first attribute of that name (given in small letters); nothing if there is none.
    const HtmlAttribute* find(std::string_view attribute) const;
};

/// Reads HTML piece by piece, and takes for a tag what browsers take for one, however broken. What
/// has no end reaches to the end of the text, so each byte is looked at once. The text must outlive
/// the reader.
class HtmlReader {
public:
    explicit HtmlReader(std::string_view html) : left_(html) {}

    /// Whether there was one more; it is in token().
    bool next();
    const HtmlToken& token() const { return token_; }
    /// After the start tag of an element whose content is no HTML: leaves that out, with its end
    /// tag.
    void skip_text_of(std::string_view name);
    /// The same, but leaves out nothing and is false if there is no end tag.
    bool skip_ended_text_of(std::string_view name);
    void skip_rest() { left_ = {}; }

private:
    void read_text();
    void read_markup();
    void read_comment();
    void read_tag();
    void read_attributes();
    void read_attribute();
    void skip_white_space();
    /// What stands before the first of `ends`, which stays; all if there is none.
    std::string_view take_until(std::string_view ends);
    /// Leaves out all up to `end`, and that.
    void skip_past(std::string_view end);

    std::string_view left_;
    HtmlToken token_;
};

bool is_html_space(char c);
std::string to_small_letters(std::string_view text);
bool is_same_word(std::string_view written, std::string_view small_letters);

}  // namespace news
