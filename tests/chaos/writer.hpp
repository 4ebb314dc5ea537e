#pragma once

#include <map>
#include <nlohmann/json.hpp>
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
    bool touched = true;   ///< since it was last compared with the server
    bool is_open = false;  ///< a change of it was sent, and nobody knows whether it was made

    std::string path() const { return "/v1/news/" + type + "/" + std::to_string(id); }
};

/// One change, as it goes to the server, and what must be true once it is acknowledged.
struct Change {
    std::string method;
    std::string target;
    std::string body;
    std::string key;  ///< of Idempotency-Key; empty: none
    int status = 0;   ///< of the answer that it must get, unless something fails
    static constexpr std::size_t fresh = static_cast<std::size_t>(-1);
    std::size_t item = fresh;  ///< whose; or it is created
    bool is_refused = false;   ///< its answer is a definite no, so nothing may come of it
    KnownItem after;
};

/// One client that changes items of its own, keeps account of every answer, and holds the server
/// to it after a crash. Not thread-safe; lives through all rounds; a copy knows what this one knew.
class Writer {
public:
    /// What an answer of 500 and more is.
    enum class Failures { wrong, honest };

    Writer(int number, std::uint64_t seed, Failures failures = Failures::wrong)
        : number_(number), failures_(failures), dice_(seed) {}

    /// Sends change after change until the server is gone.
    void work(const support::PortalProcess& portal);
    /// Decides on the next change. Until carry_out() it counts as sent: a copy made now settles it.
    void prepare();
    /// Sends it. Throws ConnectionLost; then, and after an honest failure, it stays open: the item
    /// is left alone until check().
    void carry_out(support::HttpClient& client);
    /// Reads one of the items. What comes must be whole, and no newer than what was sent. Throws
    /// ConnectionLost.
    void read(support::HttpClient& client);
    /// After a restart: settles the changes whose outcome is unknown, then compares everything that
    /// was touched since, and `others` of the rest, with what the server has.
    void check(const support::PortalProcess& portal, int others);

    /// What was wrong, in words. Empty if the server kept its word.
    const std::vector<std::string>& faults() const { return faults_; }
    const std::vector<KnownItem>& items() const { return items_; }
    /// Titles of creations without a key whose answer never came: they may be there or not, once.
    const std::vector<std::string>& lost_titles() const { return lost_titles_; }
    int acknowledged() const { return acknowledged_; }
    int unanswered() const { return unanswered_; }
    /// Answers that said that something failed.
    int failed() const { return failed_; }
    int unsettled() const { return static_cast<int>(open_.size()); }

private:
    Change choose();
    Change change_of(std::size_t index);
    Change late_change_of(std::size_t index) const;
    Change create();
    void acknowledge(const Change& change, const support::Answer& answer);
    void settle(support::HttpClient& client, const Change& change);
    void compare(support::HttpClient& client, KnownItem& item);
    void fault(const KnownItem& item, const std::string& what);

    int number_;
    Failures failures_;
    Dice dice_;
    int changes_ = 0;
    int acknowledged_ = 0;
    int unanswered_ = 0;
    int failed_ = 0;
    std::vector<KnownItem> items_;
    std::vector<Change> open_;  ///< sent, and never answered or with a failure; the last is at work
    std::vector<std::string> lost_titles_;
    std::vector<std::string> faults_;
};

}  // namespace tests
