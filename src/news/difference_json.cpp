// What a version changed, as histories tell it.
#include <nlohmann/json.hpp>

#include "event_json.hpp"
#include "metadata_json.hpp"

namespace news {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* content_member = "content";

Json members(const ArticleState& state) {
    Json all;
    all["title"] = state.title;
    all["description"] = state.description;
    all["author"] = state.author;
    all["tags"] = state.tags;
    all["status"] = name_of(state.status);
    all["published_at"] = nullptr;
    if (state.published_at) all["published_at"] = base::to_rfc3339(*state.published_at);
    all["slug"] = state.slug;
    if (!state.extra.empty()) all["extra"] = Json::parse(state.extra);
    if (!state.legacy_id.empty()) all["legacy_id"] = state.legacy_id;
    all["content_format"] = name_of(state.content_format);
    auto add = [&](const char* member, const std::optional<base::Time>& time) {
        if (time) all[member] = base::to_rfc3339(*time);
    };
    add("embargo_until", state.embargo_until);
    add("expires_at", state.expires_at);
    auto metadata = metadata_to_json(state.metadata);
    if (!metadata.empty()) all.update(Json::parse(metadata));
    return all;
}

}  // namespace

std::vector<Change> differences(const ArticleState* before, const ArticleState& after) {
    std::vector<Change> changed;
    Json old_members = before ? members(*before) : Json::object();
    Json new_members = members(after);
    for (const auto& [member, value] : new_members.items()) {
        Json old_value = old_members.contains(member) ? old_members[member] : Json();
        if (old_value != value) changed.push_back({member, old_value.dump(), value.dump()});
    }
    for (const auto& [member, value] : old_members.items()) {
        if (!new_members.contains(member)) changed.push_back({member, value.dump(), "null"});
    }
    return changed;
}

Change content_change(const std::string* before, const std::string& after) {
    return {content_member, before ? Json(*before).dump() : "null", Json(after).dump()};
}

void leave_content_out(HistoryEntry& entry) {
    auto count = std::erase_if(
        entry.changes, [](const Change& change) { return change.member == content_member; });
    if (count > 0) entry.content_left_out = true;
}

}  // namespace news
