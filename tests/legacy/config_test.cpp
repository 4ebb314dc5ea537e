// Which upstreams a configuration may name.
#include "config/reader.hpp"
#include "legacy/module.hpp"
#include "support/catch.hpp"

namespace {

using Problems = std::vector<std::string>;

/// What is wrong with these settings below `legacy`; `config` is filled.
Problems read(std::vector<std::string> settings, legacy::Config& config) {
    config::Sources sources;
    for (const auto& setting : settings) sources.overrides.push_back("legacy." + setting);
    auto describe = [&config](config::Section& root) {
        legacy::describe(root.section("legacy", "The monolith."), config);
    };
    Problems problems;
    for (const auto& problem : config::read(sources, describe)) {
        problems.push_back(config::to_text(problem));
    }
    return problems;
}

Problems problems_of(std::vector<std::string> settings) {
    legacy::Config config;
    return read(std::move(settings), config);
}

/// One upstream of a list, with these members.
std::string listed(const std::string& members) {
    return "upstreams=[{" + members + "}]";
}

}  // namespace

TEST_CASE("one upstream is the default, several have names, prefixes and weights", "[legacy]") {
    legacy::Config none;
    CHECK(read({}, none).empty());
    CHECK(legacy::upstreams_of(none).empty());

    legacy::Config one;
    CHECK(read({"upstream=unix:/run/gunicorn.sock"}, one).empty());
    auto upstreams = legacy::upstreams_of(one);
    REQUIRE(upstreams.size() == 1);
    CHECK(upstreams[0].name == "default");
    CHECK(upstreams[0].prefix == "/");
    CHECK(upstreams[0].url == "unix:/run/gunicorn.sock");
    CHECK(upstreams[0].weight == 1);

    legacy::Config several;
    CHECK(read({R"(upstreams=[{"name":"blue","url":"http://127.0.0.1:8000","weight":9},
                              {"name":"green","url":"http://127.0.0.1:8001","weight":0},
                              {"name":"shop","prefix":"/shop/v-1.0","url":"https://shop.example"}])"},
               several)
              .empty());
    upstreams = legacy::upstreams_of(several);
    REQUIRE(upstreams.size() == 3);
    CHECK(upstreams[0].weight == 9);
    CHECK(upstreams[2].prefix == "/shop/v-1.0");
}

TEST_CASE("an upstream that cannot be one is refused by name", "[legacy]") {
    auto both = problems_of({"upstream=http://a:1", listed(R"("name":"b","url":"http://b:1")")});
    CHECK(both ==
          Problems{"legacy.upstream: name one upstream here, or all of them in upstreams."});
    for (const char* url : {"a:1", "ftp://a", "http://a/path", "http://", "unix:"}) {
        INFO(url);
        auto alone = problems_of({std::string("upstream=") + url});
        REQUIRE(alone.size() == 1);
        CHECK(alone[0].starts_with("legacy.upstream: "));
        auto of_list = problems_of({listed(R"("name":"a","url":")" + std::string(url) + '"')});
        REQUIRE(of_list.size() == 1);
        CHECK(of_list[0].starts_with("legacy.upstreams.0.url: "));
    }
    CHECK(problems_of({listed(R"("name":"a")")}).size() == 1);
    for (const char* name : {"", "A", "a b", "a/b", "ä"}) {
        auto problems =
            problems_of({listed(R"("url":"http://a:1","name":")" + std::string(name) + '"')});
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].starts_with("legacy.upstreams.0.name: "));
    }
    for (const char* prefix : {"", "shop", "/shop/", "//", "/a//b", "/a?b", "/a%20b", "/a b"}) {
        INFO(prefix);
        auto problems = problems_of(
            {listed(R"("name":"a","url":"http://a:1","prefix":")" + std::string(prefix) + '"')});
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].starts_with("legacy.upstreams.0.prefix: "));
    }
    auto twice = problems_of(
        {R"(upstreams=[{"name":"a","url":"http://a:1"},{"name":"a","url":"http://b:1"}])"});
    CHECK(twice == Problems{"legacy.upstreams.1.name: another one is called `a`, too."});
    CHECK(problems_of({listed(R"("name":"a","url":"http://a:1","weight":-1)")}).size() == 1);
}

TEST_CASE("a monolith's connections are kept for less than it keeps them itself", "[legacy]") {
    legacy::Config config;
    CHECK(config.limits.client.pooled_life == std::chrono::seconds(1));
    CHECK(!config.limits.client.pooled_for_unsafe);
    CHECK(config.limits.client.tunnel_idle_timeout == std::chrono::hours(1));
}

TEST_CASE("logins of the site count only by settings that can be kept to", "[legacy]") {
    const std::string upstream = "upstream=http://127.0.0.1:8000";
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"sessions.engine=signed_cookies", "sessions.secret_key_file=key"}, ""},
        {{"sessions.engine=whoami", upstream}, ""},
        {{"sessions.tokens_key_file=key", "sessions.tokens_until=2027-01-31"}, ""},
        {{"sessions.engine=signed_cookies"}, "legacy.sessions.secret_key_file"},
        {{"sessions.engine=db"}, "legacy.sessions.engine"},
        {{"sessions.engine=whoami"}, "legacy.sessions.engine"},
        {{"sessions.engine=whoami", upstream, "sessions.whoami=//x"}, "legacy.sessions.whoami"},
        {{"sessions.cookie=a;b"}, "legacy.sessions.cookie"},
        {{"sessions.csrf_cookie="}, "legacy.sessions.csrf_cookie"},
        {{"sessions.cookie_path=/news/"}, ""},
        {{"sessions.cookie_path=news"}, "legacy.sessions.cookie_path"},
        {{"sessions.cookie_path=/;Domain=x"}, "legacy.sessions.cookie_path"},
        {{"sessions.user_model=user"}, "legacy.sessions.user_model"},
        {{"sessions.whoami_kept_ms=30001"}, "legacy.sessions.whoami_kept_ms"},
        {{"sessions.tokens_jwks_url=https://a.example/k", "sessions.tokens_until=2027-01-31"}, ""},
        {{"sessions.tokens_jwks_url=https://a.example", "sessions.tokens_until=2027-01-31"},
         "legacy.sessions.tokens_jwks_url"},
        {{"sessions.tokens_jwks_url=unix:/k", "sessions.tokens_until=2027-01-31"},
         "legacy.sessions.tokens_jwks_url"},
        {{"sessions.tokens_jwks_url=http://me@a.example/k", "sessions.tokens_until=2027-01-31"},
         "legacy.sessions.tokens_jwks_url"},
        {{"sessions.tokens_jwks_url=http://a.example/k", "sessions.tokens_jwks_file=k",
          "sessions.tokens_until=2027-01-31"},
         "legacy.sessions.tokens_jwks_url"},
        {{"sessions.tokens_key_file=key"}, "legacy.sessions.tokens_until"},
        {{"sessions.tokens_key_file=key", "sessions.tokens_until=2027-02-30"},
         "legacy.sessions.tokens_until"}};
    for (const auto& [settings, wrong] : cases) {
        CAPTURE(settings);
        auto problems = problems_of(settings);
        REQUIRE(problems.size() == (wrong.empty() ? 0 : 1));
        if (!wrong.empty()) CHECK(problems.front().starts_with(wrong + ":"));
    }
    CHECK(legacy::end_of_day("1970-01-01") == 24 * 3600);
}
