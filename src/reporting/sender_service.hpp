#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "address.hpp"
#include "base/timer.hpp"
#include "host/environment.hpp"
#include "http/client.hpp"
#include "reporting/module.hpp"
#include "resilience/dependency.hpp"

namespace reporting {

/// What is sent in one request, and how many things that is.
struct Message {
    std::string body;
    std::uint64_t count = 1;
    std::function<void()> taken{};  ///< called once it has been taken, or refused; may be null
};

/// What waits to be told to one server, and how it is said.
struct Subject {
    std::string name;  ///< in metrics and the log: `spans`
    Destination destination;
    std::vector<std::pair<std::string, std::string>> fields;  ///< of each request
    /// The next to be sent; nothing while there is none.
    std::function<std::optional<Message>()> next;
    /// How many were lost on the way here, since the start.
    std::function<std::uint64_t()> dropped;
    /// How many of a message an answer says that it did not take; may be null.
    std::function<std::uint64_t(std::string_view answer)> rejected{};
};

/// Tells one server what waits for it, one request after the other. What nobody takes after some
/// attempts is dropped and counted, as is what the server refuses; while it does not answer it is
/// given rest, and what waits goes on waiting in its bounded queue. Lives on the environment's
/// background executor; stop() is thread-safe. Everything it is given must outlive it.
class SenderService {
public:
    SenderService(Subject subject, const SendConfig& config, std::shared_ptr<http::Client> client,
                  const host::Environment& environment);

    /// Makes the counters of a subject, so that they can be seen before anything is sent or lost.
    static void make_counters(telemetry::Metrics& metrics, const std::string& subject);

    const std::string& name() const { return subject_.name; }
    /// Until stop(); what waits then is tried once more, for a moment.
    base::Task<void> run();
    void stop();

private:
    /// `refused`: that message, for ever; `rejected`: by who takes none now, as for a wrong key.
    enum class Outcome { taken, refused, rejected, patience };
    struct Reply {
        Outcome outcome = Outcome::taken;
        std::string body{};
        std::chrono::seconds wait{0};
    };

    static base::Task<Reply> post(std::shared_ptr<http::Client> client, http::ClientRequest request,
                                  base::Deadline deadline);
    http::ClientRequest request_of(const Message& message) const;
    base::Task<bool> send(const Message& message);
    base::Task<void> send_all();
    void taken(const Message& message, const Reply& reply);
    void lost(const char* why, std::uint64_t count) {
        lost_counter(metrics_, subject_.name, why).add(count);
    }
    static telemetry::Counter& sent_counter(telemetry::Metrics& metrics, const std::string& what);
    static telemetry::Counter& lost_counter(telemetry::Metrics& metrics, const std::string& what,
                                            const char* why);
    void count_dropped();

    const Subject subject_;
    const SendConfig config_;
    const std::shared_ptr<http::Client> client_;
    telemetry::Metrics& metrics_;
    telemetry::Counter& sent_;
    const resilience::Dependency dependency_;
    base::Timer timer_;
    std::uint64_t dropped_counted_ = 0;
    std::atomic<bool> stopping_{false};
};

}  // namespace reporting
