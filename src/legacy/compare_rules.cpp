#include "legacy/comparison.hpp"

namespace legacy {

void describe(config::Section& section, CompareRules& rules) {
    section.list("ignore", rules.ignore,
                 "Members that are not compared, as JSON pointers; * stands for each element or "
                 "member: /results/*/hits.");
    section.list("unordered", rules.unordered,
                 "Arrays whose order does not count: /tags, or by a member, /results by id.");
    section.list("headers", rules.headers, "Headers that are compared besides the content.");
    section.choice("time_precision", rules.time_precision, {"s", "ms", "us"},
                   "Times are equal if they are so when cut to this, in any format and zone.");
    section.choice("html", rules.html, {"text", "bytes", "skip"},
                   "Of other content than JSON: its text without tags and white space, its bytes, "
                   "or nothing is compared.");
    section.integer("number_tolerance_millionths", rules.number_tolerance_millionths, {0, 1000000},
                    "By so much of the larger one two numbers may differ.");
    section.boolean("base_url", rules.base_url, "URLs are equal but for scheme and host.");
    section.boolean("null_is_missing", rules.null_is_missing,
                    "A member that is null is as one that is not there.");
    section.boolean("subset", rules.subset, "Members that only our answer has do not count.");
    section.integer("repeat", rules.repeat, {0, 1000000},
                    "In one of so many comparisons the monolith is asked twice, so that what "
                    "differs from itself is not held against us; 0: never.");
}

}  // namespace legacy
