#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/result.hpp"

namespace base {

/// A caller's promise that calls with the same key are the same call. Remembered for
/// `idempotency_key_life` in the transaction of what the first of them did.
struct IdempotencyKey {
    std::string caller;
    std::string route;
    std::string key;
    std::string body_hash;
};

inline constexpr std::chrono::hours idempotency_key_life{24};

inline Error idempotency_key_reused() {
    return {Reason::invalid, "idempotency_key_reused",
            "This Idempotency-Key was used for another request. Use a new key for a new change."};
}

/// Which versions of its subject a command may be based on (If-Match, or a member of the body).
struct Expected {
    std::vector<std::int64_t> versions{};
    bool any = false;  ///< `If-Match: *`: whichever, as long as it exists
    bool from_header =
        false;  ///< stale is then `precondition_failed` (412), else `version_conflict` (409)
};

/// What each change carries besides its subject, in every module.
struct Command {
    Context context{};
    std::optional<Expected> expected{};
    std::optional<IdempotencyKey> idempotency_key{};
};

}  // namespace base
