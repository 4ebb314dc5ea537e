#include "reader_routes.hpp"

#include "answer_json.hpp"
#include "base/problems.hpp"
#include "base/text.hpp"
#include "http/json_body.hpp"
#include "http/query_values.hpp"

namespace recommendation {

namespace {

constexpr std::int64_t number_max = (std::int64_t{1} << 53) - 1;
constexpr std::int64_t visits_bytes_max = 1024 * 1024;
constexpr std::int64_t export_limit = 1000;

/// The user in the path, if that is who asks: of others nobody is told that they are there.
base::Result<users::UserId> self_in(const http::Request& request) {
    auto id = base::parse_number(request.parameter("id"), number_max);
    if (id && request.context.actor.id == *id) return *id;
    return base::Error{base::Reason::not_found, "user_not_found", "There is no such user."};
}

/// As it becomes a label.
base::Result<std::string> label_in(const http::Request& request) {
    auto labels = labels_of({std::string(base::trim(request.parameter("label")))});
    if (!labels.empty()) return labels.front();
    return base::malformed("malformed_label", "A label is a text of 1 to " +
                                                  std::to_string(label_bytes_max) + " bytes.");
}

base::Result<ArticleName> article_in_path(const http::Request& request) {
    auto number = base::parse_number(request.parameter("news"), number_max);
    if (number) return ArticleName{std::string(request.parameter("type")), *number};
    return base::Error{base::Reason::not_found, "news_not_found", "There is no such news item."};
}

http::Response answer_of(std::string body, int status = 200) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    response.cache_control = "no-store";
    return response;
}

http::Response done() {
    http::Response response;
    response.status = 204;
    return response;
}

}  // namespace

void ReaderRoutes::add_to(http::Router& router) {
    using http::Access;
    using http::Method;
    auto add = [&](Method method, const char* pattern, Access access,
                   Answer (ReaderRoutes::*handler)(const http::Request&)) -> http::Route {
        return {method, pattern, access, [this, handler](const http::Request& request) {
                    return (this->*handler)(request);
                }};
    };
    // {session, visits: [{kind, item, at, event_id, dwell_ms}]}: 202, they are stored.
    auto visits = add(Method::post, "/v1/visits", Access::anyone, &ReaderRoutes::take_visits);
    visits.limits.body_bytes = visits_bytes_max;
    router.add(std::move(visits));
    auto add_own = [&](Method method, const std::string& rest,
                       Answer (ReaderRoutes::*handler)(const http::Request&)) {
        router.add(add(method, rest.c_str(), Access::login, handler));
    };
    const std::string own = "/v1/recommendation/user/{id}";
    add_own(Method::get, own + "/preferences", &ReaderRoutes::preferences);
    add_own(Method::put, own + "/follows/{label}", &ReaderRoutes::follow);
    add_own(Method::del, own + "/follows/{label}", &ReaderRoutes::unfollow);
    add_own(Method::put, own + "/mutes/{label}", &ReaderRoutes::mute);
    add_own(Method::del, own + "/mutes/{label}", &ReaderRoutes::unmute);
    add_own(Method::put, own + "/hidden/{type}/{news}", &ReaderRoutes::hide);
    add_own(Method::del, own + "/hidden/{type}/{news}", &ReaderRoutes::show_again);
    // {personalisation}: false erases all that is kept, and nothing is kept from then on.
    add_own(Method::get, "/v1/users/{id}/privacy", &ReaderRoutes::privacy);
    add_own(Method::put, "/v1/users/{id}/privacy", &ReaderRoutes::put_privacy);
    // ?cursor=: all that is known of somebody, for them.
    add_own(Method::get, "/v1/users/{id}/privacy/export", &ReaderRoutes::all_that_is_known);
}

ReaderRoutes::Answer ReaderRoutes::take_visits(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto given = visits_from_json(std::get<nlohmann::json>(read), rules_, clock_.now());
    if (!given) co_return http::failure(request, given.error());
    auto user = request.context.actor.id;
    // Of who does not want it nobody remembers which visits were theirs.
    bool is_private = request.header("Sec-GPC") == "1";
    std::optional<ReaderHash> session;
    auto named_by = pseudonyms_.of_session(given->session);
    if (!user && !is_private && !given->session.empty()) session = named_by;
    for (auto& visit : given->visits) {
        visit.user = user;
        visit.session = session;
        visit.named_by = named_by;
        if (!visit.hides || user) continue;
        base::Error error{base::Reason::unauthenticated, "unauthenticated",
                          "Log in to hide items."};
        co_return http::failure(request, error);
    }
    auto visits = std::make_shared<const std::vector<ReaderVisit>>(std::move(given->visits));
    auto taken = co_await visits_.take(std::move(visits), request.context.deadline);
    if (!taken) co_return http::failure(request, taken.error());
    co_return answer_of(taken_body(*taken), 202);
}

