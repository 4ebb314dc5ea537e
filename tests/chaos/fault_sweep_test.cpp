// Every system call of a start and of a workload fails in turn (strace puts the failure in): the
// server says so, or ends; what it had acknowledged is there afterwards, and what it had refused is
// not.
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>

#include "preloaded.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/skip.hpp"
#include "workload.hpp"

using namespace std::chrono_literals;
using support::PortalProcess;
using support::Process;
using tests::Workload;

namespace {

/// A kind of call, by all the names that processors have for it, and how it may fail.
struct Call {
    std::string names;
    std::vector<std::string> errors;
    /// Of files only: nothing of the kind ever comes of what loops wake each other with.
    bool is_of_files = false;
};

const std::vector<Call> calls = {{"fdatasync", {"EIO", "ENOSPC"}},
                                 {"fsync", {"EIO", "ENOSPC"}},
                                 {"pwrite64", {"ENOSPC", "EIO", "EINTR"}},
                                 {"write", {"ENOSPC", "EIO", "EINTR"}, true},
                                 {"writev", {"ENOSPC", "EIO"}, true},
                                 {"openat", {"EMFILE", "EIO", "EACCES"}},
                                 {"pread64", {"EIO", "EINTR"}},
                                 {"read", {"EIO", "EINTR"}, true},
                                 {"ftruncate", {"EIO", "EINTR"}},
                                 {"?rename,?renameat,?renameat2", {"EIO"}},
                                 {"?unlink,unlinkat", {"EIO"}},
                                 {"?accept,accept4", {"EMFILE", "ECONNABORTED"}},
                                 {"?epoll_wait,epoll_pwait", {"EINTR"}},
                                 {"recvmsg", {"ECONNRESET", "EINTR"}},
                                 {"sendmsg", {"EPIPE", "EINTR"}},
                                 {"?clone,?clone3", {"EAGAIN"}}};

enum class Phase { start, work };

/// The `number`-th of these calls in each thread fails.
struct Point {
    Phase phase{};
    std::size_t call = 0;
    std::size_t error = 0;
    int number = 0;

    std::string expression() const {
        const auto& kind = calls.at(call);
        return "inject=" + kind.names + ":error=" + kind.errors.at(error) +
               ":when=" + std::to_string(number);
    }
    std::string name() const {
        return std::string(phase == Phase::start ? "start" : "work") + ", " + expression();
    }
};

std::filesystem::path strace() {
    return support::find_program("strace");
}

/// A server with articles and people, of which each fault gets a copy.
class Subject {
public:
    explicit Subject(tests::Dice& dice)
        : client(1, dice), client_(client), trace_(portal.folder() / "trace") {
        portal.start();
        client_.run(portal, 20);
        REQUIRE(client_.faults() == std::vector<std::string>());
        REQUIRE(portal.stop() == 0);
        std::filesystem::remove_all(portal.data() / "logs");
        std::filesystem::copy(portal.data(), kept());
    }

    /// Starts it on a copy, with strace there from the first call on or once it is up; then a few
    /// changes. Gives what it did wrong.
    std::vector<std::string> run(Phase phase, const std::vector<std::string>& expressions,
                                 bool of_files, bool stops) {
        client = client_;
        has_ended_ = false;
        std::filesystem::remove_all(portal.data());
        std::filesystem::copy(kept(), portal.data());
        std::filesystem::remove(trace_);
        Process::Options options;
        options.environment = {tests::sanitizer_options("detect_leaks=0")};
        auto arguments = strace_arguments(expressions, of_files);
        if (phase == Phase::start) {
            // The server stays our child.
            options.started_by = {strace().string(), "-D", "--seccomp-bpf"};
            options.started_by.insert(options.started_by.end(), arguments.begin(), arguments.end());
        }
        std::vector<std::string> faults;
        try {
            portal.start(options);
        } catch (const std::runtime_error& refused) {
            return ended_badly(refused.what());
        }
        std::unique_ptr<Process> tracer;
        if (phase == Phase::work) tracer = attach(arguments);
        client.run(portal, phase == Phase::work ? 25 : 5);
        faults = client.faults();
        bool ended = !portal.process().running();
        if (stops && !ended) {
            auto code = portal.stop();
            if (code < 0 || code >= 128) faults.push_back("does not stop: " + errors(code));
        } else if (ended) {
            faults = ended_badly("");
        } else {
            portal.kill();
        }
        return faults;
    }

