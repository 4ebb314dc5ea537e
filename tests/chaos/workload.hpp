#pragma once

#include <functional>

#include "members.hpp"
#include "writer.hpp"

namespace tests {

/// One client that changes articles and people in turn, and reads in between, while something
/// fails below the server. A copy knows what this one knew.
class Workload {
public:
    Workload(int number, Dice& dice)
        : writer_(number, dice.seed(), Writer::Failures::honest),
          members_(number, dice.seed()),
          dice_(dice.seed()) {}

    /// `steps` changes, one after the other, on a new connection whenever the last one is lost.
    /// Ends before that if nobody listens any more, or something was wrong. `sent` is called
    /// with each change that is about to be sent, when this client already counts it as sent.
    void run(const support::PortalProcess& portal, int steps,
             const std::function<void(const Workload&)>& sent = {});
    /// After a restart, all of it; `faults()` then has what was wrong.
    void check(const support::PortalProcess& portal);

    std::vector<std::string> faults() const;
    int acknowledged() const { return writer_.acknowledged() + members_.acknowledged(); }
    int failed() const { return writer_.failed() + members_.failed(); }
    int unanswered() const { return writer_.unanswered() + members_.unanswered(); }
    /// Changes that were sent, and of which nobody knows.
    int unsettled() const { return writer_.unsettled() + members_.unsettled(); }

private:
    void step(support::HttpClient& client, const std::function<void(const Workload&)>& sent);

    Writer writer_;
    Members members_;
    Dice dice_;
    std::vector<std::string> faults_;
};

/// Waits until a server that has just started is ready, and has made its views anew if it had to.
/// Until then some answers are honest failures. If that takes too long: what /readyz says.
std::string unready_for_long(const support::PortalProcess& portal);

/// Runs `portal verify`; what it says if that is not good, else nothing.
std::string verify_faults(const support::PortalProcess& portal);

}  // namespace tests
