#pragma once

#include <functional>
#include <string>

#include "base/clock.hpp"
#include "database/database.hpp"
#include "news/headings.hpp"

namespace news {

/// Reads the view for sitemaps. Thread-safe.
class HeadingService final : public Headings {
public:
    /// `ready`: whether the view may be asked, see QueryService::ready.
    HeadingService(database::Database& view, const base::Clock& clock, std::string news_type,
                   std::function<base::Result<void>()> ready);

    base::Task<std::vector<Heading>> headings(HeadingsQuestion question,
                                              base::Context context) const override;
    base::Task<std::vector<Month>> months(base::Context context) const override;

private:
    database::Database& view_;
    const base::Clock& clock_;
    const std::string news_type_;
    const std::function<base::Result<void>()> ready_;
};

}  // namespace news
