#include "tally.hpp"

#include <algorithm>

#include "difference_bound.hpp"

namespace legacy {

namespace {

constexpr std::uint32_t others = 0;

/// Where the next sample goes: the first half fills up and stays, the rest is a ring.
std::size_t slot_of(std::size_t count, std::size_t samples_max) {
    if (count < samples_max) return count;
    auto kept = samples_max / 2;
    return kept + (count - kept) % (samples_max - kept);
}

}  // namespace

bool Tally::differs(const std::vector<Difference>& differences) const {
    return std::any_of(differences.begin(), differences.end(),
                       [this](const auto& difference) { return !is_noise(difference.pointer); });
}

bool Tally::file(const std::vector<Difference>& differences, const std::string& target,
                 base::Time now) {
    touch();
    ++state_.compared;
    TallyState::Set set;
    for (const auto& difference : differences) {
        if (is_noise(difference.pointer)) continue;
        auto number = number_of(difference);
        bool is_counted = std::find(set.begin(), set.end(), number) != set.end();
        if (is_counted) continue;
        add_to(number, difference, target, now);
        set.push_back(number);
    }
    if (set.empty()) return false;
    std::sort(set.begin(), set.end());
    if (state_.sets.size() >= limits_.sets_max && !state_.sets.contains(set)) set = {others};
    ++state_.sets[set];
    changed_sets_.insert(std::move(set));
    return true;
}

/// A new kind gets the next number as long as there is room.
std::uint32_t Tally::number_of(const Difference& difference) {
    for (const auto& [number, kind] : state_.kinds) {
        if (kind.pointer == difference.pointer && kind.what == difference.what) return number;
    }
    bool is_overflow = difference.pointer == Differences::further;
    if (is_overflow || state_.kinds.size() >= limits_.kinds_max) {
        auto& rest = state_.kinds[others];
        rest.pointer = Differences::further;
        rest.what = "more";
        return others;
    }
    auto number = state_.kinds.empty() ? 1 : state_.kinds.rbegin()->first + 1;
    state_.kinds[number].pointer = difference.pointer;
    state_.kinds[number].what = difference.what;
    return number;
}

void Tally::add_to(std::uint32_t number, const Difference& difference, const std::string& target,
                   base::Time now) {
    auto& kind = state_.kinds[number];
    if (kind.count == 0) kind.first = now;
    kind.last = now;
    auto slot = slot_of(static_cast<std::size_t>(kind.count), limits_.samples_max);
    ++kind.count;
    changed_kinds_.insert(number);
    if (limits_.samples_max == 0) return;
    if (slot >= kind.samples.size()) slot = kind.samples.size();
    if (slot == kind.samples.size()) kind.samples.emplace_back();
    kind.samples[slot] = {target, difference.legacy, difference.native, now};
}

void Tally::learn(const std::vector<std::string>& pointers) {
    touch();
    ++state_.repeats;
    for (const auto& pointer : pointers) {
        bool has_room = state_.noise.size() < limits_.noise_max;
        if (!has_room && !state_.noise.contains(pointer)) continue;
        ++state_.noise[pointer];
        changed_noise_.insert(pointer);
    }
}

void Tally::begin_anew(base::Time now, std::string rules) {
    TallyState fresh;
    fresh.generation = state_.generation + 1;
    fresh.since = now;
    fresh.rules = std::move(rules);
    state_ = std::move(fresh);
    changed_kinds_.clear();
    changed_sets_.clear();
    changed_noise_.clear();
    touch();
}

bool Tally::is_noise(const std::string& pointer) const {
    constexpr std::int64_t share = 10;
    auto found = state_.noise.find(pointer);
    return found != state_.noise.end() && found->second >= 2 &&
           found->second * share >= state_.repeats;
}

bool Tally::is_noise(std::uint32_t number) const {
    auto found = state_.kinds.find(number);
    return number != others && found != state_.kinds.end() && is_noise(found->second.pointer);
}

bool Tally::is_noise(const TallyState::Set& set) const {
    return std::all_of(set.begin(), set.end(), [this](auto number) { return is_noise(number); });
}

CompareReport Tally::report() const {
    CompareReport report;
    std::int64_t differing = 0;
    for (const auto& [set, count] : state_.sets) {
        if (!is_noise(set)) differing += count;
    }
    report.compared = state_.compared;
    report.equal = state_.compared - differing;
    report.skipped = state_.skipped;
    report.failed = state_.failed;
    report.dropped = state_.dropped;
    report.differs_bound = upper_bound(differing, state_.compared);
    report.since = state_.since;
    for (const auto& [pointer, count] : state_.noise) {
        if (is_noise(pointer)) report.noise.push_back(pointer);
    }
    for (const auto& [number, kind] : state_.kinds) {
        if (is_noise(number)) continue;
        // Nobody knows when the newest of those was found that there was no room for.
        report.last_new_kind =
            std::max(report.last_new_kind, number == others ? kind.last : kind.first);
        auto& shown = report.kinds.emplace_back();
        shown = {kind.pointer, kind.what, kind.count, kind.first, kind.last, kind.samples};
        std::stable_sort(shown.samples.begin(), shown.samples.end(),
                         [](const auto& a, const auto& b) { return a.at < b.at; });
    }
    std::stable_sort(report.kinds.begin(), report.kinds.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    return report;
}

Tally::Changes Tally::take_changes() {
    Changes changes;
    changes.any = std::exchange(is_changed_, false);
    if (!changes.any) return changes;
    auto& to = changes.state;
    to.generation = state_.generation;
    to.since = state_.since;
    to.rules = state_.rules;
    to.compared = state_.compared;
    to.skipped = state_.skipped;
    to.failed = state_.failed;
    to.dropped = state_.dropped;
    to.repeats = state_.repeats;
    for (auto number : changed_kinds_) to.kinds[number] = state_.kinds[number];
    for (const auto& set : changed_sets_) to.sets[set] = state_.sets[set];
    for (const auto& pointer : changed_noise_) to.noise[pointer] = state_.noise[pointer];
    changed_kinds_.clear();
    changed_sets_.clear();
    changed_noise_.clear();
    return changes;
}

void Tally::nothing_stored() {
    touch();
    for (const auto& [number, kind] : state_.kinds) changed_kinds_.insert(number);
    for (const auto& [set, count] : state_.sets) changed_sets_.insert(set);
    for (const auto& [pointer, count] : state_.noise) changed_noise_.insert(pointer);
}

}  // namespace legacy
