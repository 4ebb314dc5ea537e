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

bool has_content(int status) {
    return status >= 200 && status != 204 && status != 304;
}

void add_framing(std::string& out, const Framing& framing) {
    if (framing.length) {
        add_field(out, "Content-Length", std::to_string(*framing.length));
    } else if (framing.chunked) {
        add_field(out, "Transfer-Encoding", "chunked");
    }
}

/// Where a secret and what the client sent stand in one body, its compressed size tells of the
/// secret (BREACH): what must not be stored is not compressed either.
bool may_be_compressed(const Response& response) {
    return has_content(response.status) && response.status < 400 &&
           response.cache_control.find("no-store") == std::string::npos &&
           std::holds_alternative<std::string>(response.body) &&
           is_compressible(response.content_type);
}

void write_own_head(PreparedResponse& prepared, const Response& response, const Framing& framing) {
    prepared.head = start_head(response.status, response);
    if (has_content(response.status)) {
        if (!response.content_type.empty()) {
            add_field(prepared.head, "Content-Type", response.content_type);
        }
        add_framing(prepared.head, framing);
    }
    add_safety(prepared.head, response);
    bool compressible = may_be_compressed(response);
    if (compressible) prepared.encodings = std::make_shared<Encodings>();
    auto vary = vary_of(response, compressible);
    if (!vary.empty()) add_field(prepared.head, "Vary", vary);
    for (const auto& [name, value] : response.fields) {
        if (!equals_lower(name, "vary")) add_field(prepared.head, name, value);
    }
    if (response.status != 200 || response.etag.empty()) return;

    prepared.head_304 = start_head(304, response);
    add_safety(prepared.head_304, response);
    if (!vary.empty()) add_field(prepared.head_304, "Vary", vary);
    for (const auto& [name, value] : response.fields) {
        // What a cache that revalidates must hear again (RFC 9110, 15.4.5).
        if (equals_lower(name, "content-location") || equals_lower(name, "expires")) {
            add_field(prepared.head_304, name, value);
        }
    }
}

/// Fields that belong to one hop or frame its message (RFC 9110, 7.6.1), those that Connection
/// names, and the request id, which is ours.
bool stays_behind(std::string_view name, const Response& response) {
    static constexpr std::string_view all[] = {
        "connection",   "keep-alive",        "proxy-connection",  "te",
        "trailer",      "upgrade",           "transfer-encoding", "content-length",
        "x-request-id", "proxy-authenticate"};
    for (auto one : all) {
        if (equals_lower(name, one)) return true;
    }
    bool named = false;
    for (const auto& [field, value] : response.fields) {
        if (!equals_lower(field, "connection")) continue;
        for_each_element(value, [&](std::string_view element) {
            named = named || equals_any_case(element, name);
        });
    }
    return named;
}

bool is_name(std::string_view name) {
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), [](char c) { return is(token_character, c); });
}

void write_foreign_head(PreparedResponse& prepared, const Response& response,
                        const Framing& framing) {
    auto& out = prepared.head;
    out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    out.append(reason_phrase(response.status)).append("\r\n");
    for (const auto& [name, value] : response.fields) {
        if (is_name(name) && !stays_behind(name, response)) add_field(out, name, value);
    }
    if (has_content(response.status)) add_framing(out, framing);
}

std::shared_ptr<PreparedResponse> make_head(const Response& response, const Framing& framing) {
    auto prepared = std::make_shared<PreparedResponse>();
    prepared->status = response.status;
    if (response.origin == Origin::elsewhere) {
        write_foreign_head(*prepared, response, framing);
    } else {
        write_own_head(*prepared, response, framing);
        prepared->etag = response.etag;
    }
    return prepared;
}

}  // namespace

std::string_view reason_phrase(int status) {
    auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
    auto phrase = boost::beast::http::obsolete_reason(known);
    return {phrase.data(), phrase.size()};
}

std::shared_ptr<const PreparedResponse> render_head(const Response& response,
                                                    const Framing& framing) {
    return make_head(response, framing);
}

std::shared_ptr<const PreparedResponse> render(Response response) {
    if (auto* ready = std::get_if<std::shared_ptr<const PreparedResponse>>(&response.body)) {
        return std::move(*ready);
    }
    auto* text = std::get_if<std::string>(&response.body);
    if (!text) return make_head(response, {});
    auto prepared = make_head(response, {text->size()});
    if (has_content(response.status)) prepared->body = std::move(*text);
    if (prepared->body.size() >= SealedFile::bytes_min) {
        prepared->sealed = std::make_shared<SealedFile>();
    }
    return prepared;
}

std::shared_ptr<const PreparedResponse> prepare(const Response& response) {
    Response complete = response;
    auto* text = std::get_if<std::string>(&complete.body);
    if (text && complete.status == 200 && complete.etag.empty()) complete.etag = make_etag(*text);
    return render(std::move(complete));
}

}  // namespace http
