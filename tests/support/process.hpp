#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace support {

/// The program under test: the one that was built with the tests, or the one that the environment
/// variable PORTAL_BINARY names.
std::filesystem::path portal_binary();

/// A child process. Its standard output and error go to memory files, so that it never waits for
/// a reader. It dies with this object, and with the thread that started it.
class Process {
public:
    struct Options {
        std::vector<std::string> arguments{};
        /// What starts the program instead, by its path and with its options; it must become it,
        /// or what is signalled here is not the program.
        std::vector<std::string> started_by{};
        std::vector<std::pair<std::string, std::string>> environment{};  ///< added to ours
        std::filesystem::path folder{};              ///< working folder; empty: ours
        std::optional<std::uint64_t> file_bytes{};   ///< no file may grow beyond this (EFBIG)
        std::optional<std::uint64_t> descriptors{};  ///< so many may be open at a time (EMFILE)
        std::string input{};                         ///< what it reads from standard input
        /// Sockets that it is given as systemd gives them, by their names; they stay open here.
        std::vector<std::pair<std::string, int>> sockets{};
    };

    Process(const std::filesystem::path& program, const Options& options);
    /// Kills what still runs.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    void signal(int number);
    /// How it ended: its exit code, or 128 and the signal's number. Nothing if it still runs after
    /// `limit`.
    std::optional<int> wait(std::chrono::milliseconds limit);
    bool running() { return !wait(std::chrono::milliseconds(0)); }
    /// What it has written so far.
    std::string output() const;
    std::string errors() const;

private:
    pid_t pid_ = -1;
    int output_ = -1;
    int errors_ = -1;
    std::optional<int> ended_{};
};

/// Where a program of the system is; empty if there is none.
std::filesystem::path find_program(const std::string& name);

/// What a command that ran to its end left.
struct Finished {
    int code = -1;  ///< -1: it did not end in time and was killed
    std::string output;
    std::string errors;
};

/// Runs a command to its end, or kills it after `limit`.
Finished run(const std::filesystem::path& program, const Process::Options& options,
             std::chrono::milliseconds limit = std::chrono::seconds(60));

}  // namespace support
