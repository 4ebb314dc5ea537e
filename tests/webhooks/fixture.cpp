#include "fixture.hpp"

#include "support/no_body.hpp"

namespace webhooks {

std::string FakeTargets::words(const std::string& target) const {
    std::string words;
    for (const auto& one : sent) {
        if (one.target != target) continue;
        words += words.empty() ? "" : " ";
        words += one.word().substr(5) + ":" +
                 std::to_string(one.body.at("data").at("news").at("id").get<std::int64_t>());
    }
    return words;
}

base::Task<http::ClientResponse> FakeTargets::send(http::ClientRequest request, base::Deadline) {
    Sent one;
    one.target = request.target;
    for (const auto& [name, value] : request.fields) {
        if (name == "webhook-id") one.id = value;
        if (name == "webhook-timestamp") one.timestamp = value;
        if (name == "webhook-signature") one.signature = value;
    }
    one.text = std::get<std::string>(request.body);
    one.body = nlohmann::json::parse(one.text);
    sent.push_back(one);
    http::ClientResponse response;
    response.status = answer(one);
    if (response.status < 0) {
        co_return base::Error{base::Reason::unavailable, "upstream_refused", "No."};
    }
    if (response.status == hangs) {
        auto stop = request.stop;
        if (stop) stop->when_stopped([this] { release(); });
        co_await released_.reached(released + 1, clock_, std::chrono::hours(1));
        if (stop && stop->stopped()) {
            co_return base::Error{base::Reason::unavailable, "request_stopped", "Stopped."};
        }
        response.status = answer_late;
    }
    if (!retry_after.empty()) response.fields.emplace_back("Retry-After", retry_after);
    co_return response;
}

Fixture::Fixture() {
    // The views are always as new as their logs, unless a test says otherwise.
    sports_queries.known = news::Generation{0, 1000000};
    politics_queries.known = news::Generation{0, 1000000};
    open();
}

Fixture::~Fixture() {
    close();
}

void Fixture::open() {
    loop_ = std::make_unique<support::SteppedLoop>();
    host::Environment environment{folder.path(), clock, metrics, loop_->executor()};
    Module::Neighbours neighbours{
        {{"sports", &sports}, {"politics", &politics}},
        {{"sports", {nullptr, &sports_queries}}, {"politics", {nullptr, &politics_queries}}},
        targets};
    auto opened = Module::open(config, environment, neighbours);
    REQUIRE(opened);
    module = std::move(*opened);
    router = std::make_unique<http::Router>();
    module->add_routes(*router);
    REQUIRE(loop_->run(module->start()));
    settle();
}

void Fixture::close() {
    if (!module) return;
    std::optional<base::Result<void>> stopped;
    loop_->spawn(module->stop({}), stopped);
    settle();
    REQUIRE(stopped);
    router.reset();
    module.reset();
    loop_.reset();
}

void Fixture::happens(std::int64_t article, const std::string& event, nlohmann::json body,
                      const std::string& type) {
    if (body.is_null()) body = nlohmann::json::object();
    (type == "sports" ? sports : politics).add(article, body.dump(), event);
    settle();
}

void Fixture::publish(std::int64_t article, const std::string& type) {
    news::Article shown;
    shown.id = article;
    shown.title = "Title " + std::to_string(article);
    shown.news_type = type;
    shown.version = 1;
    shown.status = news::Status::published;
    shown.published_at = clock.now();
    auto& queries = type == "sports" ? sports_queries : politics_queries;
    queries.put(shown, 7);
    happens(article, "article_created.v1",
            {{"title", shown.title},
             {"description", ""},
             {"content", "Text."},
             {"author", "Ann"},
             {"tags", nlohmann::json::array()},
             {"status", "published"},
             {"published_at", base::to_rfc3339(clock.now())}},
            type);
}

void Fixture::update(std::int64_t article) {
    happens(article, "article_revised.v1", {{"title", "New"}});
}

void Fixture::wait(std::chrono::milliseconds span) {
    for (int i = 0; i < 20; ++i) {
        clock.advance(span / 20);
        settle();
    }
}

http::Response Fixture::ask(http::Method method, const std::string& target, const std::string& body,
                            const std::string& key, const std::string& if_match) {
    http::Request request;
    request.method = method;
    request.target = target;
    auto mark = request.target.find('?');
    if (mark != request.target.npos) {
        request.query = std::string_view(request.target).substr(mark + 1);
    }
    request.body = body;
    if (!body.empty()) request.fields.push_back({"Content-Type", "application/json"});
    if (!key.empty()) request.fields.push_back({"Idempotency-Key", key});
    if (!if_match.empty()) request.fields.push_back({"If-Match", if_match});
    request.context.request_id = "test";
    request.context.actor.role = base::Role::admin;
    request.context.actor.id = 9;
    request.context.deadline = base::Deadline::in(std::chrono::seconds(30));
    auto match = router->match(request);
    REQUIRE(match.route);
    std::optional<base::Result<http::Response>> outcome;
    support::NoBody no_body;
    loop_->spawn(match.route->handler(request, no_body), outcome);
    for (int i = 0; i < 100 && !outcome; ++i) settle();
    REQUIRE(outcome);
    REQUIRE(*outcome);
    settle();
    return std::move(**outcome);
}

nlohmann::json Fixture::get(const std::string& target) {
    auto answer = ask(http::Method::get, target);
    CAPTURE(std::get<std::string>(answer.body));
    REQUIRE(answer.status == 200);
    return nlohmann::json::parse(std::get<std::string>(answer.body));
}

nlohmann::json Fixture::post(const std::string& target, const std::string& body, int status) {
    auto answer = ask(http::Method::post, target, body);
    CAPTURE(std::get<std::string>(answer.body));
    REQUIRE(answer.status == status);
    return nlohmann::json::parse(std::get<std::string>(answer.body));
}

nlohmann::json Fixture::make(const std::string& path, const std::string& more) {
    auto body = R"({"url":"https://example.org/)" + path + "\"" + more + "}";
    return post("/v1/webhooks", body, 201).at("webhook");
}

}  // namespace webhooks
