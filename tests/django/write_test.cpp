// A Django site's data, brought into real modules: what comes, and what happens when it comes
// again.
#include <fstream>

#include "whole_site.hpp"

namespace django {

namespace {

std::string user_row(int key, const char* name, const char* more = "") {
    return R"({"model":"auth.user","pk":)" + std::to_string(key) + R"(,"fields":{"username":")" +
           name + R"(","email":")" + name +
           R"(@example.org","first":"F","last":"L","is_active":true,)" +
           R"("is_staff":false,"date_joined":"2019-01-01T00:00:00Z","password":"!x")" + more + "}}";
}
struct Story {
    int key = 1;
    std::string title = "Storm";
    std::string section = "sports";
    bool live = true;
    std::string at = "2020-05-04T10:00:00Z";
    std::string slug = "storm";
};
std::string story_row(const Story& story) {
    return R"({"model":"a.story","pk":)" + std::to_string(story.key) + R"(,"fields":{"section":")" +
           story.section + R"(","title":")" + story.title + R"(","body":"<p>B</p>","live":)" +
           (story.live ? "true" : "false") + R"(,"at":")" + story.at +
           R"(","byline":"Ann Lee","writer":7,"writers":[7,8],"slug":")" + story.slug +
           R"(","made":"2020-05-03T00:00:00.123Z","changed":"2020-05-05T00:00:00Z","tags":"sea,air",)" +
           R"("language":"de","kicker":"K"}})";
}
std::string dump(const std::vector<std::string>& rows) {
    std::string text = "[";
    for (const auto& row : rows) text += (text.size() > 1 ? "," : "") + row;
    return text + "]";
}
const RuleReport& rule(const ImportReport& report, const std::string& name) {
    for (const auto& one : report.rules) {
        if (one.rule == name) return one;
    }
    FAIL("no rule " + name);
    return report.rules.front();
}
std::string counts(const ImportReport& report, const std::string& name) {
    const auto& one = rule(report, name);
    CHECK(one.read == one.taken + one.left_out + one.rejected);
    CHECK(one.taken == one.added + one.updated + one.unchanged + one.conflicts);
    return std::to_string(one.added) + "+" + std::to_string(one.updated) + "+" +
           std::to_string(one.unchanged) + "+" + std::to_string(one.conflicts) + "-" +
           std::to_string(one.rejected);
}

const std::vector<std::string> people{user_row(7, "ann"), user_row(8, "bob")};

std::vector<std::string> with(std::vector<std::string> rows, const std::vector<std::string>& more) {
    rows.insert(rows.end(), more.begin(), more.end());
    return rows;
}

}  // namespace

TEST_CASE("what is public until a time says so here, and is a draft from the start if that is past",
          "[django]") {
    WholeSite site;
    auto until = [](const char* time) {
        std::string mapping = story_mapping;
        std::string before = "\"slug\": \"slug\",";
        mapping.insert(mapping.find(before),
                       "\"expires_at\": {\"text\": \"" + std::string(time) + "\"}, ");
        return mapping;
    };
    site.run(dump(with(people, {story_row({})})), until("2099-05-06T00:00:00Z").c_str());
    auto story = site.article("sports", 1, base::Role::anonymous);
    REQUIRE(story);
    REQUIRE(story->expires_at);
    CHECK(base::to_rfc3339(*story->expires_at) == "2099-05-06T00:00:00.000Z");

    site.run(dump(with(people,
                       {story_row({2, "Gone", "sports", true, "2020-05-04T10:00:00Z", "gone"})})),
             until("2020-05-06T00:00:00Z").c_str());
    auto gone = site.article("sports", 2, base::Role::editor);
    REQUIRE(gone);
    CHECK(gone->status == news::Status::draft);
    CHECK_FALSE(gone->expires_at);
}

