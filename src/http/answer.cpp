#include "answer.hpp"

#include <boost/beast/http/status.hpp>

#include "characters.hpp"
#include "conditional.hpp"

namespace http {

namespace {

void add_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ");
    for (char c : value) out += is(value_character, c) ? c : ' ';
    out += "\r\n";
}

std::string start_head(int status, const Response& response) {
    std::string out;
    out.reserve(384);
    out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ");
    out.append(reason_phrase(status)).append("\r\nServer: portal\r\n");
    if (!response.etag.empty()) add_field(out, "ETag", response.etag);
    bool failed = response.status >= 400;
    add_field(out, "Cache-Control",
              !response.cache_control.empty() ? std::string_view(response.cache_control)
              : failed                        ? std::string_view("no-store")
                                              : std::string_view("no-cache"));
    return out;
}

}  // namespace

std::string_view reason_phrase(int status) {
    auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
    auto phrase = boost::beast::http::obsolete_reason(known);
    return {phrase.data(), phrase.size()};
}

std::shared_ptr<const Prepared> render(Response response) {
    if (response.prepared) return std::move(response.prepared);
    auto prepared = std::make_shared<Prepared>();
    prepared->status = response.status;
    bool has_content = response.status >= 200 && response.status != 204 && response.status != 304;

    prepared->head = start_head(response.status, response);
    if (has_content) {
        if (!response.content_type.empty()) {
            add_field(prepared->head, "Content-Type", response.content_type);
        }
        add_field(prepared->head, "Content-Length", std::to_string(response.body.size()));
    }
    add_field(prepared->head, "X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : response.fields) add_field(prepared->head, name, value);

    if (response.status == 200 && !response.etag.empty()) {
        prepared->head_304 = start_head(304, response);
        add_field(prepared->head_304, "X-Content-Type-Options", "nosniff");
        for (const auto& [name, value] : response.fields) {
            // What a cache that revalidates must hear again (RFC 9110, 15.4.5).
            if (equals_lower(name, "vary") || equals_lower(name, "content-location") ||
                equals_lower(name, "expires")) {
                add_field(prepared->head_304, name, value);
            }
        }
    }
    if (has_content) prepared->body = std::move(response.body);
    prepared->etag = std::move(response.etag);
    return prepared;
}

std::shared_ptr<const Prepared> prepare(const Response& response) {
    Response complete = response;
    if (complete.status == 200 && complete.etag.empty()) complete.etag = make_etag(complete.body);
    return render(std::move(complete));
}

}  // namespace http
