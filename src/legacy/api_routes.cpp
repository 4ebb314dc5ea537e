#include "api_routes.hpp"

#include <fstream>
#include <iterator>

#include "api_file_json.hpp"
#include "base/json_writer.hpp"
#include "news/metadata.hpp"

namespace legacy {

namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;

/// What a request says for a parameter, which `{…}` is in the path and else in the query.
std::string value_of(const std::string& parameter, const http::Request& request) {
    if (parameter.empty()) return {};
    if (parameter.starts_with('{')) {
        return std::string(request.parameter(parameter.substr(1, parameter.size() - 2)));
    }
    return request.query_parameter(parameter).value_or("");
}

std::optional<http::Method> method_of(std::string_view name) {
    for (const auto& [method, known] : http::methods) {
        if (known == name) return method;
    }
    return std::nullopt;
}

news::PlacesQuestion question_of(news::ListFilter filter, std::int64_t limit) {
    news::PlacesQuestion question;
    question.filter = std::move(filter);
    question.limit = limit;
    return question;
}

}  // namespace

void ApiRoutes::add_routes(http::Router& router) {
    auto add = [&](const ApiRoute& route, http::Method method, http::Handler handler) {
        http::Route made{method, route.path, http::Access::anyone, std::move(handler)};
        // They are the monolith's, and everybody gets the same.
        made.credentials = http::Credentials::ignored;
        router.add(std::move(made));
    };
    for (const auto& route : file_.routes) {
        auto answer_get = [this, &route](const http::Request& request) {
            return get(route, request);
        };
        add(route, http::Method::get, http::Handler(answer_get));
        for (const auto& name : route.refuses) {
            auto refuse = [this, text = "Method \"" + name + "\" not allowed."](
                              const http::Request&) { return refused(text); };
            add(route, *method_of(name), http::Handler(refuse));
        }
    }
}

ApiRoutes::Answer ApiRoutes::refused(std::string text) const {
    co_return detail(405, text);
}

ApiRoutes::Answer ApiRoutes::get(const ApiRoute& route, const http::Request& request) const {
    int filters = 0;
    for (const auto* name :
         {&route.tag_parameter, &route.author_parameter, &route.language_parameter}) {
        if (!value_of(*name, request).empty()) ++filters;
    }
    if (filters > 1) {
        co_return base::Error{base::Reason::unavailable, "not_listed_together",
                              "There is no list by several of tag, author and language together "
                              "here."};
    }
    auto stamp = stamp_of(route);
    auto key = site_of(request) + std::string(request.target);
    if (auto kept = stamp ? cache_.find(key, *stamp) : nullptr) {
        http::Response again;
        again.body = std::move(kept);
        co_return again;
    }
    auto made = co_await make(route, request);
    if (!made) co_return made.error();
    if (stamp && made->status == 200) {
        auto prepared = http::prepare(*made);
        cache_.put(key, std::move(*stamp), prepared);
        made->body = std::move(prepared);
    }
    co_return std::move(*made);
}

ApiRoutes::Answer ApiRoutes::make(const ApiRoute& route, const http::Request& request) const {
    if (!route.is_list) return item(route, request);
    if (route.pages.envelope == Envelope::cursor) return cursor_list(route, request);
    return list(route, request);
}

std::optional<ApiCache::Stamp> ApiRoutes::stamp_of(const ApiRoute& route) const {
    ApiCache::Stamp stamp;
    for (const auto& name : route.types) {
        auto generation = types_.at(name).queries->generation();
        if (!generation) return std::nullopt;
        stamp.push_back(*generation);
    }
    return stamp;
}

ApiRoutes::Answer ApiRoutes::list(const ApiRoute& route, const http::Request& request) const {
    auto selected = selection(route, request);
    auto context = context_of(request);
    std::int64_t count = 0;
    if (route.pages.envelope != Envelope::array) {
        auto counted = co_await listing_.count(selected.types, selected.filter, context);
        if (!counted) co_return counted.error();
        count = *counted;
    }
    DrfQuery query(request.query);
    std::optional<Page> page;
    switch (route.pages.envelope) {
        case Envelope::page_number:
            page = numbered_page(route.pages, query, url_of(request), count);
            break;
        case Envelope::limit_offset:
            page = offset_page(route.pages, query, url_of(request), count);
            break;
        default:
            page.emplace();
            page->limit = route.pages.size_default;
            break;
    }
    if (!page) co_return detail(404, "Invalid page.");
    ApiListing::Part part;
    bool is_behind = route.pages.envelope != Envelope::array && page->skip >= count;
    if (!is_behind) {
        auto question = question_of(std::move(selected.filter), page->limit);
        question.skip = page->skip;
        auto found = co_await listing_.part(selected.types, std::move(question), context);
        if (!found) co_return found.error();
        part = std::move(*found);
    }
    auto items = results(route, request, part.articles);
    co_return answer(200, enveloped(route.pages.envelope, *page, count, items));
}

