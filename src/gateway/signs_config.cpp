#include "signs_config.hpp"

#include "client_service.hpp"

namespace gateway {

namespace {

void describe_action(config::Section& section, std::string& action) {
    section.choice("action", action, {"none", "limit", "block", "list"},
                   "What is done, for signs.hold_s after the last sign. none: the client is named "
                   "in the log, /metrics and /ops. limit: signs.limited_per_minute. block: all it "
                   "asks is 429. list: as block, and its address stands in signs.list_file.");
}

void describe_one_by_one(config::Section& section, SignLimits& limits) {
    auto& rate = section.section("rate", "Far more requests than people make.");
    describe_action(rate, limits.rate.action);
    rate.integer("per_second", limits.rate.per_second, {0, 1000000},
                 "On average over ten seconds, and as much again for each further kind of browser "
                 "at the address, up to eight. 0: not looked for.");
    auto& regularity = section.section("regularity", "Requests at the beat of a clock.");
    describe_action(regularity, limits.regularity.action);
    regularity.integer("requests_min", limits.regularity.requests_min, {0, 100000},
                       "Intervals that are looked at together. 0: not looked for.");
    regularity.duration("interval_max_ms", limits.regularity.interval_max, {1, 60000},
                        "What comes more seldom may be as regular as it likes: feed readers, "
                        "monitors.");
    regularity.integer("variation_max_percent", limits.regularity.variation_max_percent, {0, 100},
                       "How much the intervals vary: their standard deviation, of their mean. "
                       "People come to 50 and more.");
    auto& walk = section.section("walk", "One article after the other, by number or guessed.");
    describe_action(walk, limits.walk.action);
    walk.integer("requests_min", limits.walk.requests_min, {0, 100000},
                 "Steps in order, or guesses that are not there, within the window; six times as "
                 "many articles that are there. 0: not looked for.");
    auto& errors = section.section("errors", "Mostly what is refused (4xx).");
    describe_action(errors, limits.errors.action);
    errors.integer("requests_min", limits.errors.requests_min, {0, 100000},
                   "Refused requests within the window. 0: not looked for.");
    errors.integer("share_min_percent", limits.errors.share_min_percent, {1, 100},
                   "Of all requests of the client.");
}

}  // namespace

void describe_signs(config::Section& section, SignLimits& limits) {
    section.integer("clients_max", limits.clients_max, {16, 10000000},
                    "Clients that are kept in view, about 500 bytes each; the one that was silent "
                    "the longest goes.");
    section.integer("named_max", limits.named_max, {1, 100000},
                    "Clients that are named at a time; more are only counted.");
    section.duration("window_s", limits.window, {1, 3600},
                     "What is counted together; also how often the log repeats itself about one "
                     "client.");
    section.duration("hold_s", limits.hold, {1, 86400 * 7},
                     "How long a client stays named, and limited or blocked, after its last sign.");
    section.list("exempt", limits.exempt,
                 "Addresses or networks (10.0.0.0/8) in which no signs are looked for: front-end "
                 "servers that ask for all readers, monitors, the newsroom.");
    section.integer("limited_per_minute", limits.limited_per_minute, {1, 1000000},
                    "What a client may still ask whose action is limit.");
    section.text("list_file", limits.list_file,
                 "Addresses for a firewall, one a line; relative to the data folder. Kept only if "
                 "an action is list.");
    describe_one_by_one(section, limits);
    for (const auto& network : limits.exempt) {
        if (is_network(network)) continue;
        section.refuse("exempt", "`" + network + "` is no address and no network like 10.0.0.0/8.");
    }
    if (limits.lists() && limits.list_file.empty()) {
        section.refuse("list_file", "is missing, and an action is list.");
    }
}

}  // namespace gateway
