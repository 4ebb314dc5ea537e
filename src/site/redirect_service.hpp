#pragma once

#include "redirect_store.hpp"
#include "site/redirects.hpp"

namespace site {

/// Redirects, over their store.
class RedirectService final : public Redirects {
public:
    RedirectService(RedirectStore& store, std::int64_t hops_max)
        : store_(store), hops_max_(hops_max) {}

    base::Task<RedirectsStored> change(std::vector<RedirectChange> changes,
                                       Command command) override;
    base::Task<std::vector<Redirect>> list(std::string after, std::int64_t limit,
                                           base::Context context) const override;
    base::Task<Resolution> resolve(std::string path, base::Context context) const override;
    std::int64_t total() const override { return store_.total(); }

private:
    RedirectStore& store_;
    const std::int64_t hops_max_;
};

}  // namespace site