ApiRoutes::Answer ApiRoutes::cursor_list(const ApiRoute& route,
                                         const http::Request& request) const {
    DrfQuery query(request.query);
    auto asked = cursor_question(route.pages, query);
    if (!asked) co_return detail(404, "Invalid cursor");
    auto selected = selection(route, request);
    auto question = question_of(std::move(selected.filter), asked->limit);
    question.from = asked->from;
    question.backwards = asked->backwards;
    auto found = co_await listing_.part(selected.types, std::move(question), context_of(request));
    if (!found) co_return found.error();
    auto page = cursor_page(route.pages, query, url_of(request), *asked, found->first, found->last,
                            found->more);
    auto items = results(route, request, found->articles);
    co_return answer(200, enveloped(Envelope::cursor, page, 0, items));
}

ApiRoutes::Answer ApiRoutes::item(const ApiRoute& route, const http::Request& request) const {
    auto id = parse_python_int(request.parameter(route.key));
    if (!id) co_return no_item(route, false);
    auto selected = selection(route, request);
    auto article = co_await listing_.article(selected.types, *id, context_of(request));
    if (!article && article.error().reason == base::Reason::not_found) {
        co_return no_item(route, true);
    }
    if (!article) co_return article.error();
    std::vector<news::Article> one;
    one.push_back(std::move(*article));
    co_return answer(200, results(route, request, one));
}

ApiRoutes::Selection ApiRoutes::selection(const ApiRoute& route, const http::Request& request) {
    Selection selected;
    auto type = value_of(route.type_parameter, request);
    if (!type.empty() && !route.type_words.empty()) {
        auto word = route.type_words.find(type);
        if (word == route.type_words.end()) return selected;
        type = word->second;
    }
    for (const auto& known : route.types) {
        // Of a type that there is not there is nothing.
        if (type.empty() || type == known) selected.types.push_back(known);
    }
    selected.filter.tag = value_of(route.tag_parameter, request);
    selected.filter.author = value_of(route.author_parameter, request);
    auto language = value_of(route.language_parameter, request);
    if (language.empty()) return selected;
    auto tidy = news::tidy_language(language);
    // In what is no language there is nothing.
    if (!tidy) selected.types.clear();
    selected.filter.language = tidy.value_or("");
    return selected;
}

std::string ApiRoutes::results(const ApiRoute& route, const http::Request& request,
                               const std::vector<news::Article>& articles) const {
    auto site = site_of(request);
    std::string out;
    for (const auto& article : articles) {
        if (!out.empty()) out += ',';
        route.item.write(out, article, site);
    }
    escape_line_separators(out);
    return out;
}

std::string ApiRoutes::site_of(const http::Request& request) const {
    if (!file_.base_url.empty()) return file_.base_url;
    auto host = request.header("Host").value_or("localhost");
    return (request.secure ? "https://" : "http://") + std::string(host);
}

std::string ApiRoutes::url_of(const http::Request& request) const {
    return site_of(request) + std::string(request.target.substr(0, request.target.find('?')));
}

base::Context ApiRoutes::context_of(const http::Request& request) const {
    auto context = request.context;
    context.actor = {};
    context.deadline = context.deadline.within(config_.deadline_ms);
    return context;
}

http::Response ApiRoutes::answer(int status, std::string body) const {
    http::Response response;
    response.status = status;
    response.content_type = "application/json";
    response.body = std::move(body);
    for (const auto& field : file_.headers) response.fields.push_back(field);
    return response;
}

http::Response ApiRoutes::detail(int status, std::string_view text) const {
    std::string body;
    base::JsonWriter(body).open('{').member("detail", text).close('}');
    return answer(status, std::move(body));
}

http::Response ApiRoutes::no_item(const ApiRoute& route, bool of_good_key) const {
    if (!route.not_found.empty()) return answer(404, route.not_found);
    if (!of_good_key || !file_.names_missing) return detail(404, "Not found.");
    return detail(404, "No " + route.model + " matches the given query.");
}

base::Result<std::unique_ptr<ApiRoutes>> open_api(const ApiConfig& config, news::Types types) {
    if (config.file.empty()) return std::unique_ptr<ApiRoutes>();
    std::ifstream file(config.file, std::ios::binary);
    std::string text;
    if (file.is_open()) {
        text.resize(file_bytes_max + 1);
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
    }
    if (!file.is_open() || file.bad()) {
        return base::Error{base::Reason::invalid, "cannot_read",
                           "The file of legacy.api cannot be read: " + config.file + "."};
    }
    ApiGround ground;
    ground.offset_max = config.offset_max;
    ground.lists_authors = true;
    for (const auto& [name, type] : types) {
        ground.types.push_back(name);
        ground.lists_authors = ground.lists_authors && type.queries->lists_authors();
    }
    auto read = api_file_from_json(text, ground);
    if (!read) return read.error();
    return std::make_unique<ApiRoutes>(std::move(*read), std::move(types), config);
}

}  // namespace legacy
