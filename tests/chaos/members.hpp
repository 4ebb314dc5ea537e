#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "random_moments.hpp"
#include "support/portal_process.hpp"

namespace tests {

/// What is known of somebody who registered.
struct Member {
    std::int64_t id = 0;  ///< 0: not known
    std::string name;
    std::string email;
    bool is_gone = false;
};

/// One client that registers, renames, moves and erases people of its own, in a server of open
/// mode, and holds it to its answers. As a Writer: a copy knows what this one knew.
class Members {
public:
    Members(int number, std::uint64_t seed) : number_(number), dice_(seed) {}

    /// Decides on the next change, which counts as sent from now on.
    void prepare();
    /// Sends it. Throws ConnectionLost; then, and after an honest failure, nobody touches that
    /// member until check().
    void carry_out(support::HttpClient& client);
    /// Reads one of them, whole and as known. Throws ConnectionLost.
    void read(support::HttpClient& client);
    /// After a restart: each is there as acknowledged; what was never answered happened wholly, or
    /// not at all.
    void check(const support::PortalProcess& portal);

    const std::vector<std::string>& faults() const { return faults_; }
    int acknowledged() const { return acknowledged_; }
    int failed() const { return failed_; }
    int unanswered() const { return unanswered_; }
    int unsettled() const;

private:
    /// A member as it is, and as it will be if the change under way is made.
    struct Known {
        Member now;
        std::optional<Member> next{};
    };

    void settle(support::HttpClient& client, Known& known);
    std::int64_t find(support::HttpClient& client, const std::string& email);
    void fault(const Member& member, const std::string& what, const support::Answer& answer);

    int number_;
    Dice dice_;
    int changes_ = 0;
    int acknowledged_ = 0;
    int failed_ = 0;
    int unanswered_ = 0;
    std::size_t chosen_ = 0;
    std::vector<Known> members_;
    std::vector<std::string> faults_;
};

}  // namespace tests
