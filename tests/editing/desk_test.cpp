// What editors have beside articles, on a real store; the news and who is removed are faked.
#include "editing/desk.hpp"

#include "editing/module.hpp"
#include "presence.hpp"
#include "preview_token.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_feed.hpp"
#include "support/fake_items.hpp"
#include "support/fake_queries.hpp"
#include "support/fake_search.hpp"
#include "support/stepped_loop.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;

namespace editing {

namespace {

constexpr std::int64_t ann_id = 7;
constexpr std::int64_t ben_id = 8;
constexpr std::int64_t eve_id = 9;
const ArticleName draft{"sports", 71};
const ArticleName published{"sports", 72};
const ArticleName missing{"sports", 73};

base::Context as(std::optional<std::int64_t> id, base::Role role) {
    base::Context context;
    context.actor = {id, role};
    return context;
}
base::Context ann() {
    return as(ann_id, base::Role::author);
}
base::Context ben() {
    return as(ben_id, base::Role::author);
}
base::Context eve() {
    return as(eve_id, base::Role::editor);
}

/// The module, beside two articles of Ann's: a draft, and one that is published.
class Stage {
public:
    Stage() {
        put(draft, news::Status::draft);
        put(published, news::Status::published);
        open();
    }
    ~Stage() { close(); }

    void open() {
        loop_ = std::make_unique<support::SteppedLoop>();
        host::Environment environment{folder.path(), clock, metrics, loop_->executor()};
        Module::Neighbours neighbours{
            {{"sports", {nullptr, &queries, &items}}}, {{"sports", &sports}}, users, search};
        auto opened = Module::open(config, environment, neighbours);
        REQUIRE(opened);
        module = std::move(*opened);
        REQUIRE(loop_->run(module->start()));
    }
    void close() {
        if (!module) return;
        std::optional<base::Result<void>> stopped;
        loop_->spawn(module->stop({}), stopped);
        loop_->settle();
        module.reset();
        loop_.reset();
    }
    void put(const ArticleName& name, news::Status status, news::Version version = 1) {
        news::Article article;
        article.id = name.id;
        article.news_type = name.news_type;
        article.version = version;
        article.title = "T";
        article.content = "C";
        article.author = "Ann";
        article.status = status;
        if (status == news::Status::published) article.published_at = clock.now();
        queries.put(article, ann_id);
    }
    template <class T>
    base::Result<T> run(base::Task<T> task) {
        return loop_->run(std::move(task));
    }
    void settle() { loop_->settle(); }
    Desk& desk() { return module->desk(); }

    base::Result<WorkingCopy> keep(const ArticleName& name, const std::string& title,
                                   base::Context by = ann()) {
        return run(desk().keep({name, 1, {}, R"({"title":")" + title + "\"}"}, std::move(by)));
    }
    /// What is kept, or the code of the refusal.
    std::string kept(const ArticleName& name, base::Context by = ann()) {
        auto found = run(desk().working_copy(name, std::move(by)));
        if (!found) return found.error().code;
        return *found ? (*found)->members : "nothing";
    }
    /// What the link shows, or the code of the refusal.
    std::string shown(const std::string& token) {
        auto preview = run(desk().preview(token, as({}, base::Role::anonymous)));
        return preview ? preview->article.title : preview.error().code;
    }
    std::string link(const ArticleName& name, std::optional<std::int64_t> hours = std::nullopt) {
        auto made = run(desk().link(name, hours, ann()));
        REQUIRE(made);
        return made->token;
    }

    support::TemporaryFolder folder;
    support::FakeClock clock;
    telemetry::Metrics metrics;
    Config config;
    support::FakeItems items;
    support::FakeQueries queries;
    support::FakeFeed sports{"news-sports"};
    support::FakeFeed users{"users"};
    support::FakeSearch search;
    std::unique_ptr<Module> module;

private:
    std::unique_ptr<support::SteppedLoop> loop_;
};

std::string code_of(const base::Error& error) {
    return error.code;
}

}  // namespace