TEST_CASE("people, articles with their past, and old addresses come as they were", "[django]") {
    WholeSite site;
    auto report = site.run(
        dump(with(
            people,
            {story_row({}),
             story_row({2, "Draft", "politics", false, "2020-05-04T10:00:00Z", "draft"}),
             story_row({3, "Later", "sports", true, "2090-05-04T10:00:00Z", "later"}),
             R"({"model":"a.oldstory","pk":1,"fields":{"story":1,"title":"Strom","by":8,)"
             R"("at":"2020-05-04T11:00:00Z"}})",
             R"({"model":"redirects.redirect","pk":1,"fields":{"old_path":"/s.html","new_path":"/2020/storm/"}})"})),
        story_mapping);
    CHECK(counts(report, "users") == "2+0+0+0-0");
    CHECK(counts(report, "news") == "3+0+0+0-0");
    CHECK(counts(report, "redirects") == "1+0+0+0-0");
    auto ann = site.user("auth.user:7");
    REQUIRE(ann > 0);

    auto story = site.article("sports", 1, base::Role::anonymous);
    REQUIRE(story);
    CHECK(story->title == "Storm");
    CHECK(story->content == "<p>B</p>");
    CHECK(story->content_format == news::ContentFormat::html);
    CHECK(story->slug == "storm");
    CHECK(story->legacy_id == "a.story:1");
    CHECK(story->tags == std::vector<std::string>{"sea", "air"});
    CHECK(base::to_rfc3339(story->created_at) == "2020-05-03T00:00:00.123Z");
    CHECK(base::to_rfc3339(*story->published_at) == "2020-05-04T10:00:00.000Z");
    CHECK(story->extra == R"({"kicker":"K"})");
    CHECK(story->metadata.authors == std::vector<std::int64_t>{ann, site.user("auth.user:8")});
    CHECK(story->metadata.language == "de");
    auto history = base::run(
        site.news->types().at("sports").queries->history(1, {}, site.as(base::Role::editor)));
    REQUIRE(history);
    REQUIRE(history->entries.size() == 2);
    CHECK(history->entries.front().actor == site.user("auth.user:8"));

    // What is not public there is not public here, and no address tells of it.
    CHECK_FALSE(site.article("politics", 2, base::Role::anonymous));
    CHECK(site.article("politics", 2)->status == news::Status::draft);
    CHECK_FALSE(site.article("sports", 3, base::Role::anonymous));
    CHECK(site.article("sports", 3)->published_at.has_value());
    CHECK(site.leads_to("/2020/storm/") == "/v1/news/sports/1");
    CHECK(site.leads_to("/s.html") == "/v1/news/sports/1");
    CHECK(site.leads_to("/2020/draft/") == "path_not_found");
    CHECK(site.leads_to("/2090/later/") == "path_not_found");
}

TEST_CASE("what does not fit the member of its name stays in extra", "[django]") {
    WholeSite site;
    auto row = nlohmann::json::parse(story_row({}));
    row["fields"].merge_patch({{"language", "pt-br"}, {"first_at", "HTTPS://Example.org/gol"}});
    row["fields"]["writers"] = {8, 7, 8, 9};
    auto odd = row;
    odd["pk"] = 2;
    odd["fields"].merge_patch({{"language", "portuguese, mostly"}, {"first_at", "/gol"}});
    odd["fields"].merge_patch({{"writers", nlohmann::json::array({7})}, {"slug", "odd"}});
    auto mapping = nlohmann::json::parse(story_mapping);
    mapping["news"]["canonical_url"] = "first_at";
    // Who is left out has no account here.
    mapping["users"]["where"] = {{"username", {{"in", {"ann", "bob"}}}}};
    site.run(dump(with(people, {user_row(9, "cem"), row.dump(), odd.dump()})), mapping.dump());

    auto ann = site.user("auth.user:7");
    auto bob = site.user("auth.user:8");
    auto fits = site.article("sports", 1);
    REQUIRE(fits);
    CHECK(fits->metadata.language == "pt-BR");
    CHECK(fits->metadata.canonical_url == "https://Example.org/gol");
    CHECK(fits->metadata.authors == std::vector<std::int64_t>{bob, ann});
    auto extra = nlohmann::json::parse(fits->extra);
    CHECK(extra == nlohmann::json{{"kicker", "K"}, {"authors", {bob, ann, bob, "auth.user:9"}}});
    auto other = site.article("sports", 2);
    REQUIRE(other);
    CHECK(other->metadata == news::Metadata{.authors = {ann}});
    CHECK(nlohmann::json::parse(other->extra) == nlohmann::json{{"kicker", "K"},
                                                                {"language", "portuguese, mostly"},
                                                                {"canonical_url", "/gol"}});
}

