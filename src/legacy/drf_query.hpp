#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace legacy {

/// The query of a URL as Django reads it, and as Django REST framework writes it into the links of
/// a list: sorted by name, every value escaped anew.
class DrfQuery {
public:
    /// `query`: what follows `?`; it passed the head guard.
    explicit DrfQuery(std::string_view query);

    /// The last value of that name.
    std::optional<std::string> get(std::string_view name) const;

    /// `url` with this query, in which that name now has this one value, or none.
    std::string with(std::string_view url, const std::string& name, const std::string& value) const;
    std::string without(std::string_view url, const std::string& name) const;
    /// Both at once.
    std::string with(std::string_view url, const std::string& name, const std::string& value,
                     const std::string& second_name,
                     const std::optional<std::string>& second_value) const;

private:
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    static void put(Pairs& pairs, const std::string& name, const std::optional<std::string>& value);
    static std::string url_of(std::string_view url, Pairs pairs);

    Pairs pairs_;
};

/// A whole number as Python's int() reads it in ASCII: white space around it, a sign and leading
/// zeros are fine, and underscores between digits. What is beyond 2^53 is 2^53.
std::optional<std::int64_t> parse_python_int(std::string_view text);

}  // namespace legacy