TEST_CASE("a working copy is its user's alone, and the newest is kept", "[editing]") {
    Stage stage;
    CHECK(stage.kept(draft) == "nothing");
    CHECK(stage.keep(draft, "one"));
    auto second = stage.keep(draft, "two");
    REQUIRE(second);
    CHECK(second->saved_at == stage.clock.now());
    CHECK(stage.kept(draft) == R"({"title":"two"})");
    CHECK(stage.kept(draft, eve()) == "nothing");
    CHECK(stage.keep(draft, "hers", eve()));
    CHECK(stage.kept(draft) == R"({"title":"two"})");

    stage.close();
    stage.open();
    CHECK(stage.kept(draft) == R"({"title":"two"})");
    auto mine = stage.run(stage.desk().working_copies(ann()));
    REQUIRE(mine);
    REQUIRE(mine->size() == 1);
    CHECK(mine->front().article == draft);
    CHECK(mine->front().members.empty());

    CHECK(stage.run(stage.desk().discard(draft, ann())));
    CHECK(stage.run(stage.desk().discard(draft, ann())));
    CHECK(stage.kept(draft) == "nothing");
    CHECK(stage.kept(draft, eve()) == R"({"title":"hers"})");
}

TEST_CASE("only who may change an article has anything beside it", "[editing]") {
    Stage stage;
    auto& desk = stage.desk();
    // Another's draft is nothing that Ben knows of; another's published article is not his.
    CHECK(code_of(stage.keep(draft, "x", ben()).error()) == "news_not_found");
    CHECK(code_of(stage.keep(published, "x", ben()).error()) == "forbidden");
    CHECK(code_of(stage.keep(missing, "x", eve()).error()) == "news_not_found");
    CHECK(code_of(stage.keep({"weather", 71}, "x", eve()).error()) == "unknown_news_type");
    CHECK(code_of(stage.keep(draft, "x", as({}, base::Role::admin)).error()) == "needs_user");
    CHECK(stage.kept(published, ben()) == "forbidden");
    CHECK(code_of(stage.run(desk.add_note(published, "x", {ben()})).error()) == "forbidden");
    CHECK(code_of(stage.run(desk.notes(published, {}, 9, ben())).error()) == "forbidden");
    CHECK(code_of(stage.run(desk.remove_note(published, 1, ben())).error()) == "forbidden");
    CHECK(code_of(stage.run(desk.arrive(published, ben())).error()) == "forbidden");
    CHECK(code_of(stage.run(desk.present(draft, ben())).error()) == "news_not_found");
    CHECK(code_of(stage.run(desk.link(published, {}, ben())).error()) == "forbidden");
    CHECK(code_of(stage.run(desk.end_links(published, ben())).error()) == "forbidden");
    CHECK(stage.keep(published, "x"));
    CHECK(stage.keep(published, "x", eve()));
}

TEST_CASE("what is saved is no working copy any more, unless it was changed since", "[editing]") {
    Stage stage;
    CHECK(stage.keep(draft, "mine"));
    CHECK(stage.keep(draft, "hers", eve()));
    // Somebody else's save is no save of this.
    stage.sports.add_by(eve_id, stage.clock.now(), draft.id, "article_revised.v1");
    stage.settle();
    CHECK(stage.kept(draft) == R"({"title":"mine"})");
    CHECK(stage.kept(draft, eve()) == "nothing");
    // Publishing saves nothing of what was written.
    stage.sports.add_by(ann_id, stage.clock.now(), draft.id, "article_published.v1");
    stage.settle();
    CHECK(stage.kept(draft) == R"({"title":"mine"})");
    // What was kept after the save is heard late.
    auto saved_at = stage.clock.now();
    stage.clock.advance(1s);
    CHECK(stage.keep(draft, "newer"));
    stage.sports.add_by(ann_id, saved_at, draft.id, "article_revised.v2");
    stage.settle();
    CHECK(stage.kept(draft) == R"({"title":"newer"})");
    stage.sports.add_by(ann_id, stage.clock.now(), draft.id, "article_restored.v1");
    stage.settle();
    CHECK(stage.kept(draft) == "nothing");
}

