#pragma once

#include <atomic>

#include "http/client.hpp"
#include "upstream_exchange.hpp"

namespace http {

/// The Client over sockets.
class ClientService final : public Client {
public:
    explicit ClientService(std::shared_ptr<UpstreamShared> shared) : shared_(std::move(shared)) {}
    ~ClientService() override { shared_->pool->close(); }

    base::Task<ClientResponse> send(ClientRequest request, base::Deadline deadline) override;
    /// Of one upstream, for tests and metrics.
    UpstreamPool::Sizes sizes(const UpstreamAddress& upstream) const {
        return shared_->pool->sizes(upstream);
    }

private:
    void report(const std::string& upstream, const base::Error& error, const std::string& reason);

    const std::shared_ptr<UpstreamShared> shared_;
    std::atomic<std::int64_t> logged_{0};  ///< second of the last line
    std::atomic<std::int64_t> unlogged_{0};
};

}  // namespace http
