#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace tests {

/// A plain blocking socket to a server under test: what is sent and received is exactly what the
/// test says. Every wait ends after `patience`, so that a test fails instead of hanging.
class RawClient {
public:
    static constexpr std::chrono::seconds patience{10};

    /// `address` as Server::addresses() gives it.
    explicit RawClient(const std::string& address);
    /// A socket that has its descriptor, for connect() later.
    static RawClient unconnected();
    void connect(const std::string& address);
    ~RawClient();
    RawClient(RawClient&& other) noexcept;

    /// False if the server does not take it any more.
    bool send(std::string_view bytes);
    /// No more will come from this side.
    void finish_sending();
    /// One answer: its head and the content that its Content-Length announces. `without_body` for
    /// answers to HEAD. Empty if the connection ended before.
    std::string answer(bool without_body = false);
    /// Everything up to the end of the connection. Throws if it does not end.
    std::string rest();
    /// Takes what has come, or comes next, and forgets it; false at the end.
    bool take_some();
    /// True if the connection ends without a further byte.
    bool ended() { return rest().empty(); }
    /// Nothing came so far.
    bool quiet(std::chrono::milliseconds span);

private:
    RawClient() = default;
    bool receive();

    int socket_ = -1;
    std::string received_;
};

/// The status of an answer; 0 if it is none.
int status_of(const std::string& answer);
/// The value of a field of an answer; empty if it is not there.
std::string field_of(const std::string& answer, const std::string& name);
/// What comes after the head.
std::string body_of(const std::string& answer);

}  // namespace tests
