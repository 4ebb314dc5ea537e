#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace legacy {

// The order of members is that of the answers.
using Json = nlohmann::ordered_json;
using Names = std::vector<std::string_view>;

/// All that is wrong, with where it stands.
class JsonProblems {
public:
    void add(const std::string& path, std::string message) {
        // The refusal ends the sentence.
        if (message.ends_with('.')) message.pop_back();
        if (all_.size() < count_max) all_.push_back({path, std::move(message)});
    }
    std::vector<base::Problem>& all() { return all_; }

private:
    static constexpr std::size_t count_max = 100;
    std::vector<base::Problem> all_;
};

/// A value of the file, with where it stands.
struct JsonPlace {
    const Json& value;
    std::string path;

    JsonPlace at(const std::string& name) const {
        return {value.at(name), path.empty() ? name : path + "." + name};
    }
    JsonPlace at(std::size_t number) const {
        return {value.at(number), path + "[" + std::to_string(number) + "]"};
    }
    bool has(const char* name) const { return value.contains(name); }
};

/// Reads what has a certain type, and complains where it has another.
class TypedJson {
public:
    explicit TypedJson(JsonProblems& problems) : problems_(problems) {}

    bool object(const JsonPlace& place) const;
    /// With none but these members.
    bool object(const JsonPlace& place, const Names& allowed) const;
    bool list(const JsonPlace& place) const;
    std::optional<std::string> text(const JsonPlace& place) const;
    std::optional<std::int64_t> number(const JsonPlace& place, std::int64_t least,
                                       std::int64_t most) const;

private:
    bool complain(const JsonPlace& place, const std::string& wanted) const;
    JsonProblems& problems_;
};

/// For sentences: `a, b, c`, and `"a"`.
std::string joined(const Names& names);
std::string in_quotes(std::string_view text);
/// Letters, digits, `-` and `_`: a name of a header or of a parameter.
bool is_token(std::string_view text);

}  // namespace legacy
