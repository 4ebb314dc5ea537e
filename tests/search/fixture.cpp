#include "fixture.hpp"

#include <fstream>
#include <sstream>

#include "support/no_body.hpp"

namespace search {

Fixture::Fixture() {
    open();
}

Fixture::~Fixture() {
    close();
}

void Fixture::open() {
    loop_ = std::make_unique<support::SteppedLoop>();
    host::Environment environment{folder.path(), clock, metrics, loop_->executor()};
    Neighbours neighbours{
        {{"sports", &sports}, {"politics", &politics}},
        {{"sports", {nullptr, &sports_queries}}, {"politics", {nullptr, &politics_queries}}}};
    if (!has_politics) {
        neighbours.feeds.erase("politics");
        neighbours.types.erase("politics");
    }
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

void Fixture::write(const Article& article) {
    bool is_draft = article.published_at.empty();
    nlohmann::json body = {{"title", article.title},
                           {"description", article.description},
                           {"content", article.content},
                           {"author", article.author},
                           {"tags", article.tags},
                           {"owner", article.owner},
                           {"status", is_draft ? "draft" : "published"}};
    if (!is_draft) body["published_at"] = article.published_at;
    bool is_sports = article.type == "sports";
    (is_sports ? sports : politics).add(article.id, body.dump(), "article_created.v1");
    news::Article shown;
    shown.id = article.id;
    shown.title = article.title;
    shown.news_type = article.type;
    shown.version = 1;
    shown.status = is_draft ? news::Status::draft : news::Status::published;
    if (!is_draft) shown.published_at = base::parse_rfc3339(article.published_at);
    (is_sports ? sports_queries : politics_queries).put(shown, article.owner);
    settle();
}

void Fixture::happens(std::int64_t article, const std::string& event, const nlohmann::json& body) {
    sports.add(article, body.is_null() ? "{}" : body.dump(), event);
    settle();
}

http::Response Fixture::ask(const std::string& target) {
    http::Request request;
    request.target = target;
    auto mark = request.target.find('?');
    if (mark != request.target.npos) {
        request.query = std::string_view(request.target).substr(mark + 1);
    }
    request.context.request_id = "test";
    // As a connection has it: nobody waits for ever.
    request.context.deadline = base::Deadline::in(std::chrono::seconds(30));
    auto match = router->match(request);
    REQUIRE(match.route);
    std::optional<base::Result<http::Response>> outcome;
    support::NoBody body;
    loop_->spawn(match.route->handler(request, body), outcome);
    for (int i = 0; i < 100 && !outcome; ++i) settle();
    REQUIRE(outcome);
    REQUIRE(*outcome);
    return std::move(**outcome);
}

nlohmann::json Fixture::search(const std::string& query) {
    auto answer = ask("/v1/search?" + query);
    CAPTURE(std::get<std::string>(answer.body));
    REQUIRE(answer.status == 200);
    return nlohmann::json::parse(std::get<std::string>(answer.body));
}

std::string Fixture::ids(const std::string& query) {
    std::string ids;
    auto answer = search(query);
    for (const auto& item : answer.at("news")) {
        ids += (ids.empty() ? "" : " ") + std::to_string(item.at("id").get<std::int64_t>());
    }
    return ids;
}

Found Fixture::find(Question question, base::Actor actor) {
    base::Context context;
    context.actor = actor;
    auto found = loop_->run(module->queries().find(std::move(question), context));
    REQUIRE(found);
    return std::move(*found);
}

std::string Fixture::bytes_of_store() const {
    std::string bytes;
    for (const char* name : {"search.db", "search.db-wal"}) {
        std::ifstream file(folder.path() / name, std::ios::binary);
        std::ostringstream content;
        content << file.rdbuf();
        bytes += content.str();
    }
    return bytes;
}

}  // namespace search
