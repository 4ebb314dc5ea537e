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
    config.bus.retry_wait_ms = std::chrono::milliseconds(1);
    for (const char* type : {"politics", "sports"}) open_log(type, type);
}

Fixture::~Fixture() {
    close();
}

void Fixture::open_log(const std::string& type, const std::string& file) {
    database::Options options;
    options.file = folder.path() / (file + ".log.db");
    options.name = type;
    options.migrations = {bus::log_schema()};
    auto& log = logs_[type];
    log.log.reset();
    log.database = std::move(*database::Database::open(std::move(options)));
    log.log = std::make_unique<bus::Log>(*log.database, clock, "news-" + type);
}

void Fixture::replace_log(const std::string& type, const std::string& file) {
    REQUIRE_FALSE(module);
    open_log(type, file);
}

base::Result<void> Fixture::try_open(bool accept_older_data) {
    background_ = std::make_unique<base::Loop>();
    host::Environment environment{folder.path(), clock, metrics, background_->get_executor()};
    environment.accept_older_data = accept_older_data;
    NewsFeeds feeds;
    for (const auto& [type, log] : logs_) feeds[type] = log.log.get();
    auto opened = Module::open(config, environment, feeds);
    if (!opened) return opened.error();
    module = std::move(*opened);
    router = std::make_unique<http::Router>();
    module->add_routes(*router);
    REQUIRE(base::run(module->start()));
    return {};
}

void Fixture::open() {
    REQUIRE(try_open());
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

void Fixture::append(const std::string& type, std::int64_t article, std::int64_t version,
                     const std::string& event, const std::string& body) {
    auto& log = logs_.at(type);
    auto work = [&](database::Transaction& transaction) -> base::Result<bool> {
        log.log->append(transaction, {article, version, event, body, 7, "test"});
        return true;
    };
    REQUIRE(base::run(log.database->write<bool>({}, 0, work)));
}

void Fixture::create(const std::string& type, std::int64_t article, const std::string& status,
                     bool has_time) {
    nlohmann::json body{{"title", "T"},    {"description", ""}, {"content", "C"},
                        {"author", "Ann"}, {"tags", {"x"}},     {"status", status}};
    if (has_time) body["published_at"] = "2026-03-02T12:00:00.000Z";
    append(type, article, 1, "article_created.v1", body.dump());
}

SiteCounts Fixture::counts() {
    auto counts = base::run(module->counters().counts({}));
    REQUIRE(counts);
    return *counts;
}

SiteCounts Fixture::counted(std::int64_t behind) {
    // As long as something is behind, the background has work, or is told of some.
    auto now = counts();
    while (now.behind > behind) {
        background_->run_one();
        now = counts();
    }
    return now;
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