    /// What is wrong after a start without faults.
    std::vector<std::string> faults_afterwards() {
        std::vector<std::string> faults;
        try {
            portal.start();
            auto unready = tests::unready_for_long(portal);
            if (!unready.empty()) return {"does not become ready: " + unready};
            client.check(portal);
            faults = client.faults();
        } catch (const std::exception& failure) {
            return {std::string("after the fault: ") + failure.what()};
        }
        if (portal.stop() != 0) faults.push_back("does not stop");
        auto verified = tests::verify_faults(portal);
        if (!verified.empty()) faults.push_back(verified);
        return faults;
    }

    /// How often each kind is called in the thread that does so most.
    std::map<std::size_t, int> counts() const {
        std::map<std::pair<std::string, std::string>, int> by_thread;
        std::ifstream in(trace_);
        for (std::string thread, call; in >> thread >> call;) {
            auto bracket = call.find('(');
            if (bracket != std::string::npos) ++by_thread[{thread, call.substr(0, bracket)}];
            in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
        }
        std::map<std::size_t, int> most;
        for (const auto& [key, count] : by_thread) {
            for (std::size_t i = 0; i < calls.size(); ++i) {
                auto names = "," + calls[i].names + ",";
                bool is_it = names.find("," + key.second + ",") != std::string::npos ||
                             names.find("?" + key.second + ",") != std::string::npos;
                if (is_it) most[i] = std::max(most[i], count);
            }
        }
        return most;
    }
    int injected() const {
        std::ifstream in(trace_);
        int count = 0;
        for (std::string line; std::getline(in, line);) {
            if (line.find("(INJECTED)") != std::string::npos) ++count;
        }
        return count;
    }

    /// Changes of the last run.
    int acknowledged() const { return client.acknowledged() - client_.acknowledged(); }
    bool has_ended() const { return has_ended_; }

    PortalProcess portal{
        nlohmann::json{{"identity", {{"password_memory_kib", 19456}, {"password_passes", 2}}}}};
    Workload client;  ///< of the last run

private:
    std::filesystem::path kept() const { return portal.folder() / "kept"; }

    std::vector<std::string> strace_arguments(const std::vector<std::string>& expressions,
                                              bool of_files) const {
        std::vector<std::string> all{"-f", "-s", "0", "-o", trace_.string()};
        for (const char* name : {"logs/portal.log", "portal.stores", "portal.stores.new",
                                 "portal.addresses.json.new", "identity.keys.json"}) {
            if (of_files) all.insert(all.end(), {"-P", (portal.data() / name).string()});
        }
        for (const auto& expression : expressions) {
            all.push_back("-e");
            all.push_back(expression);
        }
        return all;
    }

    std::unique_ptr<Process> attach(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"-p", std::to_string(portal.process().pid())});
        Process::Options options;
        options.arguments = std::move(arguments);
        auto tracer = std::make_unique<Process>(strace(), options);
        bool attached = support::eventually(
            [&] { return tracer->errors().find("attached") != std::string::npos; });
        INFO(tracer->errors());
        REQUIRE(attached);
        return tracer;
    }

    std::string errors(int code) {
        return std::to_string(code) + ": " + portal.process().output() + portal.process().errors();
    }

    /// It ended by itself: with a sentence and a code of its own, or something is wrong.
    std::vector<std::string> ended_badly(const std::string& why) {
        has_ended_ = true;
        auto faults = client.faults();
        if (why.find("not up in time") != std::string::npos) {
            portal.kill();
            faults.push_back(why);
            return faults;
        }
        auto code = portal.process().wait(20s).value_or(-1);
        auto said = errors(code);
        // The sanitizer's own reading of its surroundings may be what has failed.
        bool is_sanitizers = said.find("CHECK failed: sanitizer_") != std::string::npos;
        bool is_bug = code < 0 || code >= 128 || said.find("ERROR: ") != std::string::npos ||
                      said.find("runtime error") != std::string::npos;
        bool says_why = said.size() > 5 || !portal.breakdowns().empty();
        if (!is_sanitizers && (is_bug || code == 0 || !says_why))
            faults.push_back("ended with " + said);
        return faults;
    }

    Workload client_;
    std::filesystem::path trace_;
    bool has_ended_ = false;
};

/// In an order of which each beginning has about as many of every kind of call in both phases.
void mix(std::vector<Point>& points, std::uint64_t seed) {
    std::shuffle(points.begin(), points.end(), std::mt19937_64(seed));
    std::map<std::pair<Phase, std::size_t>, int> before;
    std::vector<std::pair<int, Point>> ranked;
    for (const auto& point : points) {
        ranked.emplace_back(before[{point.phase, point.call}]++, point);
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < points.size(); ++i) points[i] = ranked[i].second;
}