TEST_CASE("tokens of REST framework come with their people, and go as they do there", "[django]") {
    const char* mapping = R"({"users": {"model": "auth.user", "login": "username",
        "password": "password", "tokens": {"each": "authtoken.token[user]", "as": "pk"}}})";
    const std::string anns(40, 'a'), bobs(40, 'b');
    auto token_row = [](const std::string& key, int user) {
        return R"({"model":"authtoken.token","pk":")" + key + R"(","fields":{"user":)" +
               std::to_string(user) + R"(,"created":"2020-01-01T00:00:00Z"}})";
    };
    WholeSite site;

    site.run(dump(with(people, {token_row(anns, 7), token_row(bobs, 8)})), mapping);
    CHECK(site.owner_of_token(anns) == site.user("auth.user:7"));
    CHECK(site.owner_of_token(bobs) == site.user("auth.user:8"));

    auto report = site.run(dump(with(people, {token_row(bobs, 8)})), mapping);
    CHECK(counts(report, "users") == "0+1+1+0-0");
    CHECK(site.owner_of_token(anns) == 0);
    CHECK(site.owner_of_token(bobs) != 0);
    // A mapping that says nothing of them changes none.
    site.run(dump(people), R"({"users": {"model": "auth.user", "login": "username"}})");
    CHECK(site.owner_of_token(bobs) != 0);
}

TEST_CASE("the same source again changes nothing, and another one only what is another there",
          "[django]") {
    WholeSite site;
    auto rows =
        with(people, {story_row({}),
                      story_row({2, "Second", "sports", true, "2020-05-04T10:00:00Z", "second"})});
    site.run(dump(rows), story_mapping);
    auto again = site.run(dump(rows), story_mapping);
    CHECK(counts(again, "users") == "0+0+2+0-0");
    CHECK(counts(again, "news") == "0+0+2+0-0");
    CHECK(again.vanished.count == 0);

    rows[2] = story_row({1, "Storm 2"});
    site.retitle("sports", 2, "Ours");
    rows[3] = story_row({2, "Theirs", "sports", true, "2020-05-04T10:00:00Z", "second"});
    auto changed = site.run(dump(rows), story_mapping);
    CHECK(counts(changed, "news") == "0+1+0+1-0");
    CHECK(changed.warnings.at("changed_here").example.starts_with("a.story:2: "));
    CHECK(site.article("sports", 1)->title == "Storm 2");
    CHECK(site.article("sports", 2)->title == "Ours");
    CHECK(counts(site.run(dump(rows), story_mapping, true), "news") == "0+1+1+0-0");
    CHECK(site.article("sports", 2)->title == "Theirs");
}

TEST_CASE("what a source has no more is told, and taken from readers if that is wanted",
          "[django]") {
    WholeSite site;
    std::vector<std::string> stories;
    for (int i = 1; i <= 3; ++i) {
        stories.push_back(story_row(
            {i, "Storm", "sports", true, "2020-05-04T10:00:00Z", "s" + std::to_string(i)}));
    }
    site.run(dump(with(people, stories)), story_mapping);
    auto fewer = dump(with(people, {stories[0]}));
    auto told = site.run(fewer, story_mapping);
    CHECK(told.vanished.count == 2);
    CHECK(told.vanished.unpublished == 0);
    CHECK(told.vanished.examples == std::vector<std::string>{"a.story:2", "a.story:3"});
    CHECK(site.article("sports", 2, base::Role::anonymous));

    auto cut = fewer.substr(0, fewer.size() - 20);
    CHECK(site.run(cut, story_mapping, false, true).vanished.count == 0);
    CHECK(site.article("sports", 2, base::Role::anonymous));

    // Nor is anything gone that is there and cannot be read, or all of another dump.
    auto broken = dump(with(people, {stories[0], stories[1].substr(0, stories[1].size() - 2) +
                                                     R"(,"body":"\ud800"}})"}));
    CHECK(site.run(broken, story_mapping, false, true).vanished.count == 0);
    CHECK(site.run(dump(people), story_mapping, false, true).vanished.count == 0);
    CHECK(site.article("sports", 2, base::Role::anonymous));

    auto taken = site.run(fewer, story_mapping, false, true);
    CHECK(taken.vanished.count == 2);
    CHECK(taken.vanished.unpublished == 2);
    CHECK_FALSE(site.article("sports", 2, base::Role::anonymous));
    CHECK(site.article("sports", 1, base::Role::anonymous));
    CHECK(site.run(fewer, story_mapping, false, true).vanished.unpublished == 0);
    // It comes back.
    CHECK(counts(site.run(dump(with(people, stories)), story_mapping), "news") == "0+2+1+0-0");
    CHECK(site.article("sports", 2, base::Role::anonymous));
}

