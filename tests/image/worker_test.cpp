// The processes apart: what they can do, and what becomes of whoever asks when one dies.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "image/workers.hpp"
#include "sandbox.hpp"
#include "support/catch.hpp"
#include "support/pictures.hpp"
#include "support/stepped_loop.hpp"
#include "support/temporary_folder.hpp"

namespace image {

namespace {

constexpr std::int64_t much = 1024LL * 1024 * 1024;

/// How a process ends that locks itself in and then does that: its status, as waitpid() has it.
template <class Act>
int ends_by(Act act) {
    auto child = ::fork();
    if (child == 0) {
        if (!enter_sandbox(much, 1000)) ::_exit(99);
        ::_exit(act());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

class Fixture {
public:
    explicit Fixture(WorkerOptions options = {}) {
        options.program = PORTAL_BINARY;
        workers_ = start_workers(std::move(options), restarts);
    }

    InputFile keep(const std::string& file) {
        auto path = folder_.path() / std::to_string(++files_);
        std::ofstream(path, std::ios::binary) << file;
        open_.push_back(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        return {open_.back(), std::ssize(file), kind_of(file)};
    }
    base::Result<Facts> look(const std::string& file) { return look(keep(file)); }
    base::Result<Facts> look(InputFile file) { return base::run(workers_->look(file, {})); }
    base::Result<std::string> make(const std::string& file, const Wanted& wanted) {
        auto path = folder_.path() / "made";
        int to = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        auto made = base::run(workers_->make(keep(file), wanted, to, {}));
        if (!made) {
            ::close(to);
            return made.error();
        }
        std::string text(static_cast<std::size_t>(*made), '\0');
        auto got = ::pread(to, text.data(), text.size(), 0);
        ::close(to);
        REQUIRE(got == *made);
        return text;
    }
    Workers& all() { return *workers_; }
    std::string make_to(int to, const std::string& file, const Wanted& wanted) {
        auto made = base::run(workers_->make(keep(file), wanted, to, {}));
        return made ? "" : made.error().code;
    }
    ~Fixture() {
        for (int one : open_) ::close(one);
    }

    telemetry::Counter restarts;

private:
    support::TemporaryFolder folder_;
    std::unique_ptr<Workers> workers_;
    std::vector<int> open_;
    int files_ = 0;
};

std::string code_of(const base::Result<Facts>& result) {
    return result ? "" : result.error().code;
}

base::Task<bool> note_make(Workers& workers, InputFile file, int to,
                           std::vector<std::string>& done) {
    Wanted wanted;
    wanted.width = 300;
    base::Deadline none;
    auto made = co_await workers.make(file, wanted, to, none);
    done.push_back(made ? "made" : made.error().code);
    co_return true;
}

base::Task<bool> note_look(Workers& workers, InputFile file, std::vector<std::string>& done) {
    base::Deadline none;
    auto facts = co_await workers.look(file, none);
    done.push_back(facts ? "looked" : facts.error().code);
    co_return true;
}

pid_t only_child() {
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream in(task.path() / "children");
        pid_t child = 0;
        if (in >> child) return child;
    }
    return -1;
}

}  // namespace

TEST_CASE("in the sandbox nothing is opened, sent or started", "[image]") {
    CHECK(ends_by([] { return 7; }) == 7 << 8);
    CHECK(ends_by([] { return ::open("/etc/passwd", O_RDONLY) < 0 ? 7 : 8; }) == 7 << 8);
    auto killed = [](int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS; };
    CHECK(killed(ends_by([] { return ::socket(AF_INET, SOCK_STREAM, 0); })));
    CHECK(killed(ends_by([] { return ::unlink("/tmp/nothing"); })));
    CHECK(killed(ends_by([] { return ::execl("/bin/true", "true", nullptr); })));
    CHECK(killed(ends_by([] { return ::kill(1, 0); })));
    CHECK(ends_by([] { return ::fork() < 0 ? 7 : 8; }) == 7 << 8);
}

TEST_CASE("a worker looks at pictures and makes renditions of them", "[image]") {
    Fixture workers;
    for (auto kind : {Kind::jpeg, Kind::png, Kind::webp, Kind::avif, Kind::gif}) {
        CAPTURE(word_of(kind));
        auto facts = workers.look(support::picture(kind, {90, 40}));
        REQUIRE(facts);
        CHECK(facts->width == 90);
        CHECK(facts->height == 40);
    }
    for (auto format : {Kind::jpeg, Kind::webp, Kind::avif}) {
        CAPTURE(word_of(format));
        auto made = workers.make(support::picture(Kind::jpeg), {format, 20, 20, 0.0, 0.5});
        REQUIRE(made);
        auto seen = support::see(*made);
        CHECK(seen.width == 20);
        CHECK(support::alike(seen.at(0.1, 0.1), support::red));
    }
    CHECK(workers.restarts.value() == 0);
}

TEST_CASE("a hundred broken pictures are refused one by one", "[image]") {
    Fixture workers;
    for (const auto& [name, file] : support::broken_pictures()) {
        CAPTURE(name);
        auto code = code_of(workers.look(file));
        CHECK((code == "damaged_picture" || code == "too_many_pixels"));
    }
    CHECK(workers.look(support::picture(Kind::jpeg)));
}

TEST_CASE("a picture that ends its decoder is refused, and the next one is decoded", "[image]") {
    Fixture workers;
    auto cut_away = workers.keep(support::picture(Kind::png));
    cut_away.bytes += 1 << 20;  // as if the file had been cut while it was read
    auto refused = workers.look(cut_away);
    CHECK(code_of(refused) == "damaged_picture");
    CHECK(workers.restarts.value() == 1);
    CHECK(workers.look(support::picture(Kind::jpeg)));
    CHECK(workers.restarts.value() == 1);
}

TEST_CASE("a worker that somebody else has ended costs no picture", "[image]") {
    Fixture workers;
    REQUIRE(workers.look(support::picture(Kind::jpeg)));
    auto process = only_child();
    REQUIRE(process > 1);
    REQUIRE(::kill(process, SIGKILL) == 0);
    siginfo_t ended{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(process), &ended, WEXITED | WNOWAIT) == 0);
    CHECK(workers.look(support::picture(Kind::jpeg)));
    CHECK(workers.restarts.value() == 0);
}

TEST_CASE("a picture longer than its format allows is made as long as that", "[image]") {
    Fixture workers;
    auto made = workers.make(support::picture(Kind::png, {2, 20'000}), {Kind::webp, 320});
    REQUIRE(made);
    CHECK(support::see(*made).width == 2);
    CHECK(support::see(*made).height == 16'383);
}

TEST_CASE("a rendition that cannot be written is no fault of its picture", "[image]") {
    Fixture workers;
    int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    REQUIRE(full >= 0);
    auto refused = workers.make_to(full, support::picture(Kind::jpeg), {Kind::webp, 20});
    ::close(full);
    CHECK(refused == "pictures_unavailable");
    CHECK(workers.restarts.value() == 0);
}

TEST_CASE("pictures that come are looked at before renditions are made", "[image]") {
    WorkerOptions options;
    options.queue_max = 2;
    Fixture workers(options);
    auto picture = workers.keep(support::picture(Kind::jpeg, {600, 600}));
    int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    std::vector<std::string> done;
    support::SteppedLoop loop;
    std::vector<std::optional<base::Result<bool>>> outcomes(6);
    for (std::size_t i = 0; i < 5; ++i) {
        loop.spawn(note_make(workers.all(), picture, nowhere, done), outcomes[i]);
    }
    loop.spawn(note_look(workers.all(), picture, done), outcomes[5]);
    loop.settle();
    ::close(nowhere);
    REQUIRE(done.size() == 6);
    CHECK(std::count(done.begin(), done.end(), "pictures_busy") >= 2);
    CHECK(std::count(done.begin(), done.end(), "looked") == 1);
    CHECK(done.back() == "made");
}

TEST_CASE("a picture that takes too long is refused", "[image]") {
    WorkerOptions options;
    options.job_time_max = std::chrono::milliseconds(0);
    Fixture workers(options);
    CHECK(code_of(workers.look(support::picture(Kind::jpeg, {2000, 2000}))) == "damaged_picture");
    CHECK(workers.restarts.value() == 1);
}

TEST_CASE("without a worker pictures are refused for now", "[image]") {
    telemetry::Counter restarts;
    WorkerOptions options;
    for (const char* program : {"/nowhere/portal", "/bin/true"}) {
        options.program = program;
        auto workers = start_workers(options, restarts);
        auto refused = base::run(workers->look({0, 1, Kind::jpeg}, {}));
        CHECK(code_of(refused) == "pictures_unavailable");
    }
    CHECK(restarts.value() == 0);
}

}  // namespace image
