#include "users/module.hpp"

#include "support/catch.hpp"
#include "support/fake_accounts.hpp"
#include "support/fake_clock.hpp"
#include "support/sqlite_file.hpp"
#include "support/stepped_loop.hpp"
#include "support/temporary_folder.hpp"

namespace users {

namespace {

using namespace std::chrono_literals;

/// The module on a real file, with workers that can be left out, and a clock that the test moves.
class Running {
public:
    explicit Running(support::FakeAccounts& accounts, const std::filesystem::path& folder,
                     Config config = Config())
        : config_(std::move(config)) {
        host::Environment environment{folder, clock, metrics, background_.executor()};
        auto opened = Module::open(config_, environment, accounts, imports_);
        REQUIRE(opened);
        module = std::move(*opened);
    }
    ~Running() {
        stop_workers();
        module.reset();
    }
    void start_workers() {
        REQUIRE(background_.run(module->start()));
        is_started_ = true;
    }
    void stop_workers() {
        if (!std::exchange(is_started_, false)) return;
        std::optional<base::Result<void>> end;
        background_.spawn(module->stop({}), end);
        background_.settle();
    }
    /// What the workers can do now is done.
    bool drained() {
        background_.settle();
        return module->backlog() == 0;
    }
    void pass(std::chrono::milliseconds span) {
        clock.advance(span);
        background_.settle();
    }
    bool shows(const std::string& metric) {
        return metrics.text().find("portal_users_" + metric + "\n") != std::string::npos;
    }
    base::Result<User> create(const std::string& name) {
        return create(name, name + "@example.org");
    }
    base::Result<User> create(const std::string& name, const std::string& email) {
        return base::run(module->users().create({name, email, "long enough 1"}, {admin()}));
    }
    static base::Context admin() {
        base::Context context;
        context.actor.role = base::Role::admin;
        context.request_id = "test";
        return context;
    }
    static base::Context reader(UserId id) {
        auto context = admin();
        context.actor = {id, base::Role::reader};
        return context;
    }
    base::Result<User> user(UserId id) { return base::run(module->users().user(id, admin())); }
    std::vector<std::string> names(std::int64_t start, std::int64_t count) {
        auto listed = base::run(module->users().list(start, count, admin()));
        REQUIRE(listed);
        std::vector<std::string> all;
        for (const auto& user : *listed) all.push_back(user.name);
        return all;
    }

    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    std::unique_ptr<Module> module;

private:
    Config config_;
    support::NoImports imports_;
    support::SteppedLoop background_;
    bool is_started_ = false;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("what is acknowledged is read at once, and after a restart, before any worker ran",
          "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    UserId id = 0;
    {
        Running running(accounts, folder.path());
        auto created = running.create("Ada");
        REQUIRE(created);
        id = created->id;
        CHECK(created->email == "Ada@example.org");
        CHECK(created->version == 1);
        CHECK(accounts.active().contains(id));
        CHECK(running.user(id)->name == "Ada");
        CHECK(running.names(0, 10) == Names{"Ada"});
        CHECK(running.module->backlog() == 1);
    }
    {
        Running running(accounts, folder.path());
        CHECK(running.module->backlog() == 1);
        CHECK(running.user(id)->name == "Ada");
        CHECK(running.module->feed().head().value() == 0);
        running.start_workers();
        REQUIRE(running.drained());
        CHECK(running.module->feed().head().value() == 1);
        CHECK(running.user(id)->name == "Ada");
    }
    CHECK(support::number_from_database(folder / "users.db", "select count(*) from users") == 1);
    CHECK(support::number_from_database(folder / "users.db", "select count(*) from queue") == 0);
}

TEST_CASE("changes of one user come to the table in their order, with an event each", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    Running running(accounts, folder.path());
    running.start_workers();
    auto id = running.create("First")->id;
    for (int i = 0; i < 50; ++i) {
        UserChange change;
        change.name = "Name " + std::to_string(i);
        REQUIRE(base::run(running.module->users().change(id, change, {Running::reader(id)})));
    }
    CHECK(running.user(id)->name == "Name 49");
    REQUIRE(running.drained());
    CHECK(running.user(id)->name == "Name 49");
    CHECK(running.user(id)->version == 51);
    auto events = base::run(running.module->feed().stream(id, base::Deadline()));
    REQUIRE(events->size() == 51);
    CHECK(events->front().type == "user_registered.v1");
    CHECK(events->back().type == "user_changed.v1");
    CHECK(events->back().body == "{\"id\":" + std::to_string(id) + "}");
}

TEST_CASE("a list merges the table and the queue", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    {
        Running running(accounts, folder.path());
        running.start_workers();
        for (const char* name : {"a", "b", "c", "d"}) {
            REQUIRE(running.create(name));
            running.clock.advance(std::chrono::seconds(1));
        }
        REQUIRE(running.drained());
    }
    Running running(accounts, folder.path());
    running.clock.advance(std::chrono::seconds(10));
    REQUIRE(running.create("e"));
    REQUIRE(running.create("f"));
    auto listed = base::run(running.module->users().list(0, 10, Running::admin()));
    REQUIRE(listed->size() == 6);
    UserChange change;
    change.name = "b2";
    REQUIRE(base::run(running.module->users().change((*listed)[1].id, change, {Running::admin()})));
    REQUIRE(base::run(running.module->users().remove((*listed)[2].id, {Running::admin()})));
    REQUIRE(base::run(running.module->users().remove((*listed)[5].id, {Running::admin()})));
    CHECK(running.names(0, 10) == Names{"a", "b2", "d", "e"});
    CHECK(running.names(1, 2) == Names{"b2", "d"});
    CHECK(running.names(3, 5) == Names{"e"});
    CHECK(running.names(4, 5).empty());
}

TEST_CASE("registration makes account and profile, or neither", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    {
        Config config;
        config.queue_rows_max = 1;
        Running running(accounts, folder.path(), config);
        REQUIRE(running.create("first"));
        CHECK(running.create("first").error().code == "email_taken");
        // The profile is refused: the account that was reserved for it is given up.
        CHECK(running.create("second").error().code == "user_queue_full");
        CHECK(accounts.waiting().empty());
    }
    Running running(accounts, folder.path());
    // The profile is stored, the activation fails: the worker does it later.
    accounts.refuse({"activate"});
    CHECK_FALSE(running.create("third"));
    CHECK(accounts.waiting().size() == 1);
    accounts.refuse({});
    running.start_workers();
    REQUIRE(running.drained());
    CHECK(accounts.waiting().empty());
    CHECK(accounts.active().size() == 2);
}

TEST_CASE("a start finishes or undoes the registrations that were interrupted", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    {
        Running running(accounts, folder.path());
        accounts.refuse({"activate"});
        CHECK_FALSE(running.create("stored"));
        accounts.refuse({});
        accounts.add_pending("lost@example.org");
        CHECK(accounts.waiting().size() == 2);
    }
    Running running(accounts, folder.path());
    CHECK(accounts.waiting().empty());
    REQUIRE(accounts.active().size() == 1);
    CHECK(accounts.active().begin()->second == "stored@example.org");
}

TEST_CASE("a removal erases profile and account, even if the second had to wait", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    Running running(accounts, folder.path());
    auto id = running.create("Ada")->id;
    accounts.refuse({"erase"});
    CHECK_FALSE(base::run(running.module->users().remove(id, {Running::admin()})));
    CHECK(running.user(id).error().code == "user_not_found");
    CHECK(accounts.active().contains(id));
    accounts.refuse({});
    running.start_workers();
    REQUIRE(running.drained());
    CHECK(accounts.active().empty());
    CHECK(running.user(id).error().code == "user_not_found");
    auto again = base::run(running.module->users().remove(id, {Running::admin()}));
    CHECK(again.error().code == "user_not_found");
    CHECK(base::run(running.module->feed().stream(id, base::Deadline()))->back().type ==
          "user_removed.v1");
}

TEST_CASE("a row that keeps failing is parked, holds back only its user, and is never lost",
          "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    UserId bad = 0;
    {
        Running running(accounts, folder.path());
        bad = running.create("bad")->id;
        UserChange change;
        change.name = "bad later";
        REQUIRE(base::run(running.module->users().change(bad, change, {Running::admin()})));
        REQUIRE(running.create("good"));
    }
    support::change_database(folder / "users.db",
                             "create trigger spoil before insert on users when new.name = 'bad' "
                             "begin select raise(abort, 'spoilt'); end");
    {
        Config config;
        config.attempts_max = 3;
        config.retry_delay_ms = 100ms;
        Running running(accounts, folder.path(), config);
        running.start_workers();
        CHECK_FALSE(running.drained());
        // The second attempt after 100 ms, the third after 200 more, and no fourth.
        running.pass(100ms);
        running.pass(199ms);
        CHECK(running.shows("queue_retries_total 2"));
        CHECK(running.shows("queue_parked_rows 0"));
        running.pass(1ms);
        CHECK(running.shows("queue_retries_total 3"));
        CHECK(running.shows("queue_parked_rows 1"));
        running.pass(1h);
        CHECK(running.shows("queue_retries_total 3"));
        CHECK(running.module->backlog() == 2);
        // What was acknowledged is still read.
        CHECK(running.user(bad)->name == "bad later");
        CHECK(running.names(0, 10) == Names{"good", "bad later"});
    }
    support::change_database(folder / "users.db", "drop trigger spoil");
    Running running(accounts, folder.path());
    running.start_workers();
    REQUIRE(running.drained());
    CHECK(running.user(bad)->name == "bad later");
    CHECK(running.module->feed().head().value() == 3);
}

TEST_CASE("a person knows of nobody else, an admin of everybody", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    Running running(accounts, folder.path());
    auto ada = running.create("Ada")->id;
    auto bob = running.create("Bob")->id;
    auto& users = running.module->users();
    CHECK(base::run(users.user(ada, Running::reader(ada)))->name == "Ada");
    CHECK(base::run(users.user(bob, Running::reader(ada))).error().code == "user_not_found");
    UserChange change;
    change.name = "Eve";
    CHECK(base::run(users.change(bob, change, {Running::reader(ada)})).error().code ==
          "user_not_found");
    CHECK(base::run(users.remove(bob, {Running::reader(ada)})).error().code == "user_not_found");
    CHECK(base::run(users.user(bob, Running::admin()))->name == "Bob");
    auto profiles = base::run(users.profiles({bob, 7, ada}, false, Running::reader(ada)));
    REQUIRE(profiles->size() == 2);
    CHECK((*profiles)[0].name == "Bob");
    CHECK_FALSE((*profiles)[0].email);
    CHECK((*base::run(users.profiles({bob}, true, Running::admin())))[0].email ==
          "Bob@example.org");
}

TEST_CASE("a change names what it is based on, or is refused whole", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    Running running(accounts, folder.path());
    auto& users = running.module->users();
    auto id = running.create("Ada")->id;
    UserChange change;
    change.email = "new@example.org";
    auto stale = base::run(users.change(id, change, {Running::admin(), Expected{{7}}}));
    CHECK(stale.error().code == "precondition_failed");
    CHECK(running.user(id)->email == "Ada@example.org");
    CHECK(base::run(users.change(id, change, {Running::admin(), Expected{{7, 1}}}))->email ==
          "new@example.org");
    CHECK(running.user(id)->version == 2);
    auto gone = base::run(users.remove(id, {Running::admin(), Expected{{1}}}));
    CHECK(gone.error().code == "precondition_failed");
    CHECK(base::run(users.remove(id, {Running::admin(), Expected{{}, true}})));
}

TEST_CASE("all that is wrong with a registration is said at once", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    Running running(accounts, folder.path());
    auto refused =
        base::run(running.module->users().create({"", "nowhere", "short"}, {Running::admin()}));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_user");
    std::vector<std::string> fields;
    for (const auto& problem : refused.error().details) fields.push_back(problem.field);
    CHECK(fields == std::vector<std::string>{"name", "email", "password"});
    CHECK(accounts.waiting().empty());
    for (const char* name : {" x", "x ", "a\nb", "\xff"}) {
        INFO(name);
        CHECK(running.create(name, "a@example.org").error().code == "invalid_user");
    }
    CHECK(running.create(std::string(101, 'x'), "a@example.org").error().code == "invalid_user");
    CHECK(running.create("Zoë Ångström", "a@example.org"));
}

TEST_CASE("a call that is repeated with its key is answered as before, and done once", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    users::NewUser ada{"Ada", "ada@example.org", "long enough 1"};
    base::IdempotencyKey key{"anonymous", "POST /v1/users", "key 1", "hash of Ada"};
    std::optional<User> first;
    {
        Running running(accounts, folder.path());
        auto& users = running.module->users();
        auto created = base::run(users.create(ada, {Running::admin(), {}, key}));
        REQUIRE(created);
        first = *created;
        auto again = base::run(users.create(ada, {Running::admin(), {}, key}));
        REQUIRE(again);
        CHECK(again->id == first->id);
        // Without the key it is what it is.
        CHECK(base::run(users.create(ada, {Running::admin()})).error().code == "email_taken");

        UserChange change{"Ada Lovelace"};
        base::IdempotencyKey change_key{"1", "PUT /v1/users/1", "key 2", "hash of change"};
        auto changed =
            base::run(users.change(first->id, change, {Running::admin(), {}, change_key}));
        REQUIRE(changed);
        CHECK(changed->version == 2);
        REQUIRE(base::run(users.change(first->id, {"Countess"}, {Running::admin()})));
        auto repeated =
            base::run(users.change(first->id, change, {Running::admin(), {}, change_key}));
        REQUIRE(repeated);
        CHECK(repeated->version == 2);
        CHECK(repeated->name == "Ada Lovelace");
        CHECK(base::run(users.user(first->id, Running::admin()))->name == "Countess");
        change_key.body_hash = "another";
        CHECK(base::run(users.change(first->id, change, {Running::admin(), {}, change_key}))
                  .error()
                  .code == "idempotency_key_reused");
    }
    Running running(accounts, folder.path());
    auto& users = running.module->users();
    auto after_restart = base::run(users.create(ada, {Running::admin(), {}, key}));
    REQUIRE(after_restart);
    CHECK(after_restart->id == first->id);
    CHECK(after_restart->name == "Ada");
    CHECK(after_restart->version == 1);
    // The password is no part of the hash, and counts all the same.
    auto other = ada;
    other.password = support::FakeAccounts::wrong_password;
    CHECK(base::run(users.create(other, {Running::admin(), {}, key})).error().code ==
          "idempotency_key_reused");
    // A removed user is not brought back by an old answer.
    REQUIRE(base::run(users.remove(first->id, {Running::admin()})));
    auto anew = base::run(users.create(ada, {Running::admin(), {}, key}));
    REQUIRE(anew);
    CHECK(anew->id != first->id);
}

TEST_CASE("an answered call is remembered across the move to another table", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    NewUser ada{"Ada", "ada@example.org", "long enough 1"};
    base::IdempotencyKey key{"anonymous", "POST /v1/users", "key 1", "hash of Ada"};
    UserId id = 0;
    {
        Running running(accounts, folder.path());
        auto created = base::run(running.module->users().create(ada, {Running::admin(), {}, key}));
        REQUIRE(created);
        id = created->id;
    }
    {
        // As the version before this one has left it.
        auto file = folder / "users.db";
        support::change_database(
            file,
            "create table answered_calls (caller text not null, route text not null, key text not"
            " null, body_hash text not null, user_id integer not null, name text not null,"
            " created_at integer not null, updated_at integer not null, version integer not null,"
            " recorded_at integer not null, primary key (caller, route, key)) strict, without"
            " rowid");
        support::change_database(
            file,
            "insert into answered_calls select caller, route, key, body_hash, stream,"
            " answer ->> 'name', answer ->> 'created_at', answer ->> 'updated_at', version,"
            " recorded_at from calls");
        support::change_database(file, "drop table calls");
        support::change_database(
            file,
            "delete from schema_migrations where set_name = 'bus_calls' or name ="
            " '0004_move_calls'");
    }
    Running running(accounts, folder.path());

    auto again = base::run(running.module->users().create(ada, {Running::admin(), {}, key}));

    REQUIRE(again);
    CHECK(again->id == id);
    CHECK(again->name == "Ada");
}

TEST_CASE("what is only refused for a while is tried for as long as it takes", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    Running running(accounts, folder.path());
    running.start_workers();
    auto id = running.create("Ada")->id;
    REQUIRE(running.drained());
    accounts.refuse({"erase"});
    CHECK_FALSE(base::run(running.module->users().remove(id, {Running::admin()})));
    // More often than a row may break, at most every 30 seconds.
    CHECK_FALSE(running.drained());
    for (int i = 0; i < 9; ++i) running.pass(30s);
    CHECK(running.shows("queue_retries_total 10"));
    CHECK(running.shows("queue_parked_rows 0"));
    accounts.refuse({});
    CHECK_FALSE(running.drained());
    running.pass(30s);
    CHECK(running.drained());
    CHECK(accounts.active().empty());
}

TEST_CASE("of changes of one user at the same time each is made whole or not at all", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    Running running(accounts, folder.path());
    auto& users = running.module->users();
    auto id = running.create("Ada")->id;
    std::atomic<int> made{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            auto number = std::to_string(i);
            UserChange change{"Ada " + number, number + "@example.org"};
            auto changed = base::run(users.change(id, change, {Running::admin(), Expected{{1}}}));
            if (changed) ++made;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(made == 1);
    auto after = running.user(id);
    REQUIRE(after);
    CHECK(after->version == 2);
    // Name and address come from the same change.
    CHECK(after->email == after->name.substr(4) + "@example.org");
}

TEST_CASE("a change of name and address is made whole, whatever interrupts it", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    UserId id = 0;
    UserChange change{"Ada Lovelace", "lovelace@example.org"};
    {
        Running running(accounts, folder.path());
        id = running.create("Ada")->id;
        auto& users = running.module->users();
        // Refused by identity: nothing is changed.
        accounts.refuse({"prepare_change"});
        CHECK_FALSE(base::run(users.change(id, change, {Running::admin()})));
        CHECK(running.user(id)->name == "Ada");
        // Queued, but the second half fails: it is decided, and the worker has not done it yet.
        accounts.refuse({"finish_change"});
        CHECK_FALSE(base::run(users.change(id, change, {Running::admin()})));
        CHECK(accounts.all_prepared().size() == 1);
        accounts.refuse({});
    }
    {
        Running running(accounts, folder.path());
        CHECK(running.user(id)->name == "Ada Lovelace");
        CHECK(running.user(id)->email == "lovelace@example.org");
        CHECK(accounts.all_prepared().empty());
        running.start_workers();
        REQUIRE(running.drained());
    }
    // As killed after the first half: no commit of ours has its token.
    auto token = base::run(accounts.prepare_change(id, {"other@example.org"}, {}));
    REQUIRE(token);
    Running running(accounts, folder.path());
    CHECK(accounts.all_prepared().empty());
    CHECK(running.user(id)->email == "lovelace@example.org");
}

TEST_CASE("the worker finishes the half of a change that is identity's", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    Running running(accounts, folder.path());
    auto id = running.create("Ada")->id;
    accounts.refuse({"finish_change"});
    UserChange change{"Ada Lovelace", "lovelace@example.org"};
    CHECK_FALSE(base::run(running.module->users().change(id, change, {Running::admin()})));
    CHECK(running.user(id)->email == "Ada@example.org");
    accounts.refuse({});

    running.start_workers();

    REQUIRE(running.drained());
    CHECK(running.user(id)->email == "lovelace@example.org");
    CHECK(running.user(id)->name == "Ada Lovelace");
    CHECK(accounts.all_prepared().empty());
}

TEST_CASE("what was prepared for a change or removal that is refused is abandoned", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    Config config;
    config.queue_rows_max = 1;
    Running running(accounts, folder.path(), config);
    auto& users = running.module->users();
    auto id = running.create("Ada")->id;
    auto stale = base::run(users.remove(id, {Running::admin(), Expected{{7}}}));
    CHECK(stale.error().code == "user_queue_full");
    CHECK(accounts.all_prepared().empty());
    running.start_workers();
    REQUIRE(running.drained());
    stale = base::run(users.remove(id, {Running::admin(), Expected{{7}}}));
    CHECK(stale.error().code == "precondition_failed");
    CHECK(accounts.all_prepared().empty());
    CHECK(accounts.active().contains(id));
    CHECK(base::run(users.remove(7, {Running::admin()})).error().code == "user_not_found");
    CHECK(accounts.all_prepared().empty());
}

TEST_CASE("a removal that was interrupted is finished if it was queued, and undone if not",
          "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    UserId gone = 0;
    UserId kept = 0;
    {
        Running running(accounts, folder.path());
        gone = running.create("Gone")->id;
        kept = running.create("Kept")->id;
        accounts.refuse({"erase"});
        CHECK_FALSE(base::run(running.module->users().remove(gone, {Running::admin()})));
        accounts.refuse({});
        REQUIRE(base::run(accounts.prepare_erasure(kept, {})));
        CHECK(accounts.all_prepared().size() == 2);
    }
    Running running(accounts, folder.path());
    CHECK(accounts.all_prepared().empty());
    CHECK_FALSE(accounts.active().contains(gone));
    CHECK(accounts.active().contains(kept));
    CHECK(running.user(kept));
    CHECK_FALSE(running.user(gone));
}

TEST_CASE("a name is seen: nothing hidden, one line, plain spaces", "[users]") {
    support::TemporaryFolder folder;
    support::FakeAccounts accounts;
    Running running(accounts, folder.path());
    for (const char* name : {"Ann\xe2\x80\x8bLee", "\xe3\x85\xa4", "Ann\xe2\x80\xaeLee",
                             "Ann\xc2\xa0Lee", "\xe2\x80\x8b", "Ann\xc2\x85Lee"}) {
        CAPTURE(name);
        auto refused = running.create(name, "a@example.org");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "invalid_user");
        CHECK(refused.error().details.at(0).field == "name");
    }
    CHECK(running.create("\xe5\xb1\xb1\xe7\x94\xb0 \xe5\xa4\xaa\xe9\x83\x8e", "a@example.org"));
}

}  // namespace users
