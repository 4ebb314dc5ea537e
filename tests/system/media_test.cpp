// Pictures on the built server: in, out, what is broken, and what a kill leaves.
#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/pictures.hpp"

using nlohmann::json;
using support::failure_faults;
using support::picture;
using support::PortalProcess;

namespace {

constexpr const char* media_route = "/v1/media";

support::Answer send_file(const PortalProcess& portal, const std::string& file,
                          const std::string& query = "", const support::Fields& fields = {}) {
    return portal.ask("POST", media_route + query, file, fields);
}

std::string media_metric(const PortalProcess& portal, const std::string& name) {
    auto text = support::HttpClient(portal.operations()).request("GET", "/metrics").body;
    auto at = text.find("\n" + name + " ");
    REQUIRE(at != text.npos);
    auto from = at + name.size() + 2;
    return text.substr(from, text.find('\n', from) - from);
}

std::string media_path(const json& item, const std::string& rest = "") {
    return "/v1/media/" + std::to_string(item.at("id").get<std::int64_t>()) + rest;
}

/// Resident memory of the server in KiB.
std::int64_t memory_of(PortalProcess& portal) {
    std::ifstream status("/proc/" + std::to_string(portal.process().pid()) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::atoll(line.c_str() + 6);
    }
    return 0;
}

}  // namespace

TEST_CASE("a picture is brought, cut around its focus, and served in parts", "[system]") {
    PortalProcess portal;
    portal.start();
    auto file = picture(image::Kind::jpeg, {1600, 400, 6, "GPS 52.5 13.4"});
    auto sent = send_file(portal, file, "?alt=Four%20fields&focus=0,0.5",
                          {{"Content-Type", "image/jpeg"}, {"Idempotency-Key", "one"}});
    REQUIRE(sent.status == 201);
    auto item = sent.json();
    CHECK(item.at("width") == 1600);
    CHECK(item.at("height") == 400);
    CHECK(sent.field("Location") == media_path(item));
    CHECK(send_file(portal, file, "?alt=Four%20fields&focus=0,0.5", {{"Idempotency-Key", "one"}})
              .json() == item);
    for (const char* format : {"webp", "jpg", "avif"}) {
        CAPTURE(format);
        auto rest = "/320x320." + item.at("hash").get<std::string>() + "." + format;
        auto seen = portal.get(media_path(item, rest));
        REQUIRE(seen.status == 200);
        CHECK(seen.field("X-Content-Type-Options") == "nosniff");
        CHECK(seen.body.find("GPS") == seen.body.npos);
        auto shown = support::see(seen.body);
        CHECK(shown.width == 320);
        CHECK(shown.height == 320);
        CHECK(support::alike(shown.at(0.9, 0.2), support::red));
        CHECK(support::alike(shown.at(0.9, 0.8), support::blue));
        auto again = portal.get(media_path(item, rest), {{"If-None-Match", seen.field("ETag")}});
        CHECK(again.status == 304);
    }
    auto original = portal.get(media_path(item, "/original"), {{"Range", "bytes=2-9"}});
    CHECK(original.status == 206);
    CHECK(original.body == file.substr(2, 8));
    CHECK(original.field("Content-Type") == "image/jpeg");
    auto behind = portal.get(media_path(item, "/original"), {{"Range", "bytes=99999999-"}});
    CHECK(failure_faults(behind, 416, "range_not_satisfiable") == "");

    auto focused =
        portal.put(media_path(item), {{"focus", {{"x", 1}, {"y", 0.5}}}, {"version", 1}});
    REQUIRE(focused.status == 201);
    auto other = portal.get(media_path(focused.json(), "/320x320.jpg"));
    CHECK(support::alike(support::see(other.body).at(0.1, 0.2), support::green));
    CHECK(portal.get("/v1/media?limit=1").json().at("media").at(0) == focused.json());

    // An article shows it: it stays until that does not.
    auto content = "<img src=\"" + media_path(item, "/640.webp") + "\">";
    auto article =
        portal.post("/v1/news/sports", {{"title", "A"}, {"content", content}, {"author", "A"}});
    REQUIRE(article.status == 201);
    auto is_shown = [&] { return portal.get(media_path(item)).json().at("public") == true; };
    REQUIRE(support::eventually(is_shown));
    CHECK(failure_faults(portal.ask("DELETE", media_path(item)), 409, "media_in_use") == "");
    CHECK(portal.ask("DELETE", media_path(focused.json())).status == 204);
    CHECK(portal.get("/v1/media/healthcheck").status == 200);
    CHECK(portal.stop() == 0);
    CHECK(portal.command({"verify"}).code == 0);
}