TEST_CASE("a removed article has no working copies and no links, but keeps its notes",
          "[editing]") {
    Stage stage;
    CHECK(stage.keep(draft, "mine"));
    CHECK(stage.run(stage.desk().add_note(draft, "ask the club", {ann()})));
    auto token = stage.link(draft);
    CHECK(stage.shown(token) == "T");
    stage.sports.add_by(eve_id, stage.clock.now(), draft.id, "article_removed.v1");
    stage.settle();
    CHECK(stage.kept(draft) == "nothing");
    // Also if it is there again.
    CHECK(stage.shown(token) == "preview_not_found");
    CHECK(stage.run(stage.desk().notes(draft, {}, 9, ann()))->size() == 1);
}

TEST_CASE("a killed article has no links, but what was not saved of it", "[editing]") {
    Stage stage;
    CHECK(stage.keep(published, "mine"));
    auto token = stage.link(published);
    stage.sports.add_by(eve_id, stage.clock.now(), published.id, "article_killed.v1");
    stage.settle();
    CHECK(stage.shown(token) == "preview_not_found");
    CHECK(stage.kept(published) == R"({"title":"mine"})");
    stage.sports.add_by(ann_id, stage.clock.now(), published.id, "article_corrected.v1");
    stage.settle();
    CHECK(stage.kept(published) == "nothing");
}

TEST_CASE("who is removed leaves nothing beside articles", "[editing]") {
    Stage stage;
    CHECK(stage.keep(draft, "mine"));
    CHECK(stage.keep(published, "mine"));
    CHECK(stage.keep(draft, "hers", eve()));
    CHECK(stage.run(stage.desk().add_note(draft, "mine", {ann()})));
    CHECK(stage.run(stage.desk().add_note(draft, "hers", {eve()})));
    stage.users.add(ann_id, "{}", "user_removed.v1");
    stage.settle();
    CHECK(stage.kept(draft) == "nothing");
    CHECK(stage.kept(published) == "nothing");
    CHECK(stage.kept(draft, eve()) == R"({"title":"hers"})");
    auto notes = stage.run(stage.desk().notes(draft, {}, 9, eve()));
    REQUIRE(notes->size() == 1);
    CHECK(notes->front().text == "hers");
}

TEST_CASE("working copies have a size and a number", "[editing]") {
    Stage stage;
    stage.close();
    stage.config.working_copies_per_user_max = 1;
    stage.config.working_copy_bytes_max = 1024;
    stage.open();
    CHECK(code_of(stage.keep(draft, std::string(1100, 'x')).error()) == "body_too_large");
    CHECK(stage.keep(draft, "x"));
    CHECK(stage.keep(draft, "again"));
    CHECK(code_of(stage.keep(published, "x").error()) == "too_many_working_copies");
    CHECK(stage.keep(published, "x", eve()));
}

TEST_CASE("notes come newest first, and are removed by who wrote them, or an editor", "[editing]") {
    Stage stage;
    stage.close();
    stage.config.notes_per_article_max = 3;
    stage.open();
    auto& desk = stage.desk();
    auto first = stage.run(desk.add_note(draft, "  ask the club ", {ann()}));
    REQUIRE(first);
    CHECK(first->text == "ask the club");
    CHECK(first->user == ann_id);
    base::Command repeated{ann()};
    repeated.idempotency_key = base::IdempotencyKey{"ann", "notes", "k", "h"};
    auto second = stage.run(desk.add_note(draft, "done", repeated));
    auto again = stage.run(desk.add_note(draft, "done", repeated));
    REQUIRE(second);
    REQUIRE(again);
    CHECK(again->id == second->id);
    auto third = stage.run(desk.add_note(draft, "fine", {eve()}));
    REQUIRE(third);
    CHECK(code_of(stage.run(desk.add_note(draft, "x", {ann()})).error()) == "too_many_notes");
    CHECK(code_of(stage.run(desk.add_note(draft, " ", {ann()})).error()) == "invalid_note");
    auto long_one = std::string(2001, 'x');
    CHECK(code_of(stage.run(desk.add_note(draft, long_one, {ann()})).error()) == "invalid_note");
    CHECK(code_of(stage.run(desk.add_note(draft, "\xff", {ann()})).error()) == "invalid_note");

    auto newest = stage.run(desk.notes(draft, {}, 2, ann()));
    REQUIRE(newest->size() == 2);
    CHECK(newest->at(0).id == third->id);
    auto older = stage.run(desk.notes(draft, newest->at(1).id, 2, ann()));
    REQUIRE(older->size() == 1);
    CHECK(older->at(0).id == first->id);

    CHECK(code_of(stage.run(desk.remove_note(draft, third->id, ann())).error()) == "forbidden");
    CHECK(stage.run(desk.remove_note(draft, first->id, ann())));
    CHECK(stage.run(desk.remove_note(draft, second->id, eve())));
    // The call that made it is answered as before, and makes no other.
    CHECK(stage.run(desk.add_note(draft, "done", repeated))->id == second->id);
    CHECK(stage.run(desk.notes(draft, {}, 9, ann()))->size() == 1);
    // What is not there, or is another article's, is as good as removed.
    CHECK(stage.run(desk.remove_note(draft, first->id, eve())));
    CHECK(stage.run(desk.remove_note(published, third->id, eve())));
    CHECK(stage.run(desk.notes(draft, {}, 9, ann()))->front().id == third->id);
}

