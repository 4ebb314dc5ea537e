#include "token_store.hpp"

#include <string_view>

namespace identity {

namespace {

std::string_view name_of(Revocation::Kind kind) {
    return kind == Revocation::Kind::user ? "user" : "family";
}

std::optional<std::int64_t> micros_of(const std::optional<base::Time>& time) {
    if (!time) return std::nullopt;
    return base::to_micros(*time);
}

std::optional<base::Time> time_of(const std::optional<std::int64_t>& micros) {
    if (!micros) return std::nullopt;
    return base::from_micros(*micros);
}

}  // namespace

std::optional<RefreshToken> find_refresh_token(database::ReadTransaction& transaction,
                                               const std::string& hash) {
    auto row = transaction.prepare(
        "select family, user_id, rotated, expires_at from refresh_tokens where token_hash = ?");
    if (!row.bind_blob(1, hash).step()) return std::nullopt;
    return RefreshToken{row.integer(0), row.integer(1), row.integer(2) != 0,
                        base::from_micros(row.integer(3))};
}

void insert_refresh_token(database::Transaction& transaction, const std::string& hash,
                          const RefreshToken& token) {
    transaction
        .prepare(
            "insert into refresh_tokens"
            " (token_hash, family, user_id, rotated, expires_at, issued_at)"
            " values (?, ?, ?, ?, ?, ?)")
        .bind_blob(1, hash)
        .bind(2, token.family)
        .bind(3, token.user)
        .bind(4, std::int64_t{token.rotated})
        .bind(5, base::to_micros(token.expires_at))
        .bind(6, micros_of(token.issued_at))
        .run();
}

std::vector<Login> logins_of(database::ReadTransaction& transaction, UserId user, base::Time now,
                             std::int64_t count) {
    auto rows = transaction.prepare(
        "select family, min(issued_at), max(issued_at), max(expires_at) from refresh_tokens"
        " where user_id = ? and expires_at > ? group by family"
        " order by max(issued_at) desc, family limit ?");
    rows.bind(1, user).bind(2, base::to_micros(now)).bind(3, count);
    std::vector<Login> logins;
    while (rows.step()) {
        logins.push_back({rows.integer(0), time_of(rows.integer_or_null(1)),
                          time_of(rows.integer_or_null(2)), base::from_micros(rows.integer(3))});
    }
    return logins;
}

void mark_rotated(database::Transaction& transaction, const std::string& hash) {
    transaction.prepare("update refresh_tokens set rotated = 1 where token_hash = ?")
        .bind_blob(1, hash)
        .run();
}

void revoke(database::Transaction& transaction, Revocations& revocations,
            const Revocation& revocation) {
    const char* forget = revocation.kind == Revocation::Kind::user
                             ? "delete from refresh_tokens where user_id = ?"
                             : "delete from refresh_tokens where family = ?";
    transaction.prepare(forget).bind(1, revocation.id).run();
    transaction
        .prepare(
            "insert into revocations (kind, id, least_epoch, until) values (?1, ?2, ?3, ?4)"
            " on conflict (kind, id) do update set"
            " least_epoch = case when revocations.least_epoch > ?3"
            " then revocations.least_epoch else ?3 end,"
            " until = case when revocations.until > ?4 then revocations.until else ?4 end")
        .bind(1, name_of(revocation.kind))
        .bind(2, revocation.id)
        .bind(3, revocation.least_epoch)
        .bind(4, base::to_micros(revocation.until))
        .run();
    transaction.after_commit([&revocations, revocation] { revocations.add(revocation); });
}

void end_logins(database::Transaction& transaction, Revocations& revocations,
                StoredAccount& account, base::Time until) {
    ++account.epoch;
    revoke(transaction, revocations, {Revocation::Kind::user, account.id, account.epoch, until});
}

std::vector<Revocation> revocations_after(database::ReadTransaction& transaction,
                                          const std::optional<Revocation>& after,
                                          std::int64_t count) {
    auto rows = transaction.prepare(
        "select kind, id, least_epoch, until from revocations where (kind, id) > (?1, ?2)"
        " order by kind, id limit ?3");
    rows.bind(1, after ? name_of(after->kind) : "").bind(2, after ? after->id : 0).bind(3, count);
    std::vector<Revocation> found;
    using Key = std::pair<std::string, std::int64_t>;
    database::RisingKeys<Key> keys(transaction, "its revocations");
    if (after) keys.next({std::string(name_of(after->kind)), after->id});
    while (rows.step()) {
        auto kind = rows.text(0) == "user" ? Revocation::Kind::user : Revocation::Kind::family;
        // Another word would come again and again: what is behind it is asked for by ours.
        if (rows.text(0) != name_of(kind)) transaction.damaged("a revocation is of no kind");
        keys.next({std::string(rows.text(0)), rows.integer(1)});
        found.push_back(
            {kind, rows.integer(1), rows.integer(2), base::from_micros(rows.integer(3))});
    }
    return found;
}

std::int64_t delete_ended(database::Transaction& transaction, base::Time now, std::int64_t count) {
    transaction
        .prepare(
            "delete from refresh_tokens where token_hash in"
            " (select token_hash from refresh_tokens where expires_at < ?1 limit ?2)")
        .bind(1, base::to_micros(now))
        .bind(2, count)
        .run();
    auto deleted = transaction.changes();
    transaction
        .prepare(
            "delete from revocations where (kind, id) in"
            " (select kind, id from revocations where until < ?1 limit ?2)")
        .bind(1, base::to_micros(now))
        .bind(2, count)
        .run();
    return deleted + transaction.changes();
}

}  // namespace identity
