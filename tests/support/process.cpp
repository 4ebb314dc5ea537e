#include "support/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace support {

using namespace std::chrono_literals;

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& added) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry; ++entry) {
        std::string text = *entry;
        bool replaced = false;
        for (const auto& [name, value] : added) replaced = replaced || text.starts_with(name + "=");
        if (!replaced) all.push_back(std::move(text));
    }
    for (const auto& [name, value] : added) all.push_back(name + "=" + value);
    return all;
}

std::string everything_in(int file) {
    std::string text;
    char buffer[16384];
    for (;;) {
        auto count = pread(file, buffer, sizeof(buffer), static_cast<off_t>(text.size()));
        if (count <= 0) return text;
        text.append(buffer, static_cast<std::size_t>(count));
    }
}

constexpr int first_passed_on = 3;
const std::string listen_pid = "LISTEN_PID=";

/// What systemd says of sockets, but for the process's own number, for which there is room.
void add_sockets(std::vector<std::string>& environment,
                 const std::vector<std::pair<std::string, int>>& sockets) {
    if (sockets.empty()) return;
    std::string names;
    for (const auto& [name, socket] : sockets) names += (names.empty() ? "" : ":") + name;
    environment.push_back("LISTEN_FDNAMES=" + names);
    environment.push_back("LISTEN_FDS=" + std::to_string(sockets.size()));
    environment.push_back(listen_pid + std::string(20, '\0'));
}

/// In the child: no allocation.
void pass_on(const std::vector<std::pair<std::string, int>>& sockets, std::string& variable) {
    constexpr int out_of_the_way = 200;
    int next = first_passed_on;
    // None is overwritten before it is passed on itself.
    std::array<int, 16> moved{};
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        moved.at(i) = fcntl(sockets[i].second, F_DUPFD_CLOEXEC, out_of_the_way);
    }
    for (std::size_t i = 0; i < sockets.size(); ++i) dup2(moved.at(i), next++);
    auto* digits = variable.data() + listen_pid.size();
    std::to_chars(digits, digits + 20, getpid());
}

/// A file that holds the text, read from its start.
int input_of(const std::string& text) {
    if (text.empty()) return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int file = memfd_create("input", MFD_CLOEXEC);
    if (pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
        throw std::runtime_error("cannot prepare the input of a process");
    }
    return file;
}

}  // namespace

std::filesystem::path portal_binary() {
    const char* named = std::getenv("PORTAL_BINARY");
    return named && *named ? named : PORTAL_BINARY;
}

Process::Process(const std::filesystem::path& program, const Options& options) {
    output_ = memfd_create("output", MFD_CLOEXEC);
    errors_ = memfd_create("errors", MFD_CLOEXEC);
    int input = input_of(options.input);
    auto texts = options.started_by;
    texts.push_back(program.string());
    texts.insert(texts.end(), options.arguments.begin(), options.arguments.end());
    auto variables = environment_with(options.environment);
    add_sockets(variables, options.sockets);
    // Everything is made before the fork: the child of a process with threads may only call what
    // is safe in a signal handler.
    auto arguments = pointers(texts);
    auto environment = pointers(variables);
    auto parent = getpid();
    pid_ = fork();
    if (pid_ != 0) close(input);
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ > 0) return;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(input, STDIN_FILENO);
    dup2(output_, STDOUT_FILENO);
    dup2(errors_, STDERR_FILENO);
    if (!options.folder.empty() && chdir(options.folder.c_str()) != 0) _exit(127);
    if (options.file_bytes) {
        rlimit limit{*options.file_bytes, *options.file_bytes};
        setrlimit(RLIMIT_FSIZE, &limit);
        // The signal's default would kill; ignored, writes fail with EFBIG instead.
        ::signal(SIGXFSZ, SIG_IGN);
    }
    if (options.descriptors) {
        rlimit limit{*options.descriptors, *options.descriptors};
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (!options.sockets.empty()) pass_on(options.sockets, variables.back());
    execve(arguments.front(), arguments.data(), environment.data());
    _exit(127);
}

Process::~Process() {
    if (running()) {
        signal(SIGKILL);
        wait(60s);
    }
    close(output_);
    close(errors_);
}

void Process::signal(int number) {
    if (!ended_) kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds limit) {
    auto until = std::chrono::steady_clock::now() + limit;
    while (!ended_) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        } else if (std::chrono::steady_clock::now() >= until) {
            break;
        } else {
            std::this_thread::sleep_for(2ms);
        }
    }
    return ended_;
}

std::string Process::output() const {
    return everything_in(output_);
}

std::string Process::errors() const {
    return everything_in(errors_);
}

std::filesystem::path find_program(const std::string& name) {
    for (const char* folder : {"/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin"}) {
        auto file = std::filesystem::path(folder) / name;
        if (access(file.c_str(), X_OK) == 0) return file;
    }
    return {};
}

Finished run(const std::filesystem::path& program, const Process::Options& options,
             std::chrono::milliseconds limit) {
    Process process(program, options);
    auto code = process.wait(limit);
    if (!code) {
        process.signal(SIGKILL);
        process.wait(10s);
    }
    return {code.value_or(-1), process.output(), process.errors()};
}

}  // namespace support
