#include "operations/jobs.hpp"

#include <chrono>

#include "base/thread.hpp"
#include "http/blocking_client.hpp"
#include "http/json_body.hpp"
#include "telemetry/log.hpp"

namespace operations {

namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr auto call_timeout = 10s;
constexpr auto poll_interval = 200ms;
constexpr std::size_t results_kept = 16;

base::Task<http::Response> answer(http::Response response) {
    co_return response;
}

http::Response json_answer(int status, const Json& body) {
    http::Response response;
    response.status = status;
    response.body = body.dump();
    response.cache_control = "no-store";
    return response;
}

Json error_of(const base::Error& error) {
    return {
        {"reason", base::name_of(error.reason)}, {"code", error.code}, {"message", error.message}};
}

/// What error_of() made.
base::Error error_from(const Json& error) {
    auto reason = base::parse_reason(error.value("reason", std::string()));
    return {reason.value_or(base::Reason::unavailable), error.value("code", std::string("failed")),
            error.value("message", std::string("The job failed."))};
}

base::Error not_understood() {
    return {base::Reason::unavailable, "not_understood",
            "The server that owns the data folder gave an answer that is not understood. Is it of "
            "the same version?"};
}

}  // namespace

void Progress::tell(std::int64_t done, std::int64_t total, std::string text) {
    std::lock_guard lock(mutex_);
    state_.done = done;
    state_.total = total;
    state_.text = std::move(text);
}

void Progress::notice(std::string sentence) {
    std::lock_guard lock(mutex_);
    state_.notice = std::move(sentence);
}

Progress::State Progress::state() const {
    std::lock_guard lock(mutex_);
    return state_;
}

Jobs::~Jobs() {
    stop();
}

void Jobs::add(NamedJob job) {
    jobs_.emplace(std::move(job.name), std::move(job.job));
}

void Jobs::add_routes(http::Router& router) {
    router.add({http::Method::post, "/jobs/{name}", http::Access::anyone,
                [this](const http::Request& request) { return answer(start(request)); }});
    router.add({http::Method::get, "/jobs/{number}", http::Access::anyone,
                [this](const http::Request& request) { return answer(report(request)); }});
}

http::Response Jobs::start(const http::Request& request) {
    std::string name(request.parameter("name"));
    auto found = jobs_.find(name);
    if (found == jobs_.end()) {
        return http::failure(request, 404, "unknown_job", "This server has no job of that name.");
    }
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) return std::move(*refused);

    std::lock_guard lock(mutex_);
    if (stopping_) return http::failure(request, 503, "stopping", "The server is stopping.");
    if (!latest_.empty()) {
        auto& last = *latest_.back();
        std::unique_lock inner(last.mutex);
        if (!last.done) {
            return http::failure(
                request, 409, "job_running",
                "The server is busy with " + last.name + ". Try again when it is done.");
        }
        inner.unlock();
        if (last.thread.joinable()) last.thread.join();
    }
    auto running = std::make_shared<Running>();
    running->number = ++started_;
    running->name = name;
    running->thread = std::thread([this, running, &job = found->second,
                                   arguments = std::move(std::get<Json>(read))]() mutable {
        work(running, job, std::move(arguments));
    });
    latest_.push_back(running);
    if (latest_.size() > results_kept) latest_.pop_front();
    return json_answer(202, {{"job", name}, {"number", running->number}});
}

void Jobs::work(std::shared_ptr<Running> running, const Job& job, Json arguments) {
    base::name_thread("job");
    Json outcome;
    try {
        auto result = job(arguments, running->progress);
        if (result) {
            outcome["result"] = std::move(*result);
        } else {
            outcome["error"] = error_of(result.error());
        }
    } catch (const std::exception& failure) {
        telemetry::log(telemetry::Level::error, "operations", "a job broke",
                       {{"job", running->name}, {"error", failure.what()}});
        outcome["error"] = {{"code", "job_broke"},
                            {"message", std::string("The job broke: ") + failure.what()}};
    }
    std::lock_guard lock(running->mutex);
    running->answer = std::move(outcome);
    running->done = true;
}

http::Response Jobs::report(const http::Request& request) const {
    std::lock_guard lock(mutex_);
    auto found = std::find_if(latest_.begin(), latest_.end(), [&](const auto& one) {
        return std::to_string(one->number) == request.parameter("number");
    });
    if (found == latest_.end()) {
        return http::failure(request, 404, "unknown_job", "This server has no job of that number.");
    }
    auto& running = **found;
    auto state = running.progress.state();
    std::lock_guard inner(running.mutex);
    Json body = running.done ? running.answer : Json::object();
    body["job"] = running.name;
    body["done"] = running.done;
    body["progress"] = {{"done", state.done},
                        {"total", state.total},
                        {"text", state.text},
                        {"notice", state.notice}};
    return json_answer(200, body);
}

void Jobs::stop() {
    std::shared_ptr<Running> running;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        if (latest_.empty()) return;
        running = latest_.back();
    }
    running->progress.stop.store(true);
    if (running->thread.joinable()) running->thread.join();
}

base::Result<Json> run_on_server(const std::string& address, const std::string& name,
                                 const Json& arguments,
                                 const std::function<void(const Progress::State&)>& progress) {
    auto started = http::request(address, "POST", "/jobs/" + name, arguments.dump(), call_timeout,
                                 {{"Content-Type", "application/json"}});
    if (!started) return started.error();
    auto accepted = Json::parse(started->body, nullptr, false);
    if (!accepted.is_object()) return not_understood();
    if (started->status != 202) {
        const auto& body = accepted;
        if (!body.contains("message")) return not_understood();
        return base::Error{base::Reason::unavailable, body.value("error", "unavailable"),
                           body.value("message", "")};
    }
    auto path = "/jobs/" + std::to_string(accepted.value("number", std::uint64_t{0}));
    for (;;) {
        std::this_thread::sleep_for(poll_interval);
        auto report = http::request(address, "GET", path, "", call_timeout);
        if (!report) return report.error();
        auto body = Json::parse(report->body, nullptr, false);
        if (!body.is_object() || !body.contains("progress")) return not_understood();
        const auto& state = body["progress"];
        progress({state.value("done", std::int64_t{0}), state.value("total", std::int64_t{0}),
                  state.value("text", std::string()), state.value("notice", std::string())});
        if (!body.value("done", false)) continue;
        if (body.contains("result")) return {boost::system::in_place_value, body["result"]};
        return error_from(body.value("error", Json::object()));
    }
}

}  // namespace operations
