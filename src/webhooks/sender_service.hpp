#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "answer_json.hpp"
#include "http/outbound.hpp"
#include "news/types.hpp"

namespace webhooks {

/// A message as it is sent.
struct Message {
    std::string url;
    std::vector<std::string> secrets;  ///< the newest first
    std::string id;
    std::string body;
};

/// How an attempt ended.
struct Outcome {
    enum class Kind {
        sent,       ///< whatever came of it
        not_ready,  ///< what is to be sent cannot be read now
        stopped,
    };
    Kind kind = Kind::sent;
    std::optional<std::int64_t> status{};
    std::string error{};
    std::chrono::milliseconds retry_after{0};  ///< how long the target wants to be left alone

    bool is_good() const { return kind == Kind::sent && error.empty(); }
};

/// Makes messages of what everybody may read when they are sent, signs and sends them. Stateless;
/// on any executor. What it is given outlives it.
class Sender {
public:
    using Stop = std::shared_ptr<http::ClientStop>;
    /// `timeout`: of one attempt. `retry_after_max`: no target is left alone for longer.
    struct Options {
        std::chrono::milliseconds timeout{5000};
        std::chrono::milliseconds retry_after_max{std::chrono::hours(24)};
    };
    Sender(const news::Types& types, http::OutboundGuard guard,
           std::shared_ptr<http::Client> client, const Options& options, const base::Clock& clock);

    /// Up to where the views have the logs, by type; 0 while one has nothing.
    std::map<std::string, std::int64_t> shown() const;
    base::Task<Outcome> attempt(Webhook webhook, Announcement what, std::string master_key,
                                Stop stop) const;
    /// Sends one message that only tries whether it arrives.
    base::Task<Tried> try_out(Webhook webhook, std::string master_key) const;

private:
    base::Task<Outcome> send(Message message, Stop stop) const;
    std::vector<std::string> secrets_of(const Webhook& webhook, const std::string& key) const;

    const news::Types types_;
    const http::OutboundGuard guard_;
    const std::shared_ptr<http::Client> client_;
    const Options options_;
    const base::Clock& clock_;
};

}  // namespace webhooks
