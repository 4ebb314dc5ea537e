#include "export_service.hpp"

#include <algorithm>

#include "import_store.hpp"

namespace identity {

namespace {

constexpr std::int64_t exported_at_once_max = 1000;

/// Opens nothing at Django. More than the `!` that stands for a text that was too long to be kept,
/// in whose place the site's own is left.
constexpr const char* unusable_at_django = "!set in open mode";

/// Our own texts begin with a dollar, where Django has the name of a hasher.
std::string django_text_of(const StoredImport& import) {
    if (import.account.open_password) return unusable_at_django;
    if (import.django_password) return *import.django_password;
    const auto& password = import.account.password;
    return password.starts_with("$argon2") ? "argon2" + password : password;
}

ExportedAccount exported(const StoredImport& import) {
    const auto& stored = import.account;
    ExportedAccount out;
    out.account = {stored.id,    stored.email, stored.role, stored.status == Status::active,
                   stored.login, stored.source};
    out.taken = {stored.id, import.email, import.role, import.active, import.login};
    out.password = django_text_of(import);
    return out;
}

}  // namespace

base::Task<std::vector<ExportedSource>> ExportService::of_sources(std::vector<std::string> sources,
                                                                  base::Context context) const {
    using Found = std::vector<ExportedSource>;
    if (std::ssize(sources) > exported_at_once_max) {
        co_return base::Error{base::Reason::invalid, "too_many_accounts",
                              "At most 1,000 accounts can be asked for at a time."};
    }
    auto work = [sources = std::move(sources)](
                    database::ReadTransaction& transaction) -> base::Result<Found> {
        Found found;
        for (const auto& source : sources) {
            auto& one = found.emplace_back();
            auto import = find_import(transaction, source);
            if (!import) {
                one.erased = is_erased(transaction, source);
            } else if (import->account.status != Status::pending) {
                one.account = exported(*import);
            }
        }
        return found;
    };
    co_return co_await database_.read<Found>(context.deadline, std::move(work));
}

base::Task<std::vector<ExportedAccount>> ExportService::accounts(UserId after, std::int64_t limit,
                                                                 base::Context context) const {
    using Found = std::vector<ExportedAccount>;
    auto count = std::min(limit, exported_at_once_max);
    auto work = [after, count](database::ReadTransaction& transaction) -> base::Result<Found> {
        Found found;
        for (const auto& import : accounts_after(transaction, after, count)) {
            found.push_back(exported(import));
        }
        return found;
    };
    co_return co_await database_.read<Found>(context.deadline, std::move(work));
}

}  // namespace identity
