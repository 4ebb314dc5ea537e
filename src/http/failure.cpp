#include <nlohmann/json.hpp>

#include "answer.hpp"
#include "characters.hpp"
#include "http/message.hpp"

namespace http {

namespace {

constexpr std::string_view problem_type = "application/problem+json";

bool wants_problem_document(const Request& request) {
    bool wanted = false;
    for (auto line : request.header_lines("Accept")) {
        for_each_element(line, [&wanted](std::string_view element) {
            auto type = trim_blanks(element.substr(0, element.find(';')));
            if (equals_lower(type, problem_type)) wanted = true;
        });
    }
    return wanted;
}

Response make_failure(const Request& request, int status, const base::Error& error) {
    nlohmann::ordered_json body;
    bool problem = wants_problem_document(request);
    if (problem) {
        body["type"] = "about:blank";
        body["title"] = reason_phrase(status);
        body["status"] = status;
        body["detail"] = error.message;
        body["error"] = error.code;
    } else {
        body["status"] = "fail";
        body["error"] = error.code;
        body["message"] = error.message;
    }
    body["request_id"] = request.context.request_id;
    if (!error.details.empty()) {
        auto& details = body["details"] = nlohmann::ordered_json::array();
        for (const auto& detail : error.details) {
            details.push_back({{"field", detail.field}, {"message", detail.message}});
        }
    }
    if (error.current_version) body["current_version"] = *error.current_version;

    Response response;
    response.status = status;
    // RFC 9457 defines no charset for its type; JSON is UTF-8 anyway.
    if (problem) response.content_type = problem_type;
    response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    response.fields.emplace_back("Vary", "Accept");
    if (status == 401) {
        // RFC 6750, 3.1: whoever sent a token learns that it was the token.
        bool bad_token = error.code == "invalid_token" || error.code == "token_expired";
        response.fields.emplace_back("WWW-Authenticate",
                                     bad_token ? "Bearer error=\"invalid_token\"" : "Bearer");
    }
    if (status == 429 || status == 503) {
        response.fields.emplace_back("Retry-After", std::to_string(error.retry_after.count()));
    }
    return response;
}

}  // namespace

int http_status(const base::Error& error) {
    if (error.code == "body_too_large") return 413;
    if (error.code == "request_timeout") return 408;
    if (error.code == "killed") return 410;
    switch (error.reason) {
        // Malformed is what no rule of the domain needs to look at (400, and not 422).
        case base::Reason::invalid:
            return error.code.starts_with("malformed_") ? 400 : 422;
        case base::Reason::unauthenticated:
            return 401;
        case base::Reason::forbidden:
            return 403;
        case base::Reason::not_found:
            return 404;
        case base::Reason::conflict:
            return 409;
        case base::Reason::precondition:
            return error.code == "precondition_required" ? 428 : 412;
        case base::Reason::too_many:
            return 429;
        case base::Reason::unavailable:
            return 503;
        case base::Reason::deadline:
            return 504;
    }
    return 500;
}

Response failure(const Request& request, const base::Error& error) {
    return make_failure(request, http_status(error), error);
}

Response failure(const Request& request, int status, std::string_view code,
                 std::string_view message) {
    base::Error error{base::Reason::invalid, std::string(code), std::string(message)};
    return make_failure(request, status, error);
}

}  // namespace http
