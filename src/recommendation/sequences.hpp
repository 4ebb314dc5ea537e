#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "interest.hpp"
#include "top_list.hpp"

namespace recommendation {

/// What is read after what, as directed counts that fade: a visit to `a` adds 1/k to the pair of
/// `a` and the article that was read k before it (sequential rules with a window: Ludewig, Jannach,
/// UMUAI 2018). Of each article at most successors_max are kept; the lightest goes. Pure; one
/// thread.
class Sequences {
public:
    static constexpr std::size_t successors_max = 64;
    static constexpr std::size_t window = 10;

    struct Successor {
        Index article = 0;
        double rank = 0;
    };

    explicit Sequences(std::chrono::microseconds half_life) : scale_{base::Time{}, 0, half_life} {}

    /// `before`: what the reader read before it in this session, the newest first, all different.
    void add(Index article, std::span<const Index> before, base::Time at);
    /// See Popularity.
    void set_back(base::Time now);
    /// What was read before or after these is not known any more. `gone`: by number.
    void erase(const std::vector<bool>& gone);
    /// What was read after it, in no order.
    std::span<const Successor> after(Index article) const;
    /// How often, each time as much as is left of it.
    double weight_at(const Successor& successor, base::Time now) const {
        return weight(successor.rank, scale_.score(now));
    }

    template <class File>
    void keep(File& file) {
        file(successors_);
    }

private:
    Scale scale_;
    std::vector<std::vector<Successor>> successors_;
};

}  // namespace recommendation
