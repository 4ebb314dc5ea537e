#include "client_service.hpp"

#include <array>
#include <boost/asio/this_coro.hpp>

#include "characters.hpp"
#include "telemetry/log.hpp"
#include "upstream_error.hpp"

namespace http {

namespace {

/// What the client says itself, or cannot let somebody else say.
constexpr std::array<std::string_view, 9> own_fields = {
    "connection", "content-length",    "expect", "keep-alive", "proxy-connection", "te",
    "trailer",    "transfer-encoding", "upgrade"};

base::Error invalid(const std::string& message) {
    return {base::Reason::invalid, "invalid_request", message};
}

base::Error too_large() {
    return {base::Reason::unavailable, "upstream_too_large",
            "The answer of the server that this comes from is too large."};
}

bool is_token(std::string_view text) {
    for (char c : text) {
        if (!is(token_character, c)) return false;
    }
    return !text.empty();
}

bool is_target(std::string_view target) {
    if (target != "*" && !target.starts_with('/')) return false;
    for (char c : target) {
        if (c <= ' ' || c >= 0x7f || c == '#') return false;
    }
    return true;
}

}  // namespace

base::Result<void> check(const ClientRequest& request) {
    if (!is_target(request.target)) {
        return invalid("The target is no path with visible characters only.");
    }
    if (request.upstream.host.empty() == request.upstream.path.empty()) {
        return invalid("An upstream is a host or a unix socket.");
    }
    if (!request.upgrade.empty() && !is_token(request.upgrade)) {
        return invalid("The protocol to change to is no word.");
    }
    const auto* upload = std::get_if<ClientUpload>(&request.body);
    if (upload && !upload->source) return invalid("The content has no source.");
    int hosts = 0;
    for (const auto& [name, value] : request.fields) {
        if (!is_token(name)) return invalid("A field name is no word.");
        for (char c : value) {
            if (!is(value_character, c)) return invalid("A field value has a control character.");
        }
        for (auto own : own_fields) {
            if (equals_lower(name, own))
                return invalid("The field " + name + " is not the caller's.");
        }
        if (equals_lower(name, "host") && ++hosts > 1) return invalid("There are two Host fields.");
    }
    return {};
}

std::optional<std::string_view> ClientResponse::header(std::string_view name) const {
    for (const auto& field : fields) {
        if (equals_any_case(field.first, name)) return field.second;
    }
    return std::nullopt;
}

base::Task<std::string> collect(std::shared_ptr<ClientBody> body, std::size_t bytes_max) {
    std::string all;
    bool whole = body->take_now(all);
    if (all.size() > bytes_max) co_return too_large();
    while (!whole) {
        auto piece = co_await body->read_some();
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        if (piece->size() > bytes_max - all.size()) co_return too_large();
        all += *piece;
    }
    co_return std::move(all);
}

base::Task<ClientResponse> ClientService::send(ClientRequest request, base::Deadline deadline) {
    auto checked = check(request);
    if (!checked) co_return checked.error();
    if (deadline.passed()) co_return upstream_timeout();
    bool safe = request.method == Method::get || request.method == Method::head ||
                request.method == Method::options;
    bool fresh = !request.upgrade.empty() || (!safe && !shared_->config.pooled_for_unsafe);
    auto executor = co_await boost::asio::this_coro::executor;
    auto exchange =
        std::make_shared<UpstreamExchange>(shared_, std::move(request), deadline, executor);
    if (const auto& stop = exchange->stop()) {
        if (stop->stopped()) co_return request_stopped();
        std::weak_ptr<UpstreamExchange> its = exchange;
        stop->when_stopped([its] {
            if (auto under_way = its.lock()) under_way->abort();
        });
    }
    auto begun = co_await exchange->begin(fresh);
    if (!begun && exchange->may_begin_again()) {
        shared_->stale->add();
        begun = co_await exchange->begin(true);
    }
    if (!begun) {
        // What the source of the content refused is not the upstream's.
        bool its_own = begun.error().code.starts_with("upstream_");
        if (its_own) report(exchange->upstream().text(), begun.error(), exchange->reason());
        co_return begun.error();
    }
    ClientResponse response;
    response.status = exchange->status();
    response.fields = exchange->take_fields();
    if (response.status == 101) {
        response.tunnel = exchange;
    } else {
        response.body = exchange;
    }
    co_return std::move(response);
}

/// A line a second at most: an upstream that is down fails with every request.
void ClientService::report(const std::string& upstream, const base::Error& error,
                           const std::string& reason) {
    shared_->failed->add();
    auto now = std::chrono::duration_cast<std::chrono::seconds>(
                   std::chrono::steady_clock::now().time_since_epoch())
                   .count();
    auto last = logged_.load(std::memory_order_relaxed);
    if (last == now || !logged_.compare_exchange_strong(last, now, std::memory_order_relaxed)) {
        unlogged_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    telemetry::log(telemetry::Level::warning, "http", "an upstream did not answer",
                   {{"upstream", upstream},
                    {"code", error.code},
                    {"reason", reason},
                    {"others_unlogged", unlogged_.exchange(0, std::memory_order_relaxed)}});
}

base::Result<std::unique_ptr<Client>> make_client(const ClientConfig& config,
                                                  telemetry::Metrics& metrics,
                                                  std::shared_ptr<const OutboundGuard> guard) {
    auto tls = UpstreamTls::load(config.ca_file);
    if (!tls) return tls.error();
    auto counter = [&metrics](const char* event) {
        return &metrics.counter("portal_upstream_connections_total",
                                "Connections to other servers: opened, used again, found closed, "
                                "and requests without an answer.",
                                {{"event", event}});
    };
    auto shared = std::make_shared<UpstreamShared>();
    shared->config = config;
    shared->limits.head.field_bytes = static_cast<std::size_t>(config.field_bytes_max);
    shared->limits.head.field_lines = static_cast<std::size_t>(config.field_lines_max);
    shared->limits.interim_answers = static_cast<std::size_t>(config.interim_answers_max);
    shared->tls = std::move(*tls);
    shared->guard = std::move(guard);
    UpstreamPool::Limits limits;
    limits.connections = static_cast<std::size_t>(config.connections_max);
    limits.long_lived = static_cast<std::size_t>(config.long_lived_max);
    limits.queued = static_cast<std::size_t>(config.queued_max);
    limits.pooled = static_cast<std::size_t>(config.pooled_max);
    limits.pooled_life = config.pooled_life;
    shared->pool = std::make_shared<UpstreamPool>(limits);
    shared->opened = counter("opened");
    shared->reused = counter("reused");
    shared->stale = counter("stale");
    shared->failed = counter("failed");
    return std::unique_ptr<Client>(std::make_unique<ClientService>(std::move(shared)));
}

}  // namespace http
