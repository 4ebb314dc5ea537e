#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tests {

/// Requests that come at their own times, whether or not those before are answered, as those of
/// many readers do. One thread drives all of them.
class OpenLoad {
public:
    using Clock = std::chrono::steady_clock;

    struct Seen {
        int asked = 0;
        int good = 0;                   ///< 200, in time
        int shed = 0;                   ///< 503
        int other = 0;                  ///< any other answer, or none
        std::vector<double> good_ms{};  ///< from when it was due
        std::vector<double> shed_ms{};  ///< from when it was sent
        std::chrono::duration<double> span{};

        double goodput() const { return good / span.count(); }
        static double quantile(std::vector<double>& all, double share);
    };

    /// `target`: of each request. What takes longer than `patience` is not good.
    OpenLoad(const std::string& address, std::function<std::string()> target,
             std::chrono::milliseconds patience, std::uint64_t seed);
    ~OpenLoad();
    OpenLoad(const OpenLoad&) = delete;

    /// `rate` requests a second, at random moments.
    Seen run(double rate, std::chrono::milliseconds span);

private:
    struct Client;

    Client* idle_client();
    void send(Client& client, Clock::time_point due);
    void receive(Client& client, Seen& seen);
    bool connect(Client& client);

    const std::string address_;
    const std::function<std::string()> target_;
    const std::chrono::milliseconds patience_;
    std::uint64_t seed_;
    int poller_ = -1;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<Client*> idle_;
    int busy_ = 0;
};

}  // namespace tests
