// The whole way of a newsroom: portal in front of its Django, the data over, route by route, both
// sides alive, back into an empty Django, and Django off. A reader looks on all the while.
#include <atomic>
#include <fstream>
#include <regex>
#include <thread>

#include "people.hpp"
#include "support/catch.hpp"
#include "support/django_site.hpp"
#include "support/eventually.hpp"
#include "support/portal_process.hpp"
#include "support/skip.hpp"

using nlohmann::json;
using support::Answer;
using support::DjangoSite;
using support::eventually;
using support::HttpClient;
using support::PortalProcess;

namespace {

struct Debian {
    static constexpr auto stack = DjangoSite::Stack::debian;
};
struct PyPI {
    static constexpr auto stack = DjangoSite::Stack::pypi;
};

constexpr int articles = 40;  // every tenth a draft

const char* const newsroom_mapping = R"({
    "source": {"time_zone": "America/Chicago"},
    "relations": {"news.article.author": "auth.user", "news.article.category": "news.category",
                  "news.article.tags": "news.tag"},
    "users": {"model": "auth.user", "login": "username", "email": "email",
              "name": ["first_name", "last_name"], "password": "password", "active": "is_active",
              "registered": "date_joined",
              "role": [{"if": {"is_superuser": true}, "then": "admin"},
                       {"if": {"is_staff": true}, "then": "editor"}, {"then": "author"}]},
    "news": {"model": "news.article", "type": "category__slug", "title": "headline",
             "description": "summary", "content": {"html": "content"},
             "author": "author__get_full_name", "tags": {"each": "tags", "as": "{name}"},
             "slug": "slug", "status": "status", "published_at": "pub_date",
             "created_at": "created", "updated_at": "modified", "url": "/articles/{slug}/",
             "extra": ["subtitle"]},
    "redirects": {"model": "redirects.redirect", "from": "old_path", "to": "new_path"}})";

/// The API that the front ends use, in the shape that the site gives it.
json old_api(DjangoSite::Stack stack) {
    auto api = json::parse(R"({
        "time_zone": "America/Chicago",
        "routes": [{"path": "/api/articles/", "answers": "list", "envelope": "page_number",
                    "page_size": {"default": 20, "max": 100},
                    "query": {"page": "page", "page_size": "limit"}, "item": "article"},
                   {"path": "/api/articles/{id}/", "answers": "item", "item": "article"}],
        "shapes": {"article": {
            "id": "id", "headline": "title", "subtitle": "extra.subtitle", "body": "content",
            "byline": "author", "slug": "slug",
            "published": {"value": "published_at", "format": "django"},
            "category": {"name": "news_type"}, "tags": ["tags", {"name": "."}]}}
    })");
    if (stack == DjangoSite::Stack::debian) api["drf_version"] = "3.14";
    return api;
}

json route(const char* name, const char* path) {
    return {{"name", name},
            {"path", path},
            {"methods", json::array({"GET"})},
            {"compare",
             {{"percent", 100},
              {"time_precision", "ms"},  // dumpdata keeps no more of a time
              {"ignore", {"/hits", "/results/*/hits"}}}}};
}

/// `code`: 3, where some of the input is refused and told.
std::string must(const support::Finished& finished, int code = 0) {
    INFO(finished.output << finished.errors);
    REQUIRE(finished.code == code);
    return finished.output;
}

/// What an API answers about the articles, without what is never twice the same.
json articles_at(const std::function<Answer(const std::string&)>& get) {
    auto answer = get("/api/articles/?page_size=100");
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    auto results = answer.json().at("results");
    for (auto& one : results) {
        one.erase("hits");
        // To the millisecond.
        auto& published = one.at("published").get_ref<std::string&>();
        auto dot = published.find('.');
        if (dot != published.npos) published.erase(dot, published.find_first_of("+-Z", dot) - dot);
    }
    return results;
}

