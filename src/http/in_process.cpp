#include "http/in_process.hpp"

#include <algorithm>
#include <array>

#include "access.hpp"
#include "answer.hpp"
#include "characters.hpp"
#include "compression.hpp"
#include "conditional.hpp"
#include "telemetry/log.hpp"

namespace http {

namespace {

template <class Fields>
std::optional<std::string_view> find_field(const Fields& fields, std::string_view name) {
    for (const auto& [field, value] : fields) {
        if (equals_any_case(field, name)) return value;
    }
    return std::nullopt;
}

/// The field lines of a head that we have written.
std::vector<std::pair<std::string, std::string>> fields_of(std::string_view head) {
    std::vector<std::pair<std::string, std::string>> fields;
    head.remove_prefix(std::min(head.find("\r\n"), head.size() - 2) + 2);
    while (!head.empty()) {
        auto end = head.find("\r\n");
        auto line = head.substr(0, end);
        auto colon = line.find(": ");
        if (colon != line.npos) fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
        if (end == head.npos) break;
        head.remove_prefix(end + 2);
    }
    return fields;
}

/// Of a request that has none.
class NoBody final : public BodyReader {
public:
    std::optional<std::uint64_t> length() const override { return 0; }
    base::Task<std::string_view> next() override { co_return std::string_view(); }
};

}  // namespace

bool asks_for_less(std::string_view name) {
    constexpr std::array<std::string_view, 6> names = {
        "if-match", "if-modified-since",   "if-none-match",
        "if-range", "if-unmodified-since", "range"};
    return std::any_of(names.begin(), names.end(),
                       [name](auto one) { return equals_lower(name, one); });
}

RequestCopy::RequestCopy(const Request& request)
    : method_(request.method),
      target_(request.target),
      peer_(request.peer),
      request_id_(request.context.request_id),
      secure_(request.secure) {
    fields_.reserve(request.fields.size());
    for (const auto& [name, value] : request.fields) {
        if (asks_for_less(name) || equals_lower(name, "accept-encoding")) continue;
        fields_.emplace_back(name, value);
    }
}

std::optional<std::string_view> RequestCopy::header(std::string_view name) const {
    return find_field(fields_, name);
}

Request RequestCopy::request(std::size_t thread, base::Deadline deadline) const {
    Request made;
    made.method = method_;
    made.target = target_;
    auto query = made.target.find('?');
    if (query != made.target.npos) made.query = made.target.substr(query + 1);
    for (const auto& [name, value] : fields_) made.fields.push_back({name, value});
    made.peer = peer_;
    made.secure = secure_;
    made.thread = thread;
    made.context.request_id = request_id_;
    made.context.deadline = deadline;
    return made;
}

std::optional<std::string_view> PlainResponse::header(std::string_view name) const {
    return find_field(fields, name);
}

PlainResponse plain(const Request& request, Response response, std::size_t bytes_max) {
    PlainResponse answer;
    auto* text = std::get_if<std::string>(&response.body);
    answer.complete =
        text || std::holds_alternative<std::shared_ptr<const PreparedResponse>>(response.body);
    bool reads = request.method == Method::get || request.method == Method::head;
    if (text && reads && response.origin == Origin::ours && response.status == 200 &&
        response.etag.empty()) {
        response.etag = make_etag(*text);
    }
    auto rendered = render(std::move(response));
    answer.status = rendered->status;
    answer.fields = fields_of(rendered->head);
    bool fits = rendered->body.size() <= bytes_max;
    answer.complete = answer.complete && fits;
    if (fits && request.method != Method::head) answer.body = rendered->body;
    return answer;
}

std::optional<PlainResponse> decoded(const PlainResponse& answer, std::size_t bytes_max) {
    if (!equals_any_case(answer.header("content-encoding").value_or(""), "gzip")) {
        return std::nullopt;
    }
    auto body = gunzip(answer.body, bytes_max);
    if (!body) return std::nullopt;
    auto plain = answer;
    plain.body = std::move(*body);
    std::erase_if(plain.fields, [](const auto& field) {
        return equals_any_case(field.first, "content-encoding");
    });
    return plain;
}

base::Task<PlainResponse> InProcess::ask(Request& request) const {
    auto match = router_.match(request);
    if (!match.route) {
        if (match.allow.empty()) {
            co_return plain(request,
                            failure(request, 404, "not_found", "There is nothing at this path."));
        }
        co_return plain(request, failure(request, 405, "method_not_allowed",
                                         "This path does not have that method."));
    }
    const auto& route = *match.route;
    request.rate_class = route.rate_class;
    request.credentials = route.credentials;
    auto admitted = authorize(route, authenticator_, request);
    if (!admitted) co_return plain(request, failure(request, admitted.error()));
    NoBody body;
    std::string broken;
    try {
        auto task = route.handler(request, body);
        auto made = co_await std::move(task);
        if (!made) co_return plain(request, failure(request, made.error()));
        co_return plain(request, std::move(*made));
    } catch (const std::exception& thrown) {
        broken = thrown.what();
    }
    telemetry::log(telemetry::Level::error, "http", "a handler broke",
                   {{"error", broken}, {"path", request.path}}, request.context.request_id);
    co_return plain(request, failure(request, 500, "internal_error",
                                     "Something went wrong here. It is logged."));
}

}  // namespace http
