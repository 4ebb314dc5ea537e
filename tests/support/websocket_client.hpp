#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/http_client.hpp"

namespace support {

/// The server answered the handshake with something else than 101.
struct UpgradeRefused : std::runtime_error {
    explicit UpgradeRefused(int answered)
        : std::runtime_error("the upgrade was answered with " + std::to_string(answered)),
          status(answered) {}
    int status;
};

/// One websocket, by Beast's client. Every wait ends. Used by one thread at a time.
class WebSocketClient {
public:
    struct Message {
        bool is_text = false;
        std::string bytes{};
    };

    /// Connects to `host:port` and upgrades, with `fields` in the handshake. Throws UpgradeRefused,
    /// or ConnectionLost.
    WebSocketClient(const std::string& address, const std::string& target,
                    const Fields& fields = {});
    ~WebSocketClient();

    /// The fields of the answer to the handshake.
    const Fields& fields() const { return fields_; }
    /// Both throw ConnectionLost.
    void send_text(std::string_view text);
    void send_bytes(std::string_view bytes);
    /// The next message. Throws ConnectionLost.
    Message receive();
    /// Closes with this code and waits for the other side's. Throws ConnectionLost.
    void close(std::uint16_t code);
    /// The code that the other side closed with, once receive() has failed or close() is done.
    std::uint16_t close_code() const;

private:
    struct Connection;

    std::unique_ptr<Connection> connection_;
    Fields fields_;
};

}  // namespace support
