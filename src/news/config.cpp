#include <algorithm>
#include <array>
#include <set>

#include "news/instance.hpp"

namespace news {

std::span<const std::string_view> reserved_types() {
    static constexpr std::array<std::string_view, 6> reserved = {
        "all", "tags", "search", "healthcheck", "for-me", "trending"};
    return reserved;
}

namespace {

std::string fault_of_type(const std::string& type) {
    auto reserved = reserved_types();
    if (std::find(reserved.begin(), reserved.end(), type) != reserved.end()) {
        return "has \"" + type + "\", which is a fixed word under /v1/news/ and cannot be a type.";
    }
    return "has \"" + type +
           "\", but a news type is a small letter and up to 30 small letters, digits or hyphens.";
}

/// Nothing in it could end the name in an address.
bool is_host(std::string_view name) {
    bool is_name = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    auto dot = name.find('.');
    return is_name && dot != name.npos && dot > 0 && name.back() != '.' &&
           name.find("..") == name.npos && name.size() <= 253;
}

}  // namespace

bool is_news_type(std::string_view word) {
    auto reserved = reserved_types();
    if (word.empty() || word.size() > 31 || word[0] < 'a' || word[0] > 'z') return false;
    if (std::find(reserved.begin(), reserved.end(), word) != reserved.end()) return false;
    return std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

void describe(config::Section& section, Config& config) {
    section.list("types", config.types,
                 "The news types. Each gets a command store and a query store of its own; adding a "
                 "theme is adding a word here.");
    section.duration("view_wait_ms", config.view_wait_ms, {0, 10000},
                     "How long the answer to a change waits until lists show it.");
    section.duration("schedule_interval_ms", config.schedule_interval_ms, {10, 1000},
                     "How often scheduled news is looked for.");
    section.integer("backlog_events_max", config.backlog_events_max, {1, 1000000000},
                    "Events that a view may be behind its log before /readyz says 503.");
    section.integer("stream_bytes_max", config.stream_bytes_max, {64 * 1024, 1LL << 40},
                    "Bytes that all versions of one news item may have together; a change beyond "
                    "them is refused, but not an import's, and never unpublishing and removing.");
    section.integer("import_batch_items", config.import_batch_items, {1, 10000},
                    "Items that an import commits together.");
    section.integer("import_line_bytes_max", config.import_line_bytes_max, {1024, 32 << 20},
                    "The longest line that an import reads.");
    section.duration("import_wait_max_ms", config.import_wait_max_ms, {0, 3600000},
                     "How long an import waits for a store that has too much to do, before it "
                     "gives up.");
    section.duration("view_stall_max_ms", config.view_stall_max_ms, {100, 3600000},
                     "How long an import or a rebuild waits for a view or a store that does not "
                     "move, as on a full disk.");
    section.boolean("author_lists", config.author_lists,
                    "Whether published news is listed by author as well, for those who ask by one. "
                    "It costs each item one entry in an index, which a start makes or drops.");
    section.list("embeds", config.embeds,
                 "Hosts whose https pages may be embedded (iframe) in news of HTML, each as it "
                 "stands in addresses: www.youtube-nocookie.com.");
    section.table("workflow", config.workflow,
                  "How news is edited, by its type: direct (authors publish what is theirs) or "
                  "review (authors submit, editors publish). A type that is not named is direct.");
    describe(section.section("database", "Limits of each news database file."), config.database);
    describe(section.section("bus", "How views follow the log."), config.bus);

    for (const auto& host : config.embeds) {
        if (is_host(host)) continue;
        section.refuse("embeds", "has \"" + host +
                                     "\", but a host is a name in small letters with a dot in it, "
                                     "as www.example.org.");
    }
    if (config.types.empty()) section.refuse("types", "needs at least one news type.");
    std::set<std::string> seen;
    for (const auto& type : config.types) {
        if (!is_news_type(type)) {
            section.refuse("types", fault_of_type(type));
        }
        if (!seen.insert(type).second) section.refuse("types", "has \"" + type + "\" twice.");
    }
    for (const auto& [type, name] : config.workflow) {
        if (!seen.contains(type)) {
            section.refuse("workflow." + type, "names no news type of news.types.");
        }
        if (!parse_workflow(name)) {
            section.refuse("workflow." + type, "must be direct or review, not \"" + name + "\".");
        }
    }
}

Workflow workflow_of(const Config& config, const std::string& type) {
    auto found = config.workflow.find(type);
    if (found == config.workflow.end()) return Workflow::direct;
    return parse_workflow(found->second).value_or(Workflow::direct);
}

}  // namespace news
