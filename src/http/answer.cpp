#include "answer.hpp"

#include <algorithm>
#include <boost/beast/http/status.hpp>

#include "characters.hpp"
#include "compression.hpp"
#include "conditional.hpp"
#include "sealed_file.hpp"

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

/// What keeps a browser from making more of an answer than it is.
void add_safety(std::string& out, const Response& response) {
    out += "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";
    auto own = std::any_of(response.fields.begin(), response.fields.end(), [](const auto& field) {
        return equals_lower(field.first, "content-security-policy");
    });
    if (!own) {
        out += "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
    }
}

std::string vary_of(const Response& response, bool compressible) {
    std::string vary;
    for (const auto& [name, value] : response.fields) {
        if (equals_lower(name, "vary")) vary += (vary.empty() ? "" : ", ") + value;
    }
    if (compressible) vary += vary.empty() ? "Accept-Encoding" : ", Accept-Encoding";
    return vary;
}

}  // namespace

std::string_view reason_phrase(int status) {
    auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
    auto phrase = boost::beast::http::obsolete_reason(known);
    return {phrase.data(), phrase.size()};
}

std::shared_ptr<const PreparedResponse> render(Response response) {
    if (response.prepared) return std::move(response.prepared);
    auto prepared = std::make_shared<PreparedResponse>();
    prepared->status = response.status;
    bool has_content = response.status >= 200 && response.status != 204 && response.status != 304;

    prepared->head = start_head(response.status, response);
    if (has_content) {
        if (!response.content_type.empty()) {
            add_field(prepared->head, "Content-Type", response.content_type);
        }
        add_field(prepared->head, "Content-Length", std::to_string(response.body.size()));
    }
    add_safety(prepared->head, response);
    // Where a secret and what the client sent stand in one body, its compressed size tells of the
    // secret (BREACH): what must not be stored is not compressed either.
    bool compressible = has_content &&
                        response.cache_control.find("no-store") == std::string::npos &&
                        response.status < 400 && is_compressible(response.content_type);
    if (compressible) prepared->encodings = std::make_shared<Encodings>();
    auto vary = vary_of(response, compressible);
    if (!vary.empty()) add_field(prepared->head, "Vary", vary);
    for (const auto& [name, value] : response.fields) {
        if (!equals_lower(name, "vary")) add_field(prepared->head, name, value);
    }

    if (response.status == 200 && !response.etag.empty()) {
        prepared->head_304 = start_head(304, response);
        add_safety(prepared->head_304, response);
        if (!vary.empty()) add_field(prepared->head_304, "Vary", vary);
        for (const auto& [name, value] : response.fields) {
            // What a cache that revalidates must hear again (RFC 9110, 15.4.5).
            if (equals_lower(name, "content-location") || equals_lower(name, "expires")) {
                add_field(prepared->head_304, name, value);
            }
        }
    }
    if (has_content) prepared->body = std::move(response.body);
    if (prepared->body.size() >= SealedFile::bytes_min) {
        prepared->sealed = std::make_shared<SealedFile>();
    }
    prepared->etag = std::move(response.etag);
    return prepared;
}

std::shared_ptr<const PreparedResponse> prepare(const Response& response) {
    Response complete = response;
    if (complete.status == 200 && complete.etag.empty()) complete.etag = make_etag(complete.body);
    return render(std::move(complete));
}

}  // namespace http
