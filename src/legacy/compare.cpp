#include "compare.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "redaction.hpp"
#include "scalar.hpp"

namespace legacy {

namespace {

using Kind = Value::Kind;
using Place = RuleTree::Place;

/// Names of numbers are numbers: an object of things by their ids is one kind of thing.
bool is_numeral(std::string_view name) {
    return !name.empty() && name.size() <= 20 &&
           std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A segment of a kind's pointer. Names are text from outside, and may be long.
std::string segment_of(std::string_view name) {
    constexpr std::size_t bytes_max = 64;
    if (is_numeral(name)) return "/*";
    return "/" + escape_segment(redacted_text(name, bytes_max));
}

/// What tells each element of an array apart from others.
struct Keys {
    std::vector<std::uint64_t> keys;
    bool named = false;  ///< some have a member by which they are known
};

/// How the elements of two arrays belong together.
struct Pairs {
    static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

    std::vector<std::size_t> partner;  ///< of each of the monolith's, the number of ours
    std::vector<std::size_t> missing;  ///< of the monolith's, without a partner
    std::vector<std::size_t> extra;    ///< of ours
    bool in_order = true;
};

Pairs pair_up(const Keys& theirs, const Keys& ours) {
    const auto& legacy = theirs.keys;
    const auto& native = ours.keys;
    // Of equal ones the first is taken first, so each key has its numbers from the last to the
    // first.
    std::unordered_map<std::uint64_t, std::vector<std::size_t>> places;
    for (auto i = native.size(); i-- > 0;) places[native[i]].push_back(i);
    Pairs pairs;
    std::vector<bool> is_taken(native.size());
    std::size_t last = 0;
    for (std::size_t i = 0; i < legacy.size(); ++i) {
        auto found = places.find(legacy[i]);
        if (found == places.end() || found->second.empty()) {
            pairs.partner.push_back(Pairs::nobody);
            pairs.missing.push_back(i);
            continue;
        }
        auto place = found->second.back();
        found->second.pop_back();
        is_taken[place] = true;
        pairs.in_order = pairs.in_order && place >= last;
        last = place;
        pairs.partner.push_back(place);
    }
    for (std::size_t i = 0; i < native.size(); ++i) {
        if (!is_taken[i]) pairs.extra.push_back(i);
    }
    // What is known by a name has gone if its name has, unless all names are other ones.
    bool named = theirs.named || ours.named;
    bool pairs_rest = !named || pairs.missing.size() == legacy.size();
    if (pairs_rest && pairs.missing.size() == pairs.extra.size()) {
        for (std::size_t i = 0; i < pairs.missing.size(); ++i)
            pairs.partner[pairs.missing[i]] = pairs.extra[i];
        pairs.missing.clear();
        pairs.extra.clear();
    }
    return pairs;
}

/// Walks two values side by side. The depth of values is bounded where they are read.
class Walk {
public:
    Walk(const RouteRules& rules, Differences& found)
        : rules_(rules.rules), tree_(rules.tree), found_(found) {}

    void begin(const Value& legacy, const Value& native) { compare(legacy, native, tree_.root()); }

private:
    /// The pointer goes down one segment for as long as this lives.
    class Below {
    public:
        Below(Walk& walk, const std::string& segment, bool is_personal)
            : walk_(walk), size_(walk.pointer_.size()), was_personal_(walk.personal_) {
            walk.pointer_ += segment;
            walk.personal_ = walk.personal_ || is_personal;
        }
        Below(Walk& walk, const std::string& name)
            : Below(walk, segment_of(name), is_personal(name)) {}
        ~Below() {
            walk_.pointer_.resize(size_);
            walk_.personal_ = was_personal_;
        }
        Below(const Below&) = delete;

    private:
        Walk& walk_;
        std::size_t size_;
        bool was_personal_;
    };

    void compare(const Value& legacy, const Value& native, const Place& place) {
        if (RuleTree::is_ignored(place)) return;
        if (is_scalar(legacy) && is_scalar(native)) {
            if (are_same_scalar(rules_, legacy, native)) return;
            report(legacy.kind == native.kind ? "value" : "type", &legacy, &native);
        } else if (legacy.kind != native.kind) {
            report("type", &legacy, &native);
        } else if (legacy.kind == Kind::array) {
            compare_arrays(legacy, native, place);
        } else {
            compare_objects(legacy, native, place);
        }
    }

    void compare_objects(const Value& legacy, const Value& native, const Place& place) {
        std::size_t i = 0;
        std::size_t j = 0;
        while (i < legacy.names.size() || j < native.names.size()) {
            bool only_ours = i == legacy.names.size() ||
                             (j < native.names.size() && native.names[j] < legacy.names[i]);
            bool only_theirs =
                !only_ours && (j == native.names.size() || legacy.names[i] < native.names[j]);
            const auto& name = only_ours ? native.names[j] : legacy.names[i];
            const auto* theirs = only_ours ? nullptr : &legacy.items[i++];
            const auto* ours = only_theirs ? nullptr : &native.items[j++];
            compare_members(name, theirs, ours, RuleTree::below(place, name));
        }
    }

    void compare_members(const std::string& name, const Value* legacy, const Value* native,
                         const Place& place) {
        if (RuleTree::is_ignored(place)) return;
        if (legacy && native) {
            Below below(*this, name);
            return compare(*legacy, *native, place);
        }
        const auto& alone = legacy ? *legacy : *native;
        if (rules_.null_is_missing && alone.kind == Kind::null) return;
        if (!legacy && rules_.subset) return;
        Below below(*this, name);
        report(legacy ? "missing" : "extra", legacy, native);
    }

    void compare_arrays(const Value& legacy, const Value& native, const Place& place) {
        const auto* rule = RuleTree::unordered(place);
        auto by = rule ? rule->by : std::string();
        auto pairs = pair_up(keys_of(legacy, place, by), keys_of(native, place, by));
        if (!rule && !pairs.in_order) report("order", &legacy, &native);
        if (legacy.items.size() != native.items.size()) report_length(legacy, native);

        Below below(*this, "/*", false);
        for (auto i : pairs.missing) {
            if (!is_ignored(place, i)) report("missing", &legacy.items[i], nullptr);
        }
        for (auto i : pairs.extra) {
            if (!is_ignored(place, i)) report("extra", nullptr, &native.items[i]);
        }
        for (std::size_t i = 0; i < legacy.items.size(); ++i) {
            if (pairs.partner[i] == Pairs::nobody) continue;
            compare(legacy.items[i], native.items[pairs.partner[i]],
                    RuleTree::below(place, std::to_string(i)));
        }
    }

    bool is_ignored(const Place& place, std::size_t number) const {
        return RuleTree::is_ignored(RuleTree::below(place, std::to_string(number)));
    }

    Keys keys_of(const Value& array, const Place& place, const std::string& by) const {
        Keys all;
        all.keys.reserve(array.items.size());
        for (std::size_t i = 0; i < array.items.size(); ++i) {
            const auto& item = array.items[i];
            auto its_place = RuleTree::below(place, std::to_string(i));
            const auto* name = name_of(item, its_place, by);
            all.named = all.named || name;
            all.keys.push_back(name ? mix(1, key_of_scalar(rules_, *name))
                                    : mix(2, key_of(item, its_place)));
        }
        return all;
    }

    /// The member by which an element is known; null if there is none.
    const Value* name_of(const Value& item, const Place& place, const std::string& by) const {
        if (item.kind != Kind::object) return nullptr;
        if (!by.empty()) return scalar_member(item, by);
        for (const char* name : {"id", "pk"}) {
            const auto* found = scalar_member(item, name);
            if (found && !RuleTree::is_ignored(RuleTree::below(place, name))) return found;
        }
        return nullptr;
    }

    static const Value* scalar_member(const Value& object, std::string_view name) {
        auto found = std::lower_bound(object.names.begin(), object.names.end(), name);
        if (found == object.names.end() || *found != name) return nullptr;
        const auto& value = object.items[static_cast<std::size_t>(found - object.names.begin())];
        return is_scalar(value) && value.kind != Kind::null ? &value : nullptr;
    }

    /// Equal for values that are the same by all rules but the tolerance of numbers and subset.
    std::uint64_t key_of(const Value& value, const Place& place) const {
        if (RuleTree::is_ignored(place)) return 3;
        if (is_scalar(value)) return key_of_scalar(rules_, value);
        bool has_order = value.kind == Kind::array && !RuleTree::unordered(place);
        std::uint64_t key = 4 + static_cast<std::uint64_t>(value.kind);
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            const auto& item = value.items[i];
            if (value.kind == Kind::array) {
                auto of_item = key_of(item, RuleTree::below(place, std::to_string(i)));
                key = has_order ? mix(key, of_item) : key + mix(5, of_item);
                continue;
            }
            auto its_place = RuleTree::below(place, value.names[i]);
            if (RuleTree::is_ignored(its_place)) continue;
            if (rules_.null_is_missing && item.kind == Kind::null) continue;
            key += mix(mix(6, value.names[i]), key_of(item, its_place));
        }
        return key;
    }

    /// Where the walk is, as it is kept.
    std::string pointer() const {
        constexpr std::size_t bytes_max = 512;
        return redacted_text(pointer_, bytes_max);
    }
    void report(std::string_view what, const Value* legacy, const Value* native) {
        auto at = pointer();
        if (!found_.is_new(at, what)) return;
        found_.add({std::move(at), std::string(what), shown(legacy), shown(native)});
    }
    std::string shown(const Value* value) const {
        if (!value) return {};
        if (personal_) return std::string(blank);
        return redacted_json(*value, found_.text_bytes_max());
    }

    void report_length(const Value& legacy, const Value& native) {
        auto at = pointer();
        if (!found_.is_new(at, "length")) return;
        found_.add({std::move(at), "length", std::to_string(legacy.items.size()),
                    std::to_string(native.items.size())});
    }

    const CompareRules& rules_;
    const RuleTree& tree_;
    Differences& found_;
    std::string pointer_;
    bool personal_ = false;  ///< below a member whose values are not shown
};

}  // namespace

RouteRules::RouteRules(CompareRules its_rules)
    : rules(std::move(its_rules)), tree(rules.ignore, rules.unordered) {}

std::string text_of(const CompareRules& rules) {
    std::string text;
    auto list = [&](const char* name, const std::vector<std::string>& entries) {
        for (const auto& entry : entries) text += std::string(name) + " " + entry + "\n";
    };
    list("ignore", rules.ignore);
    list("unordered", rules.unordered);
    list("header", rules.headers);
    text += "time " + rules.time_precision + "\nhtml " + rules.html + "\ntolerance " +
            std::to_string(rules.number_tolerance_millionths) + "\n";
    if (rules.base_url) text += "base_url\n";
    if (rules.null_is_missing) text += "null_is_missing\n";
    if (rules.subset) text += "subset\n";
    return text;
}

CompareRules rules_for_noise(CompareRules rules) {
    rules.subset = false;
    return rules;
}

bool Differences::is_new(const std::string& pointer, std::string_view what) {
    if (all_.size() > kinds_max) return false;
    auto key = pointer + '\n' + std::string(what);
    if (all_.size() == kinds_max && !kinds_.contains(key)) {
        all_.push_back({std::string(further), "more"});
        return false;
    }
    return kinds_.emplace(std::move(key), all_.size()).second;
}

void compare_values(const RouteRules& rules, const Value& legacy, const Value& native,
                    Differences& found) {
    Walk(rules, found).begin(legacy, native);
}

void compare_texts(const CompareRules& rules, const std::string& pointer, std::string_view legacy,
                   std::string_view native, Differences& found) {
    if (are_same_text(rules, legacy, native) || !found.is_new(pointer, "value")) return;
    auto most = found.text_bytes_max();
    bool is_secret = is_personal(pointer);
    auto shown = [&](std::string_view text) {
        return is_secret ? std::string(blank) : redacted_text(text, most);
    };
    found.add({pointer, "value", shown(legacy), shown(native)});
}

void compare_bytes(std::string_view what, std::string_view legacy, std::string_view native,
                   Differences& found) {
    if (legacy == native || !found.is_new("body", what)) return;
    auto [theirs, ours] = redacted_excerpts(legacy, native, found.text_bytes_max());
    found.add({"body", std::string(what), std::move(theirs), std::move(ours)});
}

}  // namespace legacy
