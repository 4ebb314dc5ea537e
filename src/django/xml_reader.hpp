#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <string>
#include <vector>

namespace django {

/// Reads the little of XML that Django's serializer writes, piece by piece. No document types, no
/// entities but the five of XML and characters by their number, nothing from outside. One thread.
class XmlReader {
public:
    enum class Piece {
        start,   ///< name() begins, with attributes()
        end,     ///< name() ends; `<a/>` begins and ends
        text,    ///< text(), at most text_bytes_max of it; is_cut() if there was more
        finish,  ///< the document is whole
        broken,  ///< problem() says why; nothing comes after it
    };

    XmlReader(std::istream& input, std::size_t text_bytes_max)
        : input_(input), text_bytes_max_(text_bytes_max) {}

    Piece next();
    const std::string& name() const { return name_; }
    const std::map<std::string, std::string>& attributes() const { return attributes_; }
    const std::string& text() const { return text_; }
    bool is_cut() const { return cut_; }
    const std::string& problem() const { return problem_; }
    std::int64_t line() const { return line_; }

private:
    int take();
    int peek();
    bool take_word(std::string& word);
    bool take_entity(std::string& out);
    void skip_space();
    Piece read_text();
    Piece read_markup();
    Piece read_start();
    Piece read_end();
    bool read_attributes();
    bool read_cdata();
    bool skip_past(const char* end);
    void keep(const std::string& bytes);
    Piece broken(std::string why);

    std::istream& input_;
    const std::size_t text_bytes_max_;
    std::int64_t line_ = 1;
    std::vector<std::string> open_;  ///< what has begun and not ended
    bool begun_ = false;
    bool ends_at_once_ = false;  ///< the last start was `<a/>`
    bool cut_ = false;
    std::string name_;
    std::map<std::string, std::string> attributes_;
    std::string text_;
    std::string problem_;
};

}  // namespace django
