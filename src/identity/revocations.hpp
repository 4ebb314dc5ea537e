#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/snapshot.hpp"
#include "identity/accounts.hpp"

namespace identity {

/// No token of such a user counts: the account is gone.
inline constexpr std::int64_t no_epoch = std::numeric_limits<std::int64_t>::max();

/// That tokens count no more which have not run out: those of a user with a lower epoch, or all of
/// a family.
struct Revocation {
    enum class Kind { user, family } kind = Kind::user;
    std::int64_t id = 0;
    std::int64_t least_epoch = no_epoch;
    base::Time until{};  ///< then no such token is alive
};

/// What the table `revocations` says, in memory, so that a token is checked against it on every
/// request without asking the database. Reading is thread-safe and costs next to nothing while
/// there is nothing to find; changes come from one thread at a time (the database's writer, after
/// its COMMIT; before it is started, the one that opens the module).
class Revocations {
public:
    /// Whether a token of that user, epoch and family counts.
    bool admit(UserId user, std::int64_t epoch, std::int64_t family) const;

    void add(const Revocation& revocation) { add_all({revocation}); }
    void add_all(const std::vector<Revocation>& all);
    /// Forgets those that ended before `now`.
    void forget(base::Time now);
    std::size_t size() const;

private:
    using Entries = std::unordered_map<std::int64_t, Revocation>;
    static constexpr std::size_t shard_count = 64;
    /// Users and families each have their own: a number may be both.
    class Table {
    public:
        Table();
        std::int64_t least_epoch(std::int64_t id) const;
        /// Those of that kind.
        void add_all(const std::vector<Revocation>& all, Revocation::Kind kind);
        void forget(base::Time now);
        std::size_t size() const;

    private:
        struct Shard {
            Shard() : entries(std::make_shared<const Entries>()) {}
            base::Snapshot<Entries> entries;
            std::atomic<bool> empty{true};
        };
        // Ids are random: any bits will do.
        static std::size_t place_of(std::int64_t id) {
            return static_cast<std::uint64_t>(id) % shard_count;
        }
        std::unique_ptr<std::array<Shard, shard_count>> shards_;
    };

    Table users_;
    Table families_;
};

}  // namespace identity