/// Somebody who reads all lists all the while, and looks for what nobody may see.
class Reader {
public:
    Reader(const PortalProcess& portal, std::vector<std::string> hidden)
        : portal_(portal), hidden_(std::move(hidden)), thread_([this] { read(); }) {}
    ~Reader() {
        stop_ = true;
        thread_.join();
    }
    Reader(const Reader&) = delete;

    /// While the server is started anew nobody can read.
    void pause(bool paused) {
        paused_ = paused;
        auto seen = rounds_.load();
        if (!paused) return;
        eventually([&] { return resting_.load() || rounds_.load() > seen + 1; });
    }
    int rounds() const { return rounds_; }
    std::vector<std::string> faults() const {
        std::lock_guard lock(mutex_);
        return faults_;
    }

private:
    void read() {
        while (!stop_) {
            if (paused_) {
                resting_ = true;
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                continue;
            }
            resting_ = false;
            for (const char* target : {"/api/articles/?page_size=100", "/v1/news/all/1/100",
                                       "/api/articles/10/", "/v1/legacy/news.article/10"}) {
                try {
                    look(target, portal_.get(target));
                } catch (const std::exception& failure) {
                    fault(std::string(target) + ": " + failure.what());
                }
            }
            ++rounds_;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    void look(const std::string& target, const Answer& answer) {
        bool is_draft = target.find("10") != target.npos && target.find("100") == target.npos;
        if (answer.status != (is_draft ? 404 : 200)) {
            fault(target + " is " + std::to_string(answer.status) + " " + answer.body);
        }
        for (const auto& slug : hidden_) {
            if (answer.body.find(slug) != answer.body.npos) fault(target + " shows " + slug);
        }
    }
    void fault(std::string text) {
        std::lock_guard lock(mutex_);
        if (faults_.size() < 10) faults_.push_back(std::move(text));
    }

    const PortalProcess& portal_;
    const std::vector<std::string> hidden_;
    std::atomic<bool> stop_{false};
    std::atomic<bool> paused_{false};
    std::atomic<bool> resting_{false};
    std::atomic<int> rounds_{0};
    mutable std::mutex mutex_;
    std::vector<std::string> faults_;
    std::thread thread_;
};

/// The newsroom, and portal in front of it.
class Newsroom {
public:
    explicit Newsroom(DjangoSite::Stack stack) : django(options(stack)), admin_() {
        std::ofstream(portal.folder() / "api.json") << old_api(stack);
        std::ofstream(mapping_file()) << newsroom_mapping;
        // The key for the bridge, before anybody reads.
        portal.configure(tests::enforced());
        portal.configure({{"news", {{"types", {"sports", "politics", "famous"}}}}});
        admin_ = tests::create_person(portal, "admin", "Root");
        django.start();
        portal.configure(
            {{"legacy",
              {{"upstream", django.address()}, {"api", (portal.folder() / "api.json").string()}}},
             {"django", {{"mapping", mapping_file()}}},
             {"gateway",
              {{"routes", json::array({route("articles", "/api/articles/"),
                                       route("article", "/api/articles/{id}/")})},
               {"ready",
                {{"compared_min", 30}, {"differs_max_millionths", 100000}, {"quiet_h", 0}}}}}});
        portal.start();
        auto key =
            portal.post("/v1/auth/api-keys", {{"name", "bridge"}, {"role", "admin"}}, admin());
        REQUIRE(key.status == 201);
        key_ = key.json().at("key");
        std::ofstream(portal.folder() / "key") << key_;
        std::filesystem::permissions(portal.folder() / "key", std::filesystem::perms::owner_read);
    }

    support::Fields admin() const { return tests::log_in(portal, admin_).bearer(); }
    std::string mapping_file() const { return (portal.folder() / "mapping.json").string(); }

    /// Which side owns the articles, as the bridge in Django has it.
    void bridge(const char* articles_in) const {
        json settings{{"url", "http://" + portal.address()},
                      {"key_file", (portal.folder() / "key").string()},
                      {articles_in, json::array({"news.Article"})}};
        if (std::string(articles_in) == "models") {
            settings["related"] = {{"news.Article", {"category", "author", "tags"}}};
        }
        std::ofstream(django.data() / "portal_bridge.json") << settings;
    }
    std::string python(const std::string& lines) const {
        return must(django.manage({"shell", "-c",
                                   "from news.models import Article, Category, Tag\n"
                                   "from django.contrib.auth.models import User\n" +
                                       lines}));
    }
    std::string dump(const char* name) const {
        auto file = (portal.folder() / name).string();
        must(django.manage({"dumpdata", "auth.group", "auth.user", "news", "redirects.redirect",
                            "--format", "jsonl", "-o", file}));
        return file;
    }
    void set(const char* mode, int percent = 0) const {
        for (const char* name : {"articles", "article"}) {
            auto answer = portal.put(std::string("/v1/migration/routes/") + name,
                                     {{"mode", mode}, {"percent", percent}}, admin());
            INFO(answer.body);
            REQUIRE(answer.status == 200);
        }
    }
    json at_portal() const {
        return articles_at([this](const std::string& target) { return portal.get(target); });
    }
    static json at(const DjangoSite& site) {
        return articles_at([&site](const std::string& target) { return site.get(target); });
    }
    /// Asks for each article, alone and in its list, and says what the report does not like.
    std::string compare() const {
        for (int pk = 1; pk <= articles; ++pk) {
            portal.get("/api/articles/" + std::to_string(pk) + "/");
            portal.get("/api/articles/?page_size=1&page=" + std::to_string(pk));
            if (pk % 20 != 0) continue;
            // A comparison that finds no room is dropped, so the reader waits now and then.
            eventually([&] {
                auto all = report();
                for (const auto& one : all.at("routes")) {
                    const auto& compared = one.at("comparison");
                    auto done = compared.at("compared").get<int>() +
                                compared.at("failed").get<int>() +
                                compared.at("skipped").get<int>();
                    if (done < pk) return false;
                }
                return true;
            });
        }
        auto verdict = report().at("verdict");
        return verdict.at("ready").get<bool>() ? "" : report().dump(1);
    }
    json report() const { return portal.get("/v1/migration/report", admin()).json(); }

    DjangoSite django;
    PortalProcess portal;

private:
    static DjangoSite::Options options(DjangoSite::Stack stack) {
        DjangoSite::Options options;
        options.stack = stack;
        options.articles = articles;
        // portal has to know where it is before it can be told where portal is.
        options.unix_socket = true;
        return options;
    }

    tests::Person admin_;
    std::string key_;
};

/// A second Django, with what it takes to log in and nothing else.
std::unique_ptr<DjangoSite> empty_django(DjangoSite::Stack stack) {
    DjangoSite::Options options;
    options.stack = stack;
    options.articles = 0;
    auto site = std::make_unique<DjangoSite>(options);
    must(site->manage({"shell", "-c",
                       "from django.contrib.auth.models import User\n"
                       "from django.contrib.redirects.models import Redirect\n"
                       "from news.models import Article, Category, Tag\n"
                       "for model in (Article, Category, Tag, Redirect, User):\n"
                       "    model.objects.all().delete()\n"}));
    return site;
}

/// A page, with its times to the millisecond as dumpdata keeps them.
std::string page_of(const DjangoSite& site, const std::string& path) {
    static const std::regex micros("([.][0-9]{3})[0-9]{3}");
    return std::regex_replace(site.get(path).body, micros, "$1");
}

int logs_in(const DjangoSite& site, const char* login, const char* password) {
    return site
        .ask("POST", "/api/auth-token/", std::string("username=") + login + "&password=" + password,
             {{"Content-Type", "application/x-www-form-urlencoded"}})
        .status;
}

int logs_in(const PortalProcess& portal, const char* login, const char* password) {
    return portal.post("/v1/auth/token", {{"login", login}, {"password", password}}).status;
}

void walk(DjangoSite::Stack stack) {
    // Given a newsroom behind portal, all of it proxied
    Newsroom newsroom(stack);
    auto& portal = newsroom.portal;
    auto& django = newsroom.django;
    auto before = Newsroom::at(django);
    REQUIRE(before.size() == 36);
    CHECK(newsroom.at_portal() == before);
    auto slugs = newsroom.python(
        "print(*Article.objects.filter(status='draft').exclude(pk=20).values_list('slug', "
        "flat=True))");
    std::vector<std::string> hidden;
    std::istringstream words(slugs.substr(slugs.rfind('\n', slugs.size() - 2) + 1));
    for (std::string slug; words >> slug;) hidden.push_back(slug);
    REQUIRE(hidden.size() == 3);
    auto reader = std::make_unique<Reader>(portal, hidden);

    // When the data is brought in, then all of it is here, and the answers are the same.
    auto dump = newsroom.dump("first.jsonl");
    // An address that is gone, with nothing in its place, is no redirect.
    auto imported =
        must(portal.command({"import", "django", "--mapping", newsroom.mapping_file(), dump}), 3);
    INFO(imported);
    CHECK(imported.find("news from news.article: 40 read = 40 added + 0 updated") != imported.npos);
    CHECK(imported.find("users from auth.user: 9 read = 9 added") != imported.npos);
    CHECK(imported.find("36 published, 0 scheduled, 4 drafts") != imported.npos);
    newsroom.set("shadow");
    CHECK(newsroom.compare() == "");
    newsroom.set("canary", 50);
    CHECK(newsroom.at_portal() == before);
    newsroom.set("native");
    CHECK(newsroom.at_portal() == before);
    CHECK(logs_in(portal, DjangoSite::editor, DjangoSite::editor_password) == 200);
    CHECK(logs_in(portal, DjangoSite::admin, "another") == 401);

    // When an editor of Django changes, publishes, makes and deletes, then the bridge brings it.
    newsroom.bridge("models");
    must(django.manage({"migrate", "portal_bridge", "--verbosity", "0"}));
    newsroom.python(
        "import datetime\n"
        "a = Article.objects.get(pk=5); a.headline = 'Changed there'; a.save()\n"
        "a.tags.set(Tag.objects.filter(name__in=['film', 'city']))\n"
        "d = Article.objects.get(pk=20); d.status = 'published'\n"
        "d.pub_date = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)\n"
        "d.save()\n"
        "Article.objects.get(pk=7).delete()\n"
        "Article.objects.create(pk=41, headline='Made there', slug='made-there', summary='S.',\n"
        "    content='<p>New.</p>', author=User.objects.get(username='ann'), status='published',\n"
        "    category=Category.objects.get(slug='sports'), pub_date=d.pub_date)\n");
    auto pushed = must(django.manage({"portal_push", "--once"}));
    INFO(pushed);
    auto changed = Newsroom::at(django);
    REQUIRE(changed.size() == 37);
    CHECK(newsroom.at_portal() == changed);

    // When the articles become portal's, then what is changed here comes into Django.
    auto base = newsroom.dump("base.jsonl");
    newsroom.bridge("owned_by_portal");
    reader->pause(true);
    CHECK(reader->faults() == std::vector<std::string>());
    reader.reset();
    REQUIRE(portal.stop() == 0);
    portal.configure({{"django", {{"base", base}}}});
    portal.start();
    newsroom.bridge("owned_by_portal");  // at its new address
    reader = std::make_unique<Reader>(portal, hidden);
    auto owned =
        portal.put("/v1/migration/models/news.article", {{"owner", "portal"}}, newsroom.admin());
    INFO(owned.body);
    REQUIRE(owned.status == 200);
    auto found = portal.get("/v1/legacy/news.article/6").news();
    auto type = "/v1/news/" + found.at("news_type").get<std::string>();
    auto edited = portal.put(
        type, {{"id", found.at("id")}, {"version", found.at("version")}, {"title", "Changed here"}},
        newsroom.admin());
    INFO(edited.body);
    REQUIRE(edited.status == 201);
    auto made = portal.post("/v1/news/politics",
                            {{"title", "Made here"},
                             {"description", "D."},
                             {"content", "Text."},
                             {"author", "Bea Stone"},
                             {"tags", json::array({"budget"})},
                             {"status", "published"}},
                            newsroom.admin());
    INFO(made.body);
    REQUIRE(made.status == 201);
    CHECK(eventually(
        [&] { return portal.get("/v1/migration/feed", newsroom.admin()).json().at("head") == 2; }));
    must(django.manage({"portal_pull", "--once"}));
    auto here = newsroom.at_portal();
    auto there = Newsroom::at(django);
    REQUIRE(here.size() == 38);
    REQUIRE(there.size() == 38);
    // Its own key is Django's to give.
    CHECK(there[0].at("headline") == "Made here");
    CHECK(there[0].at("byline") == "Bea Stone");
    CHECK(there[0].at("body") == "<p>Text.</p>");
    auto without_own = [](json all) {
        all[0].erase("id");
        all[0].erase("body");
        return all;
    };
    here = without_own(here);
    there = without_own(there);
    CHECK(there == here);

    // When all goes back into an empty Django, then that one serves the same pages.
    auto back = (portal.folder() / "back.jsonl").string();
    auto exported = must(portal.command(
        {"export", "django", "--mapping", newsroom.mapping_file(), "--base", base, "--out", back}));
    INFO(exported);
    auto second = empty_django(stack);
    must(second->manage({"loaddata", back}));
    second->start();
    auto again = Newsroom::at(*second);
    REQUIRE(again.size() == 38);
    again = without_own(again);
    CHECK(again == here);
    CHECK(page_of(*second, "/") == page_of(django, "/"));
    for (const auto& article : again) {
        auto page = "/articles/" + article.at("slug").get<std::string>() + "/";
        CAPTURE(page);
        CHECK(page_of(*second, page) == page_of(django, page));
    }
    CHECK(second->get("/old-contact/").status == 301);
    CHECK(logs_in(*second, DjangoSite::admin, DjangoSite::admin_password) == 200);
    CHECK(logs_in(*second, DjangoSite::editor, DjangoSite::editor_password) == 200);

    // Then nothing would be lost with Django but the address that leads nowhere.
    auto moved = portal.get("/v1/migration/data", newsroom.admin()).json();
    INFO(moved.dump(1));
    CHECK(moved.at("verdict").at("missing") ==
          json::array({"The last import rejected 1 row of redirects.redirect."}));
    for (const auto& model : moved.at("models")) {
        if (model.at("rule") != "news") continue;
        CHECK(model.at("last_import").at("read") == 40);
        // One was made in Django since, one here and told to Django.
        CHECK(model.at("here") == 42);
        CHECK(model.at("changed_here") == 1);
        CHECK(model.at("owner") == "portal");
    }

    // When the migration is finished and Django off, then readers notice nothing.
    must(portal.command({"migrate", "finish"}));
    REQUIRE(django.stop() == 0);
    CHECK(portal.get("/contact/").status == 404);
    auto seen = reader->rounds();
    CHECK(eventually([&] { return reader->rounds() > seen + 2; }));
    auto last = newsroom.at_portal();
    last = without_own(last);
    CHECK(last == here);
    CHECK(logs_in(portal, DjangoSite::admin, DjangoSite::admin_password) == 200);
    CHECK(reader->faults() == std::vector<std::string>());
    reader.reset();
    CHECK(portal.stop() == 0);
    CHECK(portal.command({"verify"}).code == 0);
    CHECK(portal.breakdowns() == std::vector<std::string>());
}

}  // namespace

TEMPLATE_TEST_CASE("a newsroom moves from Django to portal, and could go back at any time",
                   "[road]", Debian, PyPI) {
    auto missing = DjangoSite::missing(TestType::stack);
    if (!missing.empty()) return support::skip(missing);
    walk(TestType::stack);
}
