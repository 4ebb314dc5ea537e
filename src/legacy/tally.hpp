#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compare.hpp"
#include "legacy/compare_report.hpp"

namespace legacy {

struct TallyLimits {
    std::size_t kinds_max = 100;
    std::size_t samples_max = 20;  ///< per kind: the first half stays, the other is the latest
    std::size_t noise_max = 100;
    std::size_t sets_max = 1000;
};

/// What the comparisons of one route have shown, in numbers that a store can keep.
///
/// A pointer may turn out to be noise after answers were found to differ there. So a comparison is
/// not counted as one that differs, but under the set of the kinds that it differed in; how many
/// differ is asked of the sets, by what is noise at that time.
struct TallyState {
    using Sample = DifferenceKind::Sample;
    /// Numbers of kinds, rising. Number 0 stands for all that there was no room for.
    using Set = std::vector<std::uint32_t>;

    struct Kind {
        std::string pointer{};
        std::string what{};
        std::int64_t count = 0;
        base::Time first{};
        base::Time last{};
        std::vector<Sample> samples{};
    };

    std::int64_t generation = 0;  ///< how often it was begun anew
    base::Time since{};
    std::string rules{};  ///< by which it was compared, as text
    std::int64_t compared = 0;
    std::int64_t skipped = 0;
    std::int64_t failed = 0;
    std::int64_t dropped = 0;
    std::int64_t repeats = 0;  ///< how often the monolith was asked twice
    std::map<std::uint32_t, Kind> kinds{};
    std::map<Set, std::int64_t> sets{};
    std::map<std::string, std::int64_t> noise{};  ///< in how many of these it differed there
};

/// Files what comes of comparisons, and says what has changed since it was last stored. Not
/// thread-safe. Pure.
class Tally {
public:
    Tally(TallyLimits limits, TallyState state) : limits_(limits), state_(std::move(state)) {}

    /// Whether any of them is no noise.
    bool differs(const std::vector<Difference>& differences) const;
    /// Differences at what is noise by now are left out. True if some are left.
    bool file(const std::vector<Difference>& differences, const std::string& target,
              base::Time now);
    void skip() {
        ++state_.skipped;
        touch();
    }
    void fail() {
        ++state_.failed;
        touch();
    }
    void drop(std::int64_t count) {
        state_.dropped += count;
        touch();
    }
    /// The monolith was asked twice, and differed from itself at these. What has changed between
    /// the two questions looks like noise as well, so a pointer is noise once it was seen twice,
    /// and in a tenth of all cases. What is beyond the limit is not learnt.
    void learn(const std::vector<std::string>& pointers);

    /// Forgets everything, noise as well.
    void begin_anew(base::Time now, std::string rules);

    CompareReport report() const;
    const TallyState& state() const { return state_; }

    /// What is new since the last call, in the state's own form: numbers as they are now, of the
    /// lists what has changed. Of a changed kind everything.
    struct Changes {
        bool any = false;
        TallyState state{};
    };
    Changes take_changes();
    /// Storing has failed: all of it is new again.
    void nothing_stored();

private:
    void touch() { is_changed_ = true; }
    std::uint32_t number_of(const Difference& difference);
    void add_to(std::uint32_t number, const Difference& difference, const std::string& target,
                base::Time now);
    bool is_noise(const std::string& pointer) const;
    bool is_noise(std::uint32_t number) const;
    bool is_noise(const TallyState::Set& set) const;

    TallyLimits limits_;
    TallyState state_;
    bool is_changed_ = false;
    std::set<std::uint32_t> changed_kinds_;
    std::set<TallyState::Set> changed_sets_;
    std::set<std::string> changed_noise_;
};

}  // namespace legacy
