// People from another site, with account and profile, on real files of both modules.
#include "identity/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/stepped_loop.hpp"
#include "support/temporary_folder.hpp"
#include "users/module.hpp"

namespace users {

namespace {

using identity::ImportRule;
using Outcome = identity::ImportedAs::Outcome;

/// Passes all on, and can break off where the profiles have just been stored.
class InterruptedImports final : public identity::Imports {
public:
    explicit InterruptedImports(identity::Imports& real) : real_(real) {}
    bool breaks_off = false;

    base::Task<std::vector<identity::ImportedAs>> import(
        std::vector<identity::ImportedAccount> accounts, ImportRule rule,
        base::Context context) override {
        co_return co_await real_.import(std::move(accounts), rule, std::move(context));
    }
    base::Task<void> activate(std::vector<UserId> ids, base::Context context) override {
        if (breaks_off) {
            co_return base::Error{base::Reason::unavailable, "unavailable", "Not now."};
        }
        co_return co_await real_.activate(std::move(ids), std::move(context));
    }
    base::Task<std::vector<std::string>> imported_of(std::string prefix, std::string after,
                                                     std::int64_t limit,
                                                     base::Context context) const override {
        co_return co_await real_.imported_of(std::move(prefix), std::move(after), limit,
                                             std::move(context));
    }
    base::Task<identity::Withdrawn> withdraw(std::string source, ImportRule rule,
                                             base::Context context) override {
        co_return co_await real_.withdraw(std::move(source), rule, std::move(context));
    }
    base::Task<std::optional<identity::KnownSource>> known(std::string source,
                                                           base::Context context) const override {
        co_return co_await real_.known(std::move(source), std::move(context));
    }
    base::Task<std::optional<identity::KnownSource>> known_by_token(
        std::string token, base::Context context) const override {
        co_return co_await real_.known_by_token(std::move(token), std::move(context));
    }
    base::Task<identity::ImportedPeopleCount> count(std::string after, std::int64_t limit,
                                                    base::Context context) const override {
        co_return co_await real_.count(std::move(after), limit, std::move(context));
    }
    base::Task<std::int64_t> forget_django_passwords(std::int64_t count,
                                                     base::Context context) override {
        co_return co_await real_.forget_django_passwords(count, std::move(context));
    }

private:
    identity::Imports& real_;
};

class Site {
public:
    explicit Site(const std::filesystem::path& folder) {
        host::Environment environment{folder, clock, metrics, background_.executor()};
        auto opened = identity::Module::open({}, environment);
        REQUIRE(opened);
        identity = std::move(*opened);
        imports = std::make_unique<InterruptedImports>(identity->imports());
        auto users_opened = Module::open({}, environment, identity->accounts(), *imports);
        REQUIRE(users_opened);
        users = std::move(*users_opened);
    }
    ~Site() {
        users.reset();
        identity.reset();
    }

    identity::ImportedAs import(const ImportedPerson& person, ImportRule rule = ImportRule::ours) {
        std::vector<ImportedPerson> people{person};
        auto made = base::run(users->imports().import(people, rule, admin()));
        REQUIRE(made);
        return made->front();
    }
    std::string name_of(UserId id) {
        auto user = base::run(users->users().user(id, admin()));
        return user ? user->name : user.error().code;
    }
    static base::Context admin() {
        base::Context context;
        context.actor.role = base::Role::admin;
        context.request_id = "import";
        return context;
    }

