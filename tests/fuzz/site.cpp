// Old addresses and curated lists: an address has one spelling, from which it never strays; what is
// taken of a body keeps the rules, and is the same after it was stored and read.
#include <map>
#include <set>

#include "base/text.hpp"
#include "config/strict_json.hpp"
#include "fuzz/check.hpp"
#include "site/event_json.hpp"
#include "site/input_json.hpp"
#include "site/list.hpp"
#include "site/redirect.hpp"

namespace {

using fuzz::require;
using nlohmann::json;

const site::NewsTypes types = {"politics", "sports"};

bool is_plain(std::string_view text, std::string_view others) {
    constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/%";
    for (char c : text) {
        if (plain.find(c) == plain.npos && others.find(c) == others.npos) return false;
    }
    return true;
}

void check_path(std::string_view text) {
    auto path = site::normal_path(text);
    if (!path) {
        require(path.error().code == "malformed_path", "a path is refused by one code");
        return;
    }
    require(path->size() <= site::path_bytes_max && is_plain(*path, ""), "a path is plain");
    require(path->starts_with('/') && !path->starts_with("//"), "a path stays on its site");
    require((*path + "/").find("/../") == path->npos && (*path + "/").find("/./") == path->npos,
            "a path has no way back");
    auto again = site::normal_path(*path);
    require(again && *again == *path, "a path has one spelling");
    auto target = site::normal_target(*path);
    require(target && *target == *path && site::is_plain_path(*target),
            "a path is a target, in the same spelling");
}

void check_target(std::string_view text) {
    auto target = site::normal_target(text);
    if (!target) return;
    require(is_plain(*target, "?#[]"), "a target is plain");
    bool is_url = target->starts_with("http://") || target->starts_with("https://");
    require(is_url || (target->starts_with('/') && !target->starts_with("//")),
            "a target is a path or a URL");
    auto authority = is_url ? target->substr(0, target->find('/', 8)) : "";
    require(authority.find('@') == authority.npos, "a target has no user name");
    require(site::local_path(*target).has_value() != is_url, "a URL is elsewhere");
    auto again = site::normal_target(*target);
    require(again && *again == *target, "a target has one spelling");
}

/// Whether a walk from anywhere ends.
bool ends(const std::map<std::string, std::string>& all) {
    for (const auto& [from, to] : all) {
        std::set<std::string> seen;
        for (auto at = all.find(from); at != all.end(); at = all.find(at->second)) {
            if (!seen.insert(at->first).second) return false;
        }
    }
    return true;
}

void check_redirects(const json& body) {
    auto changes = site::redirect_changes_from_json(body);
    if (!changes) return;
    auto checked = site::check(*changes);
    if (!checked) {
        require(!checked.error().details.empty(), "what is refused is named");
        return;
    }
    std::map<std::string, std::string> all;
    site::RedirectsChanged changed;
    for (const auto& [redirect, remove] : *checked) {
        if (remove) {
            changed.removed.push_back(redirect.from);
            continue;
        }
        changed.stored.push_back(redirect);
        auto local = redirect.to ? site::local_path(*redirect.to) : std::nullopt;
        if (local) all[redirect.from] = *local;
    }
    auto next = [&](const std::string& path) -> std::optional<std::string> {
        auto found = all.find(path);
        if (found == all.end()) return std::nullopt;
        return found->second;
    };
    auto chains = site::check_chains(*checked, next);
    bool loops = !chains && chains.error().code == "redirect_loop";
    require(all.size() > site::chain_max || ends(all) != loops,
            "what leads in a circle is refused");
    site::Event event(changed);
    auto again = std::get<site::RedirectsChanged>(
        site::event_from_json(name_of(event), site::to_json(event)));
    require(again.stored == changed.stored && again.removed == changed.removed,
            "redirects are the same after they were stored and read");
}

void check_list(const json& body) {
    auto input = site::list_from_json(body);
    if (!input || !site::check("front", input->entries, types)) return;
    require(input->entries.size() <= site::list_entries_max, "a list is not too long");
    auto text = site::entries_to_json(input->entries);
    require(site::entries_from_json(text) == input->entries,
            "a list is the same after it was stored and read");
}

void check_event(std::string_view type, std::string_view body) {
    try {
        auto event = site::event_from_json(type, body);
        auto text = site::to_json(event);
        require(site::to_json(site::event_from_json(name_of(event), text)) == text,
                "an event is the same after it was written and read");
    } catch (const std::runtime_error&) {
        // That is how an event is refused.
    }
}

}  // namespace

/// The input: an address, a line feed, and a body of an event or a request.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    auto rest = fuzz::text_of(bytes, size);
    auto address = fuzz::take_until(rest, '\n');
    check_path(address);
    check_target(address);
    site::is_list_name(address);
    for (const char* type : {"redirects_changed.v1", "list_changed.v1", "list_removed.v1"}) {
        if (base::count_code_points(rest)) check_event(type, rest);
    }
    auto body = config::parse_strict_json(rest, {});
    if (!body) return 0;
    check_redirects(*body);
    check_list(*body);
    return 0;
}
