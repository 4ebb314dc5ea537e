#include "base/stored_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <stdexcept>
#include <vector>

namespace base {

namespace {

using Json = nlohmann::ordered_json;
using boost::json::error_code;

constexpr std::size_t depth_max = 64;

/// Builds the value while the parser reads. `open_` has what has begun and not ended, the outermost
/// first.
class JsonBuilder {
public:
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;
    using Text = boost::json::string_view;

    static bool on_document_begin(error_code&) { return true; }
    static bool on_document_end(error_code&) { return true; }
    static bool on_comment_part(Text, error_code&) { return true; }
    static bool on_comment(Text, error_code&) { return true; }
    bool on_null(error_code&) { return put(nullptr); }
    bool on_bool(bool value, error_code&) { return put(value); }
    bool on_number_part(Text part, error_code&) { return add(part); }
    bool on_int64(std::int64_t value, Text, error_code&) {
        part_.clear();
        // As nlohmann's parser has it: what has no sign is unsigned.
        return value < 0 ? put(value) : put(static_cast<std::uint64_t>(value));
    }
    bool on_uint64(std::uint64_t value, Text, error_code&) {
        part_.clear();
        return put(value);
    }
    bool on_double(double value, Text rest, error_code&) {
        // The parser's own is off by a bit now and then.
        auto digits = whole(rest);
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return put(value);
    }
    bool on_string_part(Text part, std::size_t, error_code&) { return add(part); }
    bool on_string(Text rest, std::size_t, error_code&) { return put(whole(rest)); }
    bool on_key_part(Text part, std::size_t, error_code&) { return add(part); }
    bool on_key(Text rest, std::size_t, error_code&) {
        names_.push_back(whole(rest));
        return true;
    }
    bool on_object_begin(error_code&) { return open(Json::object()); }
    bool on_object_end(std::size_t, error_code&) { return close(); }
    bool on_array_begin(error_code&) { return open(Json::array()); }
    bool on_array_end(std::size_t, error_code&) { return close(); }

    Json take() { return std::move(whole_); }

private:
    bool add(Text part) {
        part_.append(part.data(), part.size());
        return true;
    }
    std::string whole(Text rest) {
        if (part_.empty()) return {rest.data(), rest.size()};
        part_.append(rest.data(), rest.size());
        return std::exchange(part_, {});
    }
    bool put(Json value) {
        if (open_.empty()) {
            whole_ = std::move(value);
        } else if (open_.back().is_object()) {
            open_.back()[std::move(names_.back())] = std::move(value);
            names_.pop_back();
        } else {
            open_.back().push_back(std::move(value));
        }
        return true;
    }
    bool open(Json value) {
        open_.push_back(std::move(value));
        return true;
    }
    bool close() {
        auto closed = std::move(open_.back());
        open_.pop_back();
        return put(std::move(closed));
    }

    std::string part_;  ///< of a text or number that the parser gives in parts
    std::vector<Json> open_;
    std::vector<std::string> names_;  ///< of members whose values have not ended
    Json whole_;
};

}  // namespace

nlohmann::ordered_json read_stored_json(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = depth_max;
    boost::json::basic_parser<JsonBuilder> parser(options);
    error_code error;
    auto read = parser.write_some(false, text.data(), text.size(), error);
    if (!error && text.find_first_not_of(" \t\r\n", read) == text.npos) {
        return parser.handler().take();
    }
    throw std::runtime_error("no JSON from byte " + std::to_string(read) + " on");
}

}  // namespace base
