#include "preference_service.hpp"

namespace recommendation {

namespace {

using database::Transaction;

/// Nothing is kept of who does not want it, also not this.
base::Result<void> wants_it(Transaction& transaction, ReaderHash reader) {
    if (!ReaderStore(transaction).left_out(reader)) return {};
    return base::Error{base::Reason::conflict, "personalisation_off",
                       "Personalisation is off, so nothing is kept. Turn it on first: PUT "
                       "{\"personalisation\": true} to the user's privacy."};
}

}  // namespace

base::Task<Preferences> PreferenceService::preferences(users::UserId user,
                                                       base::Deadline deadline) const {
    auto read = [reader = pseudonyms_.of_user(user)](
                    database::ReadTransaction& transaction) -> base::Result<Preferences> {
        return ReaderStore(transaction).preferences(reader);
    };
    co_return co_await database_.read<Preferences>(deadline, std::move(read));
}

base::Task<void> PreferenceService::choose(users::UserId user, std::string label, Choice choice,
                                           base::Deadline deadline) {
    auto write = [reader = pseudonyms_.of_user(user), label = std::move(label), choice,
                  most = most_](Transaction& transaction) -> base::Result<void> {
        auto wanted = wants_it(transaction, reader);
        if (!wanted) return wanted;
        if (ReaderWriter(transaction).choose(reader, label, choice, most)) return {};
        return base::Error{
            base::Reason::conflict, "too_many_choices",
            "At most " + std::to_string(most) + " labels can be followed, and as many muted."};
    };
    co_return co_await database_.write<void>(deadline, 0, std::move(write));
}

base::Task<void> PreferenceService::take_back(users::UserId user, std::string label, Choice choice,
                                              base::Deadline deadline) {
    auto write = [reader = pseudonyms_.of_user(user), label = std::move(label),
                  choice](Transaction& transaction) -> base::Result<void> {
        ReaderWriter(transaction).take_back(reader, label, choice);
        return {};
    };
    co_return co_await database_.write<void>(deadline, 0, std::move(write));
}

base::Task<void> PreferenceService::hide(users::UserId user, ArticleName article,
                                         base::Deadline deadline) {
    auto write = [reader = pseudonyms_.of_user(user), article = std::move(article),
                  now = clock_.now(),
                  most = most_](Transaction& transaction) -> base::Result<void> {
        auto wanted = wants_it(transaction, reader);
        if (!wanted) return wanted;
        ReaderWriter(transaction).hide(reader, article, now, most);
        return {};
    };
    co_return co_await database_.write<void>(deadline, 0, std::move(write));
}

base::Task<void> PreferenceService::show_again(users::UserId user, ArticleName article,
                                               base::Deadline deadline) {
    auto write = [reader = pseudonyms_.of_user(user),
                  article = std::move(article)](Transaction& transaction) -> base::Result<void> {
        ReaderWriter(transaction).show_again(reader, article);
        return {};
    };
    co_return co_await database_.write<void>(deadline, 0, std::move(write));
}

base::Task<std::vector<LogRow>> PreferenceService::log_of(users::UserId user, std::int64_t after,
                                                          std::int64_t most,
                                                          base::Deadline deadline) const {
    using Rows = std::vector<LogRow>;
    auto read = [reader = pseudonyms_.of_user(user), after,
                 most](database::ReadTransaction& transaction) -> base::Result<Rows> {
        return LogStore(transaction).of_reader(reader, after, most);
    };
    co_return co_await database_.read<Rows>(deadline, std::move(read));
}

}  // namespace recommendation
