// A live stream as a reader's browser hears it: through a proxy with the documented lines, by the
// documented script, across a restart.
#include <fstream>
#include <sstream>

#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/chromium.hpp"
#include "support/docs_example.hpp"
#include "support/eventually.hpp"
#include "support/json_checks.hpp"
#include "support/nginx.hpp"
#include "support/portal_process.hpp"
#include "support/skip.hpp"
#include "support/streamed_answer.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::new_item;
using support::PortalProcess;
using support::StreamedAnswer;

namespace {

/// A server on a unix socket, which is at the same address after a restart, and nginx before it; it
/// has a page that says what it hears at /heard.
class ProxiedSite {
public:
    ProxiedSite()
        : socket_((folder_ / "http.sock").string()),
          portal({{"http", {{"listen", "unix:" + socket_}}}, {"live", {{"heartbeat_ms", 300}}}}) {
        portal.start();
        auto place = folder_.path().string();
        auto lines =
            "upstream portal { server unix:" + socket_ + "; }\nlog_format heard '$args';\n" +
            "server {\n" + support::docs_example("live.md", "location ~ ^/v1/") +
            "location = /heard { access_log " + place + "/heard.log heard; return 204; }\n" +
            "location = /page.html { root " + place + "; types { text/html html; } }\n}\n";
        proxy = std::make_unique<support::Nginx>(folder_.path(), std::move(lines));
        std::ofstream(folder_ / "page.html")
            << "<!DOCTYPE html><meta charset=utf-8><script>\n"
            << "const say = (what) => fetch('/heard?' + what, {cache: 'no-store'});\n"
            << "const show = (item) => say('show:' + item.id);\nconst remove = (id) => "
               "say('remove:' "
               "+ id);\n"
            << support::docs_example("live.md", "let id = \"\";")
            << "say('listening');\n</script>\n";
    }

    std::int64_t make(const std::string& title) {
        auto made = portal.post("/v1/news/sports", new_item(title));
        REQUIRE(made.status == 201);
        return made.news()["id"].get<std::int64_t>();
    }
    /// All that the page has said so far, in lines.
    std::string heard() const {
        std::ifstream file(folder_ / "heard.log");
        std::ostringstream all;
        all << file.rdbuf();
        return all.str();
    }
    bool hears(const std::string& lines) {
        return support::eventually([&] { return heard() == lines; }, 40s);
    }

private:
    support::TemporaryFolder folder_;
    std::string socket_;

public:
    PortalProcess portal;
    std::unique_ptr<support::Nginx> proxy;
};

}  // namespace

TEST_CASE("behind nginx with the documented lines, a live stream comes as it happens", "[system]") {
    if (!support::Nginx::is_installed())
        return support::skip("there is no nginx (apt-get install nginx-light)");
    ProxiedSite site;
    StreamedAnswer live(site.proxy->address(), "/v1/live");
    CHECK(live.head().status == 200);
    CHECK(live.head().field("Content-Type") == "text/event-stream; charset=utf-8");
    for (const char* title : {"First", "Second"}) {
        site.make(title);
        live.until(title);
    }
    // What is said while nothing happens comes through, too.
    live.until(":\nid: famous:0,politics:0,sports:2\n\n");
    CHECK(site.portal.stop() == 0);
    live.rest();
    CHECK(live.complete());
}

TEST_CASE("a browser hears all by the documented script, once and in order, across kill -9",
          "[system]") {
    if (!support::Nginx::is_installed())
        return support::skip("there is no nginx (apt-get install nginx-light)");
    if (!support::Chromium::is_installed())
        return support::skip("there is no Chromium (apt-get install chromium-headless-shell)");
    ProxiedSite site;
    support::Chromium browser("http://" + site.proxy->address() + "/page.html");
    INFO(browser.errors());
    std::string expected = "listening\n";
    REQUIRE(site.hears(expected));
    REQUIRE(support::eventually([&] {
        auto metrics =
            support::HttpClient(site.portal.operations()).request("GET", "/metrics").body;
        return metrics.find("\nportal_live_readers{kind=\"public\"} 1\n") != metrics.npos;
    }));
    auto say = [&](const char* what, std::int64_t id) {
        expected += std::string(what) + ":" + std::to_string(id) + "\n";
    };
    auto first = site.make("First");
    say("show", first);
    REQUIRE(site.hears(expected));

    site.portal.kill();
    site.portal.start();
    // It waits before it comes back, so this is missed.
    auto second = site.make("Second");
    say("show", second);
    auto path = "/v1/news/sports/" + std::to_string(first);
    REQUIRE(support::HttpClient(site.portal.address()).request("DELETE", path).status == 200);
    say("remove", first);
    CHECK(site.hears(expected));

    auto third = site.make("Third");
    say("show", third);
    CHECK(site.hears(expected));
    CHECK(site.portal.breakdowns().empty());
}
