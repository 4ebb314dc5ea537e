#include "legacy/compare_config.hpp"

#include "config/section.hpp"
#include "rule_tree.hpp"

namespace legacy {

namespace {

void check_pointers(config::Section& section, const CompareRules& rules) {
    for (const auto& rule : rules.ignore) {
        auto problem = problem_of_ignore(rule);
        if (problem) section.refuse("ignore", "`" + rule + "` " + *problem + ".");
    }
    for (const auto& rule : rules.unordered) {
        auto problem = problem_of_unordered(rule);
        if (problem) section.refuse("unordered", "`" + rule + "` " + *problem + ".");
    }
}

}  // namespace

void describe(config::Section& section, CompareRules& rules) {
    section.list("ignore", rules.ignore,
                 "Members that are not compared, as JSON pointers; * stands for each element or "
                 "member: /results/*/hits.");
    section.list("unordered", rules.unordered,
                 "Arrays whose order does not count: /tags, or by a member, /results by id.");
    section.list("headers", rules.headers, "Headers that are compared besides the content.");
    section.choice("time_precision", rules.time_precision, {"s", "ms", "us"},
                   "Times are equal if they are so when cut to this, in any format and zone.");
    section.choice(
        "html", rules.html, {"text", "bytes", "skip"},
        "How content other than JSON is compared: byte by byte, with pages as their text "
        "without tags and white space, or not at all.");
    section.integer("number_tolerance_millionths", rules.number_tolerance_millionths, {0, 1000000},
                    "By so much of the larger one two numbers may differ.");
    section.boolean("base_url", rules.base_url, "URLs are equal but for scheme and host.");
    section.boolean("null_is_missing", rules.null_is_missing,
                    "A member that is null is as one that is not there.");
    section.boolean("subset", rules.subset, "Members that only our answer has do not count.");
    section.integer("repeat", rules.repeat, {0, 1000000},
                    "In one of so many comparisons the monolith is asked twice, so that what "
                    "differs from itself is not held against us; 0: never.");
    check_pointers(section, rules);
}

void describe(config::Section& section, CompareConfig& config) {
    section.integer("queue_max", config.queue_max, {1, 100000},
                    "Answers that may wait to be compared; more are dropped, and counted.");
    section.integer("in_flight_max", config.in_flight_max, {1, 1000},
                    "Comparisons at a time, so as many questions to the monolith that no reader "
                    "has asked.");
    section.integer("body_bytes_max", config.body_bytes_max, {1024, 4 * 1024 * 1024},
                    "Larger bodies are not compared.");
    section.integer("kinds_max", config.kinds_max, {1, 10000},
                    "Kinds of differences that are told apart, per route.");
    section.integer("samples_max", config.samples_max, {0, 100},
                    "Samples that are kept of each kind: the first ones and the latest.");
    section.integer("sample_bytes_max", config.sample_bytes_max, {64, 16 * 1024},
                    "Of what each side said, in a sample.");
    section.integer("noise_max", config.noise_max, {0, 10000},
                    "Places per route at which the monolith may be known to differ from itself.");
    section.duration("deadline_ms", config.deadline_ms, {10, 600000},
                     "How long the other side has for its answer.");
    section.duration("store_interval_ms", config.store_interval_ms, {10, 600000},
                     "So often what was found is stored.");
}

}  // namespace legacy