TEST_CASE("a redirect of the old site is for good only if it says so, and goes with its row",
          "[django]") {
    const std::string mapping = R"({"redirects": {"model": "redirects.redirect",
        "from": "old_path", "to": {"first": ["link", "page"]}, "permanent": "for_good"}})";
    auto row = [](int key, const char* from, const char* to, bool for_good) {
        return R"({"model":"redirects.redirect","pk":)" + std::to_string(key) +
               R"(,"fields":{"old_path":")" + from + R"(","link":")" + to +
               R"(","page":"","for_good":)" + (for_good ? "true" : "false") + "}}";
    };
    WholeSite site;
    auto first = site.run(dump({row(1, "/a", "/x", true), row(2, "/b", "/y", false),
                                row(3, "/c", "/z", true), row(4, "/d", "", true)}),
                          mapping);
    CHECK(counts(first, "redirects") == "3+0+0+0-1");
    CHECK(first.reasons.at("bad_redirect") == 1);
    CHECK(site.redirect("/a")->permanent);
    CHECK_FALSE(site.redirect("/b")->permanent);
    CHECK(site.leads_to("/a/") == "/x");

    // What is made here of one is no import's any more.
    REQUIRE(base::run(site.site->redirects().change({{{"/c", "/mine", true}}},
                                                    {WholeSite::as(base::Role::editor)})));
    auto fewer = dump({row(2, "/b", "/y", false)});
    auto told = site.run(fewer, mapping);
    CHECK(told.vanished_redirects.count == 1);
    CHECK(told.vanished_redirects.examples == std::vector<std::string>{"redirects.redirect:1 /a"});
    CHECK(site.leads_to("/a") == "/x");
    CHECK(site.run(fewer, mapping, false, true).vanished_redirects.unpublished == 1);
    CHECK(site.leads_to("/a") == "path_not_found");
    CHECK(site.leads_to("/b") == "/y");
    CHECK(site.leads_to("/c") == "/mine");
}

TEST_CASE("where an article was found leads nowhere while readers do not see it", "[django]") {
    WholeSite site;
    site.run(dump(with(people, {story_row({})})), story_mapping);
    CHECK(site.leads_to("/2020/storm/") == "/v1/news/sports/1");
    Story hidden;
    hidden.live = false;
    site.run(dump(with(people, {story_row(hidden)})), story_mapping);
    CHECK(site.leads_to("/2020/storm/") == "path_not_found");
    site.run(dump(with(people, {story_row({})})), story_mapping);
    CHECK(site.leads_to("/2020/storm/") == "/v1/news/sports/1");
}

TEST_CASE("people that a source has no more are told, and disabled if that is wanted", "[django]") {
    WholeSite site;
    const std::vector<std::string> all{user_row(7, "ann"), user_row(8, "bob"), user_row(9, "cy"),
                                       user_row(10, "dan")};
    site.run(dump(all), story_mapping);
    site.change_address("auth.user:8", "mine@example.org");
    auto fewer = dump({all[3]});

    auto told = site.run(fewer, story_mapping);
    CHECK(told.vanished_people.count == 3);
    CHECK(told.vanished_people.examples ==
          std::vector<std::string>{"auth.user:7", "auth.user:8", "auth.user:9"});
    CHECK(told.vanished_people.unpublished == 0);
    CHECK(site.is_active("auth.user:7"));
    // Not of a damaged source.
    CHECK(site.run(fewer.substr(0, fewer.size() - 9), story_mapping, false, true)
              .vanished_people.count == 0);
    CHECK(site.is_active("auth.user:7"));

    auto taken = site.run(fewer, story_mapping, false, true);
    CHECK(taken.vanished_people.unpublished == 2);
    CHECK(taken.vanished_people.kept == 1);
    CHECK_FALSE(site.is_active("auth.user:7"));
    CHECK(site.is_active("auth.user:8"));
    CHECK(site.is_active("auth.user:10"));
    CHECK(site.run(fewer, story_mapping, true, true).vanished_people.unpublished == 1);
    CHECK_FALSE(site.is_active("auth.user:8"));
    CHECK(counts(site.run(dump(all), story_mapping), "users") == "0+3+1+0-0");
    CHECK(site.is_active("auth.user:7"));
}

