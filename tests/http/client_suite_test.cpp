// The shared suite, on each implementation.
#include "client_suite.hpp"

#include <cstdio>
#include <map>

#include "scripted_upstream.hpp"
#include "support/catch.hpp"

namespace {

using Answer = support::FakeClient::Answer;

class FakeStage final : public tests::ClientStage {
public:
    http::Client& client() override { return client_; }
    http::UpstreamAddress upstream() override {
        return *http::parse_upstream("http://upstream.example");
    }
    void answer(const std::string& target, Answer answer) override {
        client_.answer(target, std::move(answer));
    }
    std::string last_content() override { return client_.seen().back().content; }

private:
    support::FakeClient client_;
};

/// A real server that answers as it is told, in chunks.
class SocketStage final : public tests::ClientStage {
public:
    SocketStage() : client_(std::move(*http::make_client({}, metrics_))) {}

    http::Client& client() override { return *client_; }
    http::UpstreamAddress upstream() override { return upstream_.address(); }
    void answer(const std::string& target, Answer answer) override {
        std::lock_guard lock(mutex_);
        answers_[target] = std::move(answer);
    }
    std::string last_content() override {
        auto request = upstream_.requests().back();
        return request.substr(request.find("\r\n\r\n") + 4);
    }

private:
    Answer answer_to(const std::string& request) {
        auto start = request.find(' ') + 1;
        std::lock_guard lock(mutex_);
        return answers_[request.substr(start, request.find(' ', start) - start)];
    }

    void serve(tests::ScriptedUpstream::Peer& peer) {
        for (auto request = peer.request(); !request.empty(); request = peer.request()) {
            auto answer = answer_to(request);
            std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) + " As Told\r\n";
            for (const auto& [name, value] : answer.fields) bytes += name + ": " + value + "\r\n";
            bytes += "Transfer-Encoding: chunked\r\n\r\n";
            peer.send(bytes);
            if (request.starts_with("HEAD") || answer.status == 304) continue;
            for (const auto& piece : answer.pieces) {
                char size[16];
                std::snprintf(size, sizeof(size), "%zx\r\n", piece.size());
                peer.send(size + piece + "\r\n");
            }
            if (answer.breaks) return;
            peer.send("0\r\n\r\n");
        }
    }

    std::mutex mutex_;
    std::map<std::string, Answer> answers_;
    telemetry::Metrics metrics_;
    tests::ScriptedUpstream upstream_{
        {[this](tests::ScriptedUpstream::Peer& peer) { serve(peer); }}};
    std::unique_ptr<http::Client> client_;
};

}  // namespace

TEST_CASE("the client over sockets does what every client does", "[http][client]") {
    SocketStage stage;
    tests::client_suite(stage);
}

TEST_CASE("the fake client does what every client does", "[http][client]") {
    FakeStage stage;
    tests::client_suite(stage);
}
