#include "value_json.hpp"

#include <cmath>
#include <cstring>
#include <utility>

#include "base/json_sax.hpp"

namespace django {

namespace {

/// Each is looked for among all others.
constexpr std::size_t members_max = 2000;

/// Builds the value while it is read: nearly all of an import's time would else go into a tree that
/// is thrown away. `open_` has what has begun and not ended, the outermost first.
class Builder {
public:
    explicit Builder(ValueLimits limits) : limits_(limits) {}

    bool null() { return put({}); }
    bool boolean(bool value) { return put(Value::boolean(value)); }
    bool integer(std::int64_t value) { return put(Value::number(value)); }
    bool integer(std::uint64_t value) { return put(Value::number(std::to_string(value))); }
    bool fraction(double about, std::string digits) {
        if (!std::isfinite(about))
            return refuse("malformed_json", "with a number that is too large");
        return put(Value::number(std::move(digits)));
    }
    bool text(std::string value) { return has_no_nul(value) && put(Value(std::move(value))); }
    bool name(std::string value) {
        if (!has_no_nul(value)) return false;
        names_.push_back(std::move(value));
        return true;
    }
    bool begin_object() { return open(Value::object()); }
    bool begin_list() { return open(Value::list({})); }
    bool end() {
        auto ended = std::move(open_.back());
        open_.pop_back();
        return put(std::move(ended));
    }

    Value take() { return std::move(whole_); }
    /// Why the reading was ended, if it was not by the parser.
    const std::optional<base::Error>& refusal() const { return refusal_; }

private:
    bool refuse(std::string code, const std::string& what) {
        refusal_ =
            base::Error{base::Reason::invalid, std::move(code), "This is JSON " + what + "."};
        return false;
    }
    bool put(Value value) {
        if (++values_ > limits_.values) {
            return refuse("too_many_values",
                          "of more than " + std::to_string(limits_.values) + " values");
        }
        if (open_.empty()) {
            whole_ = std::move(value);
        } else if (open_.back().is_object()) {
            if (open_.back().names.size() >= members_max) {
                return refuse("too_many_values", "with an object of more than " +
                                                     std::to_string(members_max) + " members");
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
            return refuse("too_deep", "of more than " + std::to_string(limits_.depth) + " levels");
        }
        open_.push_back(std::move(value));
        return true;
    }
    bool has_no_nul(const std::string& text) {
        if (!std::memchr(text.data(), 0, text.size())) return true;
        return refuse("nul_in_text", "with a text that has \\u0000 in it");
    }

    const ValueLimits limits_;
    std::size_t values_ = 0;
    std::vector<Value> open_;
    std::vector<std::string> names_;  ///< of members whose values have not ended
    Value whole_;
    std::optional<base::Error> refusal_;
};

}  // namespace

base::Result<Value> value_from_json(std::string_view text, ValueLimits limits) {
    Builder builder(limits);
    // One level more is refused by the builder, in words of ours.
    auto ended = base::json_sax_parse(text, limits.depth + 1, builder);
    if (!ended) return builder.take();
    if (builder.refusal()) return *builder.refusal();
    return base::Error{base::Reason::invalid, "malformed_json",
                       "This is no JSON from byte " + std::to_string(*ended) + " on."};
}

}  // namespace django