TEST_CASE("whose row was made anew there is refused with what to do about it", "[django]") {
    WholeSite site;
    site.run(dump({user_row(7, "ann")}), story_mapping);
    auto report = site.run(dump({user_row(70, "ann")}), story_mapping);
    CHECK(counts(report, "users") == "0+0+0+0-1");
    std::ifstream file(report.rejected_file);
    std::string rejected{std::istreambuf_iterator<char>(file), {}};
    CHECK(rejected.find("from auth.user:7") != std::string::npos);
    auto id = std::to_string(site.user("auth.user:7"));
    CHECK(rejected.find("DELETE /v1/users/" + id) != std::string::npos);
}

TEST_CASE("of a page's revisions those become its history that readers have seen", "[django]") {
    const std::string mapping = R"({"users": {"model": "auth.user", "login": "username"},
        "relations": {"wagtailcore.revision.user": "auth.user"},
        "news": {"model": "a.page", "type": {"text": "sports"}, "title": "title",
                 "content": {"html": "body"}, "published": {"if": {"live": true}},
                 "published_at": "first", "updated_at": "changed", "history": "wagtail"}})";
    auto page = [](int key, const char* title, const char* more) {
        return R"({"model":"a.page","pk":)" + std::to_string(key) + R"(,"fields":{"title":")" +
               title + R"(","body":"<p>B</p>","live":true,"first":"2020-01-01T00:00:00Z",)" +
               R"("changed":"2020-01-05T00:00:00Z",)" + more + "}}";
    };
    auto revision = [](int key, int of, const char* day, const char* title, int user,
                       const char* to_come = "null") {
        return R"({"model":"wagtailcore.revision","pk":)" + std::to_string(key) +
               R"(,"fields":{"content_type":5,"object_id":")" + std::to_string(of) +
               R"(","user":)" + std::to_string(user) + R"(,"created_at":"2020-01-0)" + day +
               R"(T00:00:00Z","approved_go_live_at":)" + to_come + R"(,"content":{"title":")" +
               title + R"(","seo":"x)" + std::to_string(key) + R"("}}})";
    };
    const std::string types =
        R"({"model":"contenttypes.contenttype","pk":5,"fields":{"app_label":"a","model":"page"}})";
    const auto rows = with(
        people,
        {types, page(1, "Two", R"("live_revision":3,"last_published_at":"2020-01-03T00:00:01Z")"),
         revision(1, 1, "1", "One", 7), revision(2, 1, "2", "One", 8),
         revision(3, 1, "3", "Two", 8), revision(4, 1, "4", "Secret", 7),
         page(2, "Two", R"("live_revision":null,"last_published_at":"2020-01-03T00:00:01Z")"),
         revision(5, 2, "1", "One", 7), revision(6, 2, "3", "Two", 8),
         revision(7, 2, "4", "Secret", 7),
         page(3, "One", R"("live_revision":null,"last_published_at":null)"),
         revision(8, 3, "1", "One", 7),
         revision(9, 3, "2", "Secret", 7, R"("2090-01-01T00:00:00Z")")});
    WholeSite site;
    auto told = [&](news::ArticleId id) {
        std::string text;
        auto history = base::run(
            site.news->types().at("sports").queries->history(id, {}, site.as(base::Role::editor)));
        REQUIRE(history);
        for (const auto& entry : history->entries) {
            for (const auto& change : entry.changes) {
                if (change.member == "title") text += change.after + " ";
            }
            text += std::to_string(entry.actor.value_or(0) == site.user("auth.user:7")   ? 7
                                   : entry.actor.value_or(0) == site.user("auth.user:8") ? 8
                                                                                         : 0) +
                    " ";
        }
        return text;
    };
    auto report = site.run(dump(rows), mapping);
    CHECK(told(1) == R"("One" 7 "Two" 8 )");
    CHECK(told(2) == R"("One" 7 "Two" 8 )");
    CHECK(told(3) == R"("One" 7 )");
    CHECK(rule(report, "news").later_drafts == 3);
    for (const auto& lack : report.lacks) CHECK(lack.find("pagerevision") == std::string::npos);
    CHECK(rule(report, "news").unchanged_states == 1);
    CHECK(rule(report, "news").past == 2);
    CHECK(counts(site.run(dump(rows), mapping), "news") == "0+0+3+0-0");
    // Then it is published.
    auto later = rows;
    later[3] = page(1, "Secret", R"("live_revision":4,"last_published_at":"2020-01-06T00:00:00Z")");
    CHECK(counts(site.run(dump(later), mapping), "news") == "0+1+2+0-0");
    CHECK(told(1) == R"("One" 7 "Two" 8 "Secret" 7 )");
}

