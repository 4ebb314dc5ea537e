#include "support/django_site.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/eventually.hpp"
#include "support/recorder.hpp"

namespace support {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr auto start_limit = 60s;
constexpr auto stop_limit = 20s;
constexpr auto prepare_limit = 300s;

const fs::path site = fs::path(PORTAL_SOURCE_DIR) / "tests" / "django_site";
const fs::path environment_folder = fs::path(PORTAL_SOURCE_DIR) / "build" / "django";

std::string text_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

fs::path python(DjangoSite::Stack stack) {
    if (stack == DjangoSite::Stack::debian) return "/usr/bin/python3";
    return environment_folder / "bin" / "python";
}

Process::Options for_python(std::vector<std::string> arguments) {
    Process::Options options;
    options.arguments = std::move(arguments);
    options.folder = site;
    // The sources' folder stays as it is.
    options.environment = {{"PYTHONDONTWRITEBYTECODE", "1"}, {"PYTHONPATH", ""}};
    return options;
}

Process::Options for_site(std::vector<std::string> arguments, const fs::path& data) {
    auto options = for_python(std::move(arguments));
    options.environment.emplace_back("DJANGO_SETTINGS_MODULE", "newsroom.settings");
    options.environment.emplace_back("NEWSROOM_DATA", data.string());
    return options;
}

std::string find_missing(DjangoSite::Stack stack) {
    std::string modules = "django rest_framework gunicorn channels daphne";
    if (stack == DjangoSite::Stack::pypi) {
        // Only a finished installation has a copy of what was asked for.
        if (text_of(environment_folder / "requirements.txt") != text_of(site / "requirements.txt"))
            return "build/django does not have what tests/django_site/requirements.txt says; "
                   "./dev test installs it, where it can reach PyPI";
        modules += " rest_framework_simplejwt wagtail";
    }
    auto found = run(python(stack), for_python({"-c",
                                                "import sys\nfrom importlib.util import find_spec\n"
                                                "print(*[name for name in sys.argv[1].split() "
                                                "if not find_spec(name)])",
                                                modules}));
    if (found.code != 0) return python(stack).string() + " does not run: " + found.errors;
    if (found.output == "\n") return "";
    return python(stack).string() + " has not all that the newsroom site needs: " + found.output;
}

/// Of everything that the database of a fresh site depends on.
std::string sources_hash() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(site)) {
        bool is_source = entry.is_regular_file() && entry.path().extension() != ".pyc";
        if (is_source) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::string all;
    for (const auto& file : files) all += file.string() + '\n' + text_of(file);
    std::ostringstream hash;
    hash << std::hex << std::hash<std::string>()(all);
    return hash.str();
}

/// One program at a time, from here to the end of the object.
class FileLock {
public:
    explicit FileLock(const fs::path& path)
        : file_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        if (file_ < 0 || flock(file_, LOCK_EX) != 0) {
            throw std::runtime_error("cannot lock " + path.string());
        }
    }
    ~FileLock() { close(file_); }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    int file_;
};

void copy_folder(const fs::path& from, const fs::path& to) {
    fs::copy(from, to, fs::copy_options::recursive);
}

/// Data folders of fresh sites, in the build folder: `<stack>-<articles>-<hash of the sources>`,
/// and `<stack>-bare-<hash>`, which has the tables only and is what the others begin with.
class Prepared {
public:
    explicit Prepared(DjangoSite::Stack stack) : stack_(stack), hash_(sources_hash()) {
        fs::create_directories(folder_);
    }

    void copy(int articles, const fs::path& to) const {
        FileLock lock(folder_ / (std::string(DjangoSite::name(stack_)) + ".lock"));
        copy_folder(seeded(articles), to);
    }

private:
    fs::path place(const std::string& what) const {
        return folder_ / (DjangoSite::name(stack_) + ("-" + what + "-" + hash_));
    }

    fs::path seeded(int articles) const {
        auto done = place(std::to_string(articles));
        if (fs::exists(done)) return done;
        auto begun = begin();
        copy_folder(bare(), begun);
        manage({"seed", "--articles", std::to_string(articles)}, begun);
        fs::rename(begun, done);
        return done;
    }

