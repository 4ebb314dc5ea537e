#include "client_suite.hpp"

#include "asking.hpp"
#include "support/catch.hpp"

namespace tests {

namespace {

http::ClientRequest to(ClientStage& stage, const std::string& target,
                       http::Method method = http::Method::get) {
    http::ClientRequest request;
    request.upstream = stage.upstream();
    request.target = target;
    request.method = method;
    return request;
}

/// What read_some() gives, one after the other: pieces in quotes, codes of refusals; `times` more
/// after the first that is no piece.
base::Task<std::string> read_slowly(http::Client& client, http::ClientRequest request, int times) {
    auto response = co_await client.send(std::move(request), base::Deadline::in(10s));
    if (!response) co_return response.error();
    std::string all;
    std::string said;
    while (times > 0) {
        auto piece = co_await response->body->read_some();
        if (piece && !piece->empty()) {
            all += *piece;
            continue;
        }
        --times;
        said += piece ? " end" : " " + piece.error().code;
    }
    co_return all + said;
}

base::Task<Whole> collect_at_most(http::Client& client, http::ClientRequest request,
                                  std::size_t most) {
    auto response = co_await client.send(std::move(request), base::Deadline::in(10s));
    if (!response) co_return response.error();
    auto body = co_await http::collect(response->body, most);
    if (!body) co_return body.error();
    co_return Whole{response->status, response->fields, std::move(*body)};
}

}  // namespace

void client_suite(ClientStage& stage) {
    auto& client = stage.client();
    SECTION("an answer has its status, its fields in order, and its content") {
        stage.answer("/a", {201, {{"X-One", "1"}, {"x-two", "2"}, {"X-One", "3"}}, {"he", "llo"}});
        auto answer = ask(client, to(stage, "/a"));
        REQUIRE(answer);
        CHECK(answer->status == 201);
        CHECK(answer->body == "hello");
        std::string own;
        for (const auto& [name, value] : answer->fields) {
            if (name.starts_with("X-") || name.starts_with("x-")) own += name + value + " ";
        }
        CHECK(own == "X-One1 x-two2 X-One3 ");
        http::ClientResponse response;
        response.fields = answer->fields;
        CHECK(response.header("X-TWO") == "2");
        CHECK(response.header("x-one") == "1");
        CHECK_FALSE(response.header("x-three"));
    }
    SECTION("content is read in pieces, to an end that stays one") {
        stage.answer("/a", {200, {}, {"he", "l", "lo"}});
        CHECK(*base::run(read_slowly(client, to(stage, "/a"), 3)) == "hello end end end");
    }
    SECTION("content that is cut is a refusal that stays one, after all that came") {
        base::Error cut{base::Reason::unavailable, "upstream_cut", "It ended early."};
        stage.answer("/a", {200, {}, {"hel"}, cut});
        CHECK(*base::run(read_slowly(client, to(stage, "/a"), 2)) ==
              "hel upstream_cut upstream_cut");
    }
    SECTION("an answer may have no content") {
        stage.answer("/a", {200, {}, {}});
        CHECK(*base::run(read_slowly(client, to(stage, "/a"), 2)) == " end end");
        stage.answer("/b", {200, {}, {"hello"}});
        auto head = ask(client, to(stage, "/b", http::Method::head));
        REQUIRE(head);
        CHECK(head->body.empty());
        stage.answer("/c", {304, {}, {}});
        CHECK(ask(client, to(stage, "/c"))->status == 304);
    }
    SECTION("a status is no refusal, whatever it is") {
        for (int status : {200, 302, 404, 429, 500, 599}) {
            stage.answer("/a", {status, {}, {"x"}});
            CHECK(ask(client, to(stage, "/a"))->status == status);
        }
    }
    SECTION("content goes out from a text and from a source") {
        stage.answer("/a", {});
        auto request = to(stage, "/a", http::Method::post);
        request.body = std::string("text");
        REQUIRE(ask(client, request));
        CHECK(stage.last_content() == "text");
        std::vector<std::string> words = {"one", "two"};
        request.body = http::ClientUpload{std::make_shared<Pieces>(words), 6};
        REQUIRE(ask(client, request));
        CHECK(stage.last_content() == "onetwo");
    }
    SECTION("what breaks in the source comes out as it is") {
        stage.answer("/a", {});
        auto source = std::make_shared<Pieces>(std::vector<std::string>{"one"});
        source->break_with({base::Reason::conflict, "source_broke", "It broke."});
        auto request = to(stage, "/a", http::Method::post);
        request.body = http::ClientUpload{source, {}};
        CHECK(code_of(ask(client, request)) == "source_broke");
        std::vector<std::string> words = {"one", "two"};
        request.body = http::ClientUpload{std::make_shared<Pieces>(words), 5};
        CHECK(code_of(ask(client, request)) == "invalid_request");
    }
    SECTION("more content than wanted is refused") {
        stage.answer("/a", {200, {}, {"hel", "lo"}});
        CHECK(base::run(collect_at_most(client, to(stage, "/a"), 5))->body == "hello");
        CHECK(code_of(base::run(collect_at_most(client, to(stage, "/a"), 4))) ==
              "upstream_too_large");
    }
    SECTION("a request that cannot be sent is refused, and so is one that is too late") {
        stage.answer("/a", {});
        auto request = to(stage, "/a");
        request.fields = {{"X", "a\r\nb"}};
        CHECK(code_of(ask(client, request)) == "invalid_request");
        base::Deadline late(std::chrono::steady_clock::now());
        CHECK(code_of(ask(client, to(stage, "/a"), late)) == "upstream_timeout");
    }
}

}  // namespace tests
