#include "address.hpp"

#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

TEST_CASE("a collector's address may have a path", "[reporting]") {
    auto plain = reporting::parse_endpoint("http://127.0.0.1:4318", "/v1/traces");
    REQUIRE(plain);
    CHECK(plain->server.text() == "http://127.0.0.1:4318");
    CHECK(plain->target == "/v1/traces");
    CHECK(reporting::parse_endpoint("http://a:1/", "/v1/traces")->target == "/v1/traces");
    auto longer = reporting::parse_endpoint("https://collector.example/otlp/v1/traces", "/x");
    REQUIRE(longer);
    CHECK(longer->server.tls);
    CHECK(longer->target == "/otlp/v1/traces");
    for (const char* wrong : {"", "collector:4318", "ftp://a", "unix:/run/x", "http://",
                              "http:///x", "http://a/b c", "http://a/b#c"}) {
        INFO(wrong);
        CHECK_FALSE(reporting::parse_endpoint(wrong, "/v1/traces"));
    }
}

TEST_CASE("a DSN says where envelopes go, and with which key", "[reporting]") {
    auto project = reporting::parse_dsn("https://0a1b@sentry.example:9000/sub/42");
    REQUIRE(project);
    CHECK(project->key == "0a1b");
    CHECK(project->destination.server.text() == "https://sentry.example:9000");
    CHECK(project->destination.target == "/sub/api/42/envelope/");
    CHECK(reporting::parse_dsn("http://k:secret@a/1")->key == "k");
    CHECK(reporting::parse_dsn("http://k@a/1")->destination.target == "/api/1/envelope/");
    for (const char* wrong :
         {"", "https://sentry.example/42", "https://@a/1", "https://k@a", "https://k@a/",
          "ftp://k@a/1", "https://k@/1", "k@a/1", "https://k@a/1?x=2", "https://k y@a/1"}) {
        INFO(wrong);
        auto refused = reporting::parse_dsn(wrong);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "sentry_dsn_unusable");
    }
}

TEST_CASE("the file of a DSN is its owner's alone, and its content is in no message",
          "[reporting]") {
    support::TemporaryFolder folder;
    auto file = (folder / "dsn").string();
    auto write = [&](const std::string& text, unsigned mode) {
        std::ofstream(file) << text;
        std::filesystem::permissions(file, std::filesystem::perms(mode));
    };
    write("https://key@a/1\n", 0600);
    REQUIRE(reporting::read_dsn(file));
    CHECK(reporting::read_dsn(file)->key == "key");
    write("https://key@a/1\n", 0640);
    CHECK_FALSE(reporting::read_dsn(file));
    write("https://hush@a", 0600);
    auto refused = reporting::read_dsn(file);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("hush") == std::string::npos);
    CHECK_FALSE(reporting::read_dsn((folder / "none").string()));
    CHECK_FALSE(reporting::read_dsn(folder.path().string()));
}
