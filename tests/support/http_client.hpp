#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// One answer of a server, as it came.
struct Answer {
    int status = 0;
    Fields fields;
    std::string body;

    /// A field's value by its name in any case; empty if it is not there.
    std::string field(std::string_view name) const;
    bool has_field(std::string_view name) const;
    /// The body as JSON; a discarded value if it is none.
    nlohmann::json json() const;
    /// The `news` member of the body.
    nlohmann::json news() const;
};

/// The server has gone, or does not answer in time: whether it did what was asked is unknown.
struct ConnectionLost : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One keep-alive connection to a server: a plain blocking socket, every wait of which ends. What
/// goes out is exactly what the test says. Used by one thread at a time.
class HttpClient {
public:
    static constexpr std::chrono::seconds patience{60};

    /// Connects to `host:port` or `unix:/path`. Throws ConnectionLost.
    explicit HttpClient(const std::string& address);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Sends one request, with Host, Content-Length (when there is a body, or a method that has
    /// one) and `fields`, and reads its answer, which is recorded (see recorder.hpp). Throws
    /// ConnectionLost.
    Answer request(const std::string& method, const std::string& target,
                   const std::string& body = "", const Fields& fields = {});

    /// Sends bytes as they are. False if the server does not take them any more.
    bool send(std::string_view bytes);
    /// Reads one answer; `head` if it is one to HEAD, whose content does not follow. Throws
    /// ConnectionLost.
    Answer receive(bool head = false);
    /// Reads the head of one answer only; what follows it is receive_some()'s. Throws
    /// ConnectionLost.
    Answer receive_head();
    /// What has come and was not read yet, waiting for it; empty when nothing more comes.
    std::string receive_some();
    /// True when the server has closed and nothing more came; waits for that at most `limit`.
    bool ends(std::chrono::milliseconds limit);

private:
    bool read_more();
    void read_until(std::size_t size);
    std::string receive_chunks();

    std::string address_;
    int socket_ = -1;
    std::string received_;
};

/// The head of a request: its line, Host unless `fields` has one, and `fields`; for what a test
/// sends byte by byte.
std::string head_of(const std::string& method, const std::string& target, const Fields& fields);

/// A text as one segment of a path or one value of a query: all but unreserved bytes as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace support