ReaderRoutes::Answer ReaderRoutes::preferences(const http::Request& request) {
    auto user = self_in(request);
    if (!user) co_return http::failure(request, user.error());
    auto known = co_await preferences_.preferences(*user, request.context.deadline);
    if (!known) co_return http::failure(request, known.error());
    co_return answer_of(preferences_body(*known));
}

ReaderRoutes::Answer ReaderRoutes::choose(const http::Request& request, Choice choice) {
    auto user = self_in(request);
    if (!user) co_return http::failure(request, user.error());
    auto label = label_in(request);
    if (!label) co_return http::failure(request, label.error());
    auto deadline = request.context.deadline;
    auto chosen = co_await preferences_.choose(*user, std::move(*label), choice, deadline);
    if (!chosen) co_return http::failure(request, chosen.error());
    co_return done();
}

ReaderRoutes::Answer ReaderRoutes::take_back(const http::Request& request, Choice choice) {
    auto user = self_in(request);
    if (!user) co_return http::failure(request, user.error());
    auto label = label_in(request);
    if (!label) co_return http::failure(request, label.error());
    auto deadline = request.context.deadline;
    auto taken = co_await preferences_.take_back(*user, std::move(*label), choice, deadline);
    if (!taken) co_return http::failure(request, taken.error());
    co_return done();
}

ReaderRoutes::Answer ReaderRoutes::hide(const http::Request& request) {
    auto user = self_in(request);
    if (!user) co_return http::failure(request, user.error());
    auto article = article_in_path(request);
    if (!article) co_return http::failure(request, article.error());
    auto deadline = request.context.deadline;
    auto hidden = co_await preferences_.hide(*user, std::move(*article), deadline);
    if (!hidden) co_return http::failure(request, hidden.error());
    co_return done();
}

ReaderRoutes::Answer ReaderRoutes::show_again(const http::Request& request) {
    auto user = self_in(request);
    if (!user) co_return http::failure(request, user.error());
    auto article = article_in_path(request);
    if (!article) co_return http::failure(request, article.error());
    auto deadline = request.context.deadline;
    auto shown = co_await preferences_.show_again(*user, std::move(*article), deadline);
    if (!shown) co_return http::failure(request, shown.error());
    co_return done();
}

ReaderRoutes::Answer ReaderRoutes::privacy(const http::Request& request) {
    auto user = self_in(request);
    if (!user) co_return http::failure(request, user.error());
    auto known = co_await preferences_.preferences(*user, request.context.deadline);
    if (!known) co_return http::failure(request, known.error());
    co_return answer_of(privacy_body(known->is_personal));
}

ReaderRoutes::Answer ReaderRoutes::put_privacy(const http::Request& request) {
    auto user = self_in(request);
    if (!user) co_return http::failure(request, user.error());
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto wanted = personalisation_from_json(std::get<nlohmann::json>(read));
    if (!wanted) co_return http::failure(request, wanted.error());
    auto deadline = request.context.deadline;
    auto changed = *wanted ? visits_.take_in(*user, deadline)
                           : visits_.leave_out(*user, LeftOut::not_wanted, deadline);
    auto done = co_await std::move(changed);
    if (!done) co_return http::failure(request, done.error());
    co_return answer_of(privacy_body(*wanted));
}

ReaderRoutes::Answer ReaderRoutes::all_that_is_known(const http::Request& request) {
    auto user = self_in(request);
    if (!user) co_return http::failure(request, user.error());
    auto after = http::cursor_in_query(request);
    if (!after) co_return http::failure(request, after.error());
    auto context = request.context;
    Known known;
    auto preferences = co_await preferences_.preferences(*user, context.deadline);
    if (!preferences) co_return http::failure(request, preferences.error());
    auto interests = co_await interests_.all_interests(*user, context);
    if (!interests) co_return http::failure(request, interests.error());
    auto rows =
        co_await preferences_.log_of(*user, after->value_or(0), export_limit + 1, context.deadline);
    if (!rows) co_return http::failure(request, rows.error());
    auto profile = co_await users_.user(*user, context);
    if (!profile) co_return http::failure(request, profile.error());
    known.user = std::move(*profile);
    known.preferences = std::move(*preferences);
    known.interests = std::move(*interests);
    known.visits = std::move(*rows);
    if (std::ssize(known.visits) > export_limit) {
        known.visits.pop_back();
        known.next = known.visits.back().position;
    }
    co_return answer_of(known_body(known));
}

}  // namespace recommendation
