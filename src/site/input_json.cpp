#include "input_json.hpp"

#include <string>

#include "list.hpp"

namespace site {

namespace {

using base::Error;
using base::Problem;
using base::Reason;
using nlohmann::json;

constexpr std::int64_t number_max = (std::int64_t{1} << 53) - 1;

/// What is wrong with a body: members of a wrong type, and members that break a rule.
struct Faults {
    std::vector<Problem> types;
    std::vector<Problem> rules;
};

/// One entry of an array, and how messages name its members.
class Entry {
public:
    Entry(const json& object, std::string prefix, Faults& faults)
        : object_(object), prefix_(std::move(prefix)), faults_(faults) {}

    bool has(const char* member) const { return object_.contains(member); }
    bool is_null(const char* member) const { return has(member) && object_.at(member).is_null(); }

    std::optional<std::string> text(const char* member) {
        if (!has(member)) return std::nullopt;
        const auto& value = object_.at(member);
        if (value.is_string()) return value.get<std::string>();
        wrong_type(member, "must be text");
        return std::nullopt;
    }
    bool truth(const char* member, bool standard) {
        if (!has(member)) return standard;
        const auto& value = object_.at(member);
        if (value.is_boolean()) return value.get<bool>();
        wrong_type(member, "must be true or false");
        return standard;
    }
    std::optional<std::int64_t> number(const char* member) {
        if (!has(member)) return std::nullopt;
        const auto& value = object_.at(member);
        bool fits = value.is_number_unsigned() &&
                    value.get<std::uint64_t>() <= static_cast<std::uint64_t>(number_max);
        if (fits) return value.get<std::int64_t>();
        wrong_type(member, "must be a whole number from 0 to 2^53 - 1");
        return std::nullopt;
    }
    void breaks(const char* member, const char* rule) {
        faults_.rules.push_back({prefix_ + member, rule});
    }

private:
    void wrong_type(const char* member, const char* what) {
        faults_.types.push_back({prefix_ + member, what});
    }

    const json& object_;
    std::string prefix_;
    Faults& faults_;
};

Error refusal(const char* code, const std::string& what, std::vector<Problem> problems) {
    auto message = what + ": " + problems.front().field + " " + problems.front().message + ".";
    return {Reason::invalid, code, std::move(message), std::move(problems)};
}

RedirectChange change_from(Entry entry) {
    RedirectChange change;
    change.redirect.from = entry.text("from").value_or("");
    if (!entry.has("from")) entry.breaks("from", "is missing");
    change.remove = entry.truth("remove", false);
    change.redirect.permanent = entry.truth("permanent", true);
    if (!entry.is_null("to")) change.redirect.to = entry.text("to");
    if (!change.remove && !entry.has("to")) {
        entry.breaks("to", "is missing: null says that it is gone, \"remove\": true forgets it");
    }
    if (change.remove && entry.has("to")) {
        entry.breaks("to", "must not be there with \"remove\": true");
    }
    if (change.remove && entry.has("permanent")) {
        entry.breaks("permanent", "must not be there with \"remove\": true");
    }
    return change;
}

ListEntry list_entry_from(Entry entry) {
    if (entry.has("newest")) {
        for (const char* member : {"type", "id", "pinned"}) {
            if (entry.has(member)) entry.breaks(member, "must not be there with \"newest\"");
        }
        ListSlot slot;
        if (!entry.is_null("newest")) slot.newest = entry.text("newest");
        return slot;
    }
    for (const char* member : {"type", "id"}) {
        if (!entry.has(member)) entry.breaks(member, "is missing");
    }
    return ListItem{entry.text("type").value_or(""), entry.number("id").value_or(0),
                    entry.truth("pinned", false)};
}

/// Calls `take` for each of up to `most` entries of the array `member`.
template <class Take>
void each_entry(const json& body, const char* member, std::size_t most, Faults& faults, Take take) {
    if (!body.contains(member)) {
        faults.rules.push_back({member, "is missing"});
        return;
    }
    const auto& array = body.at(member);
    if (!array.is_array()) {
        faults.types.push_back({member, "must be a list"});
        return;
    }
    for (std::size_t i = 0; i < array.size() && i < most; ++i) {
        auto place = std::string(member) + "[" + std::to_string(i) + "]";
        if (array[i].is_object()) {
            take(Entry(array[i], place + ".", faults));
        } else {
            faults.types.push_back({place, "must be an object"});
        }
    }
}

}  // namespace

base::Result<std::vector<RedirectChange>> redirect_changes_from_json(const json& body) {
    constexpr const char* cannot = "The redirects cannot be taken";
    if (!body.is_object()) {
        return Error{Reason::invalid, "malformed_redirects", "The body must be an object."};
    }
    Faults faults;
    std::vector<RedirectChange> changes;
    // One more than there may be, so that the rules see that there are too many.
    each_entry(body, "redirects", redirect_changes_max + 1, faults,
               [&](Entry entry) { changes.push_back(change_from(std::move(entry))); });
    if (!faults.types.empty()) {
        return refusal("malformed_redirects", cannot, std::move(faults.types));
    }
    if (!faults.rules.empty()) return refusal("invalid_redirects", cannot, std::move(faults.rules));
    return changes;
}

base::Result<ListInput> list_from_json(const json& body) {
    constexpr const char* cannot = "The list cannot be taken";
    if (!body.is_object()) {
        return Error{Reason::invalid, "malformed_list", "The body must be an object."};
    }
    Faults faults;
    ListInput input;
    each_entry(body, "entries", list_entries_max + 1, faults,
               [&](Entry entry) { input.entries.push_back(list_entry_from(std::move(entry))); });
    input.version = Entry(body, "", faults).number("version");
    if (!faults.types.empty()) return refusal("malformed_list", cannot, std::move(faults.types));
    if (!faults.rules.empty()) return refusal("invalid_list", cannot, std::move(faults.rules));
    return input;
}

}  // namespace site
