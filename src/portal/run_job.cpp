#include "run_job.hpp"

#include <signal.h>

#include <algorithm>
#include <stdexcept>

#include "commands.hpp"
#include "scratch_folder.hpp"
#include "telemetry/log.hpp"

namespace portal {

namespace {

using operations::Progress;

constexpr std::chrono::milliseconds look_interval{50};

std::atomic<bool> interrupted{false};

void interrupt(int) {
    interrupted.store(true);
}

}  // namespace

JobWatch::JobWatch(const std::string& title, Progress& progress)
    : display_(title), progress_(progress) {
    struct sigaction action {};
    action.sa_handler = interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // who asks twice does not wait
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    thread_ = std::thread([this] { look(); });
}

JobWatch::~JobWatch() {
    finished_.store(true);
    thread_.join();
    display_.finish();
}

void JobWatch::look() {
    while (!finished_.load()) {
        if (interrupted.load()) progress_.stop = true;
        auto state = progress_.state();
        if (state.total > 0) display_.show(state);
        std::this_thread::sleep_for(look_interval);
    }
}

base::Result<nlohmann::json> run_here(Site& site, const std::string& name,
                                      const nlohmann::json& arguments) {
    auto jobs = site.host().jobs();
    auto job = std::find_if(jobs.begin(), jobs.end(),
                            [&](const auto& known) { return known.name == name; });
    if (job == jobs.end()) throw std::logic_error("no module has the job " + name);
    return show_here(name, [&](Progress& progress) { return job->job(arguments, progress); });
}

base::Result<nlohmann::json> run_apart(Settings settings, const std::string& name,
                                       const nlohmann::json& arguments) {
    ScratchFolder scratch;
    settings.data.folder = scratch.path().string();
    auto site = Site::open(settings, 1, false);
    if (!site) return site.error();
    return run_here(**site, name, arguments);
}

base::Result<nlohmann::json> run_job(const Settings& settings, const std::string& name,
                                     const nlohmann::json& arguments) {
    auto folder = operations::DataFolder::lock(settings.data.folder);
    if (!folder) {
        if (folder.error().code != "folder_in_use") return folder.error();
        auto socket =
            operations::DataFolder::control_socket(std::filesystem::absolute(settings.data.folder));
        operations::ProgressDisplay display(name);
        auto show = [&](const operations::Progress::State& state) { display.show(state); };
        auto result = operations::run_on_server("unix:" + socket.string(), name, arguments, show);
        display.finish();
        return result;
    }
    start_log(settings, folder->path(), false);
    auto site = Site::open(settings, 1, false);
    if (!site) return site.error();
    auto& host = (*site)->host();
    auto running = host.start();
    if (!running) return running.error();
    std::optional<base::Result<nlohmann::json>> result;
    std::exception_ptr failure;
    try {
        result = run_here(**site, name, arguments);
    } catch (...) {
        failure = std::current_exception();
    }
    stop_or_exit(host, settings);
    telemetry::stop_log();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

}  // namespace portal
