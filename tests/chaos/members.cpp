#include "members.hpp"

#include <algorithm>

#include "support/json_checks.hpp"

namespace tests {

using nlohmann::json;
using support::Answer;
using support::HttpClient;

namespace {

std::string profile_of(const Member& member) {
    return "/v1/users/" + std::to_string(member.id);
}

Answer send_json(HttpClient& client, const std::string& method, const std::string& target,
                 const json& body) {
    return client.request(method, target, body.dump(), {{"Content-Type", "application/json"}});
}

Answer register_as(HttpClient& client, const Member& member) {
    return send_json(client, "POST", "/v1/users",
                     {{"name", member.name},
                      {"email", member.email},
                      {"password", "the long word of " + member.name}});
}

/// Whether an answer to GET shows just this member.
bool shows(const Answer& answer, const Member& member) {
    if (member.is_gone || member.id == 0) return answer.status == 404;
    auto body = answer.json();
    return answer.status == 200 && body.value("id", std::int64_t{0}) == member.id &&
           body.value("name", "") == member.name && body.value("email", "") == member.email;
}

}  // namespace

void Members::prepare() {
    ++changes_;
    auto mark = "m" + std::to_string(number_) + "-" + std::to_string(changes_);
    chosen_ = members_.size();
    if (!members_.empty() && dice_.chance(60)) {
        chosen_ = static_cast<std::size_t>(dice_.number(0, static_cast<int>(members_.size()) - 1));
        const auto& chosen = members_[chosen_];
        if (chosen.next || chosen.now.is_gone || chosen.now.id == 0) chosen_ = members_.size();
    }
    if (chosen_ == members_.size()) {
        Member fresh;
        fresh.name = mark;
        fresh.email = mark + "@example.org";
        members_.push_back({Member{}, fresh});
        return;
    }
    auto next = members_[chosen_].now;
    if (dice_.chance(20)) {
        next.is_gone = true;
    } else {
        next.name = mark + " again";
        if (dice_.chance(50)) next.email = mark + "@example.net";
    }
    members_[chosen_].next = next;
}

void Members::carry_out(HttpClient& client) {
    auto& known = members_[chosen_];
    auto next = *known.next;
    bool is_new = known.now.id == 0;
    Answer answer;
    try {
        if (is_new) {
            answer = register_as(client, next);
        } else if (next.is_gone) {
            answer = client.request("DELETE", profile_of(next));
        } else {
            json body = {{"name", next.name}};
            if (next.email != known.now.email) body["email"] = next.email;
            answer = send_json(client, "PUT", profile_of(next), body);
        }
    } catch (const support::ConnectionLost&) {
        ++unanswered_;
        throw;
    }
    if (answer.status >= 500) {
        ++failed_;
        auto body = answer.json();
        auto code = body.is_object() ? body.value("error", "") : std::string();
        auto faults = support::failure_faults(answer, answer.status, code);
        if (!faults.empty()) fault(next, "fails with " + faults, answer);
        return;
    }
    if (answer.status != (is_new ? 201 : 200)) return fault(next, "is refused", answer);
    ++acknowledged_;
    if (is_new) next.id = answer.json().value("id", std::int64_t{0});
    known.now = next;
    known.next.reset();
}

void Members::read(HttpClient& client) {
    if (members_.empty()) return;
    auto last = static_cast<int>(members_.size()) - 1;
    const auto& known = members_[static_cast<std::size_t>(dice_.number(0, last))];
    if (known.now.id == 0) return;
    auto answer = client.request("GET", profile_of(known.now));
    if (answer.status >= 500 || shows(answer, known.now)) return;
    if (!known.next || !shows(answer, *known.next)) fault(known.now, "is read as", answer);
}

std::int64_t Members::find(HttpClient& client, const std::string& email) {
    constexpr int page = 100;
    for (int start = 0;; start += page) {
        auto target =
            "/v1/users/all?start=" + std::to_string(start) + "&count=" + std::to_string(page);
        auto all = client.request("GET", target).json();
        if (!all.is_array() || all.empty()) return 0;
        for (const auto& one : all) {
            if (one.value("email", "") == email) return one.value("id", std::int64_t{0});
        }
    }
}

void Members::settle(HttpClient& client, Known& known) {
    auto next = *std::exchange(known.next, std::nullopt);
    if (known.now.id == 0) {
        auto again = register_as(client, next);
        if (again.status == 201) {
            next.id = again.json().value("id", std::int64_t{0});
        } else if (again.status == 409) {
            next.id = find(client, next.email);
            if (next.id == 0) return fault(next, "is taken, and nobody has it", again);
        } else {
            return fault(next, "cannot register again", again);
        }
        known.now = next;
        return;
    }
    auto answer = client.request("GET", profile_of(next));
    if (shows(answer, next)) {
        known.now = next;
    } else if (!shows(answer, known.now)) {
        fault(next, "is neither as before nor as after", answer);
    }
}

void Members::check(const support::PortalProcess& portal) try {
    HttpClient client(portal.address());
    for (auto& known : members_) {
        if (known.next) settle(client, known);
        if (known.now.id == 0) continue;
        auto answer = client.request("GET", profile_of(known.now));
        if (!shows(answer, known.now)) fault(known.now, "is read as", answer);
    }
} catch (const support::ConnectionLost& lost) {
    faults_.push_back(std::string("the server was lost while it was looked at: ") + lost.what());
}

int Members::unsettled() const {
    return static_cast<int>(std::count_if(members_.begin(), members_.end(),
                                          [](const Known& one) { return one.next.has_value(); }));
}

void Members::fault(const Member& member, const std::string& what, const Answer& answer) {
    faults_.push_back(profile_of(member) + " (" + member.name + ", " + member.email + ") " + what +
                      ": " + std::to_string(answer.status) + " " + answer.body);
}

}  // namespace tests
