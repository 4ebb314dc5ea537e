// One server after another on the same sockets, as systemd starts them.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <thread>

#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::Answer;
using support::HttpClient;
using support::new_item;
using support::PortalProcess;

namespace {

/// What systemd is for a unit with sockets: it listens, and hears how the server is.
class ServiceManager {
public:
    ServiceManager() {
        listening_ = listen_on_loopback();
        spare_ = listen_on_loopback();
        everywhere_ = listen_on_both_families();
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        name_.copy(at.sun_path + 1, sizeof(at.sun_path) - 2);
        auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
        REQUIRE(bind(told_, reinterpret_cast<sockaddr*>(&at), size) == 0);
    }
    ~ServiceManager() {
        for (int socket : {listening_, spare_, everywhere_, told_}) close(socket);
    }
    ServiceManager(const ServiceManager&) = delete;

    support::Process::Options options() const {
        support::Process::Options options;
        options.sockets = {{"spare", spare_}, {"http", listening_}, {"http", everywhere_}};
        options.environment = {{"NOTIFY_SOCKET", "@" + name_}, {"WATCHDOG_USEC", "1000000"}};
        return options;
    }

    /// Of the socket that takes clients of both families.
    std::string by_v4() const {
        sockaddr_in6 name{};
        socklen_t size = sizeof(name);
        getsockname(everywhere_, reinterpret_cast<sockaddr*>(&name), &size);
        return "127.0.0.1:" + std::to_string(ntohs(name.sin6_port));
    }

