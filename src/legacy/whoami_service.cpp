#include "whoami_service.hpp"

#include "base/text.hpp"
#include "http/ip_network.hpp"
#include "session_json.hpp"

namespace legacy {

namespace {

/// A request of our own to the host that `request` is for.
http::RequestCopy own_question(const http::Request& request, http::Method method,
                               std::string_view target, std::vector<http::Request::Field> fields) {
    http::Request asking;
    asking.method = method;
    asking.target = target;
    if (auto host = request.header("host")) asking.fields.push_back({"Host", *host});
    asking.fields.insert(asking.fields.end(), fields.begin(), fields.end());
    asking.peer = request.peer;
    asking.secure = request.secure;
    asking.context.request_id = request.context.request_id;
    return http::RequestCopy(asking);
}

/// Whether the answer has that cookie hold another value from now on, or none.
bool replaces_cookie(const http::PlainResponse& answer, std::string_view name,
                     std::string_view value) {
    for (const auto& [field, line] : answer.fields) {
        if (!http::equals_any_case(field, "set-cookie")) continue;
        auto pair = std::string_view(line).substr(0, line.find(';'));
        auto equals = pair.find('=');
        if (equals == pair.npos || base::trim(pair.substr(0, equals)) != name) continue;
        if (base::trim(pair.substr(equals + 1)) != value) return true;
    }
    return false;
}

base::Error logout_unfinished(const std::string& why) {
    return {base::Reason::unavailable, "logout_unfinished",
            "The site has not said that the session is over: " + why};
}

}  // namespace

base::Error login_unknown() {
    return {base::Reason::unavailable, "login_unknown",
            "Whose login that is cannot be found out just now. Try again."};
}

/// One under way: however it ends, those who wait hear of it.
class WhoamiService::Question {
public:
    Question(WhoamiService& service, const Digest& key) : service_(service), key_(key) {}
    ~Question() {
        try {
            service_.settle(key_, result_);
        } catch (const std::bad_alloc&) {
            // Those who wait hear of it as their completions go.
        }
    }
    Question(const Question&) = delete;

    void end(base::Result<Source> result) { result_ = std::move(result); }

private:
    WhoamiService& service_;
    const Digest key_;
    base::Result<Source> result_ = login_unknown();
};

bool WhoamiService::is_fresh(const Entry& entry) const {
    return entry.answer && clock_.steady() < entry.until;
}

WhoamiService::Turn WhoamiService::take_turn(const Digest& key, Source& source) {
    auto turn = Turn::asks;
    entries_.change(key, [&](Entry& entry) {
        if (is_fresh(entry)) {
            source = *entry.answer;
            turn = Turn::answered;
        } else if (entry.asked) {
            turn = Turn::waits;
        }
        if (turn == Turn::asks) entry.asked = true;
    });
    return turn;
}

void WhoamiService::rest() {
    auto until = clock_.steady() + config_.whoami_timeout;
    rests_until_.store(until.time_since_epoch().count());
}

/// The question may have ended meanwhile: then its answer is there, or it has none.
base::Task<WhoamiService::Source> WhoamiService::wait(Digest key) {
    auto join = [this, key](base::Completion<Source> waiting) {
        base::Result<Source> ended = login_unknown();
        bool joined = false;
        entries_.change(key, [&](Entry& entry) {
            joined = entry.asked;
            if (joined) {
                entry.waiting.push_back(std::move(waiting));
            } else if (is_fresh(entry)) {
                ended = *entry.answer;
            }
        });
        if (!joined) waiting(std::move(ended));
    };
    return base::suspend<Source>(std::move(join));
}

void WhoamiService::settle(const Digest& key, const base::Result<Source>& result) {
    std::vector<base::Completion<Source>> waiting;
    entries_.change(key, [&](Entry& entry) {
        entry.asked = false;
        waiting.swap(entry.waiting);
        if (!result) return;
        entry.answer = *result;
        entry.until = clock_.steady() + config_.whoami_kept;
    });
    for (auto& one : waiting) one(result);
}

base::Task<WhoamiService::Source> WhoamiService::source_of(const http::Request& request,
                                                           std::string cookie) {
    auto key = sha256(cookie);
    Source source;
    auto turn = take_turn(key, source);
    if (turn == Turn::answered) co_return source;
    if (turn == Turn::waits) co_return co_await wait(key);
    Question question(*this, key);
    auto slot = slots_.take(http::client_of(request.peer));
    if (rests() || !slot) co_return login_unknown();
    auto result = co_await ask(request, std::move(cookie));
    question.end(result);
    co_return result;
}

base::Task<WhoamiService::Source> WhoamiService::ask(const http::Request& request,
                                                     std::string cookie) {
    const std::string cookies = config_.cookie + "=" + cookie;
    const auto copy = own_question(request, http::Method::get, config_.whoami,
                                   {{"Cookie", cookies}, {"Accept", "application/json"}});
    const Passage passage;
    // Its answer is for all who wait, so no single one of them says how long it may take.
    auto deadline = base::Deadline::in(config_.whoami_timeout);
    auto asked = clock_.steady();
    auto answer = co_await proxy_.ask(copy, passage, deadline);
    if (!answer) {
        // A client chooses the cookie and the host: what is refused for these says nothing of the
        // site, and a site that is gone is the circuit breaker's.
        if (clock_.steady() - asked >= config_.whoami_timeout) rest();
        co_return login_unknown();
    }
    bool nobody = answer->status == 401 || answer->status == 403 || answer->status == 404;
    if (nobody) co_return Source();
    if (answer->status != 200 || !answer->complete) co_return login_unknown();
    auto source = source_from_whoami(answer->body);
    if (!source) co_return login_unknown();
    co_return source;
}

/// Django's rule for changes asks for a token that is in a cookie and in a field, and on https for
/// a page of its own: it keeps out pages of others, of which this is none.
base::Task<void> WhoamiService::log_out(const http::Request& request, std::string cookie,
                                        base::Deadline deadline) {
    auto slot = slots_.take(http::client_of(request.peer));
    if (rests() || !slot) co_return logout_unfinished("it is not asked just now.");
    const std::string token(32, 'p');
    const auto cookies = config_.cookie + "=" + cookie + "; " + config_.csrf_cookie + "=" + token;
    const auto page = std::string(request.secure ? "https://" : "http://")
                          .append(request.header("host").value_or(""))
                          .append("/");
    const auto copy =
        own_question(request, http::Method::post, config_.logout,
                     {{"Cookie", cookies}, {"X-CSRFToken", token}, {"Referer", page}});
    const Passage passage;
    auto answer = co_await proxy_.ask(copy, passage, deadline);
    if (!answer) co_return logout_unfinished(answer.error().message);
    const auto status = std::to_string(answer->status);
    if (answer->status < 200 || answer->status >= 400) {
        co_return logout_unfinished("its status is " + status);
    }
    // Django's own page sends on to another one, or says goodbye. So do pages that leave the
    // session as it is (to https, to a language, to a login): they do not end its cookie.
    if (!replaces_cookie(*answer, config_.cookie, cookie)) {
        co_return logout_unfinished("it has left the cookie as it is (" + status + ")");
    }
    co_return base::Result<void>();
}

}  // namespace legacy
