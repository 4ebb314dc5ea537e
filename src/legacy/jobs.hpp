#pragma once

#include "legacy/module.hpp"
#include "operations/jobs.hpp"
#include "telemetry/metrics.hpp"

namespace legacy {

/// `doctor_upstream`: asks every upstream and says what its settings lack. Arguments: `host`, the
/// name that readers use, and `login_path`, both of which may be missing. Both outlive the job.
operations::NamedJob doctor_job(const Config& config, telemetry::Metrics& metrics);

}  // namespace legacy
