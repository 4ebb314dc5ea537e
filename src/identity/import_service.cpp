#include "import_service.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "token_crypto.hpp"
#include "token_store.hpp"

namespace identity {

namespace {

constexpr std::size_t row_bytes = 1024;
constexpr std::size_t at_once_max = 1000;
constexpr std::size_t source_characters_max = 200;
/// REST framework's have 40.
constexpr std::size_t token_characters_min = 20;
constexpr std::size_t token_characters_max = 200;
constexpr std::size_t tokens_max = 16;
/// Matches no password.
constexpr const char* unusable = "!";

using Problems = std::vector<base::Problem>;
using Outcome = ImportedAs::Outcome;

void append(Problems& all, Problems more) {
    std::move(more.begin(), more.end(), std::back_inserter(all));
}

base::Error too_many_accounts() {
    return {base::Reason::invalid, "too_many_accounts",
            "At most 1,000 accounts can be imported at a time."};
}

bool is_source(std::string_view source) {
    auto count = base::count_code_points(source);
    return count && *count > 0 && *count <= source_characters_max;
}

/// What an import puts in the place of an address: the new one, or nothing if it cannot be had.
std::string email_to_take(database::ReadTransaction& transaction, const std::string& email,
                          UserId owner, Problems& problems) {
    if (email.empty()) return {};
    auto wrong = problems_of_email(email);
    if (!wrong.empty()) {
        append(problems, std::move(wrong));
        return {};
    }
    auto holder = find_holder(transaction, email);
    if (!holder || *holder == owner) return email;
    problems.push_back({"email", "is the address of another account"});
    return {};
}

/// Who stands in the way of somebody: often it is the same person, whose row there was made anew.
void name_holder(database::ReadTransaction& transaction, const ImportedAccount& account,
                 ImportedAs& made) {
    if (auto known = find_account_by_login(transaction, account.login)) {
        made.holder = known->id;
    } else {
        made.holder = find_holder(transaction, account.email).value_or(0);
    }
    if (made.holder != 0) made.holder_source = source_of(transaction, made.holder);
}

/// The same for a login name.
std::string login_to_take(database::ReadTransaction& transaction, const std::string& login,
                          UserId owner, Problems& problems) {
    if (login.empty()) return {};
    auto wrong = problems_of_taken_login(login);
    if (!wrong.empty()) {
        append(problems, std::move(wrong));
        return {};
    }
    auto holder = find_account_by_login(transaction, login);
    if (!holder || holder->id == owner) return login;
    problems.push_back({"login", "is the login name of another account"});
    return {};
}

/// Whether a member is to be taken over of which the source said `before` the last time, and says
/// `now`: if that differs, and it was not changed here meanwhile to something else.
template <class T>
bool may_take(const char* member, const T& here, const T& before, const T& now, ImportRule rule,
              Problems& problems) {
    if (now == before) return false;
    if (here == before || here == now || rule == ImportRule::theirs) return true;
    problems.push_back({member, "was changed here too, and that is kept"});
    return false;
}

/// What is remembered of the source's text; what is too long for one is none.
std::string kept_text(const std::string& text) {
    return text.size() <= django_hash_bytes_max ? text : unusable;
}

/// Takes over both names; if neither would be left, they stay.
void take_names(database::ReadTransaction& transaction, const ImportedAccount& account,
                ImportRule rule, StoredImport& import, Problems& problems) {
    const auto before = import;
    auto& stored = import.account;
    if (may_take("email", stored.email, before.email, account.email, rule, problems)) {
        auto email = email_to_take(transaction, account.email, stored.id, problems);
        if (!email.empty() || account.email.empty()) {
            stored.email = import.email = email;
            stored.email_key = stored_email_key(email, stored.id);
        }
    }
    if (may_take("login", stored.login, before.login, account.login, rule, problems)) {
        auto login = login_to_take(transaction, account.login, stored.id, problems);
        if (!login.empty() || account.login.empty()) stored.login = import.login = login;
    }
    if (!stored.email.empty() || !stored.login.empty()) return;
    import = before;
    problems.push_back({"login", "stays: nothing would be left to log in with"});
}

/// Stores what the source says of the account's tokens, if it says anything. True if that is new.
/// After a change of the password here none counts any more.
bool take_tokens(database::Transaction& transaction, const StoredImport& import,
                 const ImportedAccount& account, Problems& problems) {
    if (!account.tokens || !import.django_password) return false;
    std::vector<std::string> hashes;
    for (const auto& token : *account.tokens) {
        bool fits = token.size() >= token_characters_min && token.size() <= token_characters_max &&
                    hashes.size() < tokens_max;
        if (fits) {
            hashes.push_back(sha256_text(token));
        } else {
            problems.push_back({"tokens", "more than 16, or one that is too short or too long"});
        }
    }
    return replace_tokens(transaction, import.account.id, hashes);
}

std::optional<KnownSource> known_of(const std::optional<StoredImport>& import) {
    if (!import || import->account.status == Status::pending) return std::nullopt;
    const auto& account = import->account;
    return KnownSource{account.id, account.role, account.status == Status::active,
                       import->django_password};
}

}  // namespace

void ImportService::take_password(StoredImport& import, const std::string& text,
                                  Problems& problems) const {
    auto hash = parse_django_hash(text, limits_);
    std::string code = hash ? "" : hash.error().code;
    // What other limits would allow is kept for them.
    bool is_kept = hash || code == "password_weak" || code == "password_too_costly";
    import.account.password = is_kept ? text : unusable;
    import.account.open_password = false;
    import.django_password = kept_text(text);
    if (!hash && code != "password_unusable") {
        problems.push_back({"password", hash.error().message});
    }
}

ImportedAs ImportService::add(database::Transaction& transaction, const ImportedAccount& account,
                              ImportRule rule) {
    ImportedAs made;
    if (rule != ImportRule::theirs && is_erased(transaction, account.source)) {
        return {Outcome::rejected, 0, {{"source", "was erased here, and that is kept"}}};
    }
    StoredImport import;
    import.source = account.source;
    auto& stored = import.account;
    stored.email = email_to_take(transaction, account.email, 0, made.problems);
    stored.login = login_to_take(transaction, account.login, 0, made.problems);
    if (stored.email.empty() && stored.login.empty()) {
        made.problems.push_back(
            {"login", "or an address is needed to log in with, and there is none"});
        made.outcome = Outcome::rejected;
        name_holder(transaction, account, made);
        return made;
    }
    stored.role = account.role;
    stored.status = Status::pending;
    stored.epoch = 1;
    take_password(import, account.password, made.problems);
    import.email = stored.email;
    import.login = stored.login;
    import.role = account.role;
    import.active = account.active;
    save_import(transaction, import, account.registered_at, clock_.now());
    take_tokens(transaction, import, account, made.problems);
    forget_erased(transaction, account.source);
    made.outcome = Outcome::added;
    made.id = stored.id;
    return made;
}

void ImportService::keep_last_admin(database::ReadTransaction& transaction,
                                    const StoredImport& before, StoredImport& after,
                                    Problems& problems) const {
    const auto& was = before.account;
    auto& is = after.account;
    if (!can_rule(was, rules_, limits_) || can_rule(is, rules_, limits_)) return;
    if (has_other_admin(transaction, was.id, rules_, limits_)) return;
    const char* reason = "stays: this is the last active admin";
    if (is.role != was.role) {
        is.role = was.role;
        after.role = before.role;
        problems.push_back({"role", reason});
    }
    if (is.status != was.status) {
        is.status = was.status;
        after.active = before.active;
        problems.push_back({"active", reason});
    }
    if (!can_rule(is, rules_, limits_)) {
        is.password = was.password;
        is.open_password = was.open_password;
        after.django_password = before.django_password;
        problems.push_back({"password", reason});
    }
}

void ImportService::record(database::Transaction& transaction, const StoredAccount& before,
                           StoredAccount& after, const base::Context& context) {
    bool role = before.role != after.role, status = before.status != after.status,
         password = before.password != after.password;
    if (after.status == Status::pending || !(role || status || password)) return;
    end_logins(transaction, revocations_, after, clock_.now() + token_life_);
    if (role) {
        audit_.record(transaction, RoleChanged{after.id, after.role, after.epoch}, context);
    }
    if (status && after.status == Status::disabled) {
        audit_.record(transaction, AccountDisabled{after.id, after.epoch}, context);
    } else if (status) {
        audit_.record(transaction, AccountEnabled{after.id, after.epoch}, context);
    }
    if (password) audit_.record(transaction, PasswordChanged{after.id, after.epoch}, context);
}

ImportedAs ImportService::renew(database::Transaction& transaction, const ImportedAccount& account,
                                StoredImport import, ImportRule rule,
                                const base::Context& context) {
    ImportedAs made;
    made.id = import.account.id;
    auto& problems = made.problems;
    const auto before = import;
    auto& stored = import.account;
    bool is_pending = stored.status == Status::pending;

    take_names(transaction, account, rule, import, problems);
    if (may_take("role", stored.role, before.role, account.role, rule, problems)) {
        stored.role = import.role = account.role;
    }
    bool is_active = is_pending ? before.active : stored.status == Status::active;
    if (may_take("active", is_active, before.active, account.active, rule, problems)) {
        import.active = account.active;
        if (!is_pending) stored.status = account.active ? Status::active : Status::disabled;
    }
    // After a change of it here what the source says does not count any more.
    bool is_theirs = before.django_password || rule == ImportRule::theirs;
    if (is_theirs && kept_text(account.password) != before.django_password) {
        take_password(import, account.password, problems);
    }
    keep_last_admin(transaction, before, import, problems);
    bool same = stored.email == before.account.email && stored.login == before.account.login &&
                stored.role == before.account.role && stored.status == before.account.status &&
                stored.password == before.account.password && import.email == before.email &&
                import.login == before.login && import.role == before.role &&
                import.active == before.active && import.django_password == before.django_password;
    if (!same) {
        record(transaction, before.account, stored, context);
        save_import(transaction, import, account.registered_at, clock_.now());
    }
    if (take_tokens(transaction, import, account, problems)) same = false;
    made.outcome = is_pending ? Outcome::added : same ? Outcome::unchanged : Outcome::updated;
    return made;
}

Withdrawn ImportService::withdraw_one(database::Transaction& transaction, StoredImport import,
                                      ImportRule rule, const base::Context& context) {
    const auto before = import;
    auto& stored = import.account;
    if (stored.status != Status::active) return Withdrawn::unchanged;
    bool is_changed = stored.email != before.email || stored.login != before.login ||
                      stored.role != before.role || !before.active || !before.django_password;
    if (is_changed && rule != ImportRule::theirs) return Withdrawn::changed_here;
    bool rules = can_rule(stored, rules_, limits_);
    if (rules && !has_other_admin(transaction, stored.id, rules_, limits_)) {
        return Withdrawn::last_admin;
    }
    stored.status = Status::disabled;
    import.active = false;
    record(transaction, before.account, stored, context);
    save_import(transaction, import, {}, clock_.now());
    return Withdrawn::disabled;
}

ImportedAs ImportService::import_one(database::Transaction& transaction,
                                     const ImportedAccount& account, ImportRule rule,
                                     const base::Context& context) {
    if (!is_source(account.source)) {
        return {Outcome::rejected, 0, {{"source", "is missing, or has more than 200 characters"}}};
    }
    auto known = find_import(transaction, account.source);
    if (!known) return add(transaction, account, rule);
    return renew(transaction, account, std::move(*known), rule, context);
}

base::Task<std::vector<ImportedAs>> ImportService::import(std::vector<ImportedAccount> accounts,
                                                          ImportRule rule, base::Context context) {
    using All = std::vector<ImportedAs>;
    if (accounts.size() > at_once_max) co_return too_many_accounts();
    auto bytes = row_bytes * accounts.size();
    auto work = [this, accounts = std::move(accounts), rule,
                 context](database::Transaction& transaction) -> base::Result<All> {
        All all;
        for (const auto& account : accounts) {
            all.push_back(import_one(transaction, account, rule, context));
        }
        return all;
    };
    co_return co_await database_.write<All>(context.deadline, bytes, std::move(work));
}

base::Task<void> ImportService::activate(std::vector<UserId> ids, base::Context context) {
    if (ids.size() > at_once_max) co_return too_many_accounts();
    auto bytes = row_bytes * ids.size();
    auto work = [ids = std::move(ids),
                 now = clock_.now()](database::Transaction& transaction) -> base::Result<void> {
        for (auto id : ids) settle_account(transaction, id, now);
        return {};
    };
    co_return co_await database_.write<void>(context.deadline, bytes, std::move(work));
}

base::Task<std::vector<std::string>> ImportService::imported_of(std::string prefix,
                                                                std::string after,
                                                                std::int64_t limit,
                                                                base::Context context) const {
    using Found = std::vector<std::string>;
    auto work = [prefix = std::move(prefix), after = std::move(after),
                 limit](database::ReadTransaction& transaction) -> base::Result<Found> {
        return sources_after(transaction, prefix, after, limit);
    };
    co_return co_await database_.read<Found>(context.deadline, std::move(work));
}

base::Task<Withdrawn> ImportService::withdraw(std::string source, ImportRule rule,
                                              base::Context context) {
    auto work = [this, source = std::move(source), rule,
                 context](database::Transaction& transaction) -> base::Result<Withdrawn> {
        auto known = find_import(transaction, source);
        if (!known) return Withdrawn::unchanged;
        return withdraw_one(transaction, std::move(*known), rule, context);
    };
    co_return co_await database_.write<Withdrawn>(context.deadline, row_bytes, std::move(work));
}

base::Task<std::optional<KnownSource>> ImportService::known(std::string source,
                                                            base::Context context) const {
    using Known = std::optional<KnownSource>;
    auto work = [source = std::move(source)](
                    database::ReadTransaction& transaction) -> base::Result<Known> {
        return known_of(find_import(transaction, source));
    };
    co_return co_await database_.read<Known>(context.deadline, std::move(work));
}

base::Task<std::optional<KnownSource>> ImportService::known_by_token(std::string token,
                                                                     base::Context context) const {
    using Known = std::optional<KnownSource>;
    auto work =
        [hash = sha256_text(token)](database::ReadTransaction& transaction) -> base::Result<Known> {
        auto id = find_by_token(transaction, hash);
        auto account = id ? find_account(transaction, *id) : std::nullopt;
        return account ? known_of(find_import(transaction, account->source)) : Known();
    };
    co_return co_await database_.read<Known>(context.deadline, std::move(work));
}

base::Task<ImportedPeopleCount> ImportService::count(std::string after, std::int64_t limit,
                                                     base::Context context) const {
    auto work = [this, after = std::move(after), limit](
                    database::ReadTransaction& transaction) -> base::Result<ImportedPeopleCount> {
        return count_imports(transaction, after, limit, limits_);
    };
    co_return co_await database_.read<ImportedPeopleCount>(context.deadline, std::move(work));
}

base::Task<std::int64_t> ImportService::forget_django_passwords(std::int64_t count,
                                                                base::Context context) {
    auto work = [count](database::Transaction& transaction) -> base::Result<std::int64_t> {
        return identity::forget_django_passwords(transaction, count);
    };
    co_return co_await database_.write<std::int64_t>(context.deadline, row_bytes, std::move(work));
}

}  // namespace identity
