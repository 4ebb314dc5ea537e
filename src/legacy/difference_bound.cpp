#include "difference_bound.hpp"

#include <boost/math/distributions/binomial.hpp>

namespace legacy {

double upper_bound(std::int64_t differing, std::int64_t compared) {
    if (compared <= 0 || differing >= compared) return 1;
    // What cannot be computed more exactly is still a number: a report never ends in an exception.
    namespace policies = boost::math::policies;
    using Quiet = policies::policy<policies::evaluation_error<policies::ignore_error>,
                                   policies::overflow_error<policies::ignore_error>,
                                   policies::promote_double<false>>;
    using Binomial = boost::math::binomial_distribution<double, Quiet>;
    constexpr double doubt = 0.05;
    return Binomial::find_upper_bound_on_p(static_cast<double>(compared),
                                           static_cast<double>(differing), doubt);
}

}  // namespace legacy
