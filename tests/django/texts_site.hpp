#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "whole_site.hpp"

namespace django {

using Json = nlohmann::json;

inline const char* const way_back = R"({
    "source": {"time_zone": "UTC"},
    "relations": {"b.text.section": "b.section", "b.text.topics": "b.topic",
                  "b.text.writer": "auth.user", "b.note.text": "b.text"},
    "users": {"model": "auth.user", "login": "username", "email": "email", "name": ["first", "last"],
              "password": "password", "active": "is_active", "registered": "date_joined",
              "role": [{"if": {"is_staff": true}, "then": "editor"}, {"then": "author"}]},
    "news": {"model": "b.text", "type": {"path": "section__slug", "map": {"sport": "sports"}},
             "title": "title", "content": {"html": "body"}, "description": {"first": ["lead", "sub"]},
             "published": {"if": {"status": 2}}, "published_at": "at", "author": "byline",
             "owner": "writer", "slug": "slug", "tags": {"each": "topics", "as": "{name}"},
             "updated_at": "changed", "extra": {"sub": "sub"}},
    "export": {"b.text": {"defaults": {"price": "0.00", "writer": 7}}}})";

inline const std::vector<std::string> texts_base{
    R"({"model":"b.section","pk":1,"fields":{"slug":"sport"}})",
    R"({"model":"b.section","pk":2,"fields":{"slug":"politics"}})",
    R"({"model":"auth.user","pk":7,"fields":{"username":"ann","email":"ann@example.org","first":"Ann","last":"Lee","is_active":true,"is_staff":false,"date_joined":"2019-01-01T00:00:00Z","password":"!x","last_login":null}})",
    R"({"model":"b.text","pk":1,"fields":{"section":1,"title":"  One ","body":"<p>B</p>","lead":"L","sub":"S","status":2,"at":"2020-05-04T10:00:00.123Z","byline":"Ann Lee","writer":7,"slug":"one","topics":[5,4],"changed":"2020-05-05T00:00:00Z","price":"1.50"}})",
    R"({"model":"b.text","pk":2,"fields":{"section":2,"title":"Two","body":"B","lead":"","sub":"S","status":1,"at":null,"byline":"Ann Lee","writer":7,"slug":"two","topics":[],"changed":"2020-05-05T00:00:00Z","price":"2.50"}})",
    R"({"model":"b.note","pk":1,"fields":{"text":1,"words":"of one"}})",
    R"({"model":"b.note","pk":2,"fields":{"text":2,"words":"of two"}})",
    R"({"model":"b.topic","pk":4,"fields":{"name":"sea"}})",
    R"({"model":"b.topic","pk":5,"fields":{"name":"air"}})",
    R"({"model":"other.thing","pk":"a-b","fields":{"x":1.10,"y":null,"z":[1,"2"]}})"};

/// A site that has the texts of another, and people who work on them here.
class TextsSite : public WholeSite {
public:
    explicit TextsSite(const std::vector<std::string>& rows = texts_base) { import(rows); }
    TextsSite(const std::vector<std::string>& rows, const Json& mapping) {
        run(lines_of(rows), mapping.dump());
    }
    void import(const std::vector<std::string>& rows) { run(lines_of(rows), way_back); }
    static std::string lines_of(const std::vector<std::string>& rows) {
        std::string text;
        for (const auto& row : rows) text += row + "\n";
        return text;
    }
    news::Command editing() const {
        news::Command command{as(base::Role::editor)};
        command.context.actor.id = 99;
        command.expected = news::Expected{{}, true};
        return command;
    }
    void revise(const std::string& type, news::ArticleId id, const news::Revision& revision) {
        REQUIRE(base::run(news->types().at(type).commands->revise(id, revision, editing())));
    }
    void show_all() {
        REQUIRE(news::wait_for_views(
            news->instances(), std::chrono::seconds(10), clock, [](const auto&, auto) {}, stop));
    }
};

}  // namespace django
