#include "answer_budget.hpp"

#include <thread>

#include "raw_client.hpp"
#include "support/catch.hpp"
#include "test_server.hpp"

using http::AnswerBudget;
using http::PreparedResponse;

namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;

std::shared_ptr<const PreparedResponse> answer_of(std::int64_t bytes) {
    auto answer = std::make_shared<PreparedResponse>();
    answer->body.assign(static_cast<std::size_t>(bytes), 'x');
    return answer;
}

constexpr std::size_t size(std::int64_t mebibytes) {
    return static_cast<std::size_t>(mebibytes * mebibyte);
}

}  // namespace

TEST_CASE("answers that wait count in all and per client, and no more when they end", "[http]") {
    AnswerBudget budget(10 * mebibyte, 4 * mebibyte);
    CHECK(budget.admits("192.0.2.1", size(100)));
    {
        auto first = budget.hold("192.0.2.1", answer_of(3 * mebibyte));
        CHECK(budget.held() == 3 * mebibyte);
        CHECK(budget.admits("192.0.2.1", size(1)));
        CHECK_FALSE(budget.admits("192.0.2.1", size(2)));
        CHECK(budget.admits("192.0.2.1", AnswerBudget::bytes_min - 1));
        CHECK(budget.admits("192.0.2.2", size(4)));
        auto second = budget.hold("192.0.2.2", answer_of(4 * mebibyte));
        CHECK_FALSE(budget.admits("192.0.2.3", size(4)));
        auto moved = std::move(second);
        CHECK(budget.held() == 7 * mebibyte);
    }
    CHECK(budget.held() == 0);
    CHECK(budget.admits("192.0.2.1", size(4)));
}

TEST_CASE("an answer that many wait with counts once", "[http]") {
    AnswerBudget budget(10 * mebibyte, 4 * mebibyte);
    auto page = answer_of(3 * mebibyte);
    auto first = budget.hold("192.0.2.1", page);
    auto second = budget.hold("192.0.2.1", page);
    auto third = budget.hold("192.0.2.2", page);
    CHECK(budget.held() == 3 * mebibyte);
    CHECK(budget.admits("192.0.2.1", size(1)));
    first = {};
    second = {};
    CHECK(budget.held() == 3 * mebibyte);
    CHECK(budget.admits("192.0.2.1", size(4)));
    third = {};
    CHECK(budget.held() == 0);
}

TEST_CASE("a network of IPv6 is one client, a unix socket is none", "[http]") {
    AnswerBudget budget(10 * mebibyte, 4 * mebibyte);
    auto six = budget.hold("2001:db8::1", answer_of(3 * mebibyte));
    CHECK_FALSE(budget.admits("2001:db8::2", size(2)));
    auto local = budget.hold("", answer_of(3 * mebibyte));
    CHECK(budget.admits("", size(3)));
}

TEST_CASE("memory is given back once much of it is free", "[http]") {
    AnswerBudget budget(100 * mebibyte, 100 * mebibyte);
    CHECK_FALSE(budget.shrank());
    {
        auto large = budget.hold("192.0.2.1", answer_of(40 * mebibyte));
        CHECK_FALSE(budget.shrank());
    }
    CHECK(budget.shrank());
    CHECK_FALSE(budget.shrank());
}

TEST_CASE("past the budget large answers are 503 until slow clients have gone", "[http]") {
    auto config = tests::TestServer::quick();
    config.answer_bytes_max = 12 * mebibyte;
    tests::TestServer server(config);
    const std::string big = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n";
    {
        // Each waits with most of its 8 MiB, since the kernel takes little of it.
        tests::RawClient slow(server.address());
        slow.send(big);
        auto waits = [&server] {
            return server.metrics().text().find("portal_http_answer_bytes_waiting 8388608") !=
                   std::string::npos;
        };
        auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!waits() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
        tests::RawClient next(server.address());
        next.send(big);
        auto refused = next.answer();
        CHECK(tests::status_of(refused) == 503);
        CHECK(tests::field_of(refused, "Retry-After") == "1");
        CHECK(refused.find("answers_waiting") != std::string::npos);
        next.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(tests::status_of(next.answer()) == 200);
    }
    server.wait_for_connections(0);
    tests::RawClient after(server.address());
    after.send(big);
    CHECK(tests::status_of(after.answer()) == 200);
}
