// Bodies: JSON is taken or refused as another parser says, and what a module makes of it is either
// a refusal that can be answered or something that can be stored and read again.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "fuzz/check.hpp"
#include "http/json_body.hpp"
#include "identity/accounts.hpp"
#include "identity/input_json.hpp"
#include "news/article.hpp"
#include "news/article_json.hpp"
#include "news/event_json.hpp"
#include "users/user.hpp"
#include "users/user_json.hpp"

namespace {

using fuzz::require;
using nlohmann::json;

const base::Time now = base::from_micros(1772366400000000);

/// What a JSON text has that ours refuses and other parsers take.
struct Peculiar : nlohmann::json_sax<json> {
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(std::int64_t) override { return true; }
    bool number_unsigned(std::uint64_t) override { return true; }
    bool number_float(double, const std::string&) override { return true; }
    bool string(std::string& text) override { return look(text); }
    bool binary(json::binary_t&) override { return true; }
    bool start_object(std::size_t) override { return open(); }
    bool start_array(std::size_t) override { return open(); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(std::string& name) override {
        found = found || !names.back().insert(name).second;
        return look(name);
    }
    bool parse_error(std::size_t, const std::string&, const json::exception&) override {
        return false;
    }

    bool look(const std::string& text) {
        found = found || text.find('\0') != text.npos;
        return true;
    }
    bool open() {
        names.emplace_back();
        found = found || names.size() > 32;
        return true;
    }
    bool close() {
        names.pop_back();
        return true;
    }

    bool found = false;
    std::vector<std::set<std::string>> names;
};

void check_answer(const http::Response& answer) {
    require(answer.status >= 400 && answer.status < 500, "the client is told that it is wrong");
    auto body = json::parse(std::get<std::string>(answer.body));
    require(body["error"].is_string() && body["message"].is_string(), "a refusal has its members");
}

void check_refusal(const http::Request& request, const base::Error& error) {
    require(!error.code.empty() && !error.message.empty(), "a refusal has a code and a sentence");
    require(base::count_code_points(error.message).has_value(), "a sentence is text");
    check_answer(http::failure(request, error));
}

void check_event(const news::Event& event) {
    auto text = news::to_json(event);
    auto again = news::event_from_json(name_of(event), text);
    require(news::to_json(again) == text, "what is stored can be read again");
}

void check_lengths(const news::ArticleCreated& article) {
    auto within = [](const std::string& text, std::size_t least, std::size_t most) {
        auto length = base::count_code_points(text);
        require(length && *length >= least && *length <= most, "each member has its length");
    };
    within(article.title, 1, 200);
    within(article.description, 0, 500);
    within(article.content, 1, 200000);
    within(article.author, 1, 50);
    require(article.tags.size() <= 20, "there are not too many tags");
    for (const auto& tag : article.tags) within(tag, 1, 50);
    require(article.published_at || article.status == news::Status::draft,
            "what is published has a time");
}

void check_news(const http::Request& request, const json& body) {
    auto article = news::new_article_from_json(body);
    if (!article) {
        check_refusal(request, article.error());
    } else if (auto checked = news::check(*article); !checked) {
        check_refusal(request, checked.error());
    } else {
        auto created = news::create(*checked, now);
        check_lengths(created);
        check_event(created);
    }
    auto imported = news::imported_article_from_json(body);
    if (!imported) check_refusal(request, imported.error());
    news::ArticleState before;
    before.title = "Before";
    auto revision = news::revision_from_json(body);
    if (!revision) {
        check_refusal(request, revision.error());
    } else if (auto revised = news::revise(before, "", *revision, now); !revised) {
        check_refusal(request, revised.error());
    } else {
        check_event(*revised);
    }
    auto time = news::time_from_json(body, "published_at");
    if (!time) {
        check_refusal(request, time.error());
    } else if (auto published = news::publish(before, *time, now)) {
        check_event(*published);
    }
}

void check_people(const http::Request& request, const json& body) {
    auto user = users::new_user_from_json(body);
    if (!user) {
        check_refusal(request, user.error());
    } else {
        auto problems = users::problems_of_name(user->name);
        auto length = base::count_code_points(user->name);
        require(!problems.empty() || (length && *length >= 1 && *length <= 100),
                "a name has its length");
        auto bad_email = !identity::problems_of_email(user->email).empty();
        require(bad_email || user->email.find('@') != user->email.npos, "an address has an @");
    }
    auto change = users::user_change_from_json(body);
    if (!change) check_refusal(request, change.error());
    auto texts = identity::texts_from_json(body, {"email", "password"});
    if (!texts) {
        check_refusal(request, texts.error());
    } else {
        require(texts->size() == 2 && body["email"] == texts->front(), "texts are in their order");
    }
}

}  // namespace

/// The input: a body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    http::Request request;
    request.body = fuzz::text_of(bytes, size);
    request.fields = {{"Content-Type", "application/json; charset=utf-8"}};
    auto read = http::json_body(request);
    auto other = json::parse(request.body, nullptr, false);
    bool peculiar = request.body.find('\0') != request.body.npos;
    if (!peculiar && !other.is_discarded()) {
        Peculiar reader;
        json::sax_parse(request.body, &reader);
        peculiar = reader.found;
    }
    auto* body = std::get_if<json>(&read);
    require((body != nullptr) == (!peculiar && !other.is_discarded()),
            "what is refused is no JSON, or has something that only ours refuses");
    if (!body) {
        check_answer(std::get<http::Response>(read));
        return 0;
    }
    require(other == *body, "it is what another parser reads");
    request.body = body->dump();
    auto again = http::json_body(request);
    require(std::holds_alternative<json>(again) && std::get<json>(again) == *body,
            "it is the same after it was written and read");
    check_news(request, *body);
    check_people(request, *body);
    return 0;
}
