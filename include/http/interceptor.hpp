#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/task.hpp"
#include "http/message.hpp"

namespace http {

/// One policy that each request of a listener passes once, when its route is known and before it
/// is known who asks: where the client is, who may call from a browser, how often, who answers. A
/// listener has an ordered list of them. Called on the I/O threads, from all of them at once.
class Interceptor {
public:
    virtual ~Interceptor() = default;

    /// An answer ends the request here; nothing lets it go on. Sees the head, with the route's
    /// classes, and no body. May correct request.peer and add to request.answer_lines. Must not
    /// block.
    virtual std::optional<Response> before(Request& request) const = 0;

    /// True: before_waiting() is called for this request instead of before(). Asked of every
    /// request, so it must be cheap.
    virtual bool must_wait(const Request&) const { return false; }
    /// As before(), but may wait, within the request's deadline. A refusal is answered.
    virtual base::Task<std::optional<Response>> before_waiting(Request& request) const {
        co_return before(request);
    }

    /// For what is refused before it has a route, where nothing else is called: may add to
    /// request.answer_lines. Only those field lines are there that came before what was refused.
    virtual void on_refusal(Request&) const {}
};

using Interceptors = std::vector<std::shared_ptr<const Interceptor>>;

}  // namespace http
