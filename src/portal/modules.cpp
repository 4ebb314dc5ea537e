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
    auto news = modules->open_news();
    if (!news) return news.error();
    auto people = modules->open_people();
    if (!people) return people.error();
    return modules;
}

base::Result<void> Modules::open_news() {
    for (const auto& type : settings_.news.types) {
        news::Instance::Dependencies dependencies{settings_.data.folder, clock_, metrics_,
                                                  background_.get_executor()};
        auto instance = news::Instance::open(type, settings_.news, std::move(dependencies));
        if (!instance) return instance.error();
        instances_.emplace(type, std::move(*instance));
    }
    return {};
}

base::Result<void> Modules::open_people() {
    auto executor = background_.get_executor();
    identity::Module::Dependencies for_identity{settings_.data.folder, clock_, metrics_, executor};
    auto identity = identity::Module::open(settings_.identity, std::move(for_identity));
    if (!identity) return identity.error();
    identity_ = std::move(*identity);

    users::Module::Dependencies for_users{settings_.data.folder, clock_, metrics_,
                                          identity_->accounts(), executor};
    auto users = users::Module::open(settings_.users, std::move(for_users));
    if (!users) return users.error();
    users_ = std::move(*users);

    recommendation::Module::Dependencies for_recommendation{
        settings_.data.folder, clock_, metrics_, executor, visits_, users_->log(), users_->users()};
    auto recommendation =
        recommendation::Module::open(settings_.recommendation, std::move(for_recommendation));
    if (!recommendation) return recommendation.error();
    recommendation_ = std::move(*recommendation);
    return {};
}

void Modules::start(bool with_scheduler) {
    for (auto& [type, instance] : instances_) instance->start(with_scheduler);
    identity_->start();
    users_->start();
    recommendation_->start();
    thread_ = std::thread([this] { background_.run(); });
}

void Modules::stop() {
    if (!thread_.joinable()) return;
    recommendation_->stop();
    users_->stop();
    identity_->stop();
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
        arguments.at("file").get<std::string>(), arguments.value("rejected_file", std::string()),
        settings_.data.folder, types, settings_.news, "import-" + base::make_uuid_v7(clock_.now()),
        tell, progress.stop);
    if (!report) return report.error();
    for (auto& [type, instance] : instances_) {
        auto backlog = instance->backlog();
        auto moved = std::chrono::steady_clock::now();
        while (!*base::run(instance->caught_up(std::chrono::seconds(1))) && !progress.stop) {
            progress.tell(report->bytes_total, report->bytes_total,
                          type + ": " + with_commas(instance->backlog()) + " items to be shown");
            auto now = std::chrono::steady_clock::now();
            auto left = instance->backlog();
            if (left < backlog) moved = now;
            backlog = left;
            if (now - moved > settings_.news.view_stall_max_ms) {
                return base::Error{base::Reason::unavailable, "view_stalled",
                                   "Everything is stored, but the view of " + type +
                                       " does not follow, as on a full disk: " +
                                       with_commas(backlog) + " items are not shown yet."};
            }
        }
    }
    json result{{"lines", report->lines},
                {"added", report->added},
                {"updated", report->updated},
                {"unknown_types", report->unknown_types},
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

base::Result<json> Modules::create_user(const json& arguments) {
    users::NewUser user{arguments.at("name"), arguments.at("email"), arguments.at("password")};
    auto role = identity::role_of(arguments.at("role").get<std::string>());
    if (!role) {
        return base::Error{base::Reason::invalid, "unknown_role",
                           "A role is one of reader, author, editor, admin."};
    }
    user.role = *role;
    base::Context context;
    context.actor.role = base::Role::admin;
    context.request_id = "user-create-" + base::make_uuid_v7(clock_.now());
    auto created = base::run(users_->users().create(std::move(user), {std::move(context)}));
    if (!created) {
        auto error = created.error();
        for (const auto& problem : error.details) error.message += " " + problem.message;
        return error;
    }
    return {boost::system::in_place_value, json{{"id", created->id}}};
}

std::map<std::string, operations::Job> Modules::jobs() {
    return {
        {"user_create",
         [this](const json& arguments, Progress&) { return create_user(arguments); }},
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
    auto store = [&all](const char* name, auto& module) {
        all.push_back({name, [asked = &module]() -> std::string {
                           return asked->writable() ? "" : "the store cannot be written";
                       }});
    };
    store("identity", *identity_);
    store("users", *users_);
    store("recommendation", *recommendation_);
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
