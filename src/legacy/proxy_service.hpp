#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/environment.hpp"
#include "http/client.hpp"
#include "legacy/module.hpp"
#include "proxy_head.hpp"
#include "relay_service.hpp"
#include "static_service.hpp"
#include "telemetry/spans.hpp"
#include "upload_service.hpp"
#include "upstream_choice.hpp"
#include "upstream_service.hpp"

namespace legacy {

/// See Proxy. Each request goes through the same steps: may it be passed on, who is asked, its
/// content, its head, the answer's head, the answer's content.
class ProxyService final : public Proxy {
public:
    /// The client's configuration is that of `config`, which is valid.
    ProxyService(const Config& config, const host::Environment& environment,
                 std::unique_ptr<http::Client> client);

    bool configured() const override { return !upstreams_.empty(); }
    bool has_folders() const override { return !static_files_.empty(); }
    bool has_file(const http::Request& request) const override {
        return static_files_.find(request).has_value();
    }
    void retire() override { retired_.store(true); }
    bool retired() const override { return retired_.load(std::memory_order_relaxed); }
    bool has_upstream(const std::string& name) const override { return find(name) != nullptr; }
    base::Task<http::Response> forward(http::Request& request, http::BodyReader& body,
                                       const Passage& passage, Heard heard) override;
    base::Task<http::PlainResponse> ask(const http::RequestCopy& request, const Passage& passage,
                                        base::Deadline deadline) override;

    const std::vector<std::unique_ptr<UpstreamService>>& upstreams() const { return upstreams_; }

private:
    using Permit = resilience::CircuitBreaker::Permit;
    using Candidates = std::vector<UpstreamService*>;
    /// An upstream's answer, as far as its head.
    struct Answer {
        http::ClientResponse head;
        UpstreamService* upstream;
        std::optional<Permit> permit;
    };
    /// What is done with one request.
    struct Passing {
        http::Request& request;
        const Passage& passage;
        Heard heard;
        std::shared_ptr<http::ClientStop> stop;
        std::chrono::steady_clock::time_point began;
        telemetry::SpanTimer span;  ///< until what is answered is here, or goes out as it comes
    };

    UpstreamService* find(const std::string& name) const;
    base::Result<Candidates> candidates(const http::Request& request, const Passage& passage);
    std::optional<http::Response> answer_here(const http::Request& request) const;
    static http::ClientRequest question(const http::Request& request, Fields fields);
    base::Task<Answer> send(http::ClientRequest question, Candidates candidates,
                            base::Deadline deadline);
    base::Result<http::Response> begin_to_pass_on(Passing& passing, Answer& answer);
    base::Task<http::Response> receive_rest(Passing passing, Answer answer, std::string collected);
    /// In the trace.
    static void note(Passing& passing, const base::Result<Answer>& answer);
    static bool is_passed_on(const Passing& passing, const Answer& answer);
    std::size_t collected_max(const Passing& passing) const;
    http::Response finish(Passing& passing, Answer& answer, std::string collected) const;
    http::Response upgrade(const Answer& answer) const;
    static void report(Answer& answer, const base::Error& error);
    static base::Result<http::Response> refused(const http::Request& request,
                                                const base::Error& error);

    const UploadLimits upload_limits_;
    const std::size_t memory_max_;
    const std::size_t compare_max_;
    const std::chrono::milliseconds answer_timeout_;
    const std::chrono::milliseconds tunnel_idle_timeout_;
    const HeadRules rules_;
    const StaticService static_files_;
    const std::shared_ptr<SpoolSpace> space_;
    const std::unique_ptr<http::Client> client_;
    std::vector<Place> places_;  ///< of upstreams_, by the same numbers
    bool several_prefixes_ = false;
    std::vector<std::unique_ptr<UpstreamService>> upstreams_;
    std::atomic<std::uint64_t> tickets_{0};
    std::atomic<bool> retired_{false};
    telemetry::Metrics::Registration spooled_;
};

}  // namespace legacy
