#pragma once

#include <istream>

#include "source.hpp"
#include "xml_reader.hpp"

namespace django {

/// A dump as Django's serializer of XML writes it. It says which model a field points to, and keeps
/// microseconds. The stream must outlive it. What is damaged ends it: nobody knows where the next
/// row begins.
class XmlDump final : public Source {
public:
    XmlDump(std::istream& input, std::size_t row_bytes_max)
        : reader_(input, row_bytes_max), row_bytes_max_(row_bytes_max) {}

    Item next() override;
    const std::map<std::string, std::string>& relations() const override { return relations_; }

private:
    using Piece = XmlReader::Piece;

    Item read_object();
    bool read_field(Record& record);
    bool read_content(Value& value, bool many);
    bool read_natural(Value& key);
    bool read_words(std::string& text);
    bool read_word_of(Value& key);
    void count(std::size_t bytes);
    bool expect_end();
    Item broken();

    XmlReader reader_;
    const std::size_t row_bytes_max_;
    std::size_t row_bytes_ = 0;
    bool too_long_ = false;
    bool ended_ = false;
    bool cut_off_ = false;
    std::map<std::string, std::string> relations_;
};

}  // namespace django
