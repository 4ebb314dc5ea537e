#include "parked.hpp"

#include <cstdio>

#include "commands.hpp"
#include "run_job.hpp"

namespace portal {

ParkedCommand::ParkedCommand(CLI::App& app)
    : command_(app.add_subcommand(
          "parked",
          "What a log has and one of its followers cannot take: an event that breaks it is put "
          "aside, with all later ones of the same article or person, and the rest goes on.\n"
          "\n"
          "  portal parked list                       what is put aside, since when, and why\n"
          "  portal parked retry news.sports 4711     mended? once more, from where it broke\n"
          "  portal parked drop news.sports 4711      never mind: on with what comes later\n"
          "\n"
          "It is tried again by itself, a few times and at each start. Nothing is lost from the "
          "log by drop: `portal rebuild` makes the view of a news type from all of it.")) {
    command_->fallthrough();
    command_->require_subcommand(1);
    list_ = command_->add_subcommand("list", "What is put aside");
    list_->fallthrough();
    retry_ = command_->add_subcommand("retry", "Tries one of them again, now");
    drop_ = command_->add_subcommand(
        "drop",
        "Goes on without the events that one of them has missed. Not for changes of users: those "
        "were acknowledged");
    for (auto* one : {retry_, drop_}) {
        one->fallthrough();
        one->add_option("subscription", subscription_, "As the list names it, as news.sports")
            ->required();
        one->add_option("stream", stream_, "The id of the article or person, as the list has it")
            ->required();
    }
}

int ParkedCommand::run(const Settings& settings) const {
    if (list_->parsed()) return list(settings);
    const char* what = drop_->parsed() ? "drop" : "retry";
    auto answered = run_job(settings, "parked",
                            {{"do", what}, {"subscription", subscription_}, {"stream", stream_}});
    if (!answered) return complain(answered.error().message, exit_code_of(answered.error()));
    std::printf("%s of %s %s.\n", std::to_string(stream_).c_str(), subscription_.c_str(),
                drop_->parsed() ? "goes on without what it has missed" : "is applied again");
    return done;
}

int ParkedCommand::list(const Settings& settings) const {
    auto result = run_job(settings, "parked", {{"do", "list"}});
    if (!result) return complain(result.error().message, exit_code_of(result.error()));
    const auto& all = result->at("parked");
    if (all.empty()) {
        std::puts("Nothing is parked.");
        return done;
    }
    std::printf("%-24s %18s %12s %8s  %-24s  %s\n", "SUBSCRIPTION", "STREAM", "POSITION",
                "ATTEMPTS", "SINCE", "WHY");
    for (const auto& one : all) {
        std::printf("%-24s %18lld %12lld %8lld  %-24s  %s\n",
                    one.at("subscription").get<std::string>().c_str(),
                    one.at("stream").get<long long>(), one.at("position").get<long long>(),
                    one.at("attempts").get<long long>(),
                    one.at("parked_at").get<std::string>().c_str(),
                    one.at("error").get<std::string>().c_str());
    }
    return done;
}

}  // namespace portal