    support::FakeClock clock;
    telemetry::Metrics metrics;
    std::unique_ptr<identity::Module> identity;
    std::unique_ptr<InterruptedImports> imports;
    std::unique_ptr<Module> users;

private:
    support::SteppedLoop background_;
};

ImportedPerson person_of(const std::string& number, const std::string& first,
                         const std::string& last, const std::string& email = "") {
    ImportedPerson person;
    person.account.source = "auth.user:" + number;
    person.account.login = "login" + number;
    person.account.email = email;
    person.account.registered_at = base::from_micros(1'000'000'000'000'000);
    person.account.password = "!";
    person.first_name = first;
    person.last_name = last;
    return person;
}

std::string told_of(const identity::ImportedAs& made) {
    std::string fields;
    for (const auto& problem : made.problems) fields += problem.field + " ";
    return fields;
}

}  // namespace

TEST_CASE("who is imported is a user, of the name and from the time that the source says",
          "[users]") {
    support::TemporaryFolder folder;
    Site site(folder.path());
    auto made = site.import(person_of("1", " Ann ", "Lee", "ann@example.org"));
    REQUIRE(made.outcome == Outcome::added);
    CHECK(told_of(made).empty());
    auto user = base::run(site.users->users().user(made.id, Site::admin()));
    REQUIRE(user);
    CHECK(user->name == "Ann Lee");
    CHECK(user->email == "ann@example.org");
    CHECK(base::to_micros(user->created_at) == 1'000'000'000'000'000);
    CHECK(user->version == 1);
    auto events = base::run(site.users->feed().after(0, 10, {}));
    REQUIRE(events);
    REQUIRE(events->size() == 1);
    CHECK(events->front().type == "user_registered.v1");
    CHECK(events->front().stream == made.id);

    CHECK(site.import(person_of("1", "Ann", "Lee", "ann@example.org")).outcome ==
          Outcome::unchanged);
    auto all = base::run(site.users->users().list(0, 10, Site::admin()));
    REQUIRE(all);
    CHECK(all->size() == 1);
}

TEST_CASE("a name that no user may have is cut, or the login name stands in for it", "[users]") {
    support::TemporaryFolder folder;
    Site site(folder.path());
    std::string many;
    for (int i = 0; i < 120; ++i) many += "\xc3\xa9";
    auto cut = site.import(person_of("1", many, ""));
    CHECK(told_of(cut) == "name ");
    CHECK(site.name_of(cut.id) == many.substr(0, 200));
    CHECK(site.import(person_of("1", many, "")).outcome == Outcome::unchanged);
    auto hidden = site.import(person_of("2", "a\nb", ""));
    CHECK(told_of(hidden) == "name ");
    CHECK(site.name_of(hidden.id) == "login2");
    auto none = site.import(person_of("3", "", " "));
    CHECK(told_of(none).empty());
    CHECK(site.name_of(none.id) == "login3");
    auto user = base::run(site.users->users().user(none.id, Site::admin()));
    CHECK(user->email.empty());
    std::vector<UserId> ids{none.id};
    auto profiles = base::run(site.users->users().profiles(ids, true, Site::admin()));
    REQUIRE(profiles);
    CHECK_FALSE(profiles->front().email);
}

TEST_CASE("a name that changed there changes here, unless it was changed here too", "[users]") {
    support::TemporaryFolder folder;
    Site site(folder.path());
    auto id = site.import(person_of("1", "Ann", "Lee")).id;
    CHECK(site.import(person_of("1", "Ann", "Lea")).outcome == Outcome::updated);
    CHECK(site.name_of(id) == "Ann Lea");
    UserChange mine;
    mine.name = "Mine";
    REQUIRE(base::run(site.users->users().change(id, mine, {Site::admin()})));
    CHECK(site.import(person_of("1", "Ann", "Lea")).outcome == Outcome::unchanged);
    auto kept = site.import(person_of("1", "Ann", "Low"));
    CHECK(kept.outcome == Outcome::unchanged);
    CHECK(told_of(kept) == "name ");
    CHECK(site.name_of(id) == "Mine");
    CHECK(site.import(person_of("1", "Ann", "Low"), ImportRule::theirs).outcome ==
          Outcome::updated);
    CHECK(site.name_of(id) == "Ann Low");
    // The same change here and there is no conflict.
    mine.name = "Ann Loo";
    REQUIRE(base::run(site.users->users().change(id, mine, {Site::admin()})));
    auto both = site.import(person_of("1", "Ann", "Loo"));
    CHECK(both.outcome == Outcome::unchanged);
    CHECK(told_of(both).empty());
    CHECK(site.import(person_of("1", "Ann", "Law")).outcome == Outcome::updated);
    CHECK(site.name_of(id) == "Ann Law");
}

TEST_CASE("who was removed here does not come back with the next import", "[users]") {
    support::TemporaryFolder folder;
    Site site(folder.path());
    auto id = site.import(person_of("1", "Ann", "Lee")).id;
    REQUIRE(base::run(site.users->users().remove(id, {Site::admin()})));
    auto kept = site.import(person_of("1", "Ann", "Lee"));
    CHECK(kept.outcome == Outcome::rejected);
    CHECK(told_of(kept) == "source ");
    CHECK(base::run(site.users->users().list(0, 10, Site::admin()))->empty());
    auto theirs = site.import(person_of("1", "Ann", "Lee"), ImportRule::theirs);
    CHECK(theirs.outcome == Outcome::added);
    CHECK(site.name_of(theirs.id) == "Ann Lee");
}

TEST_CASE("an import that breaks off is finished by the next one, or by the next start",
          "[users]") {
    support::TemporaryFolder folder;
    UserId id = 0;
    {
        Site site(folder.path());
        site.imports->breaks_off = true;
        std::vector<ImportedPerson> people{person_of("1", "Ann", "Lee"),
                                           person_of("2", "Bob", "Low")};
        people[1].account.active = false;
        auto broken = base::run(site.users->imports().import(people, ImportRule::ours, {}));
        REQUIRE_FALSE(broken);
        CHECK_FALSE(*base::run(site.imports->known("auth.user:1", {})));
        site.imports->breaks_off = false;
        auto again = site.import(people[0]);
        CHECK(again.outcome == Outcome::added);
        id = again.id;
        CHECK(base::run(site.imports->known("auth.user:1", {}))->value().active);
        CHECK_FALSE(*base::run(site.imports->known("auth.user:2", {})));
        // Somebody whose profile was not even stored.
        auto alone = person_of("3", "Cai", "").account;
        std::vector<identity::ImportedAccount> accounts{alone};
        REQUIRE(base::run(site.imports->import(accounts, ImportRule::ours, {})));
    }
    Site site(folder.path());
    CHECK(site.name_of(id) == "Ann Lee");
    auto bob = base::run(site.imports->known("auth.user:2", {}));
    REQUIRE(*bob);
    CHECK_FALSE((*bob)->active);
    CHECK(site.import(person_of("3", "Cai", "")).outcome == Outcome::added);
}

}  // namespace users
