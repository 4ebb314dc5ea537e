#include "fixture.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

#include "support/no_body.hpp"

namespace recommendation {

using namespace std::chrono_literals;

base::Task<std::vector<users::Profile>> FakeUsers::profiles(std::vector<users::UserId> ids,
                                                            bool with_email, base::Context) const {
    ++asked;
    email_asked = with_email;
    if (mood == Mood::refuses) co_return refusal();
    if (mood == Mood::breaks) throw std::runtime_error("users broke");
    if (mood == Mood::hangs) {
        auto executor = co_await boost::asio::this_coro::executor;
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          base::Executor>
            timer(executor);
        timer.expires_after(1h);
        boost::system::error_code cancelled;
        auto token = boost::asio::redirect_error(base::use_task, cancelled);
        co_await timer.async_wait(token);
    }
    std::vector<users::Profile> found;
    for (auto id : ids) {
        auto profile = known.find(id);
        if (profile != known.end()) found.push_back(profile->second);
    }
    co_return found;
}

Fixture::Fixture() {
    database::Options options;
    options.file = folder / "users.db";
    options.name = "users";
    options.migrations = {bus::log_schema()};
    users_database = std::move(*database::Database::open(std::move(options)));
    users_log = std::make_unique<bus::Log>(*users_database, clock, "users");
    open_news_log("news-sports.db");
    config.batch_interval_ms = 20ms;
}

Fixture::~Fixture() {
    close();
}

void Fixture::open(bool started) {
    background_ = std::make_unique<support::SteppedLoop>();
    visits = std::make_unique<bus::Topic<news::NewsViewed>>();
    host::Environment environment{folder.path(), clock, metrics, background_->executor()};
    Module::Neighbours neighbours{*visits, *users_log, users, {{"sports", news_log.get()}}};
    auto opened = Module::open(config, environment, neighbours);
    REQUIRE(opened);
    module = std::move(*opened);
    router = std::make_unique<http::Router>();
    module->add_routes(*router);
    if (started) start();
}

void Fixture::start() {
    REQUIRE(background_->run(module->start()));
    is_started_ = true;
}

void Fixture::close() {
    if (!module) return;
    if (std::exchange(is_started_, false)) {
        std::optional<base::Result<void>> end;
        background_->spawn(module->stop({}), end);
        settle();
    }
    module.reset();
    router.reset();
}

void Fixture::pass(std::chrono::milliseconds span) {
    clock.pass(span);
    settle();
}

void Fixture::apply() {
    settle();
    pass(config.batch_interval_ms);
}

void Fixture::visit(std::int64_t user, std::int64_t news, std::vector<std::string> tags) {
    visits->publish({user, "sports", news, std::move(tags), clock.now()});
}

void Fixture::happens(std::int64_t news, const std::string& type, const nlohmann::json& body) {
    auto work = [&](database::Transaction& transaction) -> base::Result<bool> {
        news_log->append(transaction, {news, ++versions[news], type, body.dump(), 1, "test"});
        return true;
    };
    REQUIRE(base::run(news_database->write<bool>({}, 0, work)));
}

void Fixture::publish(std::int64_t news, std::vector<std::string> tags, std::string title) {
    happens(news, "article_created.v1",
            {{"title", title},
             {"description", ""},
             {"content", "text"},
             {"author", "A"},
             {"tags", tags},
             {"status", "published"},
             {"published_at", base::to_rfc3339(clock.now())}});
}

void Fixture::open_news_log(const std::string& file) {
    news_log.reset();
    database::Options options;
    options.file = folder.path() / file;
    options.name = "news-sports";
    options.migrations = {bus::log_schema()};
    news_database = std::move(*database::Database::open(std::move(options)));
    news_log = std::make_unique<bus::Log>(*news_database, clock, "news-sports");
}

void Fixture::replace_news_log() {
    open_news_log("news-sports-2.db");
    versions.clear();
    for (int i = 0; i < 20; ++i) publish(100 + i, {"weather"});
    for (int i = 0; i < 20; ++i) unpublish(100 + i);
}

void Fixture::unpublish(std::int64_t news) {
    happens(news, "article_unpublished.v1", nlohmann::json::object());
}

RankedList Fixture::list_for(std::int64_t user, RankedQuestion question) {
    base::Context context;
    context.actor = {user, base::Role::reader};
    auto list = ask(module->rankings().for_reader(question, context));
    REQUIRE(list);
    return *list;
}

std::string Fixture::news_for(std::int64_t user) {
    auto list = list_for(user);
    if (!list.personal) return "not personal";
    auto ids = nlohmann::json::array();
    for (const auto& one : list.articles) ids.push_back(one.article.id);
    return ids.dump();
}

void Fixture::remove_user(std::int64_t user) {
    auto work = [this, user](database::Transaction& transaction) -> base::Result<bool> {
        auto type = std::string(users::user_removed);
        std::string body = "{\"id\":" + std::to_string(user) + "}";
        users_log->append(transaction, {user, 1, type, body, user, "test"});
        return true;
    };
    REQUIRE(base::run(users_database->write<bool>({}, 0, work)));
}

http::Response Fixture::get(const std::string& path, base::Actor actor) {
    http::Request request;
    request.target = path;
    request.context.actor = actor;
    request.context.request_id = "test";
    auto match = router->match(request);
    REQUIRE(match.route);
    support::NoBody none;
    return *base::run(match.route->handler(request, none));
}

Fixture::Answer Fixture::call(http::Method method, const std::string& path,
                              std::optional<std::int64_t> user, const std::string& body,
                              const std::string& privacy) {
    http::Request request;
    request.method = method;
    request.target = path;
    if (auto query = path.find('?'); query != path.npos) {
        request.query = std::string_view(path).substr(query + 1);
    }
    request.body = body;
    request.fields.push_back({"Content-Type", "application/json"});
    if (!privacy.empty()) request.fields.push_back({"Sec-GPC", privacy});
    if (user) request.context.actor = {*user, base::Role::reader};
    request.context.request_id = "test";
    auto match = router->match(request);
    REQUIRE(match.route);
    support::NoBody none;
    auto response = background_->run(match.route->handler(request, none));
    REQUIRE(response);
    const auto* text = std::get_if<std::string>(&response->body);
    if (!text || text->empty()) return {response->status, {}};
    return {response->status, nlohmann::json::parse(*text)};
}

nlohmann::json Fixture::entries(const std::string& path, base::Actor actor) {
    auto response = get(path, actor);
    const auto& text = std::get<std::string>(response.body);
    CAPTURE(text);
    REQUIRE(response.status == 200);
    auto body = nlohmann::json::parse(text);
    REQUIRE(body.is_array());
    return body;
}

std::string Fixture::ids(const std::string& path, base::Actor actor) {
    auto ids = nlohmann::json::array();
    for (const auto& entry : entries(path, actor)) ids.push_back(entry.at("id"));
    return ids.dump();
}

std::uint64_t Fixture::counted(const std::string& name, telemetry::Labels labels) {
    return metrics.counter(name, "", std::move(labels)).value();
}

}  // namespace recommendation
