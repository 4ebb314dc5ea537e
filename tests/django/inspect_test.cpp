#include "django/inspect.hpp"

#include <algorithm>
#include <fstream>

#include "mapping_json.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace django {

namespace {

std::filesystem::path fixture(const std::string& name) {
    return std::filesystem::path(PORTAL_SOURCE_DIR) / "tests/django/fixtures" / (name + ".json");
}

}  // namespace

TEST_CASE("inspecting a site shows its models, and nothing that is private", "[django]") {
    auto found = inspect_site(fixture("newsroom"), 1'000'000);

    REQUIRE(found);
    auto article = std::find_if(found->models.begin(), found->models.end(),
                                [](const auto& model) { return model.name == "newsroom.article"; });
    REQUIRE(article != found->models.end());
    CHECK(article->rows == 5);
    std::string fields;
    for (const auto& field : article->fields) {
        if (field.name == "title" || field.name == "author_01" || field.name == "topics") {
            fields += field.name + " " + field.kind + " " + std::to_string(field.filled) + " " +
                      field.points_to + "\n";
        }
    }
    CHECK(fields ==
          "title text 4 \n"
          "author_01 number 3 newsroom.author\n"
          "topics list 1 newsroom.topic\n");
    for (const auto& model : found->models) {
        for (const auto& field : model.fields) {
            CHECK(field.sample.find("pbkdf2") == std::string::npos);
            CHECK(field.sample.find('@') == std::string::npos);
        }
    }
}

TEST_CASE("an inspection says how far it is, and ends when it is asked to", "[django]") {
    support::TemporaryFolder folder;
    std::string dump;
    for (int i = 0; i < 3000; ++i) {
        dump += R"({"model": "a.b", "pk": )" + std::to_string(i) + R"(, "fields": {}})" + "\n";
    }
    std::ofstream(folder / "dump.jsonl") << dump;
    std::atomic<bool> stop{false};
    std::int64_t seen = 0;
    auto progress = [&](std::int64_t done, std::int64_t total, std::int64_t rows) {
        CHECK(total == std::ssize(dump));
        CHECK(done <= total);
        seen = rows;
        stop = rows >= 2000;
    };

    auto found = inspect_site(folder / "dump.jsonl", 1'000'000, progress, &stop);

    REQUIRE_FALSE(found);
    CHECK(found.error().code == "stopped");
    CHECK(seen == 2000);
}

TEST_CASE("what no name says to be published is proposed as a draft", "[django]") {
    support::TemporaryFolder folder;
    std::ofstream(folder / "dump.json")
        << R"([{"model": "a.b", "pk": 1, "fields": {"title": "T", "body": "x", "date": "2026-01-01"}}])";

    auto found = inspect_site(folder / "dump.json", 1'000'000);

    REQUIRE(found);
    auto mapping = mapping_from_json(found->mapping);
    REQUIRE(mapping);
    REQUIRE(mapping->items.front().state.status);
    CHECK(mapping->items.front().state.status->value.text == "draft");
}

TEST_CASE("a dump does not make an account the byline because its field could be one", "[django]") {
    support::TemporaryFolder folder;
    auto user =
        R"({"model": "users.user", "pk": 1, "fields": {"username": "root", "password": "!"}})";
    auto inspected = [&](const std::string& rows) {
        std::ofstream(folder / "dump.json") << "[" << user << "," << rows << "]";
        auto found = inspect_site(folder / "dump.json", 1'000'000);
        REQUIRE(found);
        return *found;
    };
    const std::string article =
        R"({"model": "a.story", "pk": 1, "fields": {"title": "T", "body": "x", "pub_date": "2026-01-01", "author": 1}})";

    auto unclear = inspected(
        article + R"(,{"model": "utils.authorsnippet", "pk": 1, "fields": {"title": "Nia"}})");
    CHECK(unclear.mapping.find("author") == std::string::npos);
    REQUIRE(unclear.notes.size() == 1);
    CHECK(unclear.notes[0].find("users.user, or utils.authorsnippet?") != std::string::npos);

    auto named =
        inspected(article + R"(,{"model": "a.author", "pk": 1, "fields": {"name": "Nia"}})");
    CHECK(named.mapping.find(R"("a.story.author": "a.author")") != std::string::npos);
    CHECK(named.notes.empty());
}

TEST_CASE("whoever has accounts of a model of their own is not told that there are none",
          "[django]") {
    support::TemporaryFolder folder;
    auto notes = [&](const char* rows) {
        std::ofstream(folder / "dump.json") << rows;
        auto found = inspect_site(folder / "dump.json", 1'000'000);
        REQUIRE(found);
        return found->notes.size();
    };
    CHECK(
        notes(
            R"([{"model": "users.user", "pk": 1, "fields": {"username": "a", "password": "!"}}])") ==
        0);
    CHECK(notes(R"([{"model": "users.user", "pk": 1, "fields": {"name": "a"}}])") == 1);
}

TEST_CASE("what is proposed for any of the sites is a mapping that can be read", "[django]") {
    for (const char* name : {"newsroom", "wagtail_news_template", "bakerydemo", "mezzanine",
                             "zinnia", "djangocms_blog", "puput"}) {
        CAPTURE(name);
        auto found = inspect_site(fixture(name), 1'000'000);
        REQUIRE(found);

        auto mapping = mapping_from_json(found->mapping);

        CAPTURE(found->mapping);
        CAPTURE(mapping ? "" : mapping.error().message);
        REQUIRE(mapping);
        // The translated fields of django CMS stand in rows that are no articles by themselves.
        bool told_apart = std::string(name) == "djangocms_blog";
        CHECK((told_apart || mapping->items.size() == 1));
    }
}

}  // namespace django
