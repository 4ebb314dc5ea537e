#pragma once

#include "base/context.hpp"
#include "bus/log.hpp"
#include "identity/events.hpp"

namespace identity {

/// Puts what happens to accounts into identity's log, in the transaction of the change itself, so
/// that neither is there without the other.
class AuditStore {
public:
    /// `log_logins`: logins, too.
    AuditStore(bus::Log& log, bool log_logins) : log_(log), log_logins_(log_logins) {}

    bool logs_logins() const { return log_logins_; }
    /// `by`: who did it, in which request.
    void record(database::Transaction& transaction, const Event& event, const base::Context& by);

private:
    bus::Log& log_;
    const bool log_logins_;
};

}  // namespace identity