    fs::path bare() const {
        auto done = place("bare");
        if (fs::exists(done)) return done;
        remove_older();
        auto begun = begin();
        manage({"migrate", "--verbosity", "0"}, begun);
        fs::rename(begun, done);
        return done;
    }

    /// An empty folder, which becomes one of the others by its new name: a run that is cut off
    /// leaves nothing that looks done.
    fs::path begin() const {
        auto begun = place("begun");
        fs::remove_all(begun);
        fs::create_directories(begun);
        return begun;
    }

    void remove_older() const {
        std::string prefix = DjangoSite::name(stack_) + std::string("-");
        for (const auto& entry : fs::directory_iterator(folder_)) {
            auto name = entry.path().filename().string();
            bool older = name.starts_with(prefix) && !name.ends_with(hash_);
            if (older) fs::remove_all(entry.path());
        }
    }

    void manage(std::vector<std::string> arguments, const fs::path& data) const {
        arguments.insert(arguments.begin(), "manage.py");
        auto ended = run(python(stack_), for_site(std::move(arguments), data), prepare_limit);
        if (ended.code != 0) {
            throw std::runtime_error("a newsroom site cannot be prepared: " + ended.output +
                                     ended.errors);
        }
    }

    DjangoSite::Stack stack_;
    std::string hash_;
    fs::path folder_ = fs::path(PORTAL_BINARY_DIR) / "django_site";
};

/// What the kernel says of a process: its state and its parent.
struct ProcessState {
    char state = 'X';
    pid_t parent = -1;
};

ProcessState state_of(pid_t pid) {
    auto line = text_of("/proc/" + std::to_string(pid) + "/stat");
    // Its name may have anything in it, also ')'.
    auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return {};
    ProcessState state;
    std::istringstream(line.substr(name_end + 1)) >> state.state >> state.parent;
    return state;
}

/// Also when nobody has asked for its exit code yet. One whose first thread has ended may still
/// hold its sockets, until the others have.
bool has_ended(pid_t pid) {
    auto state = state_of(pid).state;
    if (state != 'X' && state != 'Z') return false;
    std::error_code gone;
    fs::directory_iterator threads("/proc/" + std::to_string(pid) + "/task", gone);
    return gone || std::distance(begin(threads), end(threads)) <= 1;
}

std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> children;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        auto name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        auto pid = static_cast<pid_t>(std::stol(name));
        if (state_of(pid).parent == parent && !has_ended(pid)) children.push_back(pid);
    }
    return children;
}

}  // namespace

const char* DjangoSite::name(Stack stack) {
    return stack == Stack::debian ? "debian" : "pypi";
}

std::string DjangoSite::missing(Stack stack) {
    static const std::string debian = find_missing(Stack::debian);
    static const std::string pypi = find_missing(Stack::pypi);
    return stack == Stack::debian ? debian : pypi;
}

DjangoSite::DjangoSite(const Options& options) : options_(options) {
    Prepared(options_.stack).copy(options_.articles, data());
    fs::create_directories(data() / "gates");
    if (options_.unix_socket) address_ = "unix:" + (data() / "http.sock").string();
}

DjangoSite::~DjangoSite() {
    if (!process_ || !process_->running()) return;
    try {
        kill();
    } catch (const std::exception&) {
        // It is killed once more with `process_`; its workers end when they notice.
    }
}

Process::Options DjangoSite::with_settings(std::vector<std::string> arguments) const {
    auto options = for_site(std::move(arguments), data());
    if (options_.behind_tls) options.environment.emplace_back("NEWSROOM_BEHIND_TLS", "1");
    options.environment.insert(options.environment.end(), options_.environment.begin(),
                               options_.environment.end());
    return options;
}

