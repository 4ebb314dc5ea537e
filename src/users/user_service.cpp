#include "user_service.hpp"

#include <algorithm>

#include "telemetry/log.hpp"

namespace users {

namespace {

/// A queue that moves takes milliseconds; this is one that does not.
constexpr auto queue_age_max = std::chrono::minutes(1);

User user_of(const Record& record, std::string email) {
    return {record.id,         record.name,       std::move(email),
            record.created_at, record.updated_at, record.version};
}

base::Error invalid_user(std::vector<base::Problem> problems) {
    return {base::Reason::invalid, "invalid_user", "The user cannot be stored like that.",
            std::move(problems)};
}

void append(std::vector<base::Problem>& all, std::vector<base::Problem> some) {
    std::move(some.begin(), some.end(), std::back_inserter(all));
}

base::Error change_under_way() {
    return {base::Reason::unavailable, "user_change_under_way",
            "Another change of this user is under way. Try again in a moment."};
}

/// The right to change a user, for as long as it lives; false if somebody else has it.
class ChangeLock {
public:
    ChangeLock(base::Cache<UserId, bool>& changing, UserId id) : changing_(changing), id_(id) {
        changing_.change(id, [this](bool& taken) { mine_ = !std::exchange(taken, true); });
    }
    ~ChangeLock() {
        if (mine_) changing_.erase(id_);
    }
    ChangeLock(const ChangeLock&) = delete;
    explicit operator bool() const { return mine_; }

private:
    base::Cache<UserId, bool>& changing_;
    UserId id_;
    bool mine_ = false;
};

}  // namespace

UserService::UserService(UserStore& store, identity::Accounts& accounts, const base::Clock& clock,
                         identity::PasswordRules rules)
    : store_(store), accounts_(accounts), clock_(clock), rules_(rules) {}

base::Task<User> UserService::create(NewUser user, Command command) {
    auto problems = problems_of_name(user.name);
    if (!user.email.empty() || user.login.empty()) {
        append(problems, identity::problems_of_email(user.email));
    }
    if (!user.login.empty()) append(problems, identity::problems_of_login(user.login));
    append(problems, identity::problems_of_password(user.password, rules_));
    if (!problems.empty()) co_return invalid_user(std::move(problems));
    auto before = co_await answered(command, user.password);
    if (!before) co_return before.error();
    if (*before) co_return std::move(**before);

    identity::NewAccount account{user.email, user.password, user.role, std::move(user.login)};
    auto id = co_await accounts_.reserve(std::move(account), command.context);
    if (!id) {
        if (id.error().reason != base::Reason::conflict) co_return id.error();
        // Perhaps by the same call, which was under way a moment ago.
        auto meanwhile = co_await answered(command, user.password);
        if (meanwhile && *meanwhile) co_return std::move(**meanwhile);
        co_return id.error();
    }

    auto now = clock_.now();
    Record record{*id, std::move(user.name), now, now, 1, false};
    auto added = co_await store_.add(std::move(record), command);
    if (!added) {
        co_await give_up(*id);
        co_return added.error();
    }
    // From here on it will be: if this call fails, the worker activates the account.
    auto activated = co_await accounts_.activate(*id, command.context);
    if (!activated) co_return activated.error();
    co_return user_of(*added, std::move(user.email));
}

base::Task<std::optional<User>> UserService::answered(const Command& command,
                                                      std::optional<std::string> password) const {
    if (!command.idempotency_key) co_return std::optional<User>();
    auto record = co_await store_.answered(*command.idempotency_key, command.context);
    if (!record) co_return record.error();
    if (!*record) co_return std::optional<User>();
    auto id = (*record)->id;
    std::vector<UserId> ids{id};
    auto emails = co_await accounts_.emails(std::move(ids), command.context);
    if (!emails) co_return emails.error();
    auto email = emails->find(id);
    if (email == emails->end()) co_return std::optional<User>();
    if (password) {
        // Its hash is no part of what was remembered: a fast one would give it away.
        auto same = co_await accounts_.has_password(id, std::move(*password), command.context);
        if (!same) co_return same.error();
        if (!*same) co_return base::idempotency_key_reused();
    }
    co_return std::optional<User>(user_of(**record, std::move(email->second)));
}

base::Task<void> UserService::give_up(UserId id) {
    // A commit whose outcome is unknown may have stored the profile: then the account stays pending
    // for the worker.
    base::Context context;
    auto stored = co_await store_.record(id, context);
    if (stored || stored.error().reason != base::Reason::not_found) co_return base::Result<void>();
    auto discarded = co_await accounts_.discard(id, context);
    if (!discarded) {
        telemetry::log(telemetry::Level::warning, "users",
                       "an interrupted registration waits for the next start to be undone",
                       {{"user_id", id}, {"error", discarded.error().code}});
    }
    co_return base::Result<void>();
}

base::Task<User> UserService::user(UserId id, base::Context context) const {
    if (!may_know(context.actor, id)) co_return user_not_found();
    auto record = co_await store_.record(id, context);
    if (!record) co_return record.error();
    std::vector<UserId> ids{id};
    auto emails = co_await accounts_.emails(std::move(ids), context);
    if (!emails) co_return emails.error();
    auto found = emails->find(id);
    if (found == emails->end()) co_return user_not_found();
    co_return user_of(*record, found->second);
}

base::Task<User> UserService::change(UserId id, UserChange change, Command command) {
    std::vector<base::Problem> problems;
    if (change.name) append(problems, problems_of_name(*change.name));
    if (change.email) append(problems, identity::problems_of_email(*change.email));
    if (change.password) append(problems, identity::problems_of_password(*change.password, rules_));
    if (!problems.empty()) co_return invalid_user(std::move(problems));

    // Account and profile are two stores: what is checked has to hold until both are changed.
    ChangeLock lock(changing_, id);
    if (!lock) co_return change_under_way();
    co_return co_await change_alone(id, std::move(change), std::move(command));
}

base::Task<User> UserService::change_alone(UserId id, UserChange change, Command command) {
    auto before = co_await user(id, command.context);
    if (!before) co_return before.error();
    auto earlier = co_await answered(command, change.password);
    if (!earlier) co_return earlier.error();
    if (*earlier) co_return std::move(**earlier);
    Record current{id,   before->name, before->created_at, before->updated_at, before->version,
                   false};
    // Before the account is touched: afterwards it would be too late to refuse.
    auto allowed = changed(std::move(current), change.name, command.expected, clock_.now());
    if (!allowed) co_return allowed.error();

    auto room = store_.room();
    if (!room) co_return room.error();

    auto context = command.context;
    std::string email = change.email.value_or(before->email);
    std::optional<std::int64_t> token;
    if (change.email || change.password) {
        identity::AccountChange account{std::move(change.email), std::move(change.password)};
        auto prepared = co_await accounts_.prepare_change(id, std::move(account), context);
        // Erased since it was looked up.
        if (!prepared && prepared.error().reason == base::Reason::not_found) {
            co_return user_not_found();
        }
        if (!prepared) co_return prepared.error();
        token = *prepared;
    }
    auto after = co_await store_.change(id, std::move(change.name), token, std::move(command));
    if (!after) {
        if (token) co_await give_up_prepared(*token);
        co_return after.error();
    }
    if (token) {
        // From here on it will be: if this call fails, the worker finishes it.
        auto finished = co_await accounts_.finish_change(id, *token, context);
        if (!finished) co_return finished.error();
    }
    co_return user_of(*after, std::move(email));
}

base::Task<void> UserService::remove(UserId id, Command command) {
    if (!may_know(command.context.actor, id)) co_return user_not_found();
    ChangeLock lock(changing_, id);
    if (!lock) co_return change_under_way();
    co_return co_await remove_alone(id, std::move(command));
}

base::Task<void> UserService::remove_alone(UserId id, Command command) {
    auto context = command.context;
    auto token = co_await accounts_.prepare_erasure(id, context);
    if (!token) co_return token.error();
    auto removed = co_await store_.remove(id, *token, std::move(command));
    if (!removed) {
        co_await give_up_prepared(*token);
        co_return removed.error();
    }
    // If this fails, the worker does it.
    co_return co_await accounts_.erase(id, context);
}

base::Task<void> UserService::give_up_prepared(std::int64_t token) {
    base::Context context;
    auto queued = co_await store_.is_queued(token, context);
    if (!queued || *queued) co_return base::Result<void>();
    auto abandoned = co_await accounts_.abandon(token, context);
    if (!abandoned) {
        telemetry::log(telemetry::Level::warning, "users",
                       "an interrupted change waits for the next start to be undone",
                       {{"error", abandoned.error().code}});
    }
    co_return base::Result<void>();
}

base::Task<std::vector<User>> UserService::list(std::int64_t start, std::int64_t count,
                                                base::Context context) const {
    auto records = co_await store_.list(start, count, context);
    if (!records) co_return records.error();
    std::vector<UserId> ids;
    for (const auto& record : *records) ids.push_back(record.id);
    auto emails = co_await accounts_.emails(std::move(ids), context);
    if (!emails) co_return emails.error();
    std::vector<User> users;
    for (const auto& record : *records) {
        auto found = emails->find(record.id);
        if (found != emails->end()) users.push_back(user_of(record, found->second));
    }
    co_return users;
}

base::Task<std::vector<Profile>> UserService::profiles(std::vector<UserId> ids, bool with_email,
                                                       base::Context context) const {
    auto wanted = ids;
    auto records = co_await store_.records(std::move(wanted), context);
    if (!records) co_return records.error();
    std::map<UserId, std::string> emails;
    if (with_email) {
        auto asked = co_await accounts_.emails(std::move(ids), context);
        if (!asked) co_return asked.error();
        emails = std::move(*asked);
    }
    std::vector<Profile> profiles;
    for (auto& record : *records) {
        Profile profile{record.id, std::move(record.name), {}};
        auto email = emails.find(profile.id);
        if (email != emails.end() && !email->second.empty()) {
            profile.email = std::move(email->second);
        }
        profiles.push_back(std::move(profile));
    }
    co_return profiles;
}

base::Task<void> UserService::settle_pending() {
    base::Context context;
    context.request_id = "start";
    auto pending = co_await accounts_.pending(context);
    if (!pending) co_return pending.error();
    std::int64_t undone = 0;
    for (auto id : *pending) {
        auto profile = co_await store_.record(id, context);
        if (profile) {
            auto activated = co_await accounts_.activate(id, context);
            if (!activated) co_return activated.error();
            continue;
        }
        if (profile.error().reason != base::Reason::not_found) co_return profile.error();
        auto discarded = co_await accounts_.discard(id, context);
        if (!discarded) co_return discarded.error();
        ++undone;
    }
    if (!pending->empty()) {
        telemetry::log(telemetry::Level::info, "users", "interrupted registrations are settled",
                       {{"finished", static_cast<std::int64_t>(pending->size()) - undone},
                        {"undone", undone}});
    }
    co_return base::Result<void>();
}

base::Task<void> UserService::settle_prepared() {
    base::Context context;
    context.request_id = "start";
    auto prepared = co_await accounts_.prepared(context);
    if (!prepared) co_return prepared.error();
    std::int64_t undone = 0;
    for (const auto& one : *prepared) {
        auto queued = co_await store_.is_queued(one.token, context);
        if (!queued) co_return queued.error();
        base::Result<void> settled;
        if (!*queued) {
            ++undone;
            auto abandoned = co_await accounts_.abandon(one.token, context);
            settled = abandoned;
        } else if (one.erasure) {
            auto erased = co_await accounts_.erase(one.id, context);
            settled = erased;
        } else {
            auto finished = co_await accounts_.finish_change(one.id, one.token, context);
            settled = finished;
        }
        if (!settled) co_return settled.error();
    }
    if (!prepared->empty()) {
        telemetry::log(telemetry::Level::info, "users",
                       "interrupted changes and removals are settled",
                       {{"finished", static_cast<std::int64_t>(prepared->size()) - undone},
                        {"undone", undone}});
    }
    co_return base::Result<void>();
}

base::Task<void> UserService::settle() {
    auto registrations = co_await settle_pending();
    if (!registrations) co_return registrations.error();
    co_return co_await settle_prepared();
}

base::Task<void> UserService::healthy(base::Context context) const {
    base::Error critical{base::Reason::unavailable, "users_critical", "CRITICAL"};
    auto oldest = store_.oldest();
    if (oldest && clock_.now() - *oldest > queue_age_max) co_return critical;
    auto answered = co_await store_.list(0, 1, context);
    if (!answered) co_return critical;
    co_return base::Result<void>();
}

}  // namespace users