TEST_CASE("who has an article open is there for half a minute after the last sign", "[editing]") {
    Stage stage;
    auto& desk = stage.desk();
    auto start = stage.clock.now();
    CHECK(stage.run(desk.arrive(draft, ann()))->size() == 1);
    stage.clock.advance(20s);
    auto both = stage.run(desk.arrive(draft, eve()));
    CHECK(*both == std::vector<Present>{{ann_id, start, start},
                                        {eve_id, stage.clock.now(), stage.clock.now()}});
    stage.clock.advance(11s);
    CHECK(stage.run(desk.present(draft, ann()))->front().user == eve_id);
    CHECK(stage.run(desk.arrive(draft, eve()))->front().since == start + 20s);
    CHECK(stage.run(desk.leave(draft, eve())));
    CHECK(stage.run(desk.present(draft, ann()))->empty());
    CHECK(stage.run(desk.present(published, ann()))->empty());
}

TEST_CASE("presence has a bound, and room again when somebody has gone", "[editing]") {
    Presence presence(30s, 2);
    base::Time now{};
    CHECK(presence.arrive({"a", 1}, 1, now));
    CHECK(presence.arrive({"a", 2}, 1, now));
    auto full = presence.arrive({"a", 3}, 1, now);
    REQUIRE_FALSE(full);
    CHECK(full.error().code == "presence_full");
    CHECK(presence.arrive({"a", 2}, 2, now + 10s));
    CHECK(presence.arrive({"a", 3}, 1, now + 31s));
    for (std::int64_t user = 1; user <= std::ssize(std::vector<int>(present_max)); ++user) {
        CHECK(presence.arrive({"a", 3}, user, now + 31s));
    }
    CHECK_FALSE(presence.arrive({"a", 3}, 1000, now + 31s));
}

TEST_CASE("it is told who comes to an article, who leaves, and who gives no sign", "[editing]") {
    std::vector<std::string> told;
    auto tell = [&](const PresenceChanged& changed) {
        std::string people = std::to_string(changed.article.id) + ":";
        for (const auto& one : changed.people) people += " " + std::to_string(one.user);
        told.push_back(people);
    };
    Presence presence(30s, 2, tell);
    base::Time now{};
    CHECK(presence.arrive({"a", 1}, 7, now));
    CHECK(presence.arrive({"a", 1}, 7, now + 10s));
    CHECK(presence.arrive({"a", 1}, 8, now + 20s));
    CHECK(told == std::vector<std::string>{"1: 7", "1: 7 8"});
    presence.leave({"a", 1}, 9);
    presence.forget_gone(now + 40s);
    CHECK(told.size() == 2);
    presence.forget_gone(now + 41s);
    presence.leave({"a", 1}, 8);
    CHECK(told == std::vector<std::string>{"1: 7", "1: 7 8", "1: 8", "1:"});
}

