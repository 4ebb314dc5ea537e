#include "routes.hpp"

#include "answer_json.hpp"
#include "base/text.hpp"
#include "http/command.hpp"
#include "http/json_body.hpp"
#include "http/query_values.hpp"
#include "input_json.hpp"

namespace editing {

namespace {

using nlohmann::json;

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;
constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 100;
constexpr http::VersionTag no_version{};
/// What a body has beside the members of a working copy.
constexpr std::int64_t frame_bytes = 4096;

base::Result<ArticleName> article_of(const http::Request& request) {
    auto id = base::parse_number(request.parameter("id"), id_max);
    if (!id) {
        return base::Error{base::Reason::not_found, "news_not_found",
                           "There is no such news item."};
    }
    return ArticleName{std::string(request.parameter("type")), *id};
}

/// All of this is somebody's alone, or of a few.
http::Response answer(std::string body, int status = 200) {
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

void Routes::add_to(http::Router& router) {
    using http::Access;
    using http::Method;
    auto add = [&](Method method, const char* pattern, Access access,
                   Answer (Routes::*handler)(const http::Request&),
                   std::optional<std::int64_t> body_bytes = std::nullopt) {
        http::Route route{method, pattern, access, [this, handler](const http::Request& request) {
                              return (this->*handler)(request);
                          }};
        route.limits.body_bytes = body_bytes;
        router.add(std::move(route));
    };
    // {version, members}: unsaved work on an article, instead of what was kept before.
    add(Method::put, "/v1/news/{type}/{id}/working-copy", Access::author, &Routes::put_working_copy,
        limits_.working_copy_bytes_max + frame_bytes);
    add(Method::get, "/v1/news/{type}/{id}/working-copy", Access::author, &Routes::working_copy);
    add(Method::del, "/v1/news/{type}/{id}/working-copy", Access::author,
        &Routes::remove_working_copy);
    add(Method::get, "/v1/newsroom/working-copies", Access::author, &Routes::working_copies);
    // {text}: 201.
    add(Method::post, "/v1/news/{type}/{id}/notes", Access::author, &Routes::add_note);
    // ?limit=1–100&cursor=…: newest first.
    add(Method::get, "/v1/news/{type}/{id}/notes", Access::author, &Routes::notes);
    add(Method::del, "/v1/news/{type}/{id}/notes/{note}", Access::author, &Routes::remove_note);
    // Again and again while the article is open; gives who else has it open.
    add(Method::put, "/v1/news/{type}/{id}/presence", Access::author, &Routes::put_presence);
    add(Method::get, "/v1/news/{type}/{id}/presence", Access::author, &Routes::presence);
    add(Method::del, "/v1/news/{type}/{id}/presence", Access::author, &Routes::remove_presence);
    // {hours}: 201.
    add(Method::post, "/v1/news/{type}/{id}/preview-link", Access::author, &Routes::add_link);
    add(Method::del, "/v1/news/{type}/{id}/preview-link", Access::author, &Routes::remove_links);
    add(Method::del, "/v1/newsroom/preview-links", Access::admin, &Routes::remove_all_links);
    add(Method::get, "/v1/preview/{token}", Access::anyone, &Routes::preview);
}

Routes::Answer Routes::put_working_copy(const http::Request& request) {
    auto article = article_of(request);
    if (!article) co_return http::failure(request, article.error());
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto copy = working_copy_from_json(std::get<json>(read), std::move(*article));
    if (!copy) co_return http::failure(request, copy.error());
    auto kept = co_await desk_.keep(std::move(*copy), request.context);
    if (!kept) co_return http::failure(request, kept.error());
    co_return answer(working_copy_body(*kept));
}

Routes::Answer Routes::working_copy(const http::Request& request) {
    auto article = article_of(request);
    if (!article) co_return http::failure(request, article.error());
    auto copy = co_await desk_.working_copy(std::move(*article), request.context);
    if (!copy) co_return http::failure(request, copy.error());
    co_return answer(working_copy_body(*copy));
}

Routes::Answer Routes::remove_working_copy(const http::Request& request) {
    auto article = article_of(request);
    if (!article) co_return http::failure(request, article.error());
    auto gone = co_await desk_.discard(std::move(*article), request.context);
    if (!gone) co_return http::failure(request, gone.error());
    co_return done();
}

Routes::Answer Routes::working_copies(const http::Request& request) {
    auto copies = co_await desk_.working_copies(request.context);
    if (!copies) co_return http::failure(request, copies.error());
    co_return answer(working_copies_body(*copies));
}

Routes::Answer Routes::add_note(const http::Request& request) {
    auto article = article_of(request);
    if (!article) co_return http::failure(request, article.error());
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto text = note_from_json(std::get<json>(read));
    if (!text) co_return http::failure(request, text.error());
    auto command = no_version.command(request, request.body);
    if (!command) co_return http::failure(request, command.error());
    auto note = co_await desk_.add_note(std::move(*article), std::move(*text), std::move(*command));
    if (!note) co_return http::failure(request, note.error());
    co_return answer(note_body(*note), 201);
}

Routes::Answer Routes::notes(const http::Request& request) {
    auto article = article_of(request);
    if (!article) co_return http::failure(request, article.error());
    auto limit = http::limit_in_query(request, limit_default, limit_max);
    if (!limit) co_return http::failure(request, limit.error());
    auto before = http::cursor_in_query(request);
    if (!before) co_return http::failure(request, before.error());
    // One more than wanted tells whether anything follows.
    auto notes = co_await desk_.notes(std::move(*article), *before, *limit + 1, request.context);
    if (!notes) co_return http::failure(request, notes.error());
    std::string next;
    if (std::ssize(*notes) > *limit) {
        notes->pop_back();
        next = std::to_string(notes->back().id);
    }
    co_return answer(notes_body(*notes, next));
}

Routes::Answer Routes::remove_note(const http::Request& request) {
    auto article = article_of(request);
    if (!article) co_return http::failure(request, article.error());
    auto note = base::parse_number(request.parameter("note"), id_max);
    // What is no number is no note, as any other that is not there.
    auto gone = co_await desk_.remove_note(std::move(*article), note.value_or(0), request.context);
    if (!gone) co_return http::failure(request, gone.error());
    co_return done();
}

Routes::Answer Routes::put_presence(const http::Request& request) {
    auto article = article_of(request);
    if (!article) co_return http::failure(request, article.error());
    auto people = co_await desk_.arrive(std::move(*article), request.context);
    if (!people) co_return http::failure(request, people.error());
    co_return answer(presence_body(*people, limits_.presence));
}

Routes::Answer Routes::presence(const http::Request& request) {
    auto article = article_of(request);
    if (!article) co_return http::failure(request, article.error());
    auto people = co_await desk_.present(std::move(*article), request.context);
    if (!people) co_return http::failure(request, people.error());
    co_return answer(presence_body(*people, limits_.presence));
}

Routes::Answer Routes::remove_presence(const http::Request& request) {
    auto article = article_of(request);
    if (!article) co_return http::failure(request, article.error());
    auto left = co_await desk_.leave(std::move(*article), request.context);
    if (!left) co_return http::failure(request, left.error());
    co_return done();
}

Routes::Answer Routes::add_link(const http::Request& request) {
    auto article = article_of(request);
    if (!article) co_return http::failure(request, article.error());
    std::optional<std::int64_t> hours;
    if (http::has_json(request)) {
        auto read = http::json_body(request);
        if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
        auto given = hours_from_json(std::get<json>(read));
        if (!given) co_return http::failure(request, given.error());
        hours = *given;
    }
    auto link = co_await desk_.link(std::move(*article), hours, request.context);
    if (!link) co_return http::failure(request, link.error());
    co_return answer(link_body(*link, "/v1/preview/" + link->token), 201);
}

Routes::Answer Routes::remove_links(const http::Request& request) {
    auto article = article_of(request);
    if (!article) co_return http::failure(request, article.error());
    auto ended = co_await desk_.end_links(std::move(*article), request.context);
    if (!ended) co_return http::failure(request, ended.error());
    co_return done();
}

Routes::Answer Routes::remove_all_links(const http::Request& request) {
    auto ended = co_await desk_.end_all_links(request.context);
    if (!ended) co_return http::failure(request, ended.error());
    co_return done();
}

Routes::Answer Routes::preview(const http::Request& request) {
    auto shown = co_await desk_.preview(std::string(request.parameter("token")), request.context);
    if (!shown) co_return http::failure(request, shown.error());
    auto response = answer(preview_body(*shown));
    response.fields.emplace_back("X-Robots-Tag", "noindex, nofollow");
    co_return response;
}

}  // namespace editing
