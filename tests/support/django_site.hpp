#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/http_client.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace support {

/// A real Django: the newsroom of tests/django_site, filled with articles, with a data folder of
/// its own that outlives each start: one object can be started, killed and started again, at one
/// address. Used by one thread; what it started dies with that thread.
class DjangoSite {
public:
    /// Where Django and its servers come from.
    enum class Stack {
        debian,  ///< the packages of Debian: Django 3.2, gunicorn 20
        pypi,    ///< build/django, with tests/django_site/requirements.txt: Django 5.2, Wagtail 8
    };
    enum class Server {
        sync,     ///< gunicorn; each worker answers one request at a time and keeps no connection
        gthread,  ///< gunicorn with threads; keeps connections
        daphne,   ///< ASGI, with websockets
    };

    struct Options {
        Stack stack = Stack::pypi;
        Server server = Server::gthread;
        int workers = 1;           ///< processes of gunicorn
        int threads = 4;           ///< of each gthread worker
        bool unix_socket = false;  ///< listens there, else on a free port of 127.0.0.1
        int articles = 100;        ///< so many are there at first, every tenth a draft
        /// Believes X-Forwarded-Proto, and sends its cookies over https only.
        bool behind_tls = false;
        /// What tests/django_site/newsroom/settings.py reads, and whatever else.
        std::vector<std::pair<std::string, std::string>> environment{};
        std::vector<std::string> arguments{};  ///< more for the server, as `--keep-alive 5`
    };

    /// People of every site who can log in.
    static constexpr const char* admin = "admin";
    static constexpr const char* admin_password = "admin-password";
    static constexpr const char* editor = "editor";
    static constexpr const char* editor_password = "editor-password";

    /// Why this stack cannot run on this machine; empty if it can. For support::skip().
    static std::string missing(Stack stack);
    static const char* name(Stack stack);

    /// Makes the data folder. The first one of a stack takes up to a minute, for the migrations;
    /// what they leave is kept in the build folder for all test programs. Throws if that fails.
    explicit DjangoSite(const Options& options);
    /// Kills what still runs.
    ~DjangoSite();
    DjangoSite(const DjangoSite&) = delete;
    DjangoSite& operator=(const DjangoSite&) = delete;

    /// Returns when it answers. Throws, with what it wrote, if it does not in time.
    void start();
    /// SIGTERM; gives the exit code, -1 if it did not end in time (and is killed then).
    int stop();
    /// SIGKILL to the server and all its workers, and waits for their end.
    void kill();

    /// `127.0.0.1:port` or `unix:/path`; known after the first start.
    const std::string& address() const { return address_; }
    Stack stack() const { return options_.stack; }
    const std::filesystem::path& data() const { return folder_.path(); }
    std::filesystem::path database() const { return folder_ / "db.sqlite3"; }
    std::filesystem::path media() const { return folder_ / "media"; }
    Process& process() { return *process_; }
    /// The server's workers; none under daphne, which is one process.
    std::vector<pid_t> workers() const;

    /// Runs `manage.py <arguments>` on its data to the end; it may be serving meanwhile.
    Finished manage(std::vector<std::string> arguments, const std::string& input = "") const;

    /// Lets piece `number` (from 1) of `/stream/?gate=NAME` or `/events/?gate=NAME` go.
    void open_gate(const std::string& gate, int number) const;
    /// Such a stream has ended, however it did.
    bool gate_closed(const std::string& gate) const;

    /// One request on a connection of its own, of a client that keeps no cookies.
    Answer ask(const std::string& method, const std::string& target, const std::string& body = "",
               const Fields& fields = {}) const;
    Answer get(const std::string& target, const Fields& fields = {}) const {
        return ask("GET", target, "", fields);
    }

private:
    Process::Options with_settings(std::vector<std::string> arguments) const;
    std::vector<std::string> gunicorn_arguments(const std::string& bind) const;
    std::vector<std::string> daphne_arguments() const;
    std::string said_address() const;
    bool answers() const;

    Options options_;
    TemporaryFolder folder_;
    std::unique_ptr<Process> process_;
    std::string address_;
};

}  // namespace support
