#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace base {

/// Why a request was refused. What the caller cannot act on is an exception instead.
enum class Reason {
    invalid,          ///< well formed, but it breaks a rule
    unauthenticated,  ///< nobody is logged in
    forbidden,        ///< logged in, but not allowed
    not_found,        ///< no such thing, or none that this caller may know of
    conflict,         ///< somebody else changed it first
    precondition,     ///< a condition that the caller named does not hold, or is missing
    too_many,         ///< slow down
    unavailable,      ///< not now; the same call may work later
    deadline,         ///< no answer in time
};

/// The word for a reason, as it is written here; and back, nothing for other words.
std::string_view name_of(Reason reason);
std::optional<Reason> parse_reason(std::string_view name);

/// One member of the input that breaks a rule, and how to mend it.
struct Problem {
    std::string field;
    std::string message;
};

/// A refusal. `code` is stable and made for programs; `message` is a sentence that is safe to show
/// to any client; `details` holds all problems at once; `current_version` comes with
/// `version_conflict` so that the caller can read again and retry; `retry_after` says when a
/// refusal for now may be tried again.
struct Error {
    Reason reason;
    std::string code;
    std::string message;
    std::vector<Problem> details{};
    std::optional<std::int64_t> current_version{};
    std::chrono::seconds retry_after{1};
};

/// A value or a refusal. Use `if (!r) return r.error();` and `*r`; `value()` throws.
template <class T>
using Result = boost::system::result<T, Error>;

/// Found by Boost when `value()` is called on a refusal: that is a bug of the caller.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
    throw std::logic_error("refused: " + error.code + ": " + error.message);
}

}  // namespace base
