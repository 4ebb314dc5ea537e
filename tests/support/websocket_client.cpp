#include "support/websocket_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace support {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

struct WebSocketClient::Connection {
    asio::io_context loop;
    websocket::stream<asio::ip::tcp::socket> stream{loop};

    /// Starts an operation and waits for its end, which a blocking one would do without limit.
    template <class Begin>
    error_code finish(Begin begin) {
        error_code result = asio::error::timed_out;
        begin([&result](error_code error, auto&&...) { result = error; });
        loop.restart();
        loop.run_for(HttpClient::patience);
        if (result == asio::error::timed_out) {
            // What is still under way ends before `result` does.
            beast::get_lowest_layer(stream).close();
            loop.restart();
            loop.run();
            throw ConnectionLost("a websocket's other side does not answer in time");
        }
        return result;
    }

    template <class Begin>
    void require(Begin begin) {
        if (auto error = finish(begin)) {
            throw ConnectionLost("a websocket broke: " + error.message());
        }
    }

    void send(std::string_view bytes, bool is_text) {
        stream.text(is_text);
        require([&](auto done) { stream.async_write(asio::buffer(bytes), std::move(done)); });
    }
};

WebSocketClient::WebSocketClient(const std::string& address, const std::string& target,
                                 const Fields& fields)
    : connection_(std::make_unique<Connection>()) {
    auto& stream = connection_->stream;
    auto colon = address.rfind(':');
    asio::ip::tcp::endpoint where(asio::ip::make_address(address.substr(0, colon)),
                                  static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    connection_->require(
        [&](auto done) { beast::get_lowest_layer(stream).async_connect(where, std::move(done)); });
    stream.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
        for (const auto& [name, value] : fields) request.set(name, value);
    }));
    websocket::response_type answer;
    auto error = connection_->finish(
        [&](auto done) { stream.async_handshake(answer, "localhost", target, std::move(done)); });
    if (error == websocket::error::upgrade_declined)
        throw UpgradeRefused(static_cast<int>(answer.result_int()));
    if (error) throw ConnectionLost("no websocket came to be: " + error.message());
    for (const auto& field : answer) {
        fields_.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
}

WebSocketClient::~WebSocketClient() = default;

void WebSocketClient::send_text(std::string_view text) {
    connection_->send(text, true);
}

void WebSocketClient::send_bytes(std::string_view bytes) {
    connection_->send(bytes, false);
}

WebSocketClient::Message WebSocketClient::receive() {
    auto& stream = connection_->stream;
    beast::flat_buffer buffer;
    connection_->require([&](auto done) { stream.async_read(buffer, std::move(done)); });
    return {stream.got_text(), beast::buffers_to_string(buffer.data())};
}

void WebSocketClient::close(std::uint16_t code) {
    connection_->require([&](auto done) {
        connection_->stream.async_close(websocket::close_reason(code), std::move(done));
    });
}

std::uint16_t WebSocketClient::close_code() const {
    return connection_->stream.reason().code;
}

}  // namespace support
