#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/task.hpp"
#include "http/body.hpp"
#include "http/in_process.hpp"
#include "http/message.hpp"

namespace legacy {

/// How the requests of one route pass to the monolith, as the configuration of the route says.
struct Passage {
    std::string upstream{};  ///< by its name; empty: as the path's prefix and the weights say
    bool buffered = true;    ///< whole in both directions; see Proxy
    bool upgrades = false;   ///< may become a websocket
};

/// Hears an answer of the monolith that has come whole and is no larger than what is compared;
/// never called for another. `took`: from the request's head to the answer's last byte.
using Heard = std::function<void(http::PlainResponse answer, std::chrono::microseconds took)>;

/// Passes requests on to the monolith, and its answers back: head and framing are written anew, the
/// rest goes byte for byte. Thread-safe; a call lives on its caller's executor.
///
/// Buffered, a request is taken whole before the monolith is asked, and its answer is read as fast
/// as the monolith writes it, so that a slow client costs it nothing: in memory at first, then in a
/// file without a name. An answer that says so itself (`text/event-stream`, `X-Accel-Buffering:
/// no`) is passed on as it comes.
class Proxy {
public:
    virtual ~Proxy() = default;

    /// Is there a monolith at all?
    virtual bool configured() const = 0;
    /// From now on the monolith is asked nothing: what would be passed on is not there (404), and
    /// its logins do not count. What is under way ends as it would have.
    virtual void retire() = 0;
    virtual bool retired() const = 0;
    /// Whether it has folders of files at all; and whether a file of theirs answers that request,
    /// which it does whoever answers the rest, and without a monolith too.
    virtual bool has_folders() const = 0;
    virtual bool has_file(const http::Request& request) const = 0;
    /// Whether an upstream of that name is configured.
    virtual bool has_upstream(const std::string& name) const = 0;

    /// The monolith's answer, or the failure that its client gets instead. `passage` outlives the
    /// request.
    virtual base::Task<http::Response> forward(http::Request& request, http::BodyReader& body,
                                               const Passage& passage, Heard heard = {}) = 0;
    /// The monolith's answer to a question of ours, which has no content: a GET or HEAD that a
    /// client has asked before, or a POST that ends a client's session. It carries
    /// `X-Portal-Shadow: 1`. Larger answers than what is compared are not complete.
    virtual base::Task<http::PlainResponse> ask(const http::RequestCopy& request,
                                                const Passage& passage,
                                                base::Deadline deadline) = 0;
};

}  // namespace legacy
