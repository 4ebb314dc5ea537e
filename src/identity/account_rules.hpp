#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/accounts.hpp"

namespace identity {

/// Pending: registration is under way. Only an active account can log in.
enum class Status { pending, active, disabled };

/// `pending`, `active`, `disabled`; and back, nothing for other words.
std::string_view name_of(Status status);
std::optional<Status> parse_status(std::string_view name);

/// The form of an address by which accounts are told apart: what is before the @ without regard to
/// case, in one spelling; the domain as DNS has it.
std::string email_key_of(std::string_view email);
/// That form as it was before: only ASCII letters small. An account whose address had two spellings
/// in use may still be known by it.
std::string older_email_key_of(std::string_view email);

/// The form of a login name by which accounts are told apart: NFKC, as Django has it, so capital
/// and small letters differ.
std::string login_key_of(std::string_view login);
/// One that came from elsewhere: 1 to 150 characters in one line.
std::vector<base::Problem> problems_of_taken_login(std::string_view login);

/// That a password is not its account's address or login name, nor what stands there before an @,
/// in any case. One that the account does not have is empty.
std::vector<base::Problem> problems_of_pair(std::string_view email, std::string_view login,
                                            std::string_view password);

/// The refusal with all these details; they are not empty.
base::Error invalid_account(std::vector<base::Problem> problems);

}  // namespace identity
