#include "batch_rules.hpp"

#include <limits>

#include "base/text.hpp"

namespace news {

std::string text_of(const std::vector<MadeInBatch>& made) {
    std::string text = "[";
    for (const auto& [id, version] : made) {
        if (text.size() > 1) text += ',';
        text += '[' + std::to_string(id) + ',' + std::to_string(version) + ']';
    }
    return text + ']';
}

std::vector<MadeInBatch> made_in(std::string_view text) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    std::vector<std::int64_t> numbers;
    while (!text.empty()) {
        auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
        if (auto number = base::parse_number(text.substr(0, digits), most)) {
            numbers.push_back(*number);
        }
        text.remove_prefix(std::max<std::size_t>(digits, 1));
    }
    std::vector<MadeInBatch> made;
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
        made.push_back({numbers[i], numbers[i + 1]});
    }
    return made;
}

base::Error in_batch(base::Error error, std::size_t number) {
    auto name = "commands[" + std::to_string(number) + "]";
    error.message = name + ": " + error.message;
    if (error.details.empty()) error.details.push_back({"", "cannot be carried out"});
    for (auto& problem : error.details) {
        problem.field = problem.field.empty() ? name : name + '.' + problem.field;
    }
    return error;
}

}  // namespace news
