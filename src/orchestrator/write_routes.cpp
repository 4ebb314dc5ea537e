#include "answer_json.hpp"
#include "base/text.hpp"
#include "http/json_body.hpp"
#include "news/article_json.hpp"
#include "news_routes.hpp"

namespace orchestrator {

namespace {

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;

using Json = nlohmann::json;

constexpr std::int64_t batch_bytes_max = 8 * 1024 * 1024;

/// A whole number in a body: absent is nothing, another type is refused.
base::Result<std::optional<std::int64_t>> number_in(const Json& body, const char* member) {
    auto found = body.is_object() ? body.find(member) : body.end();
    if (!body.is_object() || found == body.end()) return std::optional<std::int64_t>();
    bool whole =
        found->is_number_unsigned() && found->get<std::uint64_t>() <= std::uint64_t{id_max};
    if (!whole) {
        std::string message = std::string(member) + " must be a whole number from 0 to 2^53 - 1.";
        return base::Error{base::Reason::invalid,
                           "malformed_news",
                           message,
                           {{member, "must be a whole number from 0 to 2^53 - 1"}}};
    }
    return std::optional<std::int64_t>(found->get<std::int64_t>());
}

base::Result<std::int64_t> required_number(const Json& body, const char* member) {
    auto number = number_in(body, member);
    if (!number) return number.error();
    if (!*number) {
        return base::Error{base::Reason::invalid,
                           "malformed_news",
                           "The body must have the member " + std::string(member) + ".",
                           {{member, "is missing"}}};
    }
    return **number;
}

base::Error version_without_id() {
    return {base::Reason::invalid,
            "invalid_news",
            "A new item has no version yet; to change one that is there, name its id as well.",
            {{"version", "needs the id of the item that it is a version of"}}};
}

http::Response item_answer(int status, const news::Article& article) {
    http::Response response;
    response.status = status;
    response.body = item_body(article);
    response.etag = etag_of(article);
    if (status == 201) {
        response.fields.emplace_back(
            "Location", "/v1/news/" + article.news_type + "/" + std::to_string(article.id));
    }
    return response;
}

}  // namespace

void WriteRoutes::add_to(http::Router& router) {
    using http::Access;
    using http::Method;
    auto add = [&](Method method, const char* pattern, Access access,
                   Answer (WriteRoutes::*handler)(const http::Request&)) {
        router.add({method, pattern, access, [this, handler](const http::Request& request) {
                        return (this->*handler)(request);
                    }});
    };
    // A new item: published at once, unless it is a draft or dated ahead. 201 with Location. With
    // an id it is what PUT is.
    add(Method::post, "/v1/news/{type}", Access::author, &WriteRoutes::create);
    // {id, version or If-Match, changed members, also status and published_at}: a new version, 201.
    add(Method::put, "/v1/news/{type}", Access::author, &WriteRoutes::revise);
    // Removed for everyone; the history stays.
    add(Method::del, "/v1/news/{type}/{id}", Access::editor, &WriteRoutes::remove);
    // Now, or with {published_at: future} then.
    add(Method::post, "/v1/news/{type}/{id}/publish", Access::author, &WriteRoutes::publish);
    // Back to a draft; also ends a schedule.
    add(Method::post, "/v1/news/{type}/{id}/unpublish", Access::author, &WriteRoutes::unpublish);
    // {version: n}: the state of version n as a new version, 201; also of a removed item.
    add(Method::post, "/v1/news/{type}/{id}/restore", Access::author, &WriteRoutes::restore);
    // {commands: [{command: create|revise|publish|unpublish|remove, …}]}: all of them, or none.
    http::Route several{Method::post, "/v1/news/{type}/batch", Access::author,
                        [this](const http::Request& request) { return batch(request); }};
    several.limits.body_bytes = batch_bytes_max;
    router.add(std::move(several));
    // The steps of the workflow: {note} for those who work on it, {version} or If-Match.
    add(Method::post, "/v1/news/{type}/{id}/submit", Access::author,
        &WriteRoutes::take<news::Step::submit>);
    add(Method::post, "/v1/news/{type}/{id}/withdraw", Access::author,
        &WriteRoutes::take<news::Step::withdraw>);
    add(Method::post, "/v1/news/{type}/{id}/approve", Access::editor,
        &WriteRoutes::take<news::Step::approve>);
    add(Method::post, "/v1/news/{type}/{id}/return", Access::editor,
        &WriteRoutes::take<news::Step::hand_back>);
    // {note} for readers, and changed members.
    add(Method::post, "/v1/news/{type}/{id}/correct", Access::author,
        &WriteRoutes::take<news::Step::correct>);
    // {notice} for readers, who get nothing else of it from then on: 410.
    add(Method::post, "/v1/news/{type}/{id}/kill", Access::editor,
        &WriteRoutes::take<news::Step::kill>);
}

WriteRoutes::Answer WriteRoutes::create(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    const auto& body = std::get<Json>(read);
    // Whoever names an item means that one, and never wants a second of it.
    if (body.is_object() && body.contains("id")) co_return co_await revise(request);
    if (body.is_object() && body.contains("version"))
        co_return refuse(request, version_without_id());
    auto article = news::new_article_from_json(body);
    if (!article) co_return refuse(request, article.error());
    auto command = command_of(request);
    if (!command) co_return refuse(request, command.error());

    auto created = co_await (*type)->commands->create(std::move(*article), std::move(*command));
    if (!created) co_return refuse(request, created.error());
    co_return item_answer(201, *created);
}

WriteRoutes::Answer WriteRoutes::revise(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    const auto& body = std::get<Json>(read);
    auto revision = news::revision_from_json(body);
    if (!revision) co_return refuse(request, revision.error());
    auto id = required_number(body, "id");
    if (!id) co_return refuse(request, id.error());
    auto version = number_in(body, "version");
    if (!version) co_return refuse(request, version.error());
    auto command = command_of(request);
    if (!command) co_return refuse(request, command.error());
    if (!command->expected && *version) command->expected = news::Expected{{**version}};

    auto revised =
        co_await (*type)->commands->revise(*id, std::move(*revision), std::move(*command));
    if (!revised) co_return refuse(request, revised.error());
    co_return item_answer(201, *revised);
}

WriteRoutes::Answer WriteRoutes::publish(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    std::optional<base::Time> at;
    if (http::has_json(request)) {
        auto read = http::json_body(request);
        if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
        auto time = news::time_from_json(std::get<Json>(read), "published_at");
        if (!time) co_return refuse(request, time.error());
        at = *time;
    }
    auto command = command_of(request);
    if (!command) co_return refuse(request, command.error());

    auto published = co_await (*type)->commands->publish(*id, at, std::move(*command));
    if (!published) co_return refuse(request, published.error());
    co_return item_answer(200, *published);
}

WriteRoutes::Answer WriteRoutes::unpublish(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    auto command = command_of(request);
    if (!command) co_return refuse(request, command.error());

    auto unpublished = co_await (*type)->commands->unpublish(*id, std::move(*command));
    if (!unpublished) co_return refuse(request, unpublished.error());
    co_return item_answer(200, *unpublished);
}

WriteRoutes::Answer WriteRoutes::remove(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    auto command = command_of(request);
    if (!command) co_return refuse(request, command.error());

    auto removed = co_await (*type)->commands->remove(*id, std::move(*command));
    if (!removed) co_return refuse(request, removed.error());
    http::Response response;
    response.body = removed_body(*id);
    co_return response;
}

WriteRoutes::Answer WriteRoutes::restore(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto version = required_number(std::get<Json>(read), "version");
    if (!version) co_return refuse(request, version.error());
    auto command = command_of(request);
    if (!command) co_return refuse(request, command.error());

    auto restored = co_await (*type)->commands->restore(*id, *version, std::move(*command));
    if (!restored) co_return refuse(request, restored.error());
    co_return item_answer(201, *restored);
}

WriteRoutes::Answer WriteRoutes::take_step(const http::Request& request, news::Step step) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto id = id_of(request);
    if (!id) co_return refuse(request, id.error());
    news::Remark remark;
    std::optional<std::int64_t> version;
    if (http::has_json(request)) {
        auto read = http::json_body(request);
        if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
        const auto& body = std::get<Json>(read);
        auto note = news::note_from_json(body, step == news::Step::kill ? "notice" : "note");
        if (!note) co_return refuse(request, note.error());
        remark.note = std::move(*note);
        auto number = number_in(body, "version");
        if (!number) co_return refuse(request, number.error());
        version = *number;
        if (step == news::Step::correct) {
            auto changes = news::revision_from_json(body);
            if (!changes) co_return refuse(request, changes.error());
            remark.changes = std::move(*changes);
        }
    }
    auto command = command_of(request);
    if (!command) co_return refuse(request, command.error());
    if (!command->expected && version) command->expected = news::Expected{{*version}};

    auto taken =
        co_await (*type)->commands->take(*id, step, std::move(remark), std::move(*command));
    if (!taken) co_return refuse(request, taken.error());
    co_return item_answer(200, *taken);
}

}  // namespace orchestrator
