#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bus/log.hpp"
#include "recommendation/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/stepped_loop.hpp"
#include "support/temporary_folder.hpp"
#include "users/events.hpp"

namespace recommendation {

/// Users that a test writes down; it answers, refuses, breaks or hangs as it is told.
class FakeUsers final : public users::Users {
public:
    enum class Mood { answers, refuses, breaks, hangs };

    std::atomic<Mood> mood{Mood::answers};
    std::map<users::UserId, users::Profile>
        known;  ///< always with e-mail: whoever asked not to get it
    mutable std::atomic<int> asked{0};
    mutable std::atomic<bool> email_asked{false};

    base::Task<users::User> create(users::NewUser, users::Command) override { co_return refusal(); }
    base::Task<users::User> user(users::UserId id, base::Context) const override {
        auto profile = known.find(id);
        if (profile == known.end()) co_return refusal();
        users::User user;
        user.id = id;
        user.name = profile->second.name;
        co_return user;
    }
    base::Task<users::User> change(users::UserId, users::UserChange, users::Command) override {
        co_return refusal();
    }
    base::Task<void> remove(users::UserId, users::Command) override { co_return refusal(); }
    base::Task<std::vector<users::User>> list(std::int64_t, std::int64_t,
                                              base::Context) const override {
        co_return refusal();
    }
    base::Task<std::vector<users::Profile>> profiles(std::vector<users::UserId> ids,
                                                     bool with_email,
                                                     base::Context context) const override;

private:
    static base::Error refusal() {
        return {base::Reason::unavailable, "overloaded", "Too many questions are waiting."};
    }
};

/// The module at work on real files, with a clock that the test moves.
class Fixture {
public:
    Fixture();
    ~Fixture();

    void open(bool started = true);
    void start();
    /// What /readyz is told.
    bool writable() { return module->checks().front().ask().empty(); }
    void close();

    /// What the module can do now is done.
    void settle() { background_->settle(); }
    /// The same after some time.
    void pass(std::chrono::milliseconds span);
    /// The same with all visits that are published: their interval passes.
    void apply();

    void visit(std::int64_t user, std::int64_t news, std::vector<std::string> tags);
    /// An article of sports that everybody may read from now on.
    void publish(std::int64_t news, std::vector<std::string> tags, std::string title = "A title");
    void unpublish(std::int64_t news);
    /// Another log, which begins anew. While the module is closed.
    void replace_news_log();
    void happens(std::int64_t news, const std::string& type, const nlohmann::json& body);
    /// What the module answers while it works.
    template <class T>
    base::Result<T> ask(base::Task<T> question) {
        return background_->run(std::move(question));
    }
    RankedList list_for(std::int64_t user, RankedQuestion question = {});
    /// The same, as JSON: `[3,1]`, or `not personal`.
    std::string news_for(std::int64_t user);
    void remove_user(std::int64_t user);

    /// What the route of that path answers to somebody.
    http::Response get(const std::string& path, base::Actor actor);
    /// The same by that method, with a body, while the module works; its status and JSON.
    struct Answer {
        int status = 0;
        nlohmann::json body{};
    };
    Answer call(http::Method method, const std::string& path, std::optional<std::int64_t> user,
                const std::string& body = "", const std::string& privacy = "");
    nlohmann::json entries(const std::string& path, base::Actor actor = admin);
    /// The ids of the answer, in order, as JSON: `["a","b"]`.
    std::string ids(const std::string& path, base::Actor actor = admin);
    std::uint64_t counted(const std::string& name, telemetry::Labels labels = {});

    static constexpr base::Actor admin{1, base::Role::admin};
    static constexpr base::Actor editor{2, base::Role::editor};

    support::TemporaryFolder folder;
    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    Config config;
    FakeUsers users;
    std::unique_ptr<database::Database> users_database;
    std::unique_ptr<bus::Log> users_log;
    std::unique_ptr<database::Database> news_database;
    std::unique_ptr<bus::Log> news_log;
    std::map<std::int64_t, std::int64_t> versions;  ///< of articles
    std::unique_ptr<bus::Topic<news::NewsViewed>> visits;
    std::unique_ptr<Module> module;
    std::unique_ptr<http::Router> router;

private:
    void open_news_log(const std::string& file);

    std::unique_ptr<support::SteppedLoop> background_;
    bool is_started_ = false;
};

}  // namespace recommendation
