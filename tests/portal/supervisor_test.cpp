// What whoever started the process hears of it.
#include "supervisor.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;
using portal::Supervisor;

namespace {

/// The socket that systemd would listen on.
class Listening {
public:
    explicit Listening(const std::string& name) {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        name.copy(at.sun_path, sizeof(at.sun_path) - 1);
        if (at.sun_path[0] == '@') at.sun_path[0] = '\0';
        auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&at), size) == 0);
    }
    ~Listening() { close(socket_); }
    Listening(const Listening&) = delete;

    /// The next that is told; empty if nothing is for that long.
    std::string next(std::chrono::milliseconds patience = 10s) {
        auto whole = std::chrono::duration_cast<std::chrono::seconds>(patience);
        timeval limit{whole.count(), std::chrono::microseconds(patience - whole).count()};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        std::array<char, 1024> text{};
        auto got = recv(socket_, text.data(), text.size(), 0);
        return got < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(got));
    }
    /// The next that has these words.
    std::string next_with(const std::string& words) {
        for (auto told = next(); !told.empty(); told = next()) {
            if (told.find(words) != std::string::npos) return told;
        }
        return {};
    }

private:
    int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

}  // namespace

TEST_CASE("a start is told, may take longer while it works, and then is done", "[portal]") {
    support::TemporaryFolder folder;
    auto path = (folder / "notify").string();
    Listening systemd(path);
    std::atomic<bool> works{true};
    Supervisor::Options options;
    options.socket = path;
    options.told_every = 20ms;
    options.works = [&works] { return works.load(); };
    Supervisor supervisor(options);
    supervisor.starting("opening the stores");
    CHECK(systemd.next_with("STATUS=Starting: opening the stores") != "");
    auto longer = systemd.next_with("EXTEND_TIMEOUT_USEC=60000000");
    CHECK(longer.find("\nSTATUS=Starting for 0 s: opening the stores") != std::string::npos);

    // One that hangs is not told; what is under way just now may be.
    works = false;
    systemd.next(100ms);
    while (systemd.next(1ms) != "") {
    }
    CHECK(systemd.next(200ms) == "");

    supervisor.serving("127.0.0.1:80", [] { return true; });
    CHECK(systemd.next() == "READY=1\nSTATUS=Serving 127.0.0.1:80");
    // Nobody wants to hear of the watchdog.
    CHECK(systemd.next(200ms) == "");
    supervisor.stopping(45s);
    CHECK(systemd.next().find("STOPPING=1\nEXTEND_TIMEOUT_USEC=45000000\nSTATUS=") == 0);
    supervisor.stopping(45s);
    CHECK(systemd.next(50ms) == "");
}

TEST_CASE("the watchdog is told only while the server answers, and while it stops", "[portal]") {
    Listening systemd("@portal-supervisor-test-" + std::to_string(getpid()));
    Supervisor::Options options;
    options.socket = "@portal-supervisor-test-" + std::to_string(getpid());
    options.watchdog = 1s;
    Supervisor supervisor(options);
    std::atomic<bool> answers{true};
    supervisor.serving("a", [&answers] { return answers.load(); });
    CHECK(systemd.next_with("READY=1") != "");
    CHECK(systemd.next() == "WATCHDOG=1");
    CHECK(systemd.next() == "WATCHDOG=1");
    answers = false;
    systemd.next(100ms);
    CHECK(systemd.next(1200ms) == "");
    answers = true;
    CHECK(systemd.next() == "WATCHDOG=1");
    supervisor.stopping(1s);
    CHECK(systemd.next_with("STOPPING=1") != "");
    CHECK(systemd.next() == "WATCHDOG=1");
}

TEST_CASE("whom to tell stands in the environment, and the watchdog may be another's", "[portal]") {
    auto own = std::to_string(getpid());
    setenv("NOTIFY_SOCKET", "/run/a", 1);
    setenv("WATCHDOG_USEC", "30000000", 1);
    setenv("WATCHDOG_PID", own.c_str(), 1);
    auto ours = Supervisor::from_environment();
    CHECK(ours.socket == "/run/a");
    CHECK(ours.watchdog == 30s);
    setenv("WATCHDOG_PID", "1", 1);
    CHECK(Supervisor::from_environment().watchdog == 0s);
    unsetenv("WATCHDOG_PID");
    CHECK(Supervisor::from_environment().watchdog == 30s);
    setenv("WATCHDOG_USEC", "soon", 1);
    CHECK(Supervisor::from_environment().watchdog == 0s);
    unsetenv("WATCHDOG_USEC");
    unsetenv("NOTIFY_SOCKET");
    CHECK(Supervisor::from_environment().socket.empty());
}