    /// True once the server has said a line; what came before it is forgotten.
    bool hears(const std::string& line) {
        return support::eventually([&] {
            std::array<char, 1024> text{};
            for (;;) {
                auto got = recv(told_, text.data(), text.size(), MSG_DONTWAIT);
                if (got < 0) return false;
                std::istringstream lines(std::string(text.data(), static_cast<std::size_t>(got)));
                for (std::string one; std::getline(lines, one);) {
                    if (one == line) return true;
                }
            }
        });
    }

private:
    static int listen_on_loopback() {
        int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(bind(socket, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0);
        REQUIRE(listen(socket, 4096) == 0);
        return socket;
    }

    static int listen_on_both_families() {
        int socket = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int off = 0;
        setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
        sockaddr_in6 name{};
        name.sin6_family = AF_INET6;
        REQUIRE(bind(socket, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0);
        REQUIRE(listen(socket, 4096) == 0);
        return socket;
    }

    const std::string name_ = "portal-upgrade-test-" + std::to_string(getpid());
    int listening_ = -1;
    int spare_ = -1;
    int everywhere_ = -1;
    int told_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

/// Clients that ask without a pause, each as it does: on a kept connection, or on a new one each
/// time. Whoever loses a connection before its answer, or gets one that is no success, has failed.
class Load {
public:
    Load(std::string address, support::Fields writer)
        : address_(std::move(address)), writer_(std::move(writer)) {
        for (bool keeps : {true, true, false, false}) {
            threads_.emplace_back([this, keeps] { ask("", keeps); });
        }
        threads_.emplace_back([this] { ask(new_item("under load").dump(), true); });
    }
    ~Load() { end(); }
    Load(const Load&) = delete;

    void end() {
        ends_ = true;
        for (auto& thread : threads_) thread.join();
        threads_.clear();
    }
    int answered() const { return answered_; }
    int written() const { return written_; }
    int failed() const { return failed_; }

private:
    void ask(const std::string& item, bool keeps) {
        std::unique_ptr<HttpClient> client;
        support::Fields fields = {{"Connection", keeps ? "keep-alive" : "close"}};
        if (!item.empty()) {
            fields.insert(fields.end(), writer_.begin(), writer_.end());
            fields.emplace_back("Content-Type", "application/json");
            fields.emplace_back("Content-Length", std::to_string(item.size()));
        }
        auto request = item.empty() ? support::head_of("GET", "/v1/news/all/1/10", fields)
                                    : support::head_of("POST", "/v1/news/sports", fields) + item;
        while (!ends_) {
            try {
                if (!client) client = std::make_unique<HttpClient>(address_);
                client->send(request);
                auto answer = client->receive();
                bool good = answer.status == (item.empty() ? 200 : 201);
                ++(good ? answered_ : failed_);
                if (good && !item.empty()) ++written_;
                if (answer.field("Connection") == "close") client.reset();
            } catch (const support::ConnectionLost&) {
                ++failed_;
                client.reset();
            }
        }
    }

    const std::string address_;
    const support::Fields writer_;
    std::atomic<bool> ends_{false};
    std::atomic<int> answered_{0};
    std::atomic<int> written_{0};
    std::atomic<int> failed_{0};
    std::vector<std::thread> threads_;
};

std::string log_of(const PortalProcess& portal) {
    std::ifstream in(portal.data() / "logs" / "portal.log");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// How many news items of a type there are.
std::int64_t items_of(const PortalProcess& portal, const std::string& type) {
    return std::ssize(tests::walk(portal, "/v1/news/" + type, 100));
}

}  // namespace

TEST_CASE("a server that follows another on its sockets fails no request", "[system]") {
    ServiceManager systemd;
    auto settings = tests::enforced();
    settings["http"] = {{"listen", "systemd:http"}, {"threads", 2}};
    // Longer than the clients of a busy machine may pause between two requests.
    settings["http"]["drain_idle_timeout_ms"] = 10000;
    PortalProcess portal(settings);
    auto editor = tests::create_person(portal, "editor", "Upgrading Editor");

    portal.start(systemd.options());
    CHECK(systemd.hears("READY=1"));
    CHECK(systemd.hears("WATCHDOG=1"));
    auto address = portal.address();
    auto login = tests::log_in(portal, editor);
    {
        Load load(address, login.bearer());
        REQUIRE(support::eventually([&] { return load.answered() >= 100; }));
        CHECK(portal.stop() == 0);
        CHECK(systemd.hears("STOPPING=1"));
        auto before = load.answered();
        portal.start(systemd.options());
        CHECK(portal.address() == address);
        CHECK(systemd.hears("READY=1"));
        REQUIRE(support::eventually([&] { return load.answered() >= before + 100; }));
        load.end();
        INFO(load.answered() << " answered");
        CHECK(load.failed() == 0);
        CHECK(load.written() > 0);
        CHECK(items_of(portal, "sports") == load.written());
    }
    CHECK(log_of(portal).find(R"("socket":"spare")") != std::string::npos);
    CHECK(portal.breakdowns().empty());

    // Who connects while nobody is there waits for whoever comes.
    CHECK(portal.stop() == 0);
    HttpClient early(address);
    REQUIRE(early.send(support::head_of("GET", "/v1/news/all/1/10", {})));
    portal.start(systemd.options());
    CHECK(early.receive().status == 200);
    HttpClient through(systemd.by_v4());
    REQUIRE(through.send(support::head_of("GET", "/v1/news/by-either-family", {})));
    CHECK(through.receive().status == 404);
    CHECK(portal.stop() == 0);
    auto log = log_of(portal);
    auto line = log.find("/v1/news/by-either-family");
    REQUIRE(line != std::string::npos);
    CHECK(log.find(R"("client":"127.0.0.1")", line) != std::string::npos);
    CHECK(log.find("::ffff:") == std::string::npos);
}

TEST_CASE("a server that nobody passes a socket says so", "[system]") {
    PortalProcess portal(tests::enforced());
    portal.configure({{"http", {{"listen", "systemd:http"}}}});
    auto finished = portal.command({});
    INFO(finished.errors);
    CHECK(finished.code == 2);
    CHECK(finished.errors.find("http.listen: systemd:http is a socket that nobody has passed on") !=
          std::string::npos);
}
