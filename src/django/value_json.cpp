#include "value_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <cmath>
#include <cstring>
#include <utility>

namespace django {

namespace {

using boost::json::error_code;

/// What is refused here, not by the parser; which of it stands in Builder::refusal().
error_code refusal_code() {
    return make_error_code(boost::json::error::exception);
}

/// Builds the value while the parser reads: nearly all of an import's time would else go into a
/// tree that is thrown away. `open_` has what has begun and not ended, the outermost first.
class Builder {
public:
    // The limits of the parser itself; ours are in put() and open().
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;
    using Text = boost::json::string_view;

    explicit Builder(ValueLimits limits) : limits_(limits) {}

    static bool on_document_begin(error_code&) { return true; }
    static bool on_document_end(error_code&) { return true; }
    static bool on_comment_part(Text, error_code&) { return true; }
    static bool on_comment(Text, error_code&) { return true; }
    bool on_null(error_code& error) { return settle(put({}), error); }
    bool on_bool(bool value, error_code& error) {
        return settle(put(Value::boolean(value)), error);
    }
    bool on_number_part(Text part, error_code&) {
        part_.append(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t value, Text, error_code& error) {
        part_.clear();
        return settle(put(Value::number(value)), error);
    }
    bool on_uint64(std::uint64_t value, Text, error_code& error) {
        part_.clear();
        return settle(put(Value::number(std::to_string(value))), error);
    }
    bool on_double(double value, Text rest, error_code& error) {
        auto digits = whole(rest);
        if (std::isfinite(value)) return settle(put(Value::number(std::move(digits))), error);
        refusal_ = refused("malformed_json", "JSON with a number that is too large");
        return settle(false, error);
    }
    bool on_string_part(Text part, std::size_t, error_code&) {
        part_.append(part.data(), part.size());
        return true;
    }
    bool on_string(Text rest, std::size_t, error_code& error) {
        auto text = whole(rest);
        return settle(!has_nul(text) && put(Value(std::move(text))), error);
    }
    bool on_key_part(Text part, std::size_t, error_code&) {
        part_.append(part.data(), part.size());
        return true;
    }
    bool on_key(Text rest, std::size_t, error_code& error) {
        auto name = whole(rest);
        if (has_nul(name)) return settle(false, error);
        names_.push_back(std::move(name));
        return true;
    }
    bool on_object_begin(error_code& error) { return settle(open(Value::object()), error); }
    bool on_object_end(std::size_t, error_code& error) { return settle(close(), error); }
    bool on_array_begin(error_code& error) { return settle(open(Value::list({})), error); }
    bool on_array_end(std::size_t, error_code& error) { return settle(close(), error); }

    Value take() { return std::move(whole_); }
    base::Error refusal(std::size_t at) const {
        return refusal_.value_or(
            refused("malformed_json", "no JSON from byte " + std::to_string(at) + " on"));
    }

private:
    static bool settle(bool good, error_code& error) {
        if (!good) error = refusal_code();
        return good;
    }
    /// What has come in parts, and the last of it.
    std::string whole(Text rest) {
        if (part_.empty()) return {rest.data(), rest.size()};
        part_.append(rest.data(), rest.size());
        return std::exchange(part_, {});
    }
    static base::Error refused(std::string code, const std::string& why) {
        return {base::Reason::invalid, std::move(code), "This is " + why + "."};
    }
    bool put(Value value) {
        if (++values_ > limits_.values) {
            refusal_ = refused("too_many_values",
                               "JSON of more than " + std::to_string(limits_.values) + " values");
            return false;
        }
        if (open_.empty()) {
            whole_ = std::move(value);
        } else if (open_.back().is_object()) {
            // Each is looked for among all others.
            constexpr std::size_t members_max = 2000;
            if (open_.back().names.size() >= members_max) {
                refusal_ = refused("too_many_values", "JSON with an object of more than " +
                                                          std::to_string(members_max) + " members");
                return false;
            }
            auto name = std::move(names_.back());
            names_.pop_back();
            open_.back().set(std::move(name), std::move(value));
        } else {
            open_.back().items.push_back(std::move(value));
        }
        return true;
    }
    bool open(Value value) {
        if (open_.size() >= limits_.depth) {
            refusal_ = refused("too_deep",
                               "JSON of more than " + std::to_string(limits_.depth) + " levels");
            return false;
        }
        open_.push_back(std::move(value));
        return true;
    }
    bool close() {
        auto closed = std::move(open_.back());
        open_.pop_back();
        return put(std::move(closed));
    }
    bool has_nul(const std::string& text) {
        if (!std::memchr(text.data(), 0, text.size())) return false;
        refusal_ = refused("nul_in_text", "a text with \\u0000 in it");
        return true;
    }

    const ValueLimits limits_;
    std::size_t values_ = 0;
    std::vector<Value> open_;
    std::string part_;                ///< of a text or number that the parser gives in parts
    std::vector<std::string> names_;  ///< of members whose values have not ended
    Value whole_;
    std::optional<base::Error> refusal_;
};

}  // namespace

base::Result<Value> value_from_json(std::string_view text, ValueLimits limits) {
    boost::json::parse_options options;
    options.max_depth = limits.depth + 1;  // one more is refused here, in words of ours
    boost::json::basic_parser<Builder> parser(options, limits);
    error_code error;
    auto read = parser.write_some(false, text.data(), text.size(), error);
    auto rest = text.substr(std::min(read, text.size()));
    bool whole = rest.find_first_not_of(" \t\r\n") == rest.npos;
    if (error || !whole) return parser.handler().refusal(read);
    return parser.handler().take();
}

}  // namespace django
