#pragma once

#include <optional>
#include <string>

#include "http/router.hpp"
#include "request_reader.hpp"
#include "resilience/load_limit.hpp"
#include "response_writer.hpp"

namespace http {

struct Acceptor;
struct ListenerState;

/// One request through its pipeline, the same for every method, each step once and in this order:
/// host list, route, interceptors, credentials, access, cache, body, handler. (What stands before
/// all of it, the head guard, is the reader's.) As far as nothing waits it goes in at_once(), which
/// neither allocates nor leaves the thread for an answer from the cache; the rest is finish().
class Exchange {
public:
    Exchange(Worker& worker, Acceptor& acceptor, Channel& channel, RequestReader& reader,
             ResponseWriter& writer, Request& request, const std::string& peer);

    /// Between begin() and end().
    bool under_way() const { return step_ != Step::none; }
    /// A head is complete, or was refused.
    void begin();
    /// True: the answer is in `out`, and the request has ended. False: finish() has to go on.
    bool at_once(Outgoing& out);
    Awaitable<void> finish();

    /// Says no to what the guard or a deadline refused; nothing that follows is read as a request.
    void refuse(Outgoing& out, const Refusal& refusal);
    /// The handler outstayed its deadline by far: the client is told now, and what the handler may
    /// still say is dropped when it comes.
    void answer_late(Outgoing& out);
    /// The connection ends; what is under way has no other end.
    void abandon();

private:
    enum class Step : std::uint8_t { none, intercepting, handling, answered };

    void begin_trace();
    void keep_span(bool cut);
    std::optional<Response> find_route();
    void match_route();
    void tell_interceptors();
    bool pass_interceptors(std::optional<Response>& ended);
    std::optional<Response> admit();
    std::optional<Response> check_body();
    std::optional<Response> without_route();
    std::shared_ptr<const PreparedResponse> ask_cache() const;
    bool is_limited() const;
    resilience::LoadLimit::Class load_class() const;
    std::optional<Response> shed();
    void decide(Outgoing& out, std::optional<Response> ended);
    Response refused(const Refusal& refusal);
    Response refused(const base::Error& error);
    bool host_allowed() const;
    Awaitable<std::optional<Response>> wait_for_interceptors();
    Awaitable<std::optional<Response>> handle();
    Awaitable<Response> call();
    void answer(Outgoing& out, Response response);
    void answer_upgrade(Outgoing& out, Response response);
    std::string_view offered_upgrade() const;
    /// Of the route that was found.
    std::string_view pattern() const;
    void end();
    void tell(bool cut);

    Worker& worker_;
    Acceptor& acceptor_;
    ListenerState& listener_;
    Channel& channel_;
    RequestReader& reader_;
    ResponseWriter& writer_;
    Request& request_;
    const std::string& peer_;  ///< whom the socket belongs to
    const Route* route_ = nullptr;
    std::string_view allow_{};
    Channel::Time deadline_{};
    Channel::Time begun_{};
    std::uint64_t caller_span_ = 0;  ///< what the client says that it asks for
    std::uint32_t ticket_ = 0;       ///< of the listener's chooser
    std::size_t passed_ = 0;         ///< so many interceptors
    Step step_ = Step::none;
    bool told_ = true;  ///< what became of the request
};

}  // namespace http
