#pragma once

#include <string>

#include "policy_file.hpp"
#include "policy_stage.hpp"

namespace tests {

/// What is wrong with an answer, in words that name both; empty if it is what the policy says.
/// Every failure is looked at for its form, for WWW-Authenticate, and for what it must not tell.
std::string fault_of(const Policy::Expected& expected, const support::Answer& answer,
                     const Subject& subject);

/// An answer without what differs from request to request, and without the id that was asked for:
/// of two things that a caller may not know of it is the same.
std::string face_of(const support::Answer& answer, const Subject& subject);

/// `text` with each `{name}` in it replaced by the subject's value, and `{now}` by the time.
std::string filled_in(const std::string& text, const Subject& subject);
/// `body` with each text `{name}` in it replaced by the subject's value.
nlohmann::json filled_in(nlohmann::json body, const Subject& subject);

}  // namespace tests
