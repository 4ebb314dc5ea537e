#pragma once

#include <chrono>

#include "http/message.hpp"

namespace http {

/// Hears what became of the requests of a listener. Called on the I/O threads, from all of them at
/// once; must neither block nor throw.
class RequestObserver {
public:
    virtual ~RequestObserver() = default;

    /// Once for each request that was answered, whoever did, once its answer is on its way or was
    /// cut.
    /// One that was refused before it had a route has no path, and `request.peer` is whoever holds
    /// the connection then; of any other it is the client. `received`: when its head was complete.
    virtual void answered(const Request& request, int status,
                          std::chrono::steady_clock::time_point received) const = 0;
};

}  // namespace http
