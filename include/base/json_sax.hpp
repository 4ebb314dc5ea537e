#pragma once

#include <boost/json/basic_parser_impl.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace base {

/// What Boost.JSON's parser says in parts, whole, to a receiver of json_sax_parse().
template <class Receiver>
class JsonSaxHandler {
public:
    using Text = boost::json::string_view;
    using Error = boost::json::error_code;

    // The receiver has limits of its own.
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;

    explicit JsonSaxHandler(Receiver& receiver) : receiver_(receiver) {}

    static bool on_document_begin(Error&) { return true; }
    static bool on_document_end(Error&) { return true; }
    static bool on_comment_part(Text, Error&) { return true; }
    static bool on_comment(Text, Error&) { return true; }
    bool on_null(Error& error) { return go_on(receiver_.null(), error); }
    bool on_bool(bool value, Error& error) { return go_on(receiver_.boolean(value), error); }
    bool on_number_part(Text part, Error&) { return keep(part); }
    bool on_int64(std::int64_t value, Text, Error& error) {
        part_.clear();
        return go_on(receiver_.integer(value), error);
    }
    bool on_uint64(std::uint64_t value, Text, Error& error) {
        part_.clear();
        return go_on(receiver_.integer(value), error);
    }
    bool on_double(double value, Text rest, Error& error) {
        return go_on(receiver_.fraction(value, whole(rest)), error);
    }
    bool on_string_part(Text part, std::size_t, Error&) { return keep(part); }
    bool on_string(Text rest, std::size_t, Error& error) {
        return go_on(receiver_.text(whole(rest)), error);
    }
    bool on_key_part(Text part, std::size_t, Error&) { return keep(part); }
    bool on_key(Text rest, std::size_t, Error& error) {
        return go_on(receiver_.name(whole(rest)), error);
    }
    bool on_object_begin(Error& error) { return go_on(receiver_.begin_object(), error); }
    bool on_object_end(std::size_t, Error& error) { return go_on(receiver_.end(), error); }
    bool on_array_begin(Error& error) { return go_on(receiver_.begin_list(), error); }
    bool on_array_end(std::size_t, Error& error) { return go_on(receiver_.end(), error); }

private:
    static bool go_on(bool good, Error& error) {
        if (!good) error = make_error_code(boost::json::error::exception);
        return good;
    }
    bool keep(Text part) {
        part_.append(part.data(), part.size());
        return true;
    }
    std::string whole(Text rest) {
        if (part_.empty()) return {rest.data(), rest.size()};
        keep(rest);
        return std::exchange(part_, {});
    }

    Receiver& receiver_;
    std::string part_;  ///< of a text or number that has not ended
};

/// Reads JSON (RFC 8259, in valid UTF-8, with nothing behind it) with Boost.JSON, and tells the
/// receiver of each value in its order. The receiver has
///
///     bool null(); bool boolean(bool); bool integer(std::int64_t); bool integer(std::uint64_t);
///     bool fraction(double about, std::string digits); bool text(std::string);
///     bool name(std::string);  // of the member whose value comes next
///     bool begin_object(); bool begin_list(); bool end();
///
/// and ends the reading with false. `about` may be off by its last bits, and infinite. Gives at
/// which byte the reading ended, and nothing if all was read. Pure but for the receiver.
template <class Receiver>
std::optional<std::size_t> json_sax_parse(std::string_view text, std::size_t depth_max,
                                          Receiver& receiver) {
    boost::json::parse_options options;
    options.max_depth = depth_max;
    boost::json::basic_parser<JsonSaxHandler<Receiver>> parser(options, receiver);
    boost::json::error_code error;
    auto read = parser.write_some(false, text.data(), text.size(), error);
    if (!error && text.find_first_not_of(" \t\r\n", read) == text.npos) return std::nullopt;
    return read;
}

}  // namespace base