TEST_CASE("an article that is of another type now moves there, and its old place leads to it",
          "[django]") {
    WholeSite site;
    site.run(dump(with(people, {story_row({})})), story_mapping);
    auto report =
        site.run(dump(with(people, {story_row({1, "Storm", "politics"})})), story_mapping);
    CHECK(counts(report, "news") == "1+0+0+0-0");
    CHECK(report.vanished.count == 0);
    CHECK(site.article("politics", 1, base::Role::anonymous));
    CHECK_FALSE(site.article("sports", 1, base::Role::anonymous));
    CHECK(*base::run(site.news->types().at("sports").queries->moved_to(1, {})) ==
          news::MovedTo{"politics", 1});
    CHECK(site.leads_to("/2020/storm/") == "/v1/news/politics/1");
}

TEST_CASE("an article that was killed here comes to readers as one of no other type", "[django]") {
    WholeSite site;
    site.run(dump(with(people, {story_row({}), story_row({2, "Rain", "sports", true,
                                                          "2020-05-04T10:00:00Z", "rain"})})),
             story_mapping);
    news::Command command;
    command.context.actor = {1, base::Role::editor};
    auto& commands = *site.news->types().at("sports").commands;
    REQUIRE(base::run(commands.take(1, news::Step::kill, {"Not true.", {}}, command)));
    auto moved = dump(
        with(people, {story_row({1, "Storm", "politics"}),
                      story_row({2, "Rain", "politics", true, "2020-05-04T10:00:00Z", "rain"})}));
    for (int i = 0; i < 2; ++i) {
        auto report = site.run(moved, story_mapping);
        CHECK(counts(report, "news") == (i == 0 ? "1+0+0+1-0" : "0+0+1+1-0"));
        CHECK(report.warnings.at("killed_here").count == 1);
        CHECK_FALSE(site.article("politics", 1, base::Role::admin));
        CHECK(site.article("politics", 2, base::Role::anonymous));
        auto told = base::run(site.news->types().at("sports").queries->article(1, {}));
        REQUIRE(!told);
        CHECK(told.error().code == "killed");
    }
}

TEST_CASE("a row that a module refuses is reported with what is wrong, and the others come",
          "[django]") {
    WholeSite site;
    auto report = site.run(
        dump(with(
            people,
            {R"({"model":"auth.user","pk":9,"fields":{"username":"ann","email":"","password":"!"}})",
             story_row({}), story_row({2, "T", "weather", true, "2020-05-04T10:00:00Z", "t"}),
             story_row({3, "T", "sports", true, "2020-05-04T10:00:00Z", "no\\u0007slug"}),
             R"({"model":"redirects.redirect","pk":1,"fields":{"old_path":"/a","new_path":"/b"}})",
             R"({"model":"redirects.redirect","pk":2,"fields":{"old_path":"/b","new_path":"/a"}})",
             R"({"model":"redirects.redirect","pk":3,"fields":{"old_path":"/c","new_path":"javascript:1"}})"})),
        story_mapping);
    CHECK(counts(report, "users") == "2+0+0+0-1");
    CHECK(counts(report, "news") == "1+0+0+0-2");
    CHECK(counts(report, "redirects") == "1+0+0+0-2");
    CHECK(report.reasons.at("unknown_news_type") == 1);
    CHECK(report.reasons.at("invalid_news") == 1);
    CHECK(report.reasons.at("user_refused") == 1);
    CHECK(report.reasons.at("redirect_loop") == 1);
    CHECK(report.reasons.at("invalid_redirects") == 1);
    std::ifstream file(report.rejected_file);
    std::string rejected{std::istreambuf_iterator<char>(file), {}};
    CHECK(rejected.find("weather") != std::string::npos);
}

