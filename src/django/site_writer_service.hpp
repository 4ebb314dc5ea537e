#pragma once

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "base/timer.hpp"
#include "django/config.hpp"
#include "django/import.hpp"
#include "django/module.hpp"
#include "news/importer.hpp"

namespace django {

/// What a person who runs the import has decided.
struct WriteRules {
    bool theirs = false;  ///< what the source says counts, also over changes made here
    /// Articles are checked and go nowhere. People and old addresses are written all the same,
    /// since what is wrong with them hangs on the others: into a site that is thrown away.
    bool rehearsal = false;
};

/// Brings what the mapping has made into the modules, each block as one transaction of the store it
/// goes to. The same again changes nothing. A store that is overloaded is waited for, at most
/// Config::write_wait_max_ms. One task at a time, but that items may be prepared while others are
/// written. Refused as the modules refuse.
class SiteWriter {
public:
    using Outcomes = std::vector<Taken>;

    /// What it refers to must outlive it.
    SiteWriter(const Neighbours& neighbours, const Config& config, const base::Clock& clock,
               WriteRules rules);

    /// One outcome each, in their order.
    base::Task<Outcomes> write_people(std::vector<Person> people);
    /// Items as the stores take them. Asks only whom they speak of.
    struct Prepared;
    /// `items` live until they are written.
    base::Task<std::shared_ptr<Prepared>> prepare_items(const std::vector<Item>& items);
    /// Once.
    base::Task<Outcomes> write_items(std::shared_ptr<Prepared> prepared);
    base::Task<Outcomes> write_redirects(std::vector<Redirect> redirects);
    /// Of the items of that type that came from that model, some that follow `after`.
    base::Task<std::vector<news::ImportedItem>> imported(std::string type, std::string model,
                                                         std::string after);
    /// Takes it back from its readers; `unchanged`: they did not see it.
    base::Task<Taken> withdraw(std::string type, std::string legacy_id);
    /// Some legacy_ids of people of that model that follow `after`.
    base::Task<std::vector<std::string>> imported_people(std::string model, std::string after);
    /// Disables the account; `unchanged`: nobody could log in with it.
    base::Task<Taken> withdraw_person(std::string legacy_id);
    /// Some redirects that came from rows of that model, and lead from behind `after`.
    base::Task<std::vector<site::Redirect>> imported_redirects(std::string model,
                                                               std::string after);
    /// How many there were.
    base::Task<std::int64_t> forget_redirects(std::vector<std::string> paths);

private:
    /// The items of one type in a block.
    struct Group {
        std::string type;
        std::vector<std::size_t> places;  ///< in the block
        std::vector<news::ImportItem> items;
    };
    using Brought = std::vector<news::ImportOutcome>;
    using Before = std::vector<std::optional<news::ImportedBefore>>;
    using Elsewhere = std::map<std::string, Before>;  ///< by type, in the order of a group

    base::Context context() const;
    /// What `ask` answers, asked again while it is `overloaded`: others write too, and are served
    /// first.
    template <class T>
    base::Task<T> patiently(std::function<base::Task<T>()> ask) const {
        constexpr std::chrono::milliseconds wait_first{10};
        constexpr std::chrono::milliseconds wait_longest{500};
        auto executor = co_await boost::asio::this_coro::executor;
        base::Timer timer(clock_, executor);
        auto give_up = clock_.steady() + config_.write_wait_max_ms;
        auto span = wait_first;
        for (;;) {
            auto answer = co_await ask();
            bool again = !answer && answer.error().code == "overloaded";
            if (!again || clock_.steady() >= give_up) co_return answer;
            co_await timer.pause(span);
            span = std::min(span * 2, wait_longest);
        }
    }
    void make_room();
    void remember(const std::string& legacy_id, std::int64_t user);
    base::Task<void> learn_users(std::vector<std::string> legacy_ids);
    base::Task<Brought> write(Group& group);
    base::Task<void> bring(Group& group, const std::vector<Item>& items, Outcomes& outcomes);
    base::Task<Elsewhere> look_elsewhere(const Group& group);
    static void leave_out_killed(Group& group, Elsewhere& elsewhere, Outcomes& outcomes);
    base::Task<void> leave_other_types(const Group& group, const Elsewhere& elsewhere,
                                       const Brought& brought);
    base::Task<void> redirect_old_paths(const Group& group, const std::vector<Item>& items,
                                        const Brought& brought, Outcomes& outcomes);
    base::Task<Outcomes> store(std::vector<site::RedirectChange> changes);

    const Neighbours neighbours_;
    const Config& config_;
    const base::Clock& clock_;
    const WriteRules rules_;
    const std::string request_id_;
    /// By legacy_id; 0: nobody here is that person. Of bounded size.
    std::unordered_map<std::string, std::int64_t> users_;
};

}  // namespace django
