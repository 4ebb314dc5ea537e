#include "xml_dump.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "names.hpp"

namespace django {

namespace {

/// As many fields as a row of JSON may have.
constexpr std::size_t row_fields_max = 2000;
/// What an element counts beyond its text.
constexpr std::size_t value_bytes = 64;

bool is_digits(const std::string& text) {
    std::string_view digits = text;
    if (digits.starts_with('-')) digits.remove_prefix(1);
    return base::parse_number(digits, INT64_MAX).has_value();
}

Value keyed(std::string text) {
    if (is_digits(text)) return Value::number(std::move(text));
    return Value(std::move(text));
}

/// The text of a field as a value of its type.
Value typed(std::string text, const std::string& type, bool is_relation) {
    if (is_relation) return keyed(std::move(text));
    if (type.ends_with("BooleanField")) return Value::boolean(text == "True");
    bool whole = type.ends_with("IntegerField") || type.ends_with("AutoField");
    if (whole && is_digits(text)) return Value::number(std::move(text));
    return Value(std::move(text));
}

std::string attribute_of(const XmlReader& reader, const char* name) {
    auto found = reader.attributes().find(name);
    return found == reader.attributes().end() ? "" : found->second;
}

}  // namespace

Source::Item XmlDump::next() {
    while (!ended_) {
        switch (reader_.next()) {
            case Piece::start:
                if (reader_.name() == "object") return read_object();
                break;
            case Piece::finish:
                ended_ = true;
                break;
            case Piece::broken:
                return broken();
            case Piece::end:
            case Piece::text:
                break;
        }
    }
    return SourceEnd{cut_off_};
}

Source::Item XmlDump::broken() {
    ended_ = true;
    cut_off_ = true;
    return Reject{"", reader_.line(), "malformed_xml",
                  "The source is no XML from here on: " + reader_.problem() + "."};
}

Source::Item XmlDump::read_object() {
    Record record;
    record.line = reader_.line();
    record.model = lower(attribute_of(reader_, "model"));
    auto key = attribute_of(reader_, "pk");
    if (!key.empty()) record.key = keyed(std::move(key));
    record.fields = Value::object();
    row_bytes_ = 0;
    too_long_ = false;
    for (;;) {
        auto piece = reader_.next();
        if (piece == Piece::end) break;
        if (piece == Piece::text) continue;
        if (piece != Piece::start || !read_field(record)) {
            if (reader_.problem().empty()) {
                ended_ = cut_off_ = true;
                return Reject{record.model, reader_.line(), "malformed_xml",
                              "A row has an element that Django never writes."};
            }
            return broken();
        }
    }
    if (too_long_) {
        return Reject{record.model, record.line, "row_too_long",
                      "The row is longer than " + std::to_string(row_bytes_max_) +
                          " bytes (django.row_bytes_max)."};
    }
    if (!is_model_name(record.model)) {
        return Reject{"", record.line, "not_a_row",
                      "`model` is the name of none, as news.article."};
    }
    return record;
}

bool XmlDump::read_field(Record& record) {
    if (reader_.name() != "field") return false;
    auto name = attribute_of(reader_, "name");
    auto type = attribute_of(reader_, "type");
    auto to = attribute_of(reader_, "to");
    bool many = attribute_of(reader_, "rel") == "ManyToManyRel";
    if (name.empty()) return false;
    if (!to.empty() && relations_.size() < 10'000) {
        relations_[record.model + "." + name] = lower(to);
    }
    Value value = many ? Value::list({}) : Value(std::string());
    count(name.size());
    if (record.fields.names.size() == row_fields_max) too_long_ = true;
    if (!read_content(value, many)) return false;
    if (value.is_text()) value = typed(std::move(value.text), type, !to.empty());
    if (!too_long_) record.fields.set(name, std::move(value));
    return true;
}

/// A value of a row, with so much text.
void XmlDump::count(std::size_t bytes) {
    row_bytes_ += value_bytes + bytes;
    if (row_bytes_ > row_bytes_max_) too_long_ = true;
}

bool XmlDump::read_content(Value& value, bool many) {
    for (;;) {
        switch (reader_.next()) {
            case Piece::end:
                return true;
            case Piece::text:
                row_bytes_ += reader_.text().size();
                if (reader_.is_cut() || row_bytes_ > row_bytes_max_) too_long_ = true;
                if (!many && value.is_text() && !too_long_) value.text += reader_.text();
                break;
            case Piece::start:
                if (reader_.name() == "None") {
                    value = Value();
                    if (!expect_end()) return false;
                } else if (reader_.name() == "natural") {
                    if (!value.is_list()) value = Value::list({});
                    if (!read_word_of(value)) return false;
                } else if (many && reader_.name() == "object") {
                    auto key = attribute_of(reader_, "pk");
                    count(key.size());
                    Value one = key.empty() ? Value::list({}) : keyed(std::move(key));
                    if (!read_natural(one)) return false;
                    if (!too_long_) value.items.push_back(std::move(one));
                } else {
                    return false;
                }
                break;
            case Piece::finish:
            case Piece::broken:
                return false;
        }
    }
}

/// Of an element of a many-to-many field, to its end.
bool XmlDump::read_natural(Value& key) {
    for (;;) {
        auto piece = reader_.next();
        if (piece == Piece::end) return true;
        if (piece == Piece::text) continue;
        if (piece != Piece::start || reader_.name() != "natural" || !key.is_list()) return false;
        if (!read_word_of(key)) return false;
    }
}

bool XmlDump::read_word_of(Value& key) {
    std::string word;
    count(0);
    if (!read_words(word)) return false;
    if (!too_long_) key.items.emplace_back(std::move(word));
    return true;
}

bool XmlDump::read_words(std::string& text) {
    for (;;) {
        auto piece = reader_.next();
        if (piece == Piece::end) return true;
        if (piece != Piece::text) return false;
        row_bytes_ += reader_.text().size();
        if (row_bytes_ > row_bytes_max_) too_long_ = true;
        if (!too_long_) text += reader_.text();
    }
}

bool XmlDump::expect_end() {
    auto piece = reader_.next();
    while (piece == Piece::text) piece = reader_.next();
    return piece == Piece::end;
}

}  // namespace django
