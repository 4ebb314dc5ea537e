#pragma once

#include "base/clock.hpp"
#include "operations/jobs.hpp"
#include "users/users.hpp"

namespace users {

/// `user_create`: registers somebody with the role that the arguments name: `{"role", "name",
/// "email", "password"}` → `{"id"}`. Refused as Users::create, all details in the sentence, and
/// with `unknown_role`. Both must outlive the job.
operations::NamedJob user_create_job(Users& users, const base::Clock& clock);

}  // namespace users
