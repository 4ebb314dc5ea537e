#include "native_routes.hpp"

#include <utility>

#include "http/in_process.hpp"
#include "telemetry/log.hpp"

namespace gateway {

namespace {

using http::Request;
using Clock = std::chrono::steady_clock;
using Prepared = std::shared_ptr<const http::PreparedResponse>;

int status_of(const http::Response& response) {
    auto* prepared = std::get_if<Prepared>(&response.body);
    return prepared ? (*prepared)->status : response.status;
}

bool has_text(const http::Response& response) {
    return std::holds_alternative<std::string>(response.body) ||
           std::holds_alternative<Prepared>(response.body);
}

std::chrono::microseconds since(Clock::time_point began) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
}

/// Out of its cache or by its handler.
base::Task<http::Response> ask(const http::Route& native, Request& request,
                               http::BodyReader& body) {
    if (native.cached) {
        if (auto prepared = native.cached(request)) {
            http::Response response;
            response.status = prepared->status;
            response.body = std::move(prepared);
            co_return response;
        }
    }
    co_return co_await native.handler(request, body);
}

/// The same, with what was refused or broke as the answer that its client would get.
base::Task<http::Response> ask_in_full(const http::Route& native, Request& request,
                                       http::BodyReader& body) {
    std::string broken;
    try {
        auto task = ask(native, request, body);
        auto made = co_await std::move(task);
        if (made) co_return std::move(*made);
        co_return http::failure(request, made.error());
    } catch (const std::exception& thrown) {
        broken = thrown.what();
    }
    telemetry::log(telemetry::Level::error, "gateway", "a handler broke",
                   {{"error", broken}, {"path", request.path}}, request.context);
    co_return http::failure(request, 500, "internal_error",
                            "Something went wrong here. It is logged.");
}

}  // namespace

void NativeRoutes::begin(const http::Router& router) {
    wrapped_.resize(router.numbers());
    for (const auto& route : router.routes()) {
        if (route->method != http::Method::get || route->elsewhere) continue;
        const auto& native = *route;
        http::Route wrapper{native.method, native.pattern, native.access, native.handler};
        wrapper.rate_class = native.rate_class;
        wrapper.credentials = native.credentials;
        wrapper.limits = native.limits;
        wrapper.number = native.number;
        auto wrapped = std::make_unique<Wrapped>(Wrapped{wrapper, wrapper});
        wrapped->compared.handler = [this, &native](Request& request, http::BodyReader& body) {
            return answer_compared(native, request, body);
        };
        wrapped->or_legacy.handler = [this, &native](Request& request, http::BodyReader& body) {
            return answer_or_forward(native, request, body);
        };
        // Ours has its own, and whoever forwards has another.
        wrapped->or_legacy.limits.deadline = std::chrono::milliseconds(0);
        wrapped_[native.number] = std::move(wrapped);
    }
}

const http::Route* NativeRoutes::compared(const http::Route& native) const {
    const auto& wrapped = wrapped_[native.number];
    return wrapped ? &wrapped->compared : nullptr;
}

const http::Route* NativeRoutes::or_legacy(const http::Route& native) const {
    const auto& wrapped = wrapped_[native.number];
    return wrapped ? &wrapped->or_legacy : nullptr;
}

base::Task<http::Response> NativeRoutes::answer_compared(const http::Route& native,
                                                         Request& request,
                                                         http::BodyReader& body) const {
    auto began = Clock::now();
    auto task = ask_in_full(native, request, body);
    auto made = co_await std::move(task);
    if (has_text(*made)) {
        auto took = since(began);
        comparer_->offer({rule_of_(request).name(), http::RequestCopy(request),
                          legacy::Side::native,
                          http::plain(request, *made, comparer_->body_bytes_max()), took});
    }
    co_return std::move(*made);
}

/// Whoever is asked looks at the deadline wherever it waits, so nobody is left behind who still
/// works on this request.
base::Task<http::Response> NativeRoutes::answer_or_forward(const http::Route& native,
                                                           Request& request,
                                                           http::BodyReader& body) const {
    const auto& rule = rule_of_(request);
    auto began = Clock::now();
    auto deadline = request.context.deadline;
    request.context.deadline = deadline.within(timeout_);
    auto task = ask_in_full(native, request, body);
    auto made = co_await std::move(task);
    request.context.deadline = deadline;
    auto status = status_of(*made);
    if (status != 404 && status < 500) {
        rule.count(legacy::Side::native, status, since(began));
        co_return std::move(*made);
    }
    // What our side has put there is about an answer of ours.
    request.answer_lines.clear();
    rule.note_legacy(request);
    auto forwarded = proxy_.forward(request, body, rule.passage());
    auto answer = co_await std::move(forwarded);
    rule.count(legacy::Side::legacy, answer ? answer->status : http::http_status(answer.error()),
               since(began));
    co_return std::move(answer);
}

}  // namespace gateway
