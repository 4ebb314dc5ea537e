#include "fixture.hpp"

#include <boost/asio/this_coro.hpp>
#include <stdexcept>

#include "support/no_body.hpp"

namespace live {

base::Task<void> FakeWriter::write(std::string_view piece) {
    if (!takes) {
        static const base::SystemClock clock;
        auto executor = co_await boost::asio::this_coro::executor;
        wait_ = std::make_shared<base::Wait>(executor);
        auto wait = wait_;
        auto never = base::Clock::Moment::max();
        co_await wait->until(clock, never);
    }
    if (breaks) throw std::runtime_error("this writer breaks");
    text += piece;
    if (std::exchange(takes_first, false)) takes = false;
    co_return base::Result<void>();
}

void FakeWriter::take() {
    takes = true;
    if (wait_) wait_->ring();
}

std::vector<Told> Listener::events() {
    std::vector<Told> all;
    Told told;
    bool has_data = false;
    auto text = std::exchange(writer.text, {});
    REQUIRE((text.empty() || text.ends_with("\n\n")));
    std::size_t begin = 0;
    for (auto end = text.find('\n'); end != text.npos; end = text.find('\n', begin)) {
        auto line = text.substr(begin, end - begin);
        begin = end + 1;
        if (line.starts_with("id: ")) last_id = told.id = line.substr(4);
        if (line.starts_with("event: ")) told.event = line.substr(7);
        if (line.starts_with("data: ")) {
            told.data = nlohmann::json::parse(line.substr(6));
            has_data = true;
        }
        if (!line.empty()) continue;
        if (has_data) all.push_back(std::move(told));
        told = {};
        has_data = false;
    }
    return all;
}

std::string Listener::words() {
    std::string words;
    for (const auto& told : events()) {
        CHECK(told.data.at("event") == told.event);
        if (!words.empty()) words += ", ";
        words += told.event;
        if (!told.data.contains("news")) continue;
        const auto& item = told.data.at("news");
        words += " " + item.at("news_type").get<std::string>() + " " +
                 std::to_string(item.at("id").get<std::int64_t>());
    }
    return words;
}

Fixture::Fixture() {
    open();
}

Fixture::~Fixture() {
    close();
}

void Fixture::open() {
    loop_ = std::make_unique<support::SteppedLoop>();
    host::Environment environment{{}, clock, metrics, loop_->executor()};
    presence = std::make_unique<bus::Topic<editing::PresenceChanged>>();
    Neighbours neighbours{
        {{"politics", {&politics, &politics.head()}}, {"sports", {&sports, &sports.head()}}},
        {{"politics", {nullptr, &politics_queries, &politics_items}},
         {"sports", {nullptr, &sports_queries, &sports_items}}},
        *presence};
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
    router.reset();
    module.reset();
    loop_.reset();
}

void Fixture::settle() {
    loop_->settle();
}

void Fixture::pass(std::chrono::milliseconds span) {
    clock.advance(span);
    settle();
}

void Fixture::happens(const std::string& type, std::int64_t id, const std::string& event,
                      nlohmann::json body, news::Status status, std::vector<std::string> tags) {
    bool is_sports = type == "sports";
    auto& queries = is_sports ? sports_queries : politics_queries;
    news::Article article;
    article.id = id;
    article.title = "Title";
    article.author = "Ann";
    article.content = "Text";
    article.news_type = type;
    article.status = status;
    article.tags = std::move(tags);
    if (status == news::Status::published) article.published_at = clock.now();
    queries.put(article, 7);
    (is_sports ? sports : politics).add(id, body.dump(), event);
    settle();
}

void Fixture::publish(const std::string& type, std::int64_t id, std::vector<std::string> tags) {
    nlohmann::json body = {{"title", "Title"},
                           {"description", ""},
                           {"content", "Text"},
                           {"author", "Ann"},
                           {"tags", tags},
                           {"status", "published"},
                           {"published_at", "2026-03-01T12:00:00.123Z"}};
    happens(type, id, "article_created.v1", std::move(body), news::Status::published,
            std::move(tags));
}

void Fixture::revise(const std::string& type, std::int64_t id, std::vector<std::string> tags) {
    nlohmann::json body = {{"tags", tags}};
    happens(type, id, "article_revised.v1", std::move(body), news::Status::published,
            std::move(tags));
}

http::Response Fixture::ask(const std::string& query, const std::string& last_event_id) {
    http::Request request;
    std::string target = path + query;
    request.target = target;
    auto mark = request.target.find('?');
    if (mark != request.target.npos) request.query = request.target.substr(mark + 1);
    if (!last_event_id.empty()) request.fields.push_back({"Last-Event-ID", last_event_id});
    request.context.request_id = "test";
    request.context.actor = actor;
    request.peer = peer;
    auto match = router->match(request);
    REQUIRE(match.route);
    std::optional<base::Result<http::Response>> outcome;
    support::NoBody body;
    loop_->spawn(match.route->handler(request, body), outcome);
    settle();
    REQUIRE(outcome);
    REQUIRE(*outcome);
    return std::move(**outcome);
}

Listener& Fixture::listen(const std::string& query, const std::string& last_event_id) {
    listeners_.push_back(std::make_unique<Listener>());
    auto& listener = *listeners_.back();
    listener.head = ask(query, last_event_id);
    begin(listener);
    return listener;
}

Listener& Fixture::listen_slowly(const std::string& query) {
    listeners_.push_back(std::make_unique<Listener>());
    auto& listener = *listeners_.back();
    listener.writer.takes_first = true;
    listener.head = ask(query);
    begin(listener);
    return listener;
}

void Fixture::listen_and_break() {
    listeners_.push_back(std::make_unique<Listener>());
    auto& listener = *listeners_.back();
    listener.writer.breaks = true;
    listener.head = ask({});
    CHECK_THROWS_AS(begin(listener), std::runtime_error);
}

void Fixture::begin(Listener& listener) {
    REQUIRE(listener.head.status == 200);
    auto* stream = std::get_if<http::Stream>(&listener.head.body);
    REQUIRE(stream);
    loop_->spawn(stream->producer(listener.writer), listener.outcome);
    settle();
}

std::string Fixture::refusal(const std::string& query) {
    auto answer = ask(query);
    auto* text = std::get_if<std::string>(&answer.body);
    if (!text) return std::to_string(answer.status);
    return std::to_string(answer.status) + " " +
           nlohmann::json::parse(*text).value("error", std::string());
}

}  // namespace live
