// Sockets that somebody else has opened.
#include "inherited.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using http::Address;
using http::Descriptor;
using http::read_inherited;
using http::take_inherited;

namespace {

Descriptor inherited_tcp(bool listening) {
    Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0);
    if (listening) REQUIRE(listen(socket.get(), 1) == 0);
    return socket;
}

Descriptor inherited_unix(const std::string& path) {
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof(name.sun_path) - 1);
    REQUIRE(bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0);
    REQUIRE(listen(socket.get(), 1) == 0);
    return socket;
}

Address wanted(const std::string& text) {
    return *http::parse_address(text);
}

}  // namespace

TEST_CASE("what the environment says of passed sockets is for one process", "[http]") {
    auto both = read_inherited("17", "3", "http:spare:http", 17);
    REQUIRE(both.size() == 2);
    CHECK(both["http"] == std::vector<int>{3, 5});
    CHECK(both["spare"] == std::vector<int>{4});
    CHECK(read_inherited("17", "3", "http:spare:http", 18).empty());
    CHECK(read_inherited("17", "x", "http", 17).empty());
    CHECK(read_inherited("17", "99999999999", "http", 17).empty());
    CHECK(read_inherited(nullptr, "1", "http", 17).empty());
    CHECK(read_inherited("17", nullptr, "http", 17).empty());
    // systemd gives each a name; others may not.
    CHECK(read_inherited("17", "2", nullptr, 17)["unknown"] == std::vector<int>{3, 4});
    CHECK(read_inherited("17", "2", "http", 17)["unknown"] == std::vector<int>{4});
}

TEST_CASE("a passed socket is one queue that every thread looks into", "[http]") {
    auto socket = inherited_tcp(true);
    auto bound = take_inherited({{"http", {socket.get()}}}, wanted("systemd:http"), 3, 100);
    REQUIRE(bound);
    CHECK(bound->sockets.size() == 3);
    CHECK(bound->address.is_inherited());
    CHECK(bound->address.host == "127.0.0.1");
    CHECK(bound->address.port != 0);
    CHECK(bound->address.text() == "127.0.0.1:" + std::to_string(bound->address.port));
    CHECK((fcntl(socket.get(), F_GETFL) & O_NONBLOCK) != 0);
    CHECK((fcntl(socket.get(), F_GETFD) & FD_CLOEXEC) != 0);

    // Its queue outlives those who look into it.
    bound->sockets.clear();
    Descriptor client(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(bound->address.port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(client.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0);
}

TEST_CASE("one name may be that of several passed sockets, of any family", "[http]") {
    support::TemporaryFolder folder;
    auto path = (folder / "http.sock").string();
    auto local = inherited_unix(path);
    auto tcp = inherited_tcp(true);
    http::InheritedSockets sockets{{"http", {local.get(), tcp.get()}}};
    auto bound = take_inherited(sockets, wanted("systemd:http"), 2, 100);
    REQUIRE(bound);
    CHECK(bound->sockets.size() == 4);
    CHECK(bound->address.text() == "unix:" + path);
    auto tls = take_inherited(sockets, wanted("tls:systemd:http"), 2, 100);
    REQUIRE_FALSE(tls);
    CHECK(tls.error().message.find("unix socket") != std::string::npos);
}

TEST_CASE("what was not passed on, or does not listen, is refused by its name", "[http]") {
    auto silent = inherited_tcp(false);
    http::InheritedSockets sockets{{"silent", {silent.get()}}};
    auto missing = take_inherited(sockets, wanted("systemd:http"), 1, 100);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message.find("systemd:http is a socket that nobody has passed on") == 0);
    auto unusable = take_inherited(sockets, wanted("systemd:silent"), 1, 100);
    REQUIRE_FALSE(unusable);
    CHECK(unusable.error().message.find("no socket that listens") != std::string::npos);
}
