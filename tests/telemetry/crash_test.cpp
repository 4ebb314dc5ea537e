#include "telemetry/crash.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "base/thread.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

/// What a process left that did that with its records in `folder`, and how it ended.
struct Left {
    std::vector<std::string> names;
    std::string text;
    int status = 0;
};

Left crash(void (*how)()) {
    support::TemporaryFolder folder;
    auto child = fork();
    if (child == 0) {
        // Nobody is to read what a sanitizer says of it.
        int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
        ::dup2(nowhere, STDERR_FILENO);
        for (int one : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::signal(one, SIG_DFL);
        // A handler that hangs has failed, and nobody waits for it.
        ::alarm(60);
        if (!telemetry::record_crashes(folder.path(), "1.2.3")) ::_exit(99);
        telemetry::note_request("request-1");
        how();
        ::_exit(98);
    }
    Left left;
    ::waitpid(child, &left.status, 0);
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        left.names.push_back(entry.path().filename().string());
        std::ifstream file(entry.path());
        left.text.assign(std::istreambuf_iterator<char>(file), {});
    }
    return left;
}

[[gnu::noinline]] int deep(int n) {
    volatile char room[4096];
    room[0] = static_cast<char>(n);
    return n == 0 ? room[0] : deep(n + 1) + room[0];
}

void fault() {
    volatile int* nowhere = reinterpret_cast<volatile int*>(8);
    *nowhere = 1;
}

void overflow_on_a_thread() {
    std::thread thread([] {
        base::name_thread("deep");
        deep(1);
    });
    thread.join();
}

void throw_it() {
    throw std::runtime_error("nobody catches it");
}

void throw_through_noexcept() noexcept {
    throw_it();
}

}  // namespace

TEST_CASE("a process that ends by a signal leaves a record of it, and ends by it all the same",
          "[telemetry]") {
    struct Case {
        void (*how)();
        int number;
        std::string signal;
        std::string has;
    };
    const Case cases[] = {
        {fault, SIGSEGV, "SIGSEGV", "\naddress 0x8\n"},
        {[] { ::raise(SIGSEGV); }, SIGSEGV, "SIGSEGV", "\nsent_by "},
        {[] { ::raise(SIGBUS); }, SIGBUS, "SIGBUS", "\nsent_by "},
        {[] { ::raise(SIGFPE); }, SIGFPE, "SIGFPE", "\nsent_by "},
        {[] { ::raise(SIGILL); }, SIGILL, "SIGILL", "\nsent_by "},
        {[] { std::abort(); }, SIGABRT, "SIGABRT", "\nsent_by "},
        {throw_through_noexcept, SIGABRT, "SIGABRT", "\nthrown St13runtime_error\n"},
        {overflow_on_a_thread, SIGSEGV, "SIGSEGV", "\nthread deep\n"},
    };
    for (const auto& one : cases) {
        auto left = crash(one.how);
        INFO(left.text);
        REQUIRE(WIFSIGNALED(left.status));
        CHECK(WTERMSIG(left.status) == one.number);
        REQUIRE(left.names.size() == 1);
        CHECK(left.names.front().starts_with("crash-2"));
        CHECK(left.names.front().ends_with(".txt"));
        CHECK(left.text.starts_with("portal crash record 1\nversion 1.2.3\ntime 2"));
        CHECK(left.text.find("\nsignal " + one.signal + "\n") != std::string::npos);
        CHECK(left.text.find(one.has) != std::string::npos);
        CHECK(left.text.find("\nframe 0x") != std::string::npos);
        CHECK(left.text.ends_with("\nend\n"));
        CHECK(left.text.size() < 16 * 1024);
        bool request = left.text.find("\nlast_request request-1\n") != std::string::npos;
        CHECK(request == (one.how != overflow_on_a_thread));
    }
}

TEST_CASE("a crash without a folder for its record changes nothing", "[telemetry]") {
    struct sigaction before {};
    struct sigaction after {};
    ::sigaction(SIGSEGV, nullptr, &before);
    CHECK_FALSE(telemetry::record_crashes("/nowhere/at/all", "1"));
    ::sigaction(SIGSEGV, nullptr, &after);
    CHECK(before.sa_sigaction == after.sa_sigaction);
    CHECK(before.sa_flags == after.sa_flags);
}
