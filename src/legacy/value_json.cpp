#include "value_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

namespace legacy {

namespace {

using json = nlohmann::json;

/// Sorts the members by their names; of those of one name the last stays.
void settle_names(Value& object) {
    std::vector<std::size_t> order(object.names.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return object.names[a] < object.names[b];
    });
    Value sorted;
    sorted.kind = Value::Kind::object;
    sorted.names.reserve(order.size());
    sorted.items.reserve(order.size());
    for (auto at : order) {
        if (!sorted.names.empty() && sorted.names.back() == object.names[at]) {
            sorted.items.back() = std::move(object.items[at]);
        } else {
            sorted.names.push_back(std::move(object.names[at]));
            sorted.items.push_back(std::move(object.items[at]));
        }
    }
    object = std::move(sorted);
}

/// Builds the value while the parser reads. `open_` has what has begun and not ended, the outermost
/// first: it is as deep as the text, and no deeper than the limit.
class Builder final : public json::json_sax_t {
public:
    explicit Builder(ValueLimits limits) : limits_(limits) {}

    bool null() override { return put({}); }
    bool boolean(bool value) override {
        return scalar(Value::Kind::boolean, value ? "true" : "false");
    }
    bool number_integer(json::number_integer_t value) override {
        return scalar(Value::Kind::number, std::to_string(value));
    }
    bool number_unsigned(json::number_unsigned_t value) override {
        return scalar(Value::Kind::number, std::to_string(value));
    }
    bool number_float(json::number_float_t, const std::string& text) override {
        return scalar(Value::Kind::number, text);
    }
    bool string(std::string& text) override { return scalar(Value::Kind::text, std::move(text)); }
    bool binary(json::binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Value::Kind::object); }
    bool key(std::string& name) override {
        open_.back().names.push_back(std::move(name));
        return true;
    }
    bool end_object() override {
        settle_names(open_.back());
        return close();
    }
    bool start_array(std::size_t) override { return open(Value::Kind::array); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t, const std::string&, const json::exception&) override {
        return false;
    }

    bool too_large() const { return too_large_; }
    Value take() { return std::move(whole_); }

private:
    bool scalar(Value::Kind kind, std::string text) {
        Value value;
        value.kind = kind;
        value.text = std::move(text);
        return put(std::move(value));
    }
    bool put(Value value) {
        if (++values_ > limits_.values) return refuse();
        if (open_.empty()) {
            whole_ = std::move(value);
        } else {
            open_.back().items.push_back(std::move(value));
        }
        return true;
    }
    bool open(Value::Kind kind) {
        if (open_.size() >= limits_.depth) return refuse();
        open_.emplace_back();
        open_.back().kind = kind;
        return true;
    }
    bool close() {
        auto closed = std::move(open_.back());
        open_.pop_back();
        return put(std::move(closed));
    }
    bool refuse() {
        too_large_ = true;
        return false;
    }

    const ValueLimits limits_;
    std::size_t values_ = 0;
    bool too_large_ = false;
    std::vector<Value> open_;
    Value whole_;
};

}  // namespace

std::variant<Value, Unreadable> value_from_json(std::string_view text, ValueLimits limits) {
    Builder builder(limits);
    if (json::sax_parse(text.begin(), text.end(), &builder)) return builder.take();
    return builder.too_large() ? Unreadable::too_large : Unreadable::malformed;
}

}  // namespace legacy
