#include "rule_tree.hpp"

#include <algorithm>
#include <utility>

namespace legacy {

namespace {

constexpr std::string_view by = " by ";

/// `/results by id` as its pointer and its member.
std::pair<std::string_view, std::string_view> split_unordered(std::string_view rule) {
    auto at = rule.rfind(by);
    if (at == rule.npos) return {rule, {}};
    return {rule.substr(0, at), rule.substr(at + by.size())};
}

/// The segment at the start of `pointer`, which begins with a slash, and takes it away.
std::string take_segment(std::string_view& pointer) {
    pointer.remove_prefix(1);
    auto segment = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(segment.size());
    std::string name;
    for (std::size_t i = 0; i < segment.size(); ++i) {
        bool escaped = segment[i] == '~' && i + 1 < segment.size();
        name += !escaped ? segment[i] : segment[i + 1] == '1' ? '/' : '~';
        if (escaped) ++i;
    }
    return name;
}

bool is_well_escaped(std::string_view pointer) {
    for (auto at = pointer.find('~'); at != pointer.npos; at = pointer.find('~', at + 1)) {
        if (at + 1 >= pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1'))
            return false;
    }
    return true;
}

std::optional<std::string> problem_of_pointer(std::string_view pointer) {
    constexpr std::size_t bytes_max = 512;
    if (pointer.size() > bytes_max) return "has more than 512 bytes";
    if (!pointer.starts_with('/')) return "is no JSON pointer: it begins with a slash";
    if (!is_well_escaped(pointer)) return "is no JSON pointer: ~ is written ~0, and / in a name ~1";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> problem_of_ignore(std::string_view rule) {
    return problem_of_pointer(rule);
}

std::optional<std::string> problem_of_unordered(std::string_view rule) {
    auto [pointer, member] = split_unordered(rule);
    if (pointer.size() != rule.size() && member.empty()) return "names no member behind `by`";
    // The whole document may be an array.
    return pointer.empty() ? std::nullopt : problem_of_pointer(pointer);
}

std::string escape_segment(std::string_view name) {
    std::string out;
    for (char c : name) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    return out;
}

RuleTree::RuleTree(const std::vector<std::string>& ignore,
                   const std::vector<std::string>& unordered) {
    for (const auto& rule : ignore) {
        if (!problem_of_ignore(rule)) reach(rule).ignored = true;
    }
    for (const auto& rule : unordered) {
        if (problem_of_unordered(rule)) continue;
        auto [pointer, member] = split_unordered(rule);
        auto& node = reach(pointer);
        node.unordered = true;
        node.by = member;
    }
}

RuleTree::Node& RuleTree::reach(std::string_view pointer) {
    auto* node = root_.get();
    while (!pointer.empty()) {
        auto& next = node->below[take_segment(pointer)];
        if (!next) next = std::make_unique<Node>();
        node = next.get();
    }
    return *node;
}

RuleTree::Place RuleTree::below(const Place& place, std::string_view name) {
    Place next;
    for (const auto* node : place) {
        if (auto found = node->below.find(name); found != node->below.end())
            next.push_back(found->second.get());
        if (name == "*") continue;
        if (auto any = node->below.find("*"); any != node->below.end())
            next.push_back(any->second.get());
    }
    return next;
}

bool RuleTree::is_ignored(const Place& place) {
    return std::any_of(place.begin(), place.end(), [](const Node* node) { return node->ignored; });
}

const RuleTree::Node* RuleTree::unordered(const Place& place) {
    auto found =
        std::find_if(place.begin(), place.end(), [](const Node* node) { return node->unordered; });
    return found == place.end() ? nullptr : *found;
}

}  // namespace legacy