TEST_CASE("a dry run promises what the import then does", "[django]") {
    const auto rows = dump(with(
        people,
        {R"({"model":"auth.user","pk":9,"fields":{"username":"cy","email":"no address","first":"F","last":"L","is_active":true,"is_staff":false,"date_joined":"2019-01-01T00:00:00Z","password":"!x"}})",
         R"({"model":"auth.user","pk":10,"fields":{"username":"ann","email":"","password":"!"}})",
         story_row({}), story_row({2, "T", "weather", true, "2020-05-04T10:00:00Z", "t"}),
         story_row({3, "T", "weather", false, "2020-05-04T10:00:00Z", "u"}),
         story_row({4, "T", "sports", true, "2020-05-04T10:00:00Z", "no\\u0007slug"}),
         story_row({5, "<p>", "Not One", true, "2020-05-04T10:00:00Z", "v"}),
         R"({"model":"a.story","pk":6,"fields":{"section":"sports","title":"Scripts","body":"<p>B</p><form>x</form><script>1</script>","live":true,"at":"2020-05-04T10:00:00Z","byline":"A","writer":99,"writers":[],"slug":"w","made":null,"changed":null,"tags":"","language":"","kicker":""}})",
         R"({"model":"redirects.redirect","pk":1,"fields":{"old_path":"/a","new_path":"/b"}})",
         R"({"model":"redirects.redirect","pk":2,"fields":{"old_path":"/b","new_path":"/a"}})",
         R"({"model":"redirects.redirect","pk":3,"fields":{"old_path":"/c","new_path":"javascript:1"}})"}));
    WholeSite scratch;
    auto promised = scratch.rehearse(rows, story_mapping);
    WholeSite site;
    auto done = site.run(rows, story_mapping);

    CHECK(promised.reasons == done.reasons);
    CHECK(done.reasons.at("unknown_news_type") == 3);
    CHECK(done.reasons.at("invalid_news") == 1);
    CHECK(done.reasons.at("redirect_loop") == 1);
    CHECK(done.reasons.at("invalid_redirects") == 1);
    auto told = [](const ImportReport& report) {
        std::map<std::string, std::string> all;
        for (const auto& [kind, one] : report.warnings) {
            all[kind] = std::to_string(one.count) + " " + one.example;
        }
        return all;
    };
    CHECK(told(promised) == told(done));
    CHECK(done.warnings.contains("user_email"));
    CHECK(done.warnings.contains("dropped_script"));
    for (const char* name : {"users", "news", "redirects"}) {
        CHECK(rule(promised, name).taken == rule(done, name).taken);
        CHECK(rule(promised, name).rejected == rule(done, name).rejected);
    }
    // Articles are checked, and go nowhere.
    CHECK_FALSE(scratch.article("sports", 1));
    CHECK(site.article("sports", 1));
}

TEST_CASE("news types that are not configured are told before the first article, with their rows",
          "[django]") {
    WholeSite site;
    auto report = site.run(
        dump(with(people,
                  {story_row({}), story_row({2, "T", "weather", true, "2020-05-04T10:00:00Z", "t"}),
                   story_row({3, "T", "weather", false, "2020-05-04T10:00:00Z", "u"}),
                   story_row({4, "T", "chess", true, "2020-05-04T10:00:00Z", "v"})})),
        story_mapping);
    CHECK(report.unknown_types ==
          std::map<std::string, std::int64_t>{{"chess", 1}, {"weather", 2}});
    CHECK(site.run(dump(people), story_mapping).unknown_types.empty());
}

}  // namespace django
