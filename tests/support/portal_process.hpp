#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/http_client.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace support {

/// How long a server may take to start and to stop; generous, since a sanitized one is slow and
/// tests share a machine.
inline constexpr std::chrono::seconds start_limit{60};
inline constexpr std::chrono::seconds stop_limit{40};

/// The built portal with a configuration and a data folder of its own, which outlive each start:
/// one object can be started, killed and started again. Serves on free ports of 127.0.0.1.
class PortalProcess {
public:
    /// `settings` as in a configuration file; they go over the tests' own: open mode, no console
    /// log, and waits that are long enough for a busy machine.
    explicit PortalProcess(const nlohmann::json& settings = nlohmann::json::object());

    /// Starts the server and waits until it says where it listens. Throws, with what it wrote, if
    /// it ends instead.
    void start(Process::Options options = {});
    /// Changes the configuration for the next start.
    void configure(const nlohmann::json& settings);
    /// SIGTERM; gives the exit code, -1 if it did not end in time (and is killed then).
    int stop();
    /// SIGKILL, and waits for its end.
    void kill();

    Process& process() { return *process_; }
    /// Where the public API and where health and metrics are.
    const std::string& address() const { return address_; }
    const std::string& operations() const { return operations_; }
    const std::filesystem::path& folder() const { return folder_.path(); }
    std::filesystem::path data() const { return folder_.path() / "data"; }
    /// The data folder as a first start would leave it, but empty: import and rebuild make none.
    void make_data_folder() const { std::filesystem::create_directories(data()); }
    std::filesystem::path config_file() const { return folder_.path() / "portal.json"; }
    std::filesystem::path command_file(const std::string& type) const {
        return data() / ("news-" + type + ".command.db");
    }
    std::filesystem::path query_file(const std::string& type) const {
        return data() / ("news-" + type + ".query.db");
    }

    /// The lines of its log that say that something broke (error, critical), of all its starts.
    std::vector<std::string> breakdowns() const;

    /// Runs `portal <arguments> --config <ours>` in the folder, to its end; `input` is what it
    /// finds on standard input.
    Finished command(std::vector<std::string> arguments,
                     std::chrono::milliseconds limit = std::chrono::seconds(120),
                     const std::string& input = "") const;
    /// The same, begun only.
    std::unique_ptr<Process> begin(std::vector<std::string> arguments) const;

    /// One request on a connection of its own.
    Answer ask(const std::string& method, const std::string& target, const std::string& body = "",
               const Fields& fields = {}) const;
    Answer get(const std::string& target, const Fields& fields = {}) const {
        return ask("GET", target, "", fields);
    }
    Answer post(const std::string& target, const nlohmann::json& body,
                const Fields& fields = {}) const;
    Answer put(const std::string& target, const nlohmann::json& body,
               const Fields& fields = {}) const;

private:
    Process::Options with_config(std::vector<std::string> arguments) const;

    TemporaryFolder folder_;
    nlohmann::json settings_;
    std::unique_ptr<Process> process_;
    std::string address_;
    std::string operations_;
};

}  // namespace support
