#include "base/stored_json.hpp"

#include <charconv>
#include <stdexcept>
#include <vector>

#include "base/json_sax.hpp"

namespace base {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t depth_max = 64;

/// Builds the value while it is read. `open_` has what has begun and not ended, the outermost
/// first.
class JsonBuilder {
public:
    bool null() { return put(nullptr); }
    bool boolean(bool value) { return put(value); }
    bool integer(std::int64_t value) {
        // As nlohmann's parser has it: what has no sign is unsigned.
        return value < 0 ? put(value) : put(static_cast<std::uint64_t>(value));
    }
    bool integer(std::uint64_t value) { return put(value); }
    bool fraction(double value, const std::string& digits) {
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return put(value);
    }
    bool text(std::string value) { return put(std::move(value)); }
    bool name(std::string value) {
        names_.push_back(std::move(value));
        return true;
    }
    bool begin_object() { return open(Json::object()); }
    bool begin_list() { return open(Json::array()); }
    bool end() {
        auto ended = std::move(open_.back());
        open_.pop_back();
        return put(std::move(ended));
    }

    Json take() { return std::move(whole_); }

private:
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

    std::vector<Json> open_;
    std::vector<std::string> names_;  ///< of members whose values have not ended
    Json whole_;
};

}  // namespace

nlohmann::ordered_json read_stored_json(std::string_view text) {
    JsonBuilder builder;
    auto ended = json_sax_parse(text, depth_max, builder);
    if (!ended) return builder.take();
    throw std::runtime_error("no JSON from byte " + std::to_string(*ended) + " on");
}

}  // namespace base
