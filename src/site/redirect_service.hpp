#pragma once

#include "news/types.hpp"
#include "redirect_store.hpp"
#include "site/redirects.hpp"

namespace site {

/// Redirects, over their store. Of articles it asks whether readers see them.
class RedirectService final : public Redirects {
public:
    RedirectService(RedirectStore& store, std::int64_t hops_max, const news::Types& types)
        : store_(store), hops_max_(hops_max), types_(types) {}

    base::Task<RedirectsStored> change(std::vector<RedirectChange> changes,
                                       Command command) override;
    base::Task<std::vector<Redirect>> list(std::string after, std::int64_t limit,
                                           base::Context context) const override;
    base::Task<std::vector<Redirect>> imported_of(std::string prefix, std::string after,
                                                  std::int64_t limit,
                                                  base::Context context) const override;
    base::Task<Resolution> resolve(std::string path, base::Context context) const override;
    std::int64_t total() const override { return store_.total(); }

private:
    /// False: the target is an article that they do not see.
    base::Task<bool> is_for_readers(std::string target, base::Deadline deadline) const;

    RedirectStore& store_;
    const std::int64_t hops_max_;
    const news::Types types_;
};

}  // namespace site
