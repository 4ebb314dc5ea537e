#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "base/task.hpp"
#include "base/watermark.hpp"
#include "http/body.hpp"
#include "http/client.hpp"
#include "spool.hpp"

namespace legacy {

/// The content of one answer on its way to a client. Lives on the thread of the exchange.
///
/// Buffered, two work on it: fill() reads what the upstream writes into a spool, send() sends what
/// is in there at the client's pace; when there is no room fill() waits for send(). Either ends the
/// other by its own end.
class RelayService : public std::enable_shared_from_this<RelayService> {
public:
    struct Limits {
        std::size_t memory_max;
        base::Deadline until;  ///< of what is buffered: whole by then, or cut off
    };
    RelayService(const http::ClientResponse& answer, std::shared_ptr<http::ClientStop> stop,
                 std::shared_ptr<SpoolSpace> space, const Limits& limits);

    /// What has been read of it already, before anything else.
    void begin_with(std::string collected) { collected_ = std::move(collected); }
    /// Reads up to the end, or until there is more than `most`. True: it is whole.
    base::Task<bool> collect(std::size_t most);
    /// What collect() has read, if it is whole.
    std::string take_collected() { return std::move(collected_); }

    /// What collect() has read and then the rest, buffered.
    base::Task<void> relay(http::BodyWriter& to);
    /// All of it as it comes, and no faster than the client takes it.
    base::Task<void> pass_on(http::BodyWriter& to);

private:
    struct Leaving;
    static base::Task<void> fill(std::shared_ptr<RelayService> self);
    base::Task<void> fill_all();
    base::Task<void> keep(std::string piece);
    base::Task<void> send_all(http::BodyWriter& to);
    void filled(std::exception_ptr thrown, const base::Result<void>& result);
    void leave();
    static void tell(base::Watermark& mark) { mark.advance(mark.value() + 1); }

    const std::shared_ptr<http::ClientBody> body_;
    const std::shared_ptr<http::ClientStop> stop_;
    const base::Deadline until_;
    std::string collected_;
    Spool spool_;
    base::Watermark came_;   ///< grows with each piece in the spool, and at the end
    base::Watermark taken_;  ///< grows with each piece out of the spool, and when nobody sends
    std::optional<base::Result<void>> ended_;  ///< fill() has, so
    bool left_ = false;                        ///< nobody sends any more
};

/// Two connections that have become another protocol's: what one sends the other gets, until both
/// have finished; if one breaks, the other does. `client` lives until the task has ended.
base::Task<void> join(std::shared_ptr<http::Tunnel> upstream, http::Tunnel& client);

}  // namespace legacy
