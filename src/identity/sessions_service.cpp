#include "sessions_service.hpp"

#include "telemetry/log.hpp"

namespace identity {

namespace {

constexpr std::int64_t logins_max = 100;
constexpr std::size_t row_bytes = 512;

base::Error account_not_found() {
    return {base::Reason::not_found, "account_not_found", "There is no such account."};
}

}  // namespace

base::Task<std::vector<Login>> SessionsService::logins(UserId id, base::Context context) const {
    using Logins = std::vector<Login>;
    auto work =
        [id, now = clock_.now()](database::ReadTransaction& transaction) -> base::Result<Logins> {
        if (!find_account(transaction, id)) return account_not_found();
        return logins_of(transaction, id, now, logins_max);
    };
    co_return co_await database_.read<Logins>(context.deadline, std::move(work));
}

base::Task<void> SessionsService::end_all(UserId id, base::Context context) {
    auto work = [this, id, context,
                 now = clock_.now()](database::Transaction& transaction) -> base::Result<void> {
        auto account = find_account(transaction, id);
        if (!account) return account_not_found();
        end_logins(transaction, revocations_, *account, now + token_life_);
        update_account(transaction, *account, now);
        audit_.record(transaction, AllLoginsEnded{id, account->epoch}, context);
        return {};
    };
    auto ended = co_await database_.write<void>(context.deadline, row_bytes, std::move(work));
    if (ended) {
        telemetry::log(telemetry::Level::info, "identity", "all logins of an account are ended",
                       {{"user", id}, {"by", context.actor.id.value_or(0)}}, context.request_id);
    }
    co_return ended;
}

}  // namespace identity
