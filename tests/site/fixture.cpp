#include "fixture.hpp"

#include "support/no_body.hpp"

namespace site {

RedirectChange lead(const std::string& from, std::optional<std::string> to, bool permanent) {
    return {{from, std::move(to), permanent}, false};
}
RedirectChange forget(const std::string& from) {
    return {{from, std::nullopt, true}, true};
}

Fixture::Fixture() {
    for (const char* type : {"politics", "sports"}) news_[type];
}

Fixture::~Fixture() {
    close();
}

void Fixture::open() {
    background_ = std::make_unique<base::Loop>();
    host::Environment environment{folder.path(), clock, metrics, background_->get_executor()};
    news::Types types;
    for (auto& [type, queries] : news_) types[type] = {nullptr, &queries};
    auto opened = Module::open(config, environment, types);
    REQUIRE(opened);
    module = std::move(*opened);
    router = std::make_unique<http::Router>();
    module->add_routes(*router);
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

void Fixture::news_of(const std::string& type, news::Status status) {
    news::Article article;
    article.id = ++articles_;
    article.version = 1;
    article.status = status;
    news_.at(type).put(std::move(article));
}

Command Fixture::command(std::int64_t user) {
    Command command;
    command.context.actor = {user, base::Role::editor};
    command.context.request_id = "test";
    return command;
}

Command Fixture::command(const std::string& key, const std::string& hash) {
    auto by = command();
    by.idempotency_key = base::IdempotencyKey{"7", "PUT /v1/test", key, hash};
    return by;
}

base::Result<RedirectsStored> Fixture::put(std::vector<RedirectChange> changes, Command by) {
    return base::run(module->redirects().change(std::move(changes), std::move(by)));
}

base::Result<Resolution> Fixture::resolve(const std::string& path) {
    return base::run(module->redirects().resolve(path, {}));
}

base::Result<PutList> Fixture::put_list(const std::string& name, std::vector<ListEntry> entries,
                                        std::optional<std::int64_t> version, Command by) {
    if (version) {
        by.expected = Expected();
        by.expected->versions = {*version};
    }
    return base::run(module->lists().put(name, std::move(entries), std::move(by)));
}

base::Result<List> Fixture::list(const std::string& name) {
    return base::run(module->lists().list(name, {}));
}

base::Result<std::int64_t> Fixture::remove_list(const std::string& name) {
    return base::run(module->lists().remove(name, command()));
}

http::Response Fixture::ask(const Asked& asked) {
    http::Request request;
    request.method = asked.method;
    request.target = asked.target;
    auto mark = request.target.find('?');
    if (mark != request.target.npos) request.query = request.target.substr(mark + 1);
    request.body = asked.body;
    if (!asked.body.empty()) request.fields.push_back({"Content-Type", "application/json"});
    for (const auto& [name, value] : asked.fields) request.fields.push_back({name, value});
    request.context.actor = {7, base::Role::editor};
    request.context.request_id = "test";
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

}  // namespace site
