// Answers of both sides: whatever they are, comparing them ends, is the same from both sides, and
// what is kept of them is text that may be shown.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "fuzz/check.hpp"
#include "legacy/answers_json.hpp"
#include "legacy/html_text.hpp"
#include "legacy/redaction.hpp"
#include "legacy/tally.hpp"
#include "legacy/value_json.hpp"

namespace {

using fuzz::require;
using legacy::Value;

legacy::CompareRules rules_of(unsigned bits) {
    legacy::CompareRules rules;
    if (bits & 1) rules.ignore = {"/a/*/b", "/*/x", "/c"};
    if (bits & 2) rules.unordered = {"", "/a", "/*/tags", "/results by id"};
    if (bits & 4) rules.number_tolerance_millionths = 1000;
    rules.time_precision = bits & 8 ? "ms" : "us";
    rules.base_url = (bits & 16) != 0;
    rules.null_is_missing = (bits & 32) != 0;
    return rules;
}

http::PlainResponse answer(const char* type, std::string_view body) {
    http::PlainResponse made;
    made.status = 200;
    made.fields = {{"Content-Type", type}};
    made.body = body;
    return made;
}

using Kinds = std::set<std::string>;

/// `swapped`: as the other side would have it.
Kinds kinds_of(const legacy::Outcome& outcome, bool swapped) {
    Kinds kinds;
    for (const auto& difference : outcome.differences) {
        auto what = difference.what;
        if (swapped && what == "missing") {
            what = "extra";
        } else if (swapped && what == "extra") {
            what = "missing";
        }
        kinds.insert(difference.pointer + " " + what);
    }
    return kinds;
}

void check_shown(std::string_view text, std::size_t bytes_max) {
    require(text.size() <= bytes_max, "what is kept has a limited length");
    require(base::count_code_points(text).has_value(), "what is kept is UTF-8");
    auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    require(std::none_of(text.begin(), text.end(), is_control), "it has no control characters");
}

legacy::Outcome check_pair(const legacy::RouteRules& rules, const http::PlainResponse& left,
                           const http::PlainResponse& right) {
    legacy::AnswerLimits limits;
    limits.text_bytes_max = 100;
    auto outcome = legacy::compare_answers(rules, left, right, limits);
    auto other = legacy::compare_answers(rules, right, left, limits);
    require(outcome.skipped == other.skipped, "both sides can be read or not");
    bool is_cut = outcome.differences.size() > legacy::Differences::kinds_max;
    require(outcome.differences.size() <= legacy::Differences::kinds_max + 1,
            "there are no more kinds than there may be");
    if (!is_cut) {
        require(kinds_of(outcome, true) == kinds_of(other, false),
                "a difference is one from both sides");
    }
    require(kinds_of(outcome, false).size() == outcome.differences.size(),
            "each kind is there once");
    for (const auto& difference : outcome.differences) {
        check_shown(difference.legacy, limits.text_bytes_max);
        check_shown(difference.native, limits.text_bytes_max);
        check_shown(difference.pointer, 512);
    }
    return outcome;
}

/// A value is equal to itself, also where it is not seen at once from the text.
void check_same(const legacy::RouteRules& rules, std::string_view text) {
    auto read = legacy::value_from_json(text);
    auto* value = std::get_if<Value>(&read);
    if (!value) return;
    legacy::Differences found(100);
    legacy::compare_values(rules, *value, *value, found);
    require(found.all().empty(), "a value differs from itself in nothing");
}

void check_noise(const legacy::RouteRules& rules, const legacy::Outcome& outcome,
                 const http::PlainResponse& left, const http::PlainResponse& right) {
    auto noise = legacy::noise_between(rules, left, right, {});
    legacy::Tally tally({}, {});
    tally.file(outcome.differences, "/", base::Time());
    if (noise) {
        for (int i = 0; i < 2; ++i) tally.learn(*noise);
    }
    auto report = tally.report();
    require(report.compared == 1 && report.equal <= 1, "one comparison is one");
    require((report.equal == 1) == report.kinds.empty(), "a comparison is equal or has a kind");
}

}  // namespace

/// The input: a byte of rules, then two bodies with a line's end between them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    auto rest = fuzz::text_of(bytes + 1, size - 1);
    fuzz::Copy left(fuzz::take_until(rest, '\n'));
    fuzz::Copy right(rest);
    legacy::RouteRules rules(rules_of(bytes[0]));

    auto one = answer("application/json", left.view());
    auto other = answer("application/json", right.view());
    check_same(rules, left.view());
    check_same(rules, right.view());
    check_noise(rules, check_pair(rules, one, other), one, other);
    check_pair(rules, answer("text/html", left.view()), answer("text/html", right.view()));
    check_pair(rules, answer("text/plain", left.view()), answer("text/plain", right.view()));
    check_shown(legacy::redacted_target(left.view(), 64), 64);
    require(legacy::html_text(left.view()).size() <= left.view().size(),
            "text of a page is no longer than the page");
    return 0;
}
