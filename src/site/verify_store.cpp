#include <map>
#include <set>
#include <stdexcept>

#include "bus/log.hpp"
#include "database/store_file.hpp"
#include "event_json.hpp"
#include "site/events.hpp"
#include "site/module.hpp"
#include "site/verify.hpp"

namespace site {

namespace {

constexpr std::size_t problems_max = 100;

/// One look at the store. The log says it all in order, so one walk along it is enough: each row of
/// `redirects` names the event that it is from, and what an event says that is in no row must have
/// been removed by a later one.
class Check {
public:
    explicit Check(database::ReadTransaction& store) : store_(store) {}

    std::vector<std::string> run() {
        bus::read_log(store_, 0, [this](const bus::Event& event) {
            try {
                event_ = &event;
                std::visit([this](const auto& said) { take(said); }, site_event(event));
            } catch (const std::runtime_error& failure) {
                complain("event " + std::to_string(event.position) + ": " + failure.what());
            }
            return problems_.size() < problems_max;
        });
        for (const auto& path : missing_) complain("the redirect of " + path + " is missing");
        compare_totals();
        compare_lists();
        return std::move(problems_);
    }

private:
    struct Row {
        Redirect redirect;
        std::int64_t position = 0;
    };
    struct Said {
        std::string name;
        std::int64_t version = 0;
        bool is_removed = false;
        std::string entries;
    };

    void complain(std::string problem) {
        if (problems_.size() < problems_max) problems_.push_back(std::move(problem));
    }

    std::int64_t number(const char* sql) {
        auto row = store_.prepare(sql);
        return row.step() ? row.integer(0) : 0;
    }

    std::optional<Row> find(const std::string& path) {
        auto row = store_.prepare(
            "select target, permanent, event_position, coalesce(source, '') from redirects"
            " where path = ?");
        row.bind(1, path);
        if (!row.step()) return std::nullopt;
        Row found;
        found.redirect.from = path;
        if (auto target = row.text_or_null(0)) found.redirect.to = std::string(*target);
        found.redirect.permanent = row.integer(1) == 1;
        found.position = row.integer(2);
        found.redirect.source = row.text(3);
        return found;
    }

    void take(const RedirectsChanged& changed) {
        for (const auto& redirect : changed.stored) {
            auto row = find(redirect.from);
            if (!row || row->position < event_->position) {
                missing_.insert(redirect.from);
            } else if (row->position == event_->position) {
                ++matched_;
                if (row->redirect == redirect) continue;
                complain("the redirect of " + redirect.from + " is not what the log says");
            }
        }
        for (const auto& path : changed.removed) {
            missing_.erase(path);
            auto row = find(path);
            if (row && row->position <= event_->position) {
                complain("the redirect of " + path + " is there, but was removed");
            }
        }
    }
    void take(const ListChanged& changed) {
        lists_[event_->stream] = {changed.name, event_->version, false,
                                  entries_to_json(changed.entries)};
    }
    void take(const ListRemoved& removed) {
        lists_[event_->stream] = {removed.name, event_->version, true, "[]"};
    }

    void compare_totals() {
        auto redirects = number("select count(*) from redirects");
        if (redirects != matched_) {
            complain(std::to_string(redirects) + " redirects are there, " +
                     std::to_string(matched_) + " of them as the log says");
        }
        if (number("select redirects from totals") != redirects) {
            complain("the number of redirects is not what is kept of it");
        }
        if (number("select lists from totals") != number("select count(*) from lists")) {
            complain("the number of lists is not what is kept of it");
        }
    }

    void compare_lists() {
        auto row = store_.prepare("select stream, name, version, removed, entries from lists");
        while (row.step()) {
            auto said = lists_.find(row.integer(0));
            bool same = said != lists_.end() && said->second.name == row.text(1) &&
                        said->second.version == row.integer(2) &&
                        said->second.is_removed == (row.integer(3) == 1) &&
                        said->second.entries == row.text(4);
            if (!same) {
                complain("the list " + std::string(row.text(1)) + " is not what the log says");
            }
            if (said != lists_.end()) lists_.erase(said);
        }
        for (const auto& [stream, said] : lists_) {
            complain("the list " + said.name + " is missing");
        }
    }

    database::ReadTransaction& store_;
    const bus::Event* event_ = nullptr;  ///< the one that is looked at
    std::vector<std::string> problems_;
    std::set<std::string> missing_;  ///< stored by an event, and in no row that is as new
    std::int64_t matched_ = 0;       ///< rows that are from the event that they name
    std::map<std::int64_t, Said> lists_;
};

}  // namespace

std::vector<std::string> verify(const std::filesystem::path& folder) {
    database::StoreReader store(Module::stores(Config(), folder).front());
    return Check(store.refresh()).run();
}

}  // namespace site
