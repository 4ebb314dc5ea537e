#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/loop.hpp"
#include "http/scripted_upstream.hpp"
#include "http/test_server.hpp"
#include "legacy/module.hpp"
#include "support/temporary_folder.hpp"

namespace tests {

/// A TestServer that passes on to the monolith whatever it has no route for.
class ProxySite {
public:
    explicit ProxySite(legacy::Config config, legacy::Passage passage = {}, bool hears = false);
    ProxySite(const ProxySite&) = delete;

    /// One upstream, with limits of time that a test can wait for.
    static legacy::Config in_front_of(const ScriptedUpstream& upstream);

    const std::string& address() const { return server_->address(); }
    TestServer& server() { return *server_; }
    legacy::Module& module() { return *module_; }
    const std::filesystem::path& folder() const { return folder_.path(); }
    /// What the module measures, of that name and those labels; -1 if it does not.
    double measured(const std::string& series) const;
    bool comes_to(const std::string& series, double value) const;
    /// What /readyz says of the upstreams.
    std::string warnings();
    /// What was heard of whole answers.
    std::vector<http::PlainResponse> heard() const;
    /// What the whole server says to one request, with `Connection: close` to be added by it.
    std::string ask(const std::string& request) const;

private:
    support::TemporaryFolder folder_;
    support::TemporaryFolder certificates_;
    base::SystemClock clock_;
    telemetry::Metrics metrics_;
    base::Loop background_;
    const legacy::Passage passage_;
    const bool hears_;
    mutable std::mutex mutex_;
    std::vector<http::PlainResponse> heard_;
    std::unique_ptr<legacy::Module> module_;
    std::unique_ptr<TestServer> server_;
};

/// A GET or another request without content.
std::string asking(const std::string& target, const std::string& fields = {},
                   const std::string& method = "GET");
/// One with content of known length.
std::string sending(const std::string& target, const std::string& content,
                    const std::string& fields = {});

}  // namespace tests
