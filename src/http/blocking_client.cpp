#include "http/blocking_client.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "base/task.hpp"
#include "http/address.hpp"

namespace http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, base::Executor>;

constexpr std::uint64_t answer_bytes_max = 64 * 1024 * 1024;

/// One request as a chain of callbacks on a private loop; whatever has not happened when the loop's
/// time is over did not happen in time.
class Exchange {
public:
    Exchange(const std::string& method, const std::string& target, const std::string& body,
             const std::string& host,
             const std::vector<std::pair<std::string, std::string>>& fields)
        : socket_(context_.get_executor()) {
        request_.method_string(method);
        request_.target(target);
        request_.version(11);
        request_.set(beast::http::field::host, host);
        request_.set(beast::http::field::connection, "close");
        for (const auto& [name, value] : fields) request_.set(name, value);
        request_.body() = body;
        if (!body.empty() || method == "POST" || method == "PUT") request_.prepare_payload();
        parser_.body_limit(answer_bytes_max);
        parser_.skip(method == "HEAD");
    }

    /// False if it was not over in time.
    bool run(const asio::generic::stream_protocol::endpoint& where,
             std::chrono::milliseconds timeout) {
        socket_.async_connect(where, [this](beast::error_code error) { write(error); });
        context_.run_for(timeout);
        return finished_;
    }

    const beast::error_code& error() const { return error_; }

    BlockingResponse response() {
        auto message = parser_.release();
        BlockingResponse result;
        result.status = message.result_int();
        for (const auto& field : message) {
            result.fields.emplace_back(std::string(field.name_string()),
                                       std::string(field.value()));
        }
        result.body = std::move(message.body());
        return result;
    }

private:
    void write(beast::error_code error) {
        if (error) return finish(error);
        beast::http::async_write(socket_, request_, [this](beast::error_code written, std::size_t) {
            // A server that refuses early may close before it has read everything; its answer
            // is there all the same.
            read(written);
        });
    }

    void read(beast::error_code written) {
        beast::http::async_read(socket_, buffer_, parser_,
                                [this, written](beast::error_code error, std::size_t) {
                                    finish(error && written ? written : error);
                                });
    }

    void finish(beast::error_code error) {
        error_ = error;
        finished_ = true;
    }

    base::Loop context_;
    Socket socket_;
    beast::flat_buffer buffer_;
    beast::http::request<beast::http::string_body> request_;
    beast::http::response_parser<beast::http::string_body> parser_;
    beast::error_code error_;
    bool finished_ = false;
};

asio::generic::stream_protocol::endpoint to_endpoint(const Address& address) {
    if (address.is_unix()) return asio::local::stream_protocol::endpoint(address.path);
    return asio::ip::tcp::endpoint(asio::ip::make_address(address.host), address.port);
}

}  // namespace

base::Result<BlockingResponse> request(
    const std::string& address, const std::string& method, const std::string& target,
    const std::string& body, std::chrono::milliseconds timeout,
    const std::vector<std::pair<std::string, std::string>>& fields) {
    auto parsed = parse_address(address);
    if (!parsed) return parsed.error();
    if (parsed->tls) {
        return base::Error{base::Reason::invalid, "no_tls", "This client does not speak TLS."};
    }
    if (parsed->is_inherited()) {
        return base::Error{base::Reason::invalid, "no_address",
                           "`" + address + "` says nobody's address."};
    }
    auto host = parsed->is_unix() ? std::string("localhost") : parsed->text();
    Exchange exchange(method, target, body, host, fields);
    if (!exchange.run(to_endpoint(*parsed), timeout)) {
        return base::Error{base::Reason::deadline, "deadline_passed",
                           "No answer from " + address + " in time."};
    }
    if (exchange.error()) {
        return base::Error{base::Reason::unavailable, "unavailable",
                           "No answer from " + address + ": " + exchange.error().message() + "."};
    }
    return exchange.response();
}

}  // namespace http
