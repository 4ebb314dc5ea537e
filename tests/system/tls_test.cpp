// The binary on TLS addresses and unix sockets: settings, certificates, SIGHUP.
#include "support/tls.hpp"

#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using nlohmann::json;
using support::eventually;
using support::Finished;
using support::HttpClient;
using support::make_certificate;
using support::PortalProcess;
using support::TlsClient;

namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Names the two files in the portal's own folder, which hold a certificate for `name`.
json with_certificate(const PortalProcess& portal, const std::string& name) {
    support::write_certificate(portal.folder(), make_certificate(name));
    return {{"http",
             {{"tls",
               {{"certificate", (portal.folder() / "certificate.pem").string()},
                {"key", (portal.folder() / "key.pem").string()}}}}}};
}

json addresses_of(const PortalProcess& portal) {
    return json::parse(text_of(portal.data() / "portal.addresses.json"));
}

/// One answer, head and body; empty if there is none.
std::string ask(const std::string& address, const std::string& target) {
    TlsClient client(address);
    if (!client.begin()) return {};
    client.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    return client.answer();
}

/// The name in the certificate that a new connection gets.
std::string name_at(const std::string& address) {
    TlsClient client(address);
    return client.begin() ? client.name() : client.failure();
}

bool logged(const PortalProcess& portal, const std::string& words) {
    return text_of(portal.data() / "logs" / "portal.log").find(words) != std::string::npos;
}

void check_refused(const Finished& finished, const std::string& path, const std::string& words) {
    INFO(finished.output << finished.errors);
    CHECK(finished.code == 2);
    CHECK(finished.errors.find("portal: " + path + ": ") != std::string::npos);
    CHECK(finished.errors.find(words) != std::string::npos);
}

}  // namespace

