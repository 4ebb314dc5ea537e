#include "fixture.hpp"

#include <stdexcept>

#include "support/no_body.hpp"

namespace gateway {

namespace {

http::Response text(std::string body, int status = 200) {
    http::Response response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

base::Task<http::Response> list(const http::Request&) {
    co_return text("native");
}

base::Task<http::Response> made(const http::Request&) {
    co_return text("made", 201);
}

base::Task<http::Response> news(const http::Request&) {
    co_return text("news");
}

base::Task<http::Response> item(const http::Request& request) {
    auto id = request.parameter("id");
    if (id == "0") co_return base::Error{base::Reason::not_found, "nothing", "There is none."};
    if (id == "5") co_return base::Error{base::Reason::unavailable, "busy", "Not now."};
    if (id == "6") throw std::runtime_error("broken");
    if (id == "9") {
        auto near = base::Deadline::Clock::now() + std::chrono::seconds(30);
        co_return text(request.context.deadline.at() < near ? "soon" : "whenever");
    }
    co_return text("native " + std::string(id));
}

std::shared_ptr<http::Router> router_of() {
    using http::Access;
    using http::Method;
    auto router =
        std::make_shared<http::Router>(std::map<std::string, std::string>{{"/old", "/articles"}});
    http::Route articles{Method::get, "/articles", Access::anyone, list};
    articles.cached = [prepared = http::prepare(text("prepared"))](const http::Request& request) {
        return request.query == "cached" ? prepared
                                         : std::shared_ptr<const http::PreparedResponse>();
    };
    router->add(std::move(articles));
    router->add({Method::get, "/articles/{id}", Access::anyone, item});
    router->add({Method::post, "/articles", Access::anyone, made});
    router->add({Method::get, "/v1/news", Access::anyone, news});
    return router;
}

}  // namespace

RouteConfig rule(const std::string& name, const std::string& path, const std::string& mode,
                 std::int64_t percent) {
    RouteConfig route;
    route.name = name;
    route.path = path;
    route.mode = mode;
    route.percent = percent;
    route.compare_percent = 0;
    return route;
}

Fixture::Fixture() = default;

Fixture::~Fixture() {
    close();
}

void Fixture::open() {
    background_ = std::make_unique<base::Loop>();
    host::Environment environment{folder.path(), clock, metrics, background_->get_executor(),
                                  io_threads};
    Neighbours neighbours;
    if (with_proxy)
        neighbours = {&proxy, &comparer, {64, std::chrono::milliseconds(0)}, &authenticator};
    neighbours.imports = &imports;
    auto opened = Module::open(config, environment, neighbours);
    if (!opened) FAIL(opened.error().message);
    module = std::move(*opened);
    router = router_of();
    module->add_routes(*router);
    if (auto chooser = module->chooser()) chooser->begin(*router);
    REQUIRE(base::run(module->start()));
}

void Fixture::close() {
    if (!module) return;
    bool stopped = false;
    auto ended = [&](std::exception_ptr, const base::Result<void>&) { stopped = true; };
    boost::asio::co_spawn(background_->get_executor(), module->stop({}), std::move(ended));
    while (!stopped) background_->run_one();
    router.reset();
    module.reset();
    background_->drain();
}

base::Command Fixture::command(const std::string& key, const std::string& hash) {
    base::Command command;
    command.context.actor = {7, base::Role::admin};
    command.context.request_id = "test";
    if (!key.empty()) command.idempotency_key = base::IdempotencyKey{"7", "PUT /test", key, hash};
    return command;
}

base::Result<MigrationRoute> Fixture::set(const std::string& route, Mode mode,
                                          std::optional<std::int64_t> percent,
                                          std::optional<std::int64_t> compare_percent,
                                          base::Command by) {
    ModeChange change{mode, percent, compare_percent};
    return base::run(module->migration().set(route, change, std::move(by)));
}

base::Result<MigrationRoute> Fixture::undo(const std::string& route, base::Command by) {
    return base::run(module->migration().undo(route, std::move(by)));
}

RouteState Fixture::state(const std::string& route) {
    auto found = module->migration().route(route);
    REQUIRE(found);
    return found->state;
}

/// Its views point into `asked`.
http::Request Fixture::request_of(const Asked& asked) const {
    http::Request request;
    request.method = asked.method;
    request.target = asked.target;
    auto mark = request.target.find('?');
    if (mark != request.target.npos) request.query = request.target.substr(mark + 1);
    request.body = asked.body;
    if (!asked.body.empty()) request.fields.push_back({"Content-Type", "application/json"});
    for (const auto& field : asked.fields) request.fields.push_back(field);
    request.peer = asked.peer;
    request.context.actor = {7, base::Role::admin};
    request.context.request_id = "test";
    return request;
}

std::string Fixture::side(const Asked& asked) {
    auto request = request_of(asked);
    auto match = router->match(request);
    auto choice = module->chooser()->choose(request, match);
    if (!choice.match.route) return "none";
    if (choice.match.route->elsewhere) return "legacy";
    return choice.match.route == match.route ? "native" : "wrapped";
}

std::pair<int, std::string> Fixture::answer(const Asked& asked) {
    auto request = request_of(asked);
    auto match = router->match(request);
    auto choice = module->chooser()->choose(request, match);
    if (!choice.match.route) return {404, ""};
    support::NoBody none;
    auto made = base::run(choice.match.route->handler(request, none));
    auto plain =
        http::plain(request, made ? std::move(*made) : http::failure(request, made.error()));
    if (choice.ticket != 0) {
        module->chooser()->answered(choice.ticket, plain.status, std::chrono::milliseconds(2));
    }
    return {plain.status, plain.body};
}

http::Response Fixture::api(const Asked& asked) {
    auto request = request_of(asked);
    auto match = router->match(request);
    REQUIRE(match.route);
    support::NoBody none;
    auto answered = base::run(match.route->handler(request, none));
    REQUIRE(answered);
    return std::move(*answered);
}

nlohmann::json Fixture::json_of(const http::Response& response) {
    return nlohmann::json::parse(std::get<std::string>(response.body));
}

ChoosingServer::ChoosingServer(Fixture& gateway, std::int64_t threads) {
    http::Config config;
    config.threads = threads;
    server_ = std::make_unique<http::Server>(config, gateway.metrics);
    http::Listener listener;
    listener.name = "http";
    listener.listen = "127.0.0.1:0";
    listener.router = gateway.router;
    listener.authenticator = {std::shared_ptr<const http::Authenticator>(), &gateway.authenticator};
    listener.interceptors = gateway.module->interceptors();
    listener.chooser = gateway.module->chooser();
    server_->add(std::move(listener));
    auto started = server_->start();
    if (!started) throw std::runtime_error(started.error().message);
    address_ = server_->addresses().at("http");
}

ChoosingServer::~ChoosingServer() {
    server_->stop();
}

}  // namespace gateway
