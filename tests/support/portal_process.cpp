#include "support/portal_process.hpp"

#include <signal.h>

#include <fstream>
#include <stdexcept>
#include <thread>

#include "support/recorder.hpp"

namespace support {

using namespace std::chrono_literals;
using nlohmann::json;

PortalProcess::PortalProcess(const json& settings) {
    settings_ = {
        {"http", {{"listen", "127.0.0.1:0"}}},
        {"operations", {{"listen", "127.0.0.1:0"}}},
        {"data", {{"folder", data().string()}}},
        {"security", {{"mode", "open"}}},
        {"log", {{"console", false}}},
        // All clients of a test have one address.
        {"gateway",
         {{"throttle", {{"registration", {{"per_minute", 0}}}, {"login", {{"per_minute", 0}}}}}}},
        {"orchestrator", {{"deadline_ms", 20000}}},
        {"news", {{"view_wait_ms", 10000}, {"database", {{"query_time_max_ms", 20000}}}}}};
    configure(settings);
}

void PortalProcess::configure(const json& settings) {
    settings_.merge_patch(settings);
    std::ofstream(config_file()) << settings_.dump(2) << '\n';
}

void PortalProcess::start(Process::Options options) {
    auto file = data() / "portal.addresses.json";
    // One that a killed server left speaks of ports that are somebody else's now.
    std::filesystem::remove(file);
    options.arguments.insert(options.arguments.begin(), {"--config", config_file().string()});
    if (options.folder.empty()) options.folder = folder();
    process_ = std::make_unique<Process>(portal_binary(), options);
    auto until = std::chrono::steady_clock::now() + start_limit;
    while (!std::filesystem::exists(file)) {
        bool late = std::chrono::steady_clock::now() >= until;
        if (late || !process_->running()) {
            throw std::runtime_error((late ? "portal is not up in time: " : "portal ended: ") +
                                     process_->output() + process_->errors());
        }
        std::this_thread::sleep_for(2ms);
    }
    std::ifstream in(file);
    auto addresses = json::parse(in);
    address_ = addresses.at("http");
    operations_ = addresses.at("operations");
    // What a monolith answers, and the files of its folders, are not in our contract.
    bool is_ours = settings_.value(json::json_pointer("/legacy/upstream"), std::string()).empty() &&
                   !settings_.contains(json::json_pointer("/legacy/static"));
    if (is_ours) begin_recording(address_);
    // Its port may have been that of another server's public API before.
    end_recording(operations_);
}

int PortalProcess::stop() {
    process_->signal(SIGTERM);
    auto code = process_->wait(stop_limit);
    if (!code) kill();
    return code.value_or(-1);
}

void PortalProcess::kill() {
    process_->signal(SIGKILL);
    if (!process_->wait(60s)) throw std::runtime_error("a killed portal does not end");
}

Process::Options PortalProcess::with_config(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", config_file().string()});
    Process::Options options;
    options.arguments = std::move(arguments);
    options.folder = folder();
    return options;
}

Finished PortalProcess::command(std::vector<std::string> arguments, std::chrono::milliseconds limit,
                                const std::string& input) const {
    auto options = with_config(std::move(arguments));
    options.input = input;
    return run(portal_binary(), options, limit);
}

std::unique_ptr<Process> PortalProcess::begin(std::vector<std::string> arguments) const {
    return std::make_unique<Process>(portal_binary(), with_config(std::move(arguments)));
}

Answer PortalProcess::ask(const std::string& method, const std::string& target,
                          const std::string& body, const Fields& fields) const {
    HttpClient client(address_);
    return client.request(method, target, body, fields);
}

namespace {

Fields with_json(const Fields& fields) {
    Fields all = fields;
    all.emplace_back("Content-Type", "application/json");
    return all;
}

}  // namespace

Answer PortalProcess::post(const std::string& target, const json& body,
                           const Fields& fields) const {
    return ask("POST", target, body.dump(), with_json(fields));
}

Answer PortalProcess::put(const std::string& target, const json& body, const Fields& fields) const {
    return ask("PUT", target, body.dump(), with_json(fields));
}

std::vector<std::string> PortalProcess::breakdowns() const {
    std::vector<std::string> found;
    std::ifstream log(data() / "logs" / "portal.log");
    for (std::string line; std::getline(log, line);) {
        bool broke = line.find(R"("level":"error")") != std::string::npos ||
                     line.find(R"("level":"critical")") != std::string::npos;
        if (broke) found.push_back(line);
    }
    return found;
}

}  // namespace support
