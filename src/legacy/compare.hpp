#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "legacy/compare_rules.hpp"
#include "rule_tree.hpp"
#include "value.hpp"

namespace legacy {

// What differs between two answers of a route. Pure: the rules and both answers in, differences
// out.

/// The rules of a route, made ready once.
struct RouteRules {
    explicit RouteRules(CompareRules its_rules);

    CompareRules rules;
    RuleTree tree;
};

/// Equal for rules by which the same is equal.
std::string text_of(const CompareRules& rules);

/// The rules by which the monolith is held against itself: nothing is extra there.
CompareRules rules_for_noise(CompareRules rules);

/// One way in which two answers differ, with what stood at the first place of that kind. Both
/// texts are redacted and cut.
struct Difference {
    std::string pointer;  ///< as DifferenceKind's, as is `what`
    std::string what;
    std::string legacy{};
    std::string native{};
};

/// The differences between two answers, one of each kind. Those beyond the limit are one more, of
/// the kind `further`.
class Differences {
public:
    explicit Differences(std::size_t text_bytes_max) : text_bytes_max_(text_bytes_max) {}

    /// False if that kind is there already: then its texts need not be made.
    bool is_new(const std::string& pointer, std::string_view what);
    /// After is_new().
    void add(Difference difference) { all_.push_back(std::move(difference)); }

    std::size_t text_bytes_max() const { return text_bytes_max_; }
    const std::vector<Difference>& all() const { return all_; }
    std::vector<Difference> take() { return std::move(all_); }

    static constexpr std::size_t kinds_max = 100;
    /// The pointer of the one that stands for all beyond.
    static constexpr std::string_view further = "further";

private:
    const std::size_t text_bytes_max_;
    std::map<std::string, std::size_t> kinds_;
    std::vector<Difference> all_;
};

/// Two JSON bodies, by path. Elements of arrays are paired before they are compared, so that one
/// that is inserted is one difference: by the member that the rules name, else by their `id` or
/// `pk`, else by being equal. Elements without such a member that are left over, as many on both
/// sides, are paired in their order; so are all where no two have the same. Takes time in
/// proportion to their size times their depth.
void compare_values(const RouteRules& rules, const Value& legacy, const Value& native,
                    Differences& found);

/// Two texts that are no document, as of a header.
void compare_texts(const CompareRules& rules, const std::string& pointer, std::string_view legacy,
                   std::string_view native, Differences& found);

/// Two bodies that are no JSON and have to be equal byte by byte. `what`: `bytes`, or `text`.
void compare_bytes(std::string_view what, std::string_view legacy, std::string_view native,
                   Differences& found);

}  // namespace legacy