TEST_CASE("one server answers plainly, through TLS and on a unix socket", "[system][tls]") {
    PortalProcess portal;
    portal.configure(with_certificate(portal, "first"));
    auto path = (portal.folder() / "public.sock").string();
    portal.configure(
        {{"http", {{"listen_also", {"tls:127.0.0.1:0", "unix:" + path}}, {"unix_mode", "0660"}}},
         {"operations", {{"listen", "tls:127.0.0.1:0"}}}});
    portal.start();
    auto addresses = addresses_of(portal);
    auto tls = addresses.at("http-2").get<std::string>();
    CHECK(addresses.at("http-3") == "unix:" + path);
    CHECK(addresses.at("operations").get<std::string>().starts_with("tls:127.0.0.1:"));

    auto plain = portal.get("/v1/news/all/1/10");
    CHECK(plain.status == 200);
    CHECK_FALSE(plain.has_field("Strict-Transport-Security"));
    auto secure = ask(tls, "/v1/news/all/1/10");
    CHECK(secure.starts_with("HTTP/1.1 200 "));
    CHECK(secure.ends_with(plain.body));
    CHECK(secure.find("\r\nStrict-Transport-Security: max-age=31536000\r\n") != std::string::npos);
    HttpClient local("unix:" + path);
    CHECK(local.request("GET", "/v1/news/all/1/10").body == plain.body);
    struct stat found {};
    REQUIRE(stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0660);
    REQUIRE(stat((portal.data() / "portal.sock").c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);

    auto metrics = ask(portal.operations(), "/metrics");
    CHECK(metrics.find("\nportal_tls_handshakes_total{result=\"done\"} 2\n") != std::string::npos);
    CHECK(portal.stop() == 0);
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("on SIGHUP the certificate is read again, and a bad one changes nothing",
          "[system][tls]") {
    PortalProcess portal;
    portal.configure(with_certificate(portal, "first"));
    portal.configure({{"http", {{"listen", "tls:127.0.0.1:0"}}}});
    portal.start();
    CHECK(portal.process().output().find("portal serves https://127.0.0.1:") != std::string::npos);
    CHECK(name_at(portal.address()) == "first");
    TlsClient under_way(portal.address());
    REQUIRE(under_way.begin());

    support::write_certificate(portal.folder(), make_certificate("second"));
    portal.process().signal(SIGHUP);
    CHECK(eventually([&] { return name_at(portal.address()) == "second"; }));
    under_way.send("GET /v1/news/all/1/10 HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(under_way.answer().starts_with("HTTP/1.1 200 "));

    support::write_certificate(portal.folder(), make_certificate("third"));
    std::filesystem::permissions(portal.folder() / "key.pem", std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    portal.process().signal(SIGHUP);
    CHECK(eventually([&] {
        return logged(portal, "the certificate is not replaced: the new one cannot be used");
    }));
    CHECK(name_at(portal.address()) == "second");
    CHECK(portal.stop() == 0);
}

TEST_CASE("SIGHUP without TLS leaves the server alone", "[system][tls]") {
    PortalProcess portal;
    portal.start();
    portal.process().signal(SIGHUP);
    CHECK(eventually([&] { return logged(portal, "there is no certificate to read again"); }));
    CHECK(portal.get("/v1/news/all/1/10").status == 200);
    CHECK(portal.stop() == 0);
}

TEST_CASE("TLS settings that cannot work are named by their path", "[system][tls]") {
    const json tls_address = {{"http", {{"listen_also", {"tls:127.0.0.1:0"}}}}};
    PortalProcess portal(tls_address);
    auto check = [&](const std::string& path, const std::string& words) {
        check_refused(portal.command({}), path, words);
        check_refused(portal.command({"--check-config"}), path, words);
        CHECK_FALSE(std::filesystem::exists(portal.data()));
    };
    check("http.tls.certificate", "names no file, and tls:127.0.0.1:0 needs a certificate.");
    check("http.tls.key", "names no file, and tls:127.0.0.1:0 needs a key.");

    portal.configure(with_certificate(portal, "a"));
    CHECK(portal.command({"--check-config"}).code == 0);
    auto key = portal.folder() / "key.pem";
    std::filesystem::permissions(key, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    check("http.tls.key", "its mode has to be 0600 or 0400, or 0640");
    std::filesystem::remove(key);
    check("http.tls.key", "cannot be opened");
    std::ofstream(portal.folder() / "certificate.pem") << "nothing";
    check("http.tls.certificate", "has no certificate in PEM form");

    // It has nothing to do with the network.
    CHECK_THAT(portal.command({"verify"}).output, !Catch::Contains("http.tls"));
    PortalProcess operations(json{{"operations", {{"listen", "tls:127.0.0.1:0"}}}});
    check_refused(operations.command({}), "http.tls.certificate", "names no file");
    for (const auto& [settings, path] : std::vector<std::pair<json, std::string>>{
             {{{"listen", "tls:unix:/a"}}, "http.listen"},
             {{{"listen_also", {"127.0.0.1:0", "nowhere"}}}, "http.listen_also"},
             {{{"unix_mode", "660"}}, "http.unix_mode"},
             {{{"tls", {{"hsts_seconds", -1}}}}, "http.tls.hsts_seconds"},
         }) {
        INFO(settings.dump());
        PortalProcess wrong(json{{"http", settings}});
        check_refused(wrong.command({}), path, "");
    }
}

TEST_CASE("open mode is refused on further addresses off loopback, too", "[system][tls]") {
    for (const std::string far : {"0.0.0.0:0", "tls:0.0.0.0:0", "[::]:0"}) {
        INFO(far);
        PortalProcess portal(json{{"http", {{"listen_also", {"127.0.0.1:0", far}}}}});
        check_refused(portal.command({}), "security.mode", "http.listen_also has " + far);
        CHECK_FALSE(std::filesystem::exists(portal.data()));
    }
    PortalProcess taken;
    taken.start();
    PortalProcess second(json{{"http", {{"listen_also", {taken.address()}}}}});
    check_refused(second.command({}), "http.listen_also", " is already in use");
    CHECK(taken.stop() == 0);
}
