#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "random_moments.hpp"
#include "support/portal_process.hpp"

namespace tests {

/// The content that belongs to a title: whoever reads an item can tell whether it is a whole one.
std::string content_of(const std::string& title);

/// What a writer knows of one of its items: exactly what the server has acknowledged last.
struct KnownItem {
    std::string type;
    std::int64_t id = 0;
    int version = 0;
    std::string title;
    std::string status;
    std::string status_before_removal;
    bool touched = true;  ///< since it was last compared with the server

    std::string path() const { return "/v1/news/" + type + "/" + std::to_string(id); }
};

/// One change, as it goes to the server, and what must be true once it is acknowledged.
struct Change {
    std::string method;
    std::string target;
    std::string body;
    std::string key;       ///< of Idempotency-Key; empty: none
    int status = 0;        ///< of a good answer
    std::size_t item = 0;  ///< whose; past the end for one that is created
    KnownItem after;
};

/// One client that changes items of its own, keeps account of every answer, and holds the server
/// to it after a crash. Not thread-safe; lives through all rounds.
class Writer {
public:
    Writer(int number, std::uint64_t seed) : number_(number), dice_(seed) {}

    /// Sends change after change until the server is gone.
    void work(const support::PortalProcess& portal);
    /// After a restart: settles the change whose answer never came, then compares everything that
    /// was touched since, and `others` of the rest, with what the server has.
    void check(const support::PortalProcess& portal, int others);

    /// What was wrong, in words. Empty if the server kept its word.
    const std::vector<std::string>& faults() const { return faults_; }
    const std::vector<KnownItem>& items() const { return items_; }
    /// Titles of creations without a key whose answer never came: they may be there or not, once.
    const std::vector<std::string>& lost_titles() const { return lost_titles_; }
    int acknowledged() const { return acknowledged_; }
    int unanswered() const { return unanswered_; }

private:
    Change choose();
    Change change_of(std::size_t index);
    Change create();
    std::optional<support::Answer> send(support::HttpClient& client, const Change& change);
    void acknowledge(const Change& change, const support::Answer& answer);
    void settle(support::HttpClient& client);
    void compare(support::HttpClient& client, KnownItem& item);
    void fault(const KnownItem& item, const std::string& what);

    int number_;
    Dice dice_;
    int changes_ = 0;
    int acknowledged_ = 0;
    int unanswered_ = 0;
    std::vector<KnownItem> items_;
    std::optional<Change> open_;  ///< sent, and the server died before it answered
    std::vector<std::string> lost_titles_;
    std::vector<std::string> faults_;
};

}  // namespace tests
