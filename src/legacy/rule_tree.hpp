#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace legacy {

/// What is wrong with a rule of CompareRules::ignore or ::unordered, as a sentence's end; nothing:
/// it is good.
std::optional<std::string> problem_of_ignore(std::string_view rule);
std::optional<std::string> problem_of_unordered(std::string_view rule);

/// A name as JSON pointers have it (RFC 6901): `~` and `/` are escaped.
std::string escape_segment(std::string_view name);

/// The rules for places in a document, walked down together with it. Immutable.
class RuleTree {
public:
    /// Both as in CompareRules; rules that are not good are left out.
    RuleTree(const std::vector<std::string>& ignore, const std::vector<std::string>& unordered);

    struct Node {
        bool ignored = false;
        bool unordered = false;
        std::string by{};  ///< the member that tells elements apart; empty: they as a whole
        std::map<std::string, std::unique_ptr<Node>, std::less<>> below{};
    };
    /// Where a walk is: the nodes of all rules that fit so far.
    using Place = std::vector<const Node*>;

    Place root() const { return {root_.get()}; }
    /// The place of a member or (its number as text) an element.
    static Place below(const Place& place, std::string_view name);
    static bool is_ignored(const Place& place);
    /// The rule by which the array there has no order; null: there is none.
    static const Node* unordered(const Place& place);

private:
    Node& reach(std::string_view pointer);

    std::unique_ptr<Node> root_ = std::make_unique<Node>();
};

}  // namespace legacy
