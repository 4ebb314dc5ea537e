#include "workload.hpp"

#include <memory>

namespace tests {

using namespace std::chrono_literals;
using support::ConnectionLost;
using support::HttpClient;

void Workload::run(const support::PortalProcess& portal, int steps,
                   const std::function<void(const Workload&)>& sent) {
    std::unique_ptr<HttpClient> client;
    for (int i = 0; i < steps && faults().empty(); ++i) {
        try {
            if (!client) client = std::make_unique<HttpClient>(portal.address());
        } catch (const ConnectionLost&) {
            return;
        }
        auto begin = std::chrono::steady_clock::now();
        try {
            step(*client, sent);
        } catch (const ConnectionLost&) {
            client.reset();
            bool in_vain = std::chrono::steady_clock::now() - begin >= HttpClient::patience;
            if (in_vain) faults_.push_back("a request was neither answered nor cut off");
        }
    }
}

void Workload::step(HttpClient& client, const std::function<void(const Workload&)>& sent) {
    bool of_people = dice_.chance(25);
    if (of_people) {
        members_.prepare();
    } else {
        writer_.prepare();
    }
    if (sent) sent(*this);
    if (of_people) {
        members_.carry_out(client);
    } else {
        writer_.carry_out(client);
    }
    if (!dice_.chance(30)) return;
    if (of_people) {
        members_.read(client);
    } else {
        writer_.read(client);
    }
}

void Workload::check(const support::PortalProcess& portal) {
    writer_.check(portal, 5);
    members_.check(portal);
}

std::vector<std::string> Workload::faults() const {
    auto all = faults_;
    all.insert(all.end(), writer_.faults().begin(), writer_.faults().end());
    all.insert(all.end(), members_.faults().begin(), members_.faults().end());
    return all;
}

std::string unready_for_long(const support::PortalProcess& portal) {
    auto until = std::chrono::steady_clock::now() + 60s;
    for (;;) {
        auto ready = HttpClient(portal.operations()).request("GET", "/readyz");
        if (ready.status == 200 && ready.body.find("made anew") == std::string::npos) return {};
        if (std::chrono::steady_clock::now() >= until) return ready.body;
        std::this_thread::sleep_for(20ms);
    }
}

std::string verify_faults(const support::PortalProcess& portal) {
    auto verified = portal.command({"verify"}, 300s);
    return verified.code == 0 ? std::string() : verified.output + verified.errors;
}

}  // namespace tests
