// The header alone holds the template; this file makes the library exist and compiles it once.
#include "resilience/gather.hpp"

namespace resilience {
template base::Task<std::vector<base::Result<int>>> gather(base::Deadline,
                                                           std::vector<base::Task<int>>);
}
