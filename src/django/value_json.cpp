#include "value_json.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace django {

namespace {

using json = nlohmann::json;

/// Builds the value while the parser reads. `open_` has what has begun and not ended, the outermost
/// first.
class Builder final : public json::json_sax_t {
public:
    explicit Builder(ValueLimits limits) : limits_(limits) {}

    bool null() override { return put({}); }
    bool boolean(bool value) override { return put(Value::boolean(value)); }
    bool number_integer(json::number_integer_t value) override { return put(Value::number(value)); }
    bool number_unsigned(json::number_unsigned_t value) override {
        return put(Value::number(std::to_string(value)));
    }
    bool number_float(json::number_float_t, const std::string& digits) override {
        return put(Value::number(digits));
    }
    bool string(std::string& text) override {
        if (has_nul(text)) return false;
        return put(Value(std::move(text)));
    }
    bool binary(json::binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Value::object()); }
    bool key(std::string& name) override {
        if (has_nul(name)) return false;
        names_.push_back(std::move(name));
        return true;
    }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(Value::list({})); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t at, const std::string&, const json::exception&) override {
        refusal_ = refused("malformed_json", "no JSON from byte " + std::to_string(at) + " on");
        return false;
    }

    Value take() { return std::move(whole_); }
    base::Error refusal() {
        return refusal_.value_or(refused("malformed_json", "no JSON that is known"));
    }

private:
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
        if (text.find('\0') == std::string::npos) return false;
        refusal_ = refused("nul_in_text", "a text with \\u0000 in it");
        return true;
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
    if (json::sax_parse(text.begin(), text.end(), &builder)) return builder.take();
    return builder.refusal();
}

}  // namespace django
