#include "modules.hpp"

#include "base/ids.hpp"
#include "news/import.hpp"
#include "operations/terminal.hpp"

namespace portal {

using nlohmann::json;
using operations::Progress;
using operations::with_commas;

base::Result<std::unique_ptr<Modules>> Modules::open(const Settings& settings) {
    std::unique_ptr<Modules> modules(new Modules(settings));
    for (const auto& type : settings.news.types) {
        news::Instance::Dependencies dependencies{settings.data.folder, modules->clock_,
                                                  modules->metrics_,
                                                  modules->background_.get_executor()};
        auto instance = news::Instance::open(type, settings.news, std::move(dependencies));
        if (!instance) return instance.error();
        modules->instances_.emplace(type, std::move(*instance));
    }
    return modules;
}

void Modules::start(bool with_scheduler) {
    for (auto& [type, instance] : instances_) instance->start(with_scheduler);
    thread_ = std::thread([this] { background_.run(); });
}

void Modules::stop() {
    if (!thread_.joinable()) return;
    for (auto& [type, instance] : instances_) instance->stop();
    work_.reset();
    thread_.join();
}

base::Result<json> Modules::import(const json& arguments, Progress& progress) {
    std::map<std::string, news::Commands*> types;
    for (auto& [type, instance] : instances_) types.emplace(type, &instance->commands());
    auto tell = [&](const news::ImportReport& report) {
        progress.tell(report.bytes_read, report.bytes_total,
                      with_commas(report.added) + " added, " + with_commas(report.already_there) +
                          " already there, " + with_commas(report.rejected) + " rejected");
    };
    auto report = news::import_file(
        arguments.at("file").get<std::string>(), settings_.data.folder, types, settings_.news,
        "import-" + base::make_uuid_v7(clock_.now()), tell, progress.stop);
    if (!report) return report.error();
    for (auto& [type, instance] : instances_) {
        while (!*base::run(instance->caught_up(std::chrono::seconds(1))) && !progress.stop) {
            progress.tell(report->bytes_total, report->bytes_total,
                          type + ": " + with_commas(instance->backlog()) + " items to be shown");
        }
    }
    json result{{"lines", report->lines},
                {"added", report->added},
                {"already_there", report->already_there},
                {"rejected", report->rejected},
                {"reasons", report->reasons},
                {"rejected_file", report->rejected_file.string()}};
    return {boost::system::in_place_value, std::move(result)};
}

base::Result<json> Modules::rebuild(const json& arguments, Progress& progress) {
    auto type = arguments.at("type").get<std::string>();
    auto found = instances_.find(type);
    if (found == instances_.end()) {
        return base::Error{
            base::Reason::not_found, "unknown_news_type",
            "There is no news type " + type + " in news.types of the configuration."};
    }
    auto tell = [&](std::int64_t done, std::int64_t total) {
        progress.tell(done, total, with_commas(done) + " of " + with_commas(total) + " events");
    };
    auto count = base::run(found->second->rebuild(tell));
    if (!count) return count.error();
    return {boost::system::in_place_value, json{{"events", *count}}};
}

std::map<std::string, operations::Job> Modules::jobs() {
    return {
        {"import", [this](const json& arguments, Progress& p) { return import(arguments, p); }},
        {"rebuild", [this](const json& arguments, Progress& p) { return rebuild(arguments, p); }}};
}

std::vector<operations::Check> Modules::checks() {
    std::vector<operations::Check> all;
    auto most = settings_.operations.backlog_events_max;
    for (auto& [type, instance] : instances_) {
        auto ask = [most, asked = instance.get()]() -> std::string {
            if (!asked->writable()) return "the store cannot be written";
            if (asked->backlog() <= most) return "";
            return "the view is " + std::to_string(asked->backlog()) + " events behind";
        };
        all.push_back({"news-" + type, ask});
    }
    all.push_back(
        operations::disk_check(settings_.data.folder, settings_.operations.disk_free_bytes_min));
    return all;
}

std::map<std::string, orchestrator::NewsType> Modules::news_types() {
    std::map<std::string, orchestrator::NewsType> types;
    for (auto& [type, instance] : instances_) {
        types[type] = {&instance->commands(), &instance->queries()};
    }
    return types;
}

}  // namespace portal