/// All points of both phases, each with all its errors.
std::vector<Point> all_points(Subject& subject) {
    std::vector<Point> points;
    for (bool of_files : {false, true}) {
        std::string names;
        for (const auto& call : calls) {
            if (call.is_of_files == of_files) names += (names.empty() ? "" : ",") + call.names;
        }
        for (auto phase : {Phase::start, Phase::work}) {
            auto faults = subject.run(phase, {"trace=" + names}, of_files, true);
            REQUIRE(faults == std::vector<std::string>());
            for (const auto& [call, count] : subject.counts()) {
                for (int number = 1; number <= count; ++number) {
                    for (std::size_t error = 0; error < calls[call].errors.size(); ++error) {
                        points.push_back({phase, call, error, number});
                    }
                }
            }
        }
    }
    return points;
}

}  // namespace

TEST_CASE("whichever call fails, nothing acknowledged is lost and nothing refused is there",
          "[chaos][faults]") {
    if (!tests::can_interpose()) return support::skip("not with the thread sanitizer");
    if (strace().empty()) return support::skip("strace is missing (apt-get install strace)");
    tests::Dice dice(tests::chaos_seed());
    Subject subject(dice);
    auto points = all_points(subject);
    auto known = points.size();
    mix(points, dice.seed());
    // One again that had failed.
    if (const char* again = std::getenv("PORTAL_CHAOS_POINT")) {
        std::erase_if(points, [&](const Point& point) { return point.name() != again; });
    }
    auto wanted = static_cast<std::size_t>(tests::times(4, 1'000'000));
    points.resize(std::min(points.size(), wanted));
    tests::Progress progress("fault points", static_cast<int>(points.size()));
    int injected = 0;
    int failed = 0;
    int ended = 0;
    int acknowledged = 0;
    std::vector<std::string> wrong;
    for (const auto& point : points) {
        INFO(point.name());
        auto begin = std::chrono::steady_clock::now();
        const auto& call = calls[point.call];
        auto faults = subject.run(point.phase, {"trace=" + call.names, point.expression()},
                                  call.is_of_files, dice.chance(50));
        injected += subject.injected();
        ended += subject.has_ended() ? 1 : 0;
        failed += subject.client.failed() + subject.client.unanswered();
        acknowledged += subject.acknowledged();
        auto later = subject.faults_afterwards();
        faults.insert(faults.end(), later.begin(), later.end());
        if (!faults.empty()) {
            tests::keep(subject.portal.folder());
            std::cerr << "PORTAL_TEST_SEED=" << tests::chaos_seed() << " PORTAL_CHAOS_POINT='"
                      << point.name() << "'" << std::endl;
            wrong.push_back(point.name() + ": " + faults.front());
        }
        CHECK(faults == std::vector<std::string>());
        if (std::chrono::steady_clock::now() - begin > 20s) {
            std::cerr << "took long: " << point.name() << std::endl;
        }
        progress.step();
    }
    std::cout << points.size() << " fault points of " << known << " (" << injected
              << " calls failed), " << acknowledged << " changes acknowledged, " << failed
              << " failed or were cut off, " << ended << " times it ended by itself" << std::endl;
    for (const auto& one : wrong) std::cout << "WRONG " << one.substr(0, 600) << std::endl;
    CHECK(injected > 0);
}

TEST_CASE("writes that are taken in part only are gone on with", "[chaos][faults]") {
    if (!tests::can_interpose()) return support::skip("not with the thread sanitizer");
    tests::Dice dice(tests::chaos_seed());
    PortalProcess portal;
    Process::Options options;
    options.environment = tests::preloading("short_writes");
    portal.start(options);
    std::ifstream maps("/proc/" + std::to_string(portal.process().pid()) + "/maps");
    std::string loaded(std::istreambuf_iterator<char>(maps), {});
    REQUIRE(loaded.find("short_writes.so") != std::string::npos);
    Workload client(1, dice);
    client.run(portal, tests::is_long_run() ? 4000 : 40);
    CHECK(client.failed() + client.unanswered() == 0);
    CHECK(client.acknowledged() >= 35);
    CHECK(client.faults() == std::vector<std::string>());
    portal.kill();
    portal.start();
    REQUIRE(tests::unready_for_long(portal) == "");
    client.check(portal);
    CHECK(client.faults() == std::vector<std::string>());
    CHECK(portal.stop() == 0);
    CHECK(tests::verify_faults(portal) == "");
    CHECK(portal.breakdowns() == std::vector<std::string>());
}