TEST_CASE("broken pictures are refused, and the server does not notice", "[system]") {
    json limits{{"media", {{"bytes_max", 100'000}, {"pixels_max", 2'000'000}}}};
    PortalProcess portal(limits);
    portal.start();
    std::size_t refused = 0;
    for (const auto& [name, file] : support::broken_pictures()) {
        CAPTURE(name);
        auto answer = send_file(portal, file);
        CHECK(answer.status == 422);
        refused += answer.status == 422 ? 1 : 0;
    }
    CHECK(refused >= 100);
    CHECK(media_metric(portal, "portal_media_worker_restarts_total") == "0");
    CHECK(failure_faults(send_file(portal, std::string(100'001, 'x')), 413, "body_too_large") ==
          "");
    CHECK(failure_faults(send_file(portal, "<svg/>"), 422, "svg_refused") == "");
    CHECK(failure_faults(send_file(portal, "hello"), 422, "unknown_kind") == "");
    CHECK(failure_faults(send_file(portal, ""), 422, "empty_file") == "");
    CHECK(failure_faults(send_file(portal, "x", "", {{"Content-Type", "multipart/form-data"}}), 400,
                         "malformed_form") == "");
    CHECK(failure_faults(portal.get("/v1/media/7"), 404, "media_not_found") == "");
    CHECK(failure_faults(portal.get("/v1/media/7/320.webp"), 404, "media_not_found") == "");
    CHECK(failure_faults(portal.get("/v1/media?unused=x"), 400, "malformed_unused") == "");
    CHECK(send_file(portal, picture(image::Kind::png)).status == 201);
    CHECK(portal.breakdowns().empty());
    CHECK(portal.stop() == 0);
}

TEST_CASE("large files take no memory", "[system]") {
    PortalProcess portal;
    portal.start();
    constexpr std::size_t large = 32 * 1024 * 1024;
    std::string file = "%PDF-1.7\n" + std::string(large - 9, 'x');
    // Past the recorder: it would keep them all.
    auto send_large = [&](const std::string& bytes) {
        support::HttpClient client(portal.address());
        client.send(support::head_of("POST", media_route,
                                     {{"Content-Length", std::to_string(bytes.size())}}));
        client.send(bytes);
        return client.receive();
    };
    REQUIRE(send_large(file).status == 201);
    auto before = memory_of(portal);
    for (int i = 0; i < 2; ++i) REQUIRE(send_large(file).status == 201);
    auto item = portal.get("/v1/media?limit=1").json().at("media").at(0);
    support::HttpClient client(portal.address());
    client.send(support::head_of("GET", media_path(item, "/original"), {}));
    CHECK(client.receive().body == file);
    // Less than half of one of them.
    CHECK(memory_of(portal) - before < 16 * 1024);
    auto refused = send_large(file + std::string(100'000, 'x'));
    CHECK(refused.status == 413);
    CHECK(refused.json().at("error") == "body_too_large");
    CHECK(portal.stop() == 0);
}

TEST_CASE("a kill while files come leaves nothing broken", "[system]") {
    PortalProcess portal;
    portal.start();
    auto first = send_file(portal, picture(image::Kind::jpeg)).json();
    for (int round = 0; round < 3; ++round) {
        // One that stops in the middle of its file, and one that may be anywhere.
        support::HttpClient half(portal.address());
        half.send("POST /v1/media HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n%PDF-1.7");
        support::HttpClient other(portal.address());
        auto file = "%PDF-1.7 " + std::to_string(round) + std::string(200'000, 'x');
        other.send(support::head_of("POST", media_route,
                                    {{"Content-Length", std::to_string(file.size())}}));
        other.send(file);
        portal.kill();
        portal.start();
        auto incoming = portal.data() / "media" / "incoming";
        CHECK(std::filesystem::is_empty(incoming));
        CHECK(portal.get(media_path(first, "/original")).status == 200);
    }
    CHECK(portal.stop() == 0);
    auto verified = portal.command({"verify"});
    CAPTURE(verified.output);
    CHECK(verified.code == 0);
}
