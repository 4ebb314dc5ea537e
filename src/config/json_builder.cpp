#include "json_builder.hpp"

#include <algorithm>
#include <list>
#include <utility>

#include "base/text.hpp"

namespace config {

namespace {

using nlohmann::json;

/// `line 3, column 7` of the byte at `offset`; columns count bytes, from 1.
std::string place(std::string_view text, std::size_t offset) {
    auto before = text.substr(0, std::min(offset, text.size()));
    auto line = std::count(before.begin(), before.end(), '\n') + 1;
    auto start = before.rfind('\n');
    auto column = start == std::string_view::npos ? before.size() + 1 : before.size() - start;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// A path short enough for a message; its names come from outside and may be of any length.
std::string shown(std::string path) {
    constexpr std::size_t most = 80;
    if (path.size() <= most) return path;
    path.resize(most);
    while (!base::count_code_points(path)) path.pop_back();
    return path + "…";
}

/// What the parser has to say, without its numbers and without the input that it quotes: that may
/// hold anything.
std::string plain_reason(std::string_view what) {
    auto start = what.find(" - ");
    if (start == std::string_view::npos) return "a number is too large";
    auto reason = what.substr(start + 3);
    reason = reason.substr(0, reason.find("; last read:"));
    return std::string(reason);
}

/// Receives the parser's findings and builds the value from them, on a stack of its own.
class JsonBuilder : public nlohmann::json_sax<json> {
public:
    JsonBuilder(std::string_view text, const JsonLimits& limits, Repeated repeated,
                ParsedJson& result)
        : text_(text), limits_(limits), repeated_(repeated), result_(result) {}

    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t value, const string_t&) override { return add(value); }
    bool string(string_t& value) override {
        return has_no_nul(value, "text") && add(std::move(value));
    }
    bool binary(binary_t&) override { return fail("binary content"); }

    bool start_object(std::size_t) override { return open(json::object()); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        if (!has_no_nul(name, "the name of a member")) return false;
        open_.back().key = name;
        auto [member, is_new] =
            open_.back().value->get_ref<json::object_t&>().emplace(name, nullptr);
        if (is_new) {
            next_ = &member->second;
        } else if (repeated_ == Repeated::refuse) {
            return fail("the member " + shown(path()) + " stands there twice");
        } else {
            result_.repeated.push_back(path());
            next_ = &ignored_.emplace_back();
        }
        return true;
    }

    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception& problem) override {
        // The position counts the bytes read, the bad one included.
        auto offset = position == 0 ? 0 : position - 1;
        return fail(place(text_, offset) + ": " + plain_reason(problem.what()));
    }

private:
    struct Open {
        json* value;
        std::string key{};
    };

    bool fail(std::string reason) {
        result_.failure = JsonFailure{std::move(reason)};
        return false;
    }

    bool has_no_nul(std::string_view text, const std::string& what) {
        if (text.find('\0') == std::string_view::npos) return true;
        auto where = shown(path());
        fail((where.empty() ? "at the top" : "at " + where) + ": " + what + " holds a NUL");
        result_.failure->holds_nul = true;
        return false;
    }

    std::string path() const {
        std::string out;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            if (i > 0) out += '.';
            const auto& [value, key] = open_[i];
            // The innermost container does not hold the value yet that is being read.
            bool innermost = i + 1 == open_.size();
            out += value->is_array() ? std::to_string(value->size() - (innermost ? 0 : 1)) : key;
        }
        return out;
    }

    /// Puts the value where the next one belongs, and says where it went.
    template <class Value>
    json* place_value(Value&& value) {
        if (open_.empty()) {
            result_.value = std::forward<Value>(value);
            return &result_.value;
        }
        if (open_.back().value->is_array()) {
            open_.back().value->push_back(std::forward<Value>(value));
            return &open_.back().value->back();
        }
        *next_ = std::forward<Value>(value);
        return next_;
    }

    bool count_value() {
        if (++values_ <= limits_.values) return true;
        return fail("it has more than " + std::to_string(limits_.values) + " values");
    }

    template <class Value>
    bool add(Value&& value) {
        if (!count_value()) return false;
        place_value(std::forward<Value>(value));
        return true;
    }

    bool open(json container) {
        if (open_.size() == limits_.depth) {
            return fail("it is nested deeper than " + std::to_string(limits_.depth) + " levels");
        }
        if (!count_value()) return false;
        open_.push_back({place_value(std::move(container))});
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    std::string_view text_;
    const JsonLimits& limits_;
    Repeated repeated_;
    ParsedJson& result_;
    // The elements of an array may move when it grows, but never one that is open: it is the last.
    std::vector<Open> open_;
    json* next_ = nullptr;
    std::list<json> ignored_;
    std::size_t values_ = 0;
};

}  // namespace

ParsedJson parse_json(std::string_view text, const JsonLimits& limits, Repeated repeated) {
    ParsedJson result;
    if (text.size() > limits.bytes) {
        result.failure =
            JsonFailure{"it is longer than " + std::to_string(limits.bytes) + " bytes"};
    } else if (auto nul = text.find('\0'); nul != std::string_view::npos) {
        // The parser takes it for the end of the input and would not look at the rest.
        result.failure = JsonFailure{place(text, nul) + ": a NUL"};
    } else if (limits.comments && !base::count_code_points(text)) {
        // In strings the parser looks itself; comments it skips unread.
        result.failure = JsonFailure{"it is not UTF-8"};
    } else {
        JsonBuilder builder(text, limits, repeated, result);
        json::sax_parse(text.begin(), text.end(), &builder, json::input_format_t::json, true,
                        limits.comments);
    }
    if (result.failure) result.value = nullptr;
    return result;
}

}  // namespace config
