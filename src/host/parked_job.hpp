#pragma once

#include <vector>

#include "host/module.hpp"
#include "operations/jobs.hpp"

namespace host {

/// What an operator does with parked streams: `{"do": "list"}` gives `{"parked": […]}`;
/// `{"do": "retry" or "drop", "subscription": …, "stream": …}` gives `{}`. Refused with
/// `unknown_subscription`, and as bus::Subscription::retry and drop. What the subscriptions belong
/// to outlives the job.
operations::NamedJob parked_job(std::vector<NamedSubscription> subscriptions);

}  // namespace host
