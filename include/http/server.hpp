#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/result.hpp"
#include "config/section.hpp"
#include "http/request_observer.hpp"
#include "http/route_chooser.hpp"
#include "http/router.hpp"
#include "resilience/load_limit.hpp"
#include "telemetry/metrics.hpp"

namespace http {

/// For the addresses that begin with `tls:`.
struct TlsConfig {
    std::string certificate{};
    std::string key{};
    std::int64_t hsts_seconds = 31536000;
};

/// Limits and timeouts of every listener; describe() says what each means.
struct Config {
    std::string listen = "127.0.0.1:8080";
    std::vector<std::string> listen_also{};
    std::string unix_mode = "0600";
    TlsConfig tls{};
    resilience::LoadLimitConfig load{};
    std::int64_t threads = 0;  ///< 0: as many as this process may use processors
    std::int64_t connections_max = 12000;
    std::int64_t connections_queued_max = 4096;
    std::int64_t tunnels_max = 1000;
    std::int64_t target_bytes_max = 8192;
    std::int64_t field_bytes_max = 16384;
    std::int64_t field_lines_max = 100;
    std::int64_t body_bytes_max = 1024 * 1024;
    std::int64_t body_bytes_per_second_min = 500;
    std::int64_t linger_bytes_max = 16 * 1024 * 1024;
    std::int64_t unsent_bytes_max = 128 * 1024;
    std::int64_t send_bytes_per_second_min = 500;
    std::int64_t answer_bytes_max = 256 * 1024 * 1024;
    std::int64_t answer_bytes_per_client_max = 64 * 1024 * 1024;
    std::int64_t sealed_files_max = 256;
    std::int64_t compress_bytes_min = 1024;
    std::int64_t compress_bytes_max = 256 * 1024;
    std::chrono::milliseconds header_timeout{10000};
    std::chrono::milliseconds body_grace{5000};
    std::chrono::milliseconds idle_timeout{75000};
    std::chrono::milliseconds tunnel_idle_timeout{600000};
    std::chrono::milliseconds write_stall_timeout{30000};
    std::chrono::milliseconds send_grace{30000};
    std::chrono::milliseconds request_timeout{60000};
    std::chrono::milliseconds linger_timeout{2000};
    std::chrono::milliseconds drain_timeout{30000};
    std::chrono::milliseconds drain_idle_timeout{1000};
    std::map<std::string, std::string> aliases{{"/users/v1", "/v1/users"},
                                               {"/news/v1", "/v1/news"},
                                               {"/recommendation/v1", "/v1/recommendation"}};
    std::vector<std::string> hosts{};  ///< empty: any
    // Described with the log's settings, where people look for them.
    bool access_lines = true;             ///< one line for each request, if the log takes blocks
    std::int64_t access_lines_every = 1;  ///< one in so many; refusals always
};

void describe(config::Section& section, Config& config);

/// Whether the certificate and the key can be used, for who wants to know before the server starts.
/// Refused with a sentence; its detail names the setting below `http`: `tls.key`.
base::Result<void> check_certificate(const Config& config);

/// How many I/O threads a server of that configuration has.
std::size_t thread_count(const Config& config);

/// `unix_mode` as a number: four octal digits, the owner may read and write. Nothing if it is none.
std::optional<unsigned> parse_mode(const std::string& text);

/// One address and what answers there.
struct Listener {
    std::string name;    ///< "http", "operations", "control": in logs and metrics
    std::string listen;  ///< as parse_address reads it; port 0 = any
    std::shared_ptr<const Router> router;
    std::shared_ptr<const Authenticator> authenticator;
    bool is_public = true;  ///< a SO_REUSEPORT acceptor per I/O thread, or one on the first only
    Interceptors interceptors{};              ///< in the order in which a request passes them
    unsigned unix_mode = 0600;                ///< of the file, if it is a unix socket
    std::shared_ptr<RouteChooser> chooser{};  ///< null: the router alone says who answers
    std::shared_ptr<const RequestObserver> observer{};  ///< null: nobody hears of its requests
};

/// The I/O threads, their acceptors and connections. Limits are checked four times a second, so
/// timeouts are met to a quarter of a second. Destroy it after stop(), and after the modules whose
/// completions its handlers may still hold.
class Server {
public:
    Server(const Config& config, telemetry::Metrics& metrics);
    ~Server();

    /// How many I/O threads there will be.
    std::size_t threads() const;
    /// Before start().
    void add(Listener listener);
    /// Binds everything and starts the threads. Refuses with one sentence per address that cannot
    /// be had (in use, no such interface), naming it, or if a listener speaks TLS and there is no
    /// certificate for it (`certificate_unusable`), or if a thread cannot be had
    /// (`threads_unavailable`); nothing is left bound or running then.
    base::Result<void> start();
    /// Reads certificate and key again, for connections that come from now on. If they cannot be
    /// used those of before stay. Either way the log says so. Thread-safe after start().
    void reload_certificate();
    /// The real addresses after start(), by listener name: `127.0.0.1:43211`.
    std::map<std::string, std::string> addresses() const;
    /// Graceful: queued connections are accepted, requests under way and those that come within
    /// `drain_idle_timeout` answered (`Connection: close`), then idle connections closed; all for
    /// at most `drain_timeout`. Listeners that are not `is_public` go last, so that /readyz can be
    /// asked meanwhile. Returns when the threads have ended. Thread-safe, but never from a handler:
    /// it waits for those.
    void stop();
    /// True if the loop of every I/O thread has gone round since the last call, which is at least
    /// half a second ago: else one hangs. Between start() and stop(), by one thread.
    bool answers();
    /// True from the moment stop() was called: /readyz says 503.
    bool draining() const;

private:
    struct Implementation;
    std::size_t listener_threads(const Listener& listener) const;
    base::Error no_threads(const std::system_error& failure);
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace http
