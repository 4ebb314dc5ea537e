#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "client_site.hpp"
#include "support/catch.hpp"

namespace tests {

namespace {

/// A name server that says nothing of `….slow` until it is told to, and then that there is no such
/// name.
class SlowNames {
public:
    void answer() {
        std::lock_guard lock(mutex_);
        answers_ = true;
        told_.notify_all();
    }
    void wait_for(const std::string& name) {
        std::unique_lock lock(mutex_);
        asked_.push_back(name);
        told_.wait(lock, [this] { return answers_; });
    }
    std::vector<std::string> asked() {
        std::lock_guard lock(mutex_);
        return asked_;
    }

private:
    std::mutex mutex_;
    std::condition_variable told_;
    bool answers_ = false;
    std::vector<std::string> asked_;
};

SlowNames& slow_names() {
    static SlowNames names;
    return names;
}

base::Task<std::vector<std::string>> ask_for_names(http::Client& client) {
    std::vector<std::string> codes;
    for (const char* name : {"first.slow", "second.slow", "third.slow"}) {
        if (codes.size() == 2) slow_names().answer();
        http::ClientRequest request;
        request.upstream.host = name;
        request.upstream.port = 80;
        auto deadline = base::Deadline::in(std::chrono::seconds(10));
        auto answer = co_await client.send(std::move(request), deadline);
        codes.push_back(answer ? "" : answer.error().code);
    }
    co_return codes;
}

}  // namespace

TEST_CASE("a look-up that nobody waits for any more is not made", "[http][client]") {
    http::ClientConfig config;
    config.connect_timeout = std::chrono::milliseconds(100);
    telemetry::Metrics metrics;
    auto client = http::make_client(config, metrics);
    REQUIRE(client);
    auto codes = base::run(ask_for_names(**client));
    REQUIRE(codes);
    CHECK(codes->at(0) == "upstream_timeout");
    CHECK(codes->at(1) == "upstream_timeout");
    CHECK(codes->at(2) == "upstream_unreachable");
    CHECK(slow_names().asked() == std::vector<std::string>{"first.slow", "third.slow"});
}

}  // namespace tests

/// In place of the C library's, in this program.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
    std::string text = name ? name : "";
    if (text.ends_with(".slow")) {
        tests::slow_names().wait_for(text);
        return EAI_NONAME;
    }
    using Real = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<Real>(dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(name, service, hints, found);
}
