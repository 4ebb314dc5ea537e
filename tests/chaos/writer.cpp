#include "writer.hpp"

#include "support/eventually.hpp"
#include "support/json_checks.hpp"

namespace tests {

using nlohmann::json;
using support::Answer;
using support::HttpClient;

namespace {

constexpr std::size_t items_max = 4000;
const std::vector<std::string> types = {"sports", "politics", "famous"};

support::Fields fields_of(const Change& change) {
    support::Fields fields = {{"Content-Type", "application/json"}};
    if (!change.key.empty()) fields.emplace_back("Idempotency-Key", change.key);
    return fields;
}

}  // namespace

std::string content_of(const std::string& title) {
    std::string content;
    // Of different lengths, so that rows overflow their pages in different ways.
    auto parts = 1 + std::hash<std::string>()(title) % 60;
    for (std::size_t i = 0; i < parts; ++i) content += title + "; ";
    return content;
}

Change Writer::create() {
    Change change;
    auto title = "w" + std::to_string(number_) + " c" + std::to_string(changes_);
    auto& item = change.after;
    item.type = types[static_cast<std::size_t>(dice_.number(0, 2))];
    item.version = 1;
    item.title = title;
    item.status = dice_.chance(70) ? "published" : "draft";
    change.method = "POST";
    change.target = "/v1/news/" + item.type;
    change.status = 201;
    change.body = support::new_item(title, {{"content", content_of(title)},
                                            {"tags", {"chaos", "w" + std::to_string(number_)}},
                                            {"status", item.status}})
                      .dump();
    return change;
}

Change Writer::change_of(std::size_t index) {
    Change change;
    change.item = index;
    change.after = items_[index];
    auto& item = change.after;
    ++item.version;
    item.touched = true;
    change.method = "POST";
    change.target = item.path();
    change.status = 200;
    if (item.status == "removed") {
        change.target += "/restore";
        change.body = json({{"version", item.version - 2}}).dump();
        change.status = 201;
        item.status = item.status_before_removal;
    } else if (dice_.chance(5)) {
        return late_change_of(index);
    } else if (dice_.chance(8)) {
        change.method = "DELETE";
        item.status_before_removal = std::exchange(item.status, "removed");
    } else if (dice_.chance(30)) {
        bool published = item.status == "published";
        change.target += published ? "/unpublish" : "/publish";
        item.status = published ? "draft" : "published";
    } else {
        item.title = "w" + std::to_string(number_) + " r" + std::to_string(changes_);
        change.method = "PUT";
        change.target = "/v1/news/" + item.type;
        change.status = 201;
        change.body = json({{"id", item.id},
                            {"version", item.version - 1},
                            {"title", item.title},
                            {"content", content_of(item.title)}})
                          .dump();
    }
    return change;
}

/// One of somebody who has not seen the version that is there.
Change Writer::late_change_of(std::size_t index) const {
    Change change;
    change.item = index;
    change.after = items_[index];
    change.is_refused = true;
    change.method = "PUT";
    change.target = "/v1/news/" + change.after.type;
    change.status = 409;
    change.body = json({{"id", change.after.id},
                        {"version", change.after.version + 1},
                        {"title", "never"},
                        {"content", "never"}})
                      .dump();
    return change;
}

Change Writer::choose() {
    ++changes_;
    bool fresh = items_.empty() || (items_.size() < items_max && dice_.chance(40));
    std::size_t index = 0;
    if (!fresh) {
        index = static_cast<std::size_t>(dice_.number(0, static_cast<int>(items_.size()) - 1));
        fresh = items_[index].is_open;
    }
    auto change = fresh ? create() : change_of(index);
    bool may_repeat = change.method != "DELETE";
    if (may_repeat && dice_.chance(50)) {
        change.key = "w" + std::to_string(number_) + "-" + std::to_string(changes_);
    }
    return change;
}

void Writer::prepare() {
    open_.push_back(choose());
    if (open_.back().item != Change::fresh) items_[open_.back().item].is_open = true;
}

void Writer::carry_out(HttpClient& client) {
    const auto& change = open_.back();
    Answer answer;
    try {
        answer = client.request(change.method, change.target, change.body, fields_of(change));
    } catch (const support::ConnectionLost&) {
        ++unanswered_;
        throw;
    }
    if (answer.status >= 500 && failures_ == Failures::honest) {
        ++failed_;
        auto body = answer.json();
        auto code = body.is_object() ? body.value("error", "") : std::string();
        auto faults = support::failure_faults(answer, answer.status, code);
        if (!faults.empty()) fault(change.after, "fails with " + answer.body + ": " + faults);
        return;
    }
    auto sent = change;
    open_.pop_back();
    if (sent.item != Change::fresh) items_[sent.item].is_open = false;
    if (answer.status != sent.status) {
        return fault(sent.after,
                     sent.method + " " + sent.target + " is answered with " + answer.body);
    }
    if (!sent.is_refused) acknowledge(sent, answer);
}

void Writer::read(HttpClient& client) {
    if (items_.empty()) return;
    const auto& item =
        items_[static_cast<std::size_t>(dice_.number(0, static_cast<int>(items_.size()) - 1))];
    auto answer = client.request("GET", item.path());
    if (answer.status >= 500 && failures_ == Failures::honest) return;
    // A view that fails is made anew, and late meanwhile.
    if (answer.status == 404) return;
    auto news = answer.news();
    bool whole = answer.status == 200 && support::item_faults(news).empty() &&
                 news["content"] == content_of(news["title"]) &&
                 news["version"] <= item.version + (item.is_open ? 1 : 0);
    if (!whole) fault(item, "is read as " + answer.body);
}

void Writer::acknowledge(const Change& change, const Answer& answer) {
    ++acknowledged_;
    auto item = change.after;
    if (change.method == "DELETE") {
        items_[change.item] = item;
        return;
    }
    auto news = answer.news();
    auto faults = support::item_faults(news);
    if (!faults.empty()) return fault(item, "is answered with " + answer.body + ": " + faults);
    bool created = change.item == Change::fresh;
    if (created) item.id = news["id"];
    bool right = news["id"] == item.id && news["version"] == item.version &&
                 news["title"] == item.title && news["status"] == item.status &&
                 news["content"] == content_of(item.title);
    if (!right) fault(item, "is answered with " + answer.body);
    if (created) {
        items_.push_back(item);
    } else {
        items_[change.item] = item;
    }
}

void Writer::work(const support::PortalProcess& portal) try {
    HttpClient client(portal.address());
    while (faults_.empty()) {
        prepare();
        carry_out(client);
    }
} catch (const support::ConnectionLost&) {
    // The kill; if it was before the first change, there is nothing to settle.
}

/// The change whose outcome is unknown was made, or not; it must not be half made. With a key it
/// can be repeated, and then it is made once.
void Writer::settle(HttpClient& client, const Change& change) {
    if (change.is_refused) return;
    if (!change.key.empty()) {
        auto answer = client.request(change.method, change.target, change.body, fields_of(change));
        if (answer.status == change.status) return acknowledge(change, answer);
        return fault(change.after, "cannot be repeated with its key: " + answer.body);
    }
    if (change.item == Change::fresh) {
        lost_titles_.push_back(change.after.title);
        return;
    }
    auto history = client.request("GET", change.after.path() + "/history").json();
    auto versions = history.value("history", json::array()).size();
    if (versions == static_cast<std::size_t>(change.after.version))
        items_[change.item] = change.after;
}

void Writer::compare(HttpClient& client, KnownItem& item) {
    item.touched = false;
    auto history = client.request("GET", item.path() + "/history").json();
    auto entries = history.value("history", json::array());
    if (entries.size() != static_cast<std::size_t>(item.version)) {
        return fault(item, "has the history " + entries.dump());
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i]["version"] != i + 1) return fault(item, "has gaps: " + entries.dump());
    }
    auto last =
        client.request("GET", item.path() + "/versions/" + std::to_string(item.version)).news();
    bool right = last.is_object() && last["version"] == item.version &&
                 last["title"] == item.title && last["status"] == item.status &&
                 last["content"] == content_of(item.title);
    if (!right) return fault(item, "is, by the log, " + last.dump());

    // The view catches up by itself after a start.
    Answer read;
    bool gone = item.status == "removed";
    bool shown = support::eventually([&] {
        read = client.request("GET", item.path());
        return gone ? read.status == 404 : read.status == 200 && read.news() == last;
    });
    if (!shown) fault(item, "is, in the view, " + read.body);
}

void Writer::check(const support::PortalProcess& portal, int others) try {
    HttpClient client(portal.address());
    for (const auto& change : std::exchange(open_, {})) {
        if (change.item != Change::fresh) items_[change.item].is_open = false;
        settle(client, change);
    }
    for (auto& item : items_) {
        if (item.touched) compare(client, item);
    }
    for (int i = 0; i < others && !items_.empty(); ++i) {
        compare(
            client,
            items_[static_cast<std::size_t>(dice_.number(0, static_cast<int>(items_.size()) - 1))]);
    }
} catch (const support::ConnectionLost& lost) {
    faults_.push_back(std::string("the server was lost while it was looked at: ") + lost.what());
}

void Writer::fault(const KnownItem& item, const std::string& what) {
    faults_.push_back(item.path() + " (version " + std::to_string(item.version) + ", " +
                      item.status + ", " + item.title + ") " + what.substr(0, 2000));
}

}  // namespace tests
