#include "worker_pool.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "telemetry/log.hpp"

namespace image {

namespace {

/// So that what a picture may have done to a worker does not stay for ever.
constexpr int jobs_of_one = 100;

base::Error damaged(std::string why) {
    return {base::Reason::invalid, "damaged_picture",
            "This picture cannot be decoded: " + why +
                ". Open it in a program for pictures, save it anew, and send that."};
}

base::Error too_many_pixels(std::int64_t most) {
    return {base::Reason::invalid, "too_many_pixels",
            "This picture has too many pixels. At most " + std::to_string(most / 1'000'000) +
                " million are taken: make it smaller."};
}

base::Error cannot_be_made(const std::string& why) {
    return {base::Reason::invalid, "damaged_picture",
            "This cannot be made of the picture: " + why + "."};
}

base::Error unavailable() {
    return {base::Reason::unavailable, "pictures_unavailable",
            "Pictures cannot be worked on now. Try again in a moment."};
}

/// What a worker says is shown to whoever sent the picture: a sentence's end in plain letters, or
/// nothing of it.
std::string plain(const Report& report) {
    std::string text(report.why.data(), ::strnlen(report.why.data(), report.why.size()));
    bool is_plain = std::all_of(text.begin(), text.end(),
                                [](char c) { return c >= ' ' && c <= '~' && c != '<'; });
    while (text.ends_with('.')) text.pop_back();
    return is_plain && !text.empty() ? text : "its content is not what its format says";
}

/// What the pool brings back: here a refusal is no refusal of the pool's.
struct Ran {
    Report report;
    std::optional<base::Error> refusal{};
};

Ran carried(const base::Result<Report>& result) {
    return result ? Ran{*result} : Ran{{}, result.error()};
}

/// Nothing that a worker may say by itself is taken for a fact.
bool makes_sense(const Report& report, const WorkerOptions& options, bool makes) {
    bool has_size =
        report.width > 0 && report.height > 0 && report.width <= options.pixels_max / report.height;
    return report.outcome != Outcome::done || (has_size && (report.bytes > 0) == makes);
}

}  // namespace

WorkerPool::WorkerPool(WorkerOptions options, telemetry::Counter& restarts)
    : options_(std::move(options)),
      restarts_(restarts),
      makes_(lane("renditions")),
      looks_(lane("pictures")) {}

base::WorkPool::Options WorkerPool::lane(const char* name) const {
    return {name,
            options_.workers,
            options_.queue_max,
            0,
            {base::Reason::unavailable, "pictures_busy",
             "Too many pictures are waiting to be worked on. Try again in a moment."}};
}

WorkerPool::Turn::Turn(WorkerPool& pool, bool looks) : pool_(pool) {
    std::unique_lock lock(pool.mutex_);
    if (looks) ++pool.looks_waiting_;
    pool.turns_.wait(lock, [&] {
        return pool.at_work_ < pool.options_.workers && (looks || pool.looks_waiting_ == 0);
    });
    if (looks) --pool.looks_waiting_;
    ++pool.at_work_;
}

WorkerPool::Turn::~Turn() {
    {
        std::lock_guard lock(pool_.mutex_);
        --pool_.at_work_;
    }
    pool_.turns_.notify_all();
}

std::unique_ptr<WorkerPool::Worker> WorkerPool::take() {
    std::unique_ptr<Worker> worker;
    {
        std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            worker = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!worker) worker = std::make_unique<Worker>();
    if (worker->process && worker->jobs < jobs_of_one) return worker;
    worker->process.reset();
    worker->process = std::make_unique<WorkerProcess>(options_);
    worker->jobs = 0;
    return worker;
}

void WorkerPool::give_back(std::unique_ptr<Worker> worker) {
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(worker));
}

base::Result<Report> WorkerPool::run(Job job, int from, int to, base::Deadline deadline) {
    job.pixels_max = options_.pixels_max;
    Turn turn(*this, to < 0);
    if (deadline.passed()) return base::deadline_passed();
    try {
        return run_on_a_worker(job, from, to);
    } catch (const NoWorker& failure) {
        telemetry::log(telemetry::Level::error, "image", "no process for pictures can be had",
                       {{"error", failure.what()}});
        return unavailable();
    }
}

base::Result<Report> WorkerPool::run_on_a_worker(const Job& job, int from, int to) {
    auto worker = take();
    ++worker->jobs;
    auto answer = worker->process->run(job, from, to);
    if (answer.ended_from_outside) {
        telemetry::log(telemetry::Level::warning, "image",
                       "a process for pictures was ended by somebody else; another takes its job");
        worker->process.reset();
        worker->process = std::make_unique<WorkerProcess>(options_);
        worker->jobs = 1;
        // What the first one has written goes.
        if (to >= 0 && (::ftruncate(to, 0) != 0 || ::lseek(to, 0, SEEK_SET) != 0)) {
            return unavailable();
        }
        answer = worker->process->run(job, from, to);
    }
    const auto& report = answer.report;
    if (!report || !makes_sense(*report, options_, to >= 0)) {
        restarts_.add();
        telemetry::log(telemetry::Level::warning, "image",
                       "a picture has ended the process that decoded it, or held it up",
                       {{"bytes", job.bytes}, {"kind", word_of(job.kind)}});
        return damaged("it broke the decoder, or took too long");
    }
    give_back(std::move(worker));
    switch (report->outcome) {
        case Outcome::done:
            return *report;
        case Outcome::damaged:
            return damaged(plain(*report));
        case Outcome::too_many_pixels:
            return too_many_pixels(options_.pixels_max);
        case Outcome::failed:
            telemetry::log(telemetry::Level::error, "image", "a picture could not be worked on",
                           {{"error", plain(*report)}});
            return cannot_be_made(plain(*report));
        case Outcome::blocked:
            break;
    }
    telemetry::log(telemetry::Level::error, "image", "a picture could not be worked on",
                   {{"error", plain(*report)}});
    return unavailable();
}

base::Task<Facts> WorkerPool::look(InputFile file, base::Deadline deadline) {
    Job job;
    job.bytes = file.bytes;
    job.kind = file.kind;
    auto work = [this, job, file, deadline] {
        return carried(run(job, file.descriptor, -1, deadline));
    };
    auto ran = co_await looks_.run<Ran>(deadline, 0, std::move(work));
    if (!ran) co_return ran.error();
    const auto& [report, refusal] = *ran;
    if (refusal) co_return *refusal;
    co_return Facts{report.width, report.height};
}

base::Task<std::int64_t> WorkerPool::make(InputFile file, Wanted wanted, int to,
                                          base::Deadline deadline) {
    Job job;
    job.bytes = file.bytes;
    job.kind = file.kind;
    job.format = wanted.format;
    job.width = wanted.width;
    job.height = wanted.height;
    job.focus_x = wanted.focus_x;
    job.focus_y = wanted.focus_y;
    auto work = [this, job, file, to, deadline] {
        return carried(run(job, file.descriptor, to, deadline));
    };
    auto ran = co_await makes_.run<Ran>(deadline, 0, std::move(work));
    if (!ran) co_return ran.error();
    const auto& [report, refusal] = *ran;
    if (refusal) co_return *refusal;
    co_return report.bytes;
}

std::unique_ptr<Workers> start_workers(WorkerOptions options, telemetry::Counter& restarts) {
    return std::make_unique<WorkerPool>(std::move(options), restarts);
}

}  // namespace image