std::vector<std::string> DjangoSite::gunicorn_arguments(const std::string& bind) const {
    bool threads = options_.server == Server::gthread;
    std::vector<std::string> arguments{"-m",
                                       "gunicorn",
                                       "newsroom.wsgi",
                                       "--bind",
                                       bind,
                                       "--workers",
                                       std::to_string(options_.workers),
                                       "--worker-class",
                                       threads ? "gthread" : "sync",
                                       "--graceful-timeout",
                                       "5"};
    if (threads) {
        arguments.insert(arguments.end(), {"--threads", std::to_string(options_.threads)});
    }
    // One file of the user for all servers of the machine.
    if (options_.stack == Stack::pypi) arguments.push_back("--no-control-socket");
    return arguments;
}

std::vector<std::string> DjangoSite::daphne_arguments() const {
    std::vector<std::string> arguments{"-m", "daphne", "newsroom.asgi:application"};
    if (options_.unix_socket) {
        arguments.insert(arguments.end(), {"-u", address_.substr(5)});
        return arguments;
    }
    auto port = address_.empty() ? "0" : address_.substr(address_.rfind(':') + 1);
    arguments.insert(arguments.end(), {"-b", "127.0.0.1", "-p", port});
    return arguments;
}

std::string DjangoSite::said_address() const {
    auto said = process_->errors();
    for (std::string_view before : {"Listening at: http://", "Listening on TCP address "}) {
        auto at = said.find(before);
        if (at == std::string::npos) continue;
        at += before.size();
        auto end = said.find_first_of(" \n", at);
        // A line that is still being written has no end yet.
        return end == std::string::npos ? "" : said.substr(at, end - at);
    }
    return "";
}

bool DjangoSite::answers() const {
    try {
        get("/status/204/");
        return true;
    } catch (const ConnectionLost&) {
        return false;
    }
}

void DjangoSite::start() {
    if (options_.unix_socket) fs::remove(address_.substr(5));
    auto bind = address_.empty() ? "127.0.0.1:0" : address_;
    auto arguments =
        options_.server == Server::daphne ? daphne_arguments() : gunicorn_arguments(bind);
    arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
    process_ = std::make_unique<Process>(python(options_.stack), with_settings(arguments));
    bool up = false;
    eventually(
        [&] {
            if (!process_->running()) return true;
            if (address_.empty()) address_ = said_address();
            up = !address_.empty() && answers();
            return up;
        },
        start_limit);
    if (!up) {
        throw std::runtime_error("Django is not up in time, or has ended: " + process_->output() +
                                 process_->errors());
    }
    // Its port may have been that of a server's public API before.
    end_recording(address_);
}

int DjangoSite::stop() {
    process_->signal(SIGTERM);
    auto code = process_->wait(stop_limit);
    if (!code) kill();
    return code.value_or(-1);
}

void DjangoSite::kill() {
    // Stopped first, so that it starts no worker while they are counted.
    process_->signal(SIGSTOP);
    auto all = workers();
    process_->signal(SIGKILL);
    for (auto pid : all) ::kill(pid, SIGKILL);
    bool ended = process_->wait(stop_limit).has_value() &&
                 eventually([&] { return std::all_of(all.begin(), all.end(), has_ended); });
    if (!ended) throw std::runtime_error("a killed Django does not end");
}

std::vector<pid_t> DjangoSite::workers() const {
    return children_of(process_->pid());
}

Finished DjangoSite::manage(std::vector<std::string> arguments, const std::string& input) const {
    arguments.insert(arguments.begin(), "manage.py");
    auto options = with_settings(std::move(arguments));
    options.input = input;
    return run(python(options_.stack), options, prepare_limit);
}

void DjangoSite::open_gate(const std::string& gate, int number) const {
    std::ofstream(data() / "gates" / (gate + "." + std::to_string(number))) << '\n';
}

bool DjangoSite::gate_closed(const std::string& gate) const {
    return fs::exists(data() / "gates" / (gate + ".closed"));
}

Answer DjangoSite::ask(const std::string& method, const std::string& target,
                       const std::string& body, const Fields& fields) const {
    HttpClient client(address_);
    return client.request(method, target, body, fields);
}

}  // namespace support
