#include "client_signs.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace gateway {

namespace {

using namespace std::chrono_literals;
using Kind = AskedAddress::Kind;

constexpr std::chrono::seconds rate_window = 10s;
constexpr std::int64_t voices_max = 8;
/// What comes at once, as a page with its parts, says nothing of how regular it is.
constexpr std::chrono::seconds beat_min = 5s;
/// A pause of so many intervals ends one beat.
constexpr int pause = 4;
constexpr std::int64_t step_max = 8;
constexpr std::int64_t pardoned_by_list = 32;
/// So many times as many items as in order, if nothing but their number speaks against a client.
constexpr std::int64_t many = 6;

double seconds_of(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

/// Spreads hashes whose low bits are alike.
std::uint64_t mixed(std::uint64_t hash) {
    hash ^= hash >> 32;
    return (hash * 0x9e3779b97f4a7c15ULL) >> 32;
}

using Marks = std::array<std::uint64_t, 4>;
constexpr std::size_t marks_bits = 256;

void mark(Marks& marks, std::uint64_t hash) {
    auto bit = mixed(hash) % marks_bits;
    marks[bit / 64] |= std::uint64_t{1} << (bit % 64);
}

/// How many different ones were marked: linear counting (Whang and others, ACM TODS 15, 1990).
std::int64_t distinct(const Marks& marks) {
    int empty = marks_bits;
    for (auto part : marks) empty -= std::popcount(part);
    double share = std::max(empty, 1) / static_cast<double>(marks_bits);
    return std::llround(-static_cast<double>(marks_bits) * std::log(share));
}

std::int64_t voices_of(std::uint64_t voices) {
    return std::clamp<std::int64_t>(std::popcount(voices), 1, voices_max);
}

}  // namespace

std::string_view name_of(Sign sign) {
    static constexpr std::array<std::string_view, sign_count> names = {"rate", "regularity", "walk",
                                                                       "errors"};
    return names[static_cast<std::size_t>(sign)];
}

namespace {
constexpr std::array<std::string_view, 4> action_names = {"none", "limit", "block", "list"};
}

SignAction parse_action(std::string_view name) {
    const auto* found = std::find(action_names.begin(), action_names.end(), name);
    if (found == action_names.end()) return SignAction::none;
    return static_cast<SignAction>(found - action_names.begin());
}

std::string_view name_of(SignAction action) {
    return action_names[static_cast<std::size_t>(action)];
}

SignAction SignLimits::action(Sign sign) const {
    const std::array<const std::string*, sign_count> actions = {&rate.action, &regularity.action,
                                                                &walk.action, &errors.action};
    return parse_action(*actions[static_cast<std::size_t>(sign)]);
}

bool SignLimits::lists() const {
    return action(Sign::rate) == SignAction::list || action(Sign::regularity) == SignAction::list ||
           action(Sign::walk) == SignAction::list || action(Sign::errors) == SignAction::list;
}

std::optional<Finding> ClientSigns::Rate::note(std::uint64_t voice, Time now,
                                               const SignLimits& limits) {
    if (now - since >= rate_window) *this = {now};
    voices |= std::uint64_t{1} << (mixed(voice) % 64);
    ++requests;
    auto most = limits.rate.per_second * rate_window.count();
    if (most == 0 || requests <= most * voices_of(voices)) return std::nullopt;
    auto took = std::chrono::duration_cast<std::chrono::milliseconds>(now - since);
    Finding finding{Sign::rate,
                    {{{"requests", requests},
                      {"within_ms", std::max<std::int64_t>(took.count(), 0)},
                      {"voices", voices_of(voices)}}}};
    *this = {now};
    return finding;
}

std::optional<Finding> ClientSigns::Beat::note(Time now, const SignLimits& limits) {
    auto gap = now - last;
    if (last == Time{} || gap > limits.regularity.interval_max * pause) {
        *this = {now, now};
        return std::nullopt;
    }
    last = std::max(last, now);
    ++intervals;
    double seconds = std::max(seconds_of(gap), 0.0);
    double off = seconds - mean;
    mean += off / intervals;
    squares += off * (seconds - mean);
    auto least = limits.regularity.requests_min;
    if (least == 0 || intervals < least || now - since < beat_min) return std::nullopt;
    auto variation = mean > 0 ? std::sqrt(squares / intervals) / mean * 100 : 0.0;
    Finding finding{Sign::regularity,
                    {{{"requests", intervals + 1},
                      {"interval_ms", std::llround(mean * 1000)},
                      {"variation_percent", std::llround(variation)}}}};
    bool slow = mean > seconds_of(limits.regularity.interval_max);
    *this = {now, now};
    if (slow || variation > static_cast<double>(limits.regularity.variation_max_percent)) {
        return std::nullopt;
    }
    return finding;
}

/// A form that comes up now and then does not end the run of another one; once more has come that
/// does not go with it than what does, it begins anew.
void ClientSigns::Run::note(std::uint64_t its_form, std::int64_t number) {
    bool fits = its_form == form && number >= low - step_max && number <= high + step_max;
    if (!fits && all > 0 && ++others <= up + down) return;
    if (!fits) {
        *this = {its_form, number, number, 0, 0, 1};
        return;
    }
    ++all;
    if (number > high) {
        high = number;
        ++up;
    } else if (number < low) {
        low = number;
        ++down;
    }
}

/// To one side; several at once come a little out of order.
bool ClientSigns::Run::in_order(std::int64_t least) const {
    auto steps = std::max(up, down);
    return steps >= least && steps * 10 >= (all + others) * 4;
}

std::optional<Finding> ClientSigns::Walk::note(const Heard& heard, const SignLimits& limits) {
    if (heard.asked.kind == Kind::page) {
        if (heard.reads && heard.status < 400) ++lists;
        return std::nullopt;
    }
    if (!heard.reads) return std::nullopt;
    ++items;
    mark(seen, heard.asked.hash);
    if (heard.status == 404 || heard.status == 410) {
        ++missed;
        mark(missing, heard.asked.hash);
    }
    if (heard.asked.number) run.note(heard.asked.form, *heard.asked.number);
    auto least = limits.walk.requests_min;
    if (least == 0 || items < least) return std::nullopt;
    auto pardoned = lists * pardoned_by_list;
    bool ordered = run.in_order(least + pardoned);
    bool guessed = missed >= least && missed * 2 >= items && distinct(missing) >= least;
    bool all = items >= least * many + pardoned && distinct(seen) * 10 >= items * 9;
    if (!ordered && !guessed && !all) return std::nullopt;
    Finding finding{Sign::walk,
                    {{{"items", items},
                      {"in_order", std::max(run.up, run.down)},
                      {"missing", missed},
                      {"lists", lists}}}};
    *this = {};
    return finding;
}

std::optional<Finding> ClientSigns::note_errors(int status, const SignLimits& limits) {
    ++requests_;
    if (status >= 400 && status < 500) ++refused_;
    auto least = limits.errors.requests_min;
    if (least == 0 || refused_ < least ||
        refused_ * 100 < requests_ * limits.errors.share_min_percent) {
        return std::nullopt;
    }
    Finding finding{Sign::errors, {{{"requests", requests_}, {"refused", refused_}}}};
    requests_ = refused_ = 0;
    return finding;
}

std::optional<Finding> ClientSigns::note(const Heard& heard, Time now, const SignLimits& limits) {
    if (now - window_ >= limits.window) {
        walk_ = {};
        requests_ = refused_ = 0;
        window_ = now;
    }
    auto found = rate_.note(heard.voice, now, limits);
    if (heard.asked.kind == Kind::asset) return found;
    auto take = [&found](std::optional<Finding> other) {
        if (!found) found = other;
    };
    take(walk_.note(heard, limits));
    take(note_errors(heard.status, limits));
    take(beat_.note(now, limits));
    return found;
}

}  // namespace gateway
