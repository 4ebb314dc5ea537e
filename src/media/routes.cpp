#include "routes.hpp"

#include "answer_json.hpp"
#include "base/problems.hpp"
#include "base/text.hpp"
#include "http/command.hpp"
#include "http/json_body.hpp"
#include "http/query_values.hpp"
#include "image/kind.hpp"
#include "input_json.hpp"
#include "rules.hpp"

namespace media {

namespace {

using base::malformed;
using nlohmann::json;

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 100;
/// Grows when the JSON of an item changes its form: the same version then has another ETag.
constexpr http::VersionTag version_tag{".1"};
constexpr const char* for_authors = "private, no-cache";
constexpr const char* for_ever = "public, max-age=31536000, immutable";
constexpr const char* for_a_while = "public, max-age=300";

image::Kind kind_of(const Item& item) {
    for (auto kind : {image::Kind::jpeg, image::Kind::png, image::Kind::webp, image::Kind::avif,
                      image::Kind::gif, image::Kind::pdf, image::Kind::mp3, image::Kind::mp4}) {
        if (image::word_of(kind) == item.bytes.kind) return kind;
    }
    return image::Kind::unknown;
}

base::Result<ListQuestion> question_of(const http::Request& request) {
    ListQuestion question;
    auto limit = http::limit_in_query(request, limit_default, limit_max);
    if (!limit) return limit.error();
    question.limit = *limit;
    auto cursor = http::cursor_in_query(request);
    if (!cursor) return cursor.error();
    question.before = *cursor;
    auto unused = request.query_parameter("unused").value_or("");
    if (!unused.empty() && unused != "true" && unused != "false") {
        return malformed("malformed_unused", "unused must be true or false.");
    }
    question.unused = unused == "true";
    return question;
}

/// An item's state is its version, and who shows it.
std::string etag_of(const Item& item) {
    return version_tag.of(item.version);
}

http::Response answer(std::string body, const char* cache_control) {
    http::Response response;
    response.body = std::move(body);
    response.cache_control = cache_control;
    return response;
}

base::Error for_authors_only(const base::Actor& actor) {
    if (actor.role == base::Role::anonymous) {
        return {base::Reason::unauthenticated, "unauthenticated",
                "Log in: a picture as it was sent, with what its camera wrote into it, is for "
                "authors. Renditions are for everybody."};
    }
    return {base::Reason::forbidden, "forbidden",
            "A picture as it was sent, with what its camera wrote into it, is for authors. "
            "Renditions are for everybody."};
}

}  // namespace

void Routes::add_to(http::Router& router) {
    using http::Access;
    using http::Method;
    auto add = [&](Method method, const char* pattern, Access access,
                   Answer (Routes::*handler)(const http::Request&)) {
        router.add({method, pattern, access, [this, handler](const http::Request& request) {
                        return (this->*handler)(request);
                    }});
    };
    // ?limit=1–100&cursor=…&unused=true: newest first.
    add(Method::get, "/v1/media", Access::author, &Routes::list);
    add(Method::get, "/v1/media/{id}", Access::anyone, &Routes::item);
    // {alt, credit, focus, version}: another focus is another item, 201.
    add(Method::put, "/v1/media/{id}", Access::author, &Routes::change);
    add(Method::del, "/v1/media/{id}", Access::editor, &Routes::remove);
    add(Method::get, "/v1/media/{id}/original", Access::anyone, &Routes::original);
    // {width}[x{height}][.{hash}].{webp|jpg|avif}
    add(Method::get, "/v1/media/{id}/{rendition}", Access::anyone, &Routes::rendition);
}

std::string Routes::hash_of(const Item& item) const {
    return item.bytes.width > 0 ? renditions_.hash_of(item) : "";
}

http::Response Routes::shown(const Item& item, bool to_author) const {
    ShownItem one{item, std::string(image::media_type_of(kind_of(item))), hash_of(item), to_author};
    auto response = answer(item_body(one), for_authors);
    response.etag = etag_of(item);
    return response;
}

base::Task<Item> Routes::asked_for(const http::Request& request) {
    auto id = base::parse_number(request.parameter("id"), id_max);
    if (!id || *id == 0) co_return item_not_found();
    co_return co_await library_.item(*id, request.context);
}

Routes::Answer Routes::list(const http::Request& request) {
    auto question = question_of(request);
    if (!question) co_return http::failure(request, question.error());
    auto wanted = question->limit;
    // One more than wanted tells whether anything follows.
    ++question->limit;
    auto items = co_await library_.list(*question, request.context);
    if (!items) co_return http::failure(request, items.error());
    std::string next;
    if (std::ssize(*items) > wanted) {
        items->pop_back();
        next = std::to_string(items->back().position);
    }
    std::vector<ShownItem> all;
    for (const auto& item : *items) {
        all.push_back({item, std::string(image::media_type_of(kind_of(item))), hash_of(item)});
    }
    co_return answer(items_body(all, next), for_authors);
}

Routes::Answer Routes::item(const http::Request& request) {
    auto item = co_await asked_for(request);
    if (!item) co_return http::failure(request, item.error());
    auto response = shown(*item, request.context.actor.role >= base::Role::author);
    // It also tells who shows it, which is in no version.
    response.etag.clear();
    co_return response;
}

Routes::Answer Routes::change(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto input = change_from_json(std::get<json>(read));
    if (!input) co_return http::failure(request, input.error());
    auto id = base::parse_number(request.parameter("id"), id_max);
    if (!id || *id == 0) co_return http::failure(request, item_not_found());
    auto command = version_tag.command(request, request.body);
    if (!command) co_return http::failure(request, command.error());
    const auto& version = input->version;
    if (!command->expected && version) {
        base::Expected expected;
        expected.versions.push_back(*version);
        command->expected = std::move(expected);
    }
    auto changed = co_await library_.change(*id, std::move(input->change), std::move(*command));
    if (!changed) {
        co_return version_tag.refuse(request, changed.error(),
                                     "Send the version of the file as it was given.");
    }
    auto response = shown(changed->item);
    if (changed->is_new) {
        response.status = 201;
        response.fields.emplace_back("Location", "/v1/media/" + std::to_string(changed->item.id));
    }
    co_return response;
}

Routes::Answer Routes::remove(const http::Request& request) {
    auto id = base::parse_number(request.parameter("id"), id_max);
    if (!id || *id == 0) co_return http::failure(request, item_not_found());
    base::Command command{request.context, version_tag.expected(request)};
    auto removed = co_await library_.remove(*id, std::move(command));
    if (!removed) {
        co_return version_tag.refuse(request, removed.error(),
                                     "Send the version of the file as it was given.");
    }
    http::Response response;
    response.status = 204;
    response.cache_control = "no-store";
    co_return response;
}

Routes::Answer Routes::original(const http::Request& request) {
    auto item = co_await asked_for(request);
    if (!item) co_return http::failure(request, item.error());
    auto kind = kind_of(*item);
    bool is_picture = image::is_picture(kind);
    const auto& actor = request.context.actor;
    if (is_picture && actor.role < base::Role::author) {
        co_return http::failure(request, for_authors_only(actor));
    }
    auto path = co_await files_.file(item->bytes.sha256, request.context.deadline);
    if (!path) co_return http::failure(request, path.error());
    auto file = http::FileBody::open(*path);
    bool is_whole = file && static_cast<std::int64_t>(file->size()) == item->bytes.bytes;
    if (!is_whole) co_return http::failure(request, bytes_unreadable());
    http::Response response;
    response.content_type = image::media_type_of(kind);
    response.body = std::move(*file);
    response.etag = "\"" + item->bytes.sha256 + "\"";
    response.cache_control = is_picture || !item->is_public ? for_authors : for_a_while;
    if (!is_picture) {
        response.fields.emplace_back(
            "Content-Disposition",
            "attachment; filename=\"" + std::to_string(item->id) + "." + item->bytes.kind + "\"");
    }
    co_return response;
}

Routes::Answer Routes::rendition(const http::Request& request) {
    auto name = parse_rendition(request.parameter("rendition"));
    auto item = co_await asked_for(request);
    if (!item) co_return http::failure(request, item.error());
    bool is_one = name && (name->hash.empty() || name->hash == hash_of(*item));
    if (!is_one) {
        base::Error unknown{base::Reason::not_found, "rendition_not_found",
                            "A rendition is called {width}[x{height}][.{hash}].{webp|jpg|avif}, "
                            "with the hash that the file has now."};
        co_return http::failure(request, unknown);
    }
    auto path = co_await renditions_.file(*item, *name, request.context.deadline);
    if (!path) co_return http::failure(request, path.error());
    auto file = http::FileBody::open(*path);
    if (!file) {
        // Made, and thrown away for others before it was opened.
        base::Error gone{base::Reason::unavailable, "rendition_failed",
                         "This rendition cannot be made now. Try again later."};
        co_return http::failure(request, gone);
    }
    http::Response response;
    response.content_type = name->format == "jpg" ? "image/jpeg" : "image/" + name->format;
    response.body = std::move(*file);
    auto size = std::to_string(name->width) + "x" + std::to_string(name->height);
    response.etag = "\"" + hash_of(*item) + "-" + size + "-" + name->format + "\"";
    bool is_fixed = !name->hash.empty();
    response.cache_control = !item->is_public ? for_authors : is_fixed ? for_ever : for_a_while;
    co_return response;
}

}  // namespace media
