#include "rule_table.hpp"

#include <utility>

namespace gateway {

RuleTable::RuleTable(std::vector<Matcher> rules) : rules_(std::move(rules)) {
    for (const auto& rule : rules_) {
        if (auto word = rule.path.first_word()) by_word_[std::string(*word)];
    }
    for (std::size_t number = 0; number < rules_.size(); ++number) {
        auto word = rules_[number].path.first_word();
        if (!word) by_none_.push_back(number);
        for (auto& [begins, candidates] : by_word_) {
            if (!word || *word == begins) candidates.push_back(number);
        }
    }
}

const std::vector<std::size_t>& RuleTable::candidates(
    std::span<const std::string_view> segments) const {
    if (segments.empty()) return by_none_;
    auto found = by_word_.find(segments.front());
    return found == by_word_.end() ? by_none_ : found->second;
}

std::optional<std::size_t> RuleTable::find(std::span<const std::string_view> segments, bool more,
                                           std::uint32_t method) const {
    for (auto number : candidates(segments)) {
        const auto& rule = rules_[number];
        if ((rule.methods & method) != 0 && rule.path.matches(segments, more)) return number;
    }
    return std::nullopt;
}

}  // namespace gateway
