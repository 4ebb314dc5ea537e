#pragma once

#include "news/types.hpp"
#include "site/counters.hpp"

namespace site {

/// The sum of what the news types keep.
class CountService final : public Counters {
public:
    explicit CountService(news::Types types) : types_(std::move(types)) {}
    base::Task<SiteCounts> counts(base::Context context) const override;

private:
    const news::Types types_;
};

}  // namespace site
