#include "redirect_service.hpp"

#include "redirect.hpp"

namespace site {

base::Task<RedirectsStored> RedirectService::change(std::vector<RedirectChange> changes,
                                                    Command command) {
    auto checked = check(std::move(changes));
    if (!checked) co_return checked.error();
    co_return co_await store_.change(std::move(*checked), std::move(command));
}

base::Task<std::vector<Redirect>> RedirectService::list(std::string after, std::int64_t limit,
                                                        base::Context context) const {
    co_return co_await store_.list(std::move(after), limit, std::move(context));
}

base::Task<Resolution> RedirectService::resolve(std::string path, base::Context context) const {
    auto normal = normal_path(path);
    if (!normal) {
        auto error = normal.error();
        error.message = "The path " + error.message + ".";
        co_return error;
    }
    co_return co_await store_.resolve(std::move(*normal), hops_max_, std::move(context));
}

}  // namespace site
