// A start that cannot have what it needs.
#include <signal.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/portal_process.hpp"

using namespace std::chrono_literals;
using support::PortalProcess;
using support::Process;

namespace {

/// For a user who owns nothing else, since root may have as many threads as it likes.
constexpr const char* nobody = "65534";

struct Start {
    bool serves = false;
    int code = -1;
    std::string errors;
};

/// Starts the server within `limit`, as prlimit(1) reads it, up to its first word or its end.
Start start_within(const PortalProcess& portal, const std::string& limit) {
    Process::Options options;
    options.arguments = {limit,
                         "setpriv",
                         "--reuid",
                         nobody,
                         "--regid",
                         nobody,
                         "--clear-groups",
                         support::portal_binary().string(),
                         "--config",
                         portal.config_file().string()};
    // What looks for leaks at the end needs a thread itself.
    options.environment = {{"ASAN_OPTIONS", "detect_leaks=0"}};
    options.folder = portal.folder();
    Process process("/usr/bin/prlimit", options);
    Start start;
    support::eventually(
        [&] {
            start.serves = process.output().find("portal serves") != std::string::npos;
            return start.serves || !process.running();
        },
        60s);
    if (start.serves) process.signal(SIGTERM);
    start.code = process.wait(60s).value_or(-1);
    start.errors = process.errors();
    return start;
}

bool can_be_tested() {
    bool tools =
        std::filesystem::exists("/usr/bin/prlimit") && std::filesystem::exists("/usr/bin/setpriv");
    if (geteuid() == 0 && tools) return true;
    WARN("only root with prlimit and setpriv can start a server as somebody with limits");
    return false;
}

void open_to_everybody(const PortalProcess& portal) {
    using std::filesystem::perms;
    portal.make_data_folder();
    std::filesystem::permissions(portal.folder(), perms::all);
    std::filesystem::permissions(portal.data(), perms::all);
    std::filesystem::permissions(portal.config_file(), perms::owner_read | perms::others_read);
}

void check_sentence(const Start& start) {
    INFO(start.errors);
    CHECK((start.code == 1 || start.code == 2));
    CHECK(start.errors.find("portal: ") != std::string::npos);
    CHECK(start.errors.find("terminate called") == std::string::npos);
    CHECK(start.errors.find("runtime error") == std::string::npos);
}

}  // namespace

TEST_CASE("a start that cannot have its threads ends with a sentence", "[system]") {
    if (!can_be_tested()) return;
    PortalProcess portal;
    open_to_everybody(portal);
    int refused = 0;
    Start start;
    for (int threads : {1, 2, 3, 4, 6, 8, 11, 14, 18, 22, 26, 30, 40, 60, 100}) {
        INFO(threads << " threads");
        start = start_within(portal, "--nproc=" + std::to_string(threads));
        if (start.serves) break;
        ++refused;
        check_sentence(start);
    }
    CHECK(refused > 3);
    CHECK(start.serves);
    CHECK(start.code == 0);
}

TEST_CASE("a start that cannot have its memory ends with a sentence", "[system]") {
    if (!can_be_tested()) return;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    WARN("a sanitizer wants more addresses than a limit would leave; not tested in this build");
#else
    PortalProcess portal;
    open_to_everybody(portal);
    Start start;
    // Below the first the program itself cannot be loaded.
    for (int mebi = 40; mebi < 4000 && !start.serves; mebi += mebi / 8) {
        INFO(mebi << " MiB");
        start = start_within(portal, "--as=" + std::to_string(mebi << 20));
        bool loaded = start.errors.find("error while loading shared") == std::string::npos;
        if (!start.serves && loaded) check_sentence(start);
    }
    CHECK(start.serves);
    CHECK(start.code == 0);
#endif
}
