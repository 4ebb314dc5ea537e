#include "audit_routes.hpp"

#include "audit.hpp"
#include "base/text.hpp"
#include "host/trail_json.hpp"

namespace portal {

namespace {

using Answer = base::Task<http::Response>;

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;
constexpr std::int64_t limit_default = 10;
constexpr std::int64_t limit_max = 100;

struct Question {
    bus::TrailQuery query;
    std::optional<AuditPlace> after{};
};

base::Error malformed(std::string_view name, const char* wanted) {
    bool is_time = name == "from" || name == "to";
    return {base::Reason::invalid, "malformed_" + std::string(is_time ? "time" : name),
            "The query `" + std::string(name) + "` must be " + wanted + "."};
}

/// The query of that name as `parse` reads it; nothing if it is absent or empty.
template <class Value, class Parse>
base::Result<void> read(const http::Request& request, const char* name, const char* wanted,
                        std::optional<Value>& into, Parse parse) {
    auto text = request.query_parameter(name);
    if (!text || text->empty()) return {};
    into = parse(*text);
    if (!into) return malformed(name, wanted);
    return {};
}

base::Result<Question> question_of(const http::Request& request) {
    auto number = [](std::int64_t most) {
        return [most](const std::string& text) { return base::parse_number(text, most); };
    };
    constexpr const char* time_wanted = "an RFC 3339 time, as 2026-05-04T10:20:30Z";
    Question question;
    auto& query = question.query;
    std::optional<std::int64_t> limit;
    auto done =
        read(request, "actor", "the id of a user or an API key", query.actor, number(id_max));
    if (done) done = read(request, "from", time_wanted, query.from, base::parse_rfc3339);
    if (done) done = read(request, "to", time_wanted, query.to, base::parse_rfc3339);
    if (done)
        done = read(request, "after", "the `next` of an answer", question.after, AuditPlace::parse);
    if (done) done = read(request, "limit", "a number from 1 to 100", limit, number(limit_max));
    if (!done) return done.error();
    query.count = limit.value_or(limit_default);
    if (query.count == 0) return malformed("limit", "a number from 1 to 100");
    return question;
}

Answer audit(const std::vector<const bus::Trail*>& trails, const http::Request& request) {
    auto question = question_of(request);
    if (!question) co_return http::failure(request, question.error());
    auto count = question->query.count;
    std::vector<AuditPart> parts;
    for (const auto* trail : trails) {
        auto query = question->query;
        if (question->after) query.behind = question->after->in(trail->source());
        auto page = co_await trail->trail(query, request.context.deadline);
        if (!page) co_return http::failure(request, page.error());
        parts.push_back({trail->source(), std::move(*page)});
    }
    auto page = merge(std::move(parts), count);
    auto entries = nlohmann::ordered_json::array();
    for (const auto& one : page.entries) entries.push_back(host::to_json(one.log, one.entry));
    nlohmann::ordered_json body;
    body["events"] = std::move(entries);
    body["next"] = nullptr;
    if (page.next) body["next"] = page.next->text();
    http::Response response;
    response.body = body.dump();
    response.cache_control = "no-store";
    co_return response;
}

}  // namespace

void add_audit_routes(http::Router& router, std::vector<const bus::Trail*> trails) {
    router.add({http::Method::get, "/v1/audit", http::Access::admin,
                [trails = std::move(trails)](const http::Request& request) {
                    return audit(trails, request);
                }});
}

}  // namespace portal