TEST_CASE("a preview link shows one article to anybody until it runs out", "[editing]") {
    Stage stage;
    auto token = stage.link(draft);
    CHECK(stage.shown(token) == "T");
    auto hours_of = [&](std::int64_t hours) {
        auto made = stage.run(stage.desk().link(draft, hours, ann()));
        return made ? made->expires_at - stage.clock.now() : std::chrono::microseconds(0);
    };
    CHECK(hours_of(168) == 168h);
    CHECK(hours_of(169) == 0h);
    CHECK(hours_of(0) == 0h);
    stage.close();
    stage.open();
    CHECK(stage.shown(token) == "T");
    stage.clock.advance(24h - 1s);
    CHECK(stage.shown(token) == "T");
    stage.clock.advance(1s);
    CHECK(stage.shown(token) == "preview_not_found");
}

TEST_CASE("a preview link lasts no longer than they may by now", "[editing]") {
    Stage stage;
    auto made = stage.run(stage.desk().link(draft, 168, ann()));
    REQUIRE(made);
    auto token = made->token;
    stage.close();
    stage.config.preview_max_h = 48h;
    stage.open();
    stage.clock.advance(48h - 1s);
    CHECK(stage.shown(token) == "T");
    stage.clock.advance(1s);
    CHECK(stage.shown(token) == "preview_not_found");
}

TEST_CASE("preview links end when somebody says so", "[editing]") {
    Stage stage;
    auto token = stage.link(draft);
    auto other = stage.link(published);
    stage.clock.advance(1s);
    CHECK(stage.run(stage.desk().end_links(draft, ann())));
    CHECK(stage.shown(token) == "preview_not_found");
    CHECK(stage.shown(other) == "T");
    stage.clock.advance(1s);
    auto later = stage.link(draft);
    CHECK(stage.shown(later) == "T");
    CHECK(stage.run(stage.desk().end_all_links(as(1, base::Role::admin))));
    CHECK(stage.shown(later) == "preview_not_found");
    CHECK(stage.shown(other) == "preview_not_found");
    CHECK(stage.shown(stage.link(draft)) == "T");
}

TEST_CASE("no other token is a preview link", "[editing]") {
    Stage stage;
    auto token = stage.link(draft);
    auto dot = token.rfind('.');
    auto claim = token.substr(0, dot);
    auto signature = token.substr(dot + 1);
    auto changed = signature;
    changed[0] = changed[0] == 'A' ? 'B' : 'A';
    auto other_claim = claim;
    other_claim.replace(claim.find("71"), 2, "72");
    for (const auto& bad :
         {std::string(), std::string("."), claim, claim + ".", "." + signature,
          claim + "." + changed, claim + "." + signature + "A", other_claim + "." + signature,
          claim + "." + preview_signature("", claim), token + ".", "x" + token}) {
        INFO(bad);
        CHECK(stage.shown(bad) == "preview_not_found");
    }
    CHECK(stage.shown(token) == "T");
}

TEST_CASE("a claim has one form", "[editing]") {
    PreviewClaim claim{draft, base::from_micros(5), base::from_micros(7)};
    CHECK(to_text(claim) == "sports.71.5.7");
    CHECK(claim_from("sports.71.5.7") == claim);
    for (const char* bad :
         {"", "...", "sports.71.5", "sports.71.5.7.8", "sports.071.5.7", "sports.-1.5.7", ".71.5.7",
          "sports.71.5.", "sports.71..7", "sports.71.5.9223372036854775808"}) {
        INFO(bad);
        CHECK_FALSE(claim_from(bad));
    }
}

TEST_CASE("who has an article open again and again does not have it read", "[editing]") {
    Stage stage;
    news::Item item;
    item.id = draft.id;
    item.news_type = draft.news_type;
    stage.items.all = {item};
    auto asked = stage.queries.asked;
    CHECK(stage.run(stage.desk().arrive(draft, ann())));
    CHECK(stage.keep(draft, "T"));
    CHECK(stage.queries.asked == asked);
    // One that is gone says so itself.
    stage.items.all[0].stage = news::Stage::killed;
    CHECK(stage.run(stage.desk().arrive(draft, ann())));
    CHECK(stage.queries.asked > asked);
    stage.items.broken = base::Error{base::Reason::unavailable, "overloaded", "Not now."};
    CHECK(stage.run(stage.desk().arrive(draft, ann())));
}

}  // namespace editing
