#pragma once

#include <atomic>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/snapshot.hpp"
#include "client_signs.hpp"

namespace gateway {

/// Whom to count as one client, as http::IpAddress::client_network() says it.
using ClientKey = std::array<std::uint8_t, 16>;

struct ClientKeyHash {
    std::size_t operator()(const ClientKey& key) const {
        return std::hash<std::string_view>()(
            {reinterpret_cast<const char*>(key.data()), key.size()});
    }
};

/// A client that looks like an attack, and what is done about it.
struct NamedClient {
    std::string client{};             ///< `203.0.113.7`, `2001:db8::/64`
    std::bitset<sign_count> signs{};  ///< all that were seen
    SignAction action{};              ///< the hardest of theirs
    Finding last_finding{};
    std::string request_id{};  ///< of the request that completed it
    base::Time since{};
    base::Time last{};
    std::int64_t times = 0;  ///< so often a sign was seen
    base::Clock::Moment until{};
    base::Clock::Moment told{};  ///< when the log was
};

/// Those clients, each for a while after its last sign. Bounded: while it is full nobody new is
/// named. Thread-safe.
class NamedClients {
public:
    /// What is done about clients, for who asks of each request: only those that are limited or
    /// refused.
    struct Standing {
        SignAction action{};
        base::Clock::Moment until{};
    };
    using Standings = std::unordered_map<ClientKey, Standing, ClientKeyHash>;

    enum class Named : std::uint8_t { told, again, no_room };

    explicit NamedClients(const SignLimits& limits) : limits_(limits) {}

    /// `told`: the log is to hear of it, once a window for each client. Takes a lock and copies a
    /// table: for what is rare.
    Named name(const ClientKey& key, const std::string& client, const Finding& finding,
               const std::string& request_id, base::Time now, base::Clock::Moment moment);
    /// Ends what has lasted long enough.
    void expire(base::Clock::Moment now);
    /// False: nobody of that address is named.
    bool forget(const ClientKey& key);

    /// The latest first.
    std::vector<NamedClient> all() const;
    /// Those for a firewall, in order.
    std::vector<std::string> listed() const;
    std::size_t size() const;

    bool nobody_acted_on() const { return acted_on_.load(std::memory_order_relaxed) == 0; }
    const base::Snapshot<Standings>& standings() const { return standings_; }

private:
    void publish();

    const SignLimits limits_;
    mutable std::mutex mutex_;
    std::unordered_map<ClientKey, NamedClient, ClientKeyHash> clients_;
    base::Snapshot<Standings> standings_{std::make_shared<const Standings>()};
    std::atomic<std::size_t> acted_on_{0};
};

}  // namespace gateway
