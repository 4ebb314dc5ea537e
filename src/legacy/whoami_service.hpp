#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/cache.hpp"
#include "base/clock.hpp"
#include "http/message.hpp"
#include "legacy/proxy.hpp"
#include "legacy/session_config.hpp"
#include "resilience/fair_slots.hpp"
#include "signing_crypto.hpp"

namespace legacy {

/// Asks a Django site whose a session cookie is, and has it end one, through its proxy, so with the
/// limits and the circuit breaker of the upstream. What it says is remembered for a while, by the
/// SHA-256 of the cookie; those who come with one that is being asked about wait for that answer.
/// Questions are shared among the clients that cause them. A site that does not answer is not asked
/// again for as long as a question may take: our own pages do not get slow with it. Thread-safe.
class WhoamiService {
public:
    /// Which row it is, `auth.user:7`; nothing for nobody.
    using Source = std::optional<std::string>;

    /// All of them outlive it.
    WhoamiService(Proxy& proxy, const SessionConfig& config, const base::Clock& clock)
        : proxy_(proxy),
          config_(config),
          clock_(clock),
          entries_(static_cast<std::size_t>(config.whoami_entries_max)),
          slots_(config.whoami_questions_max) {}

    /// `request`: whose host is asked. Refused with `login_unknown` (unavailable).
    base::Task<Source> source_of(const http::Request& request, std::string cookie);
    /// Has the site end the session of that cookie, as its own page for that would. Refused with
    /// `logout_unfinished` (unavailable) if it has not said that it did.
    base::Task<void> log_out(const http::Request& request, std::string cookie,
                             base::Deadline deadline);

private:
    /// `asked`: a question is under way, for which others wait. Thrown out, it lets them go on,
    /// refused.
    struct Entry {
        std::optional<Source> answer{};
        base::Clock::Moment until{};
        bool asked = false;
        std::vector<base::Completion<Source>> waiting{};
    };
    class Question;
    enum class Turn { answered, waits, asks };

    bool is_fresh(const Entry& entry) const;
    bool rests() const { return clock_.steady().time_since_epoch().count() < rests_until_.load(); }
    void rest();
    Turn take_turn(const Digest& key, Source& source);
    base::Task<Source> wait(Digest key);
    base::Task<Source> ask(const http::Request& request, std::string cookie);
    void settle(const Digest& key, const base::Result<Source>& result);

    Proxy& proxy_;
    const SessionConfig& config_;
    const base::Clock& clock_;
    base::Cache<Digest, Entry, DigestHash> entries_;
    resilience::FairSlots slots_;
    std::atomic<base::Clock::Moment::rep> rests_until_{
        base::Clock::Moment::min().time_since_epoch().count()};
};

base::Error login_unknown();

}  // namespace legacy
