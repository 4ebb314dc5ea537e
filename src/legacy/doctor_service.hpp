#pragma once

#include "base/task.hpp"
#include "diagnosis.hpp"
#include "http/client.hpp"

namespace legacy {

/// Asks an upstream as the proxy does. Nobody is logged in, and no attempt is made: the form is
/// sent without a name.
base::Task<Symptoms> examine(http::Client& client, http::UpstreamAddress upstream,
                             DoctorOptions options, base::Deadline deadline);

}  // namespace legacy
