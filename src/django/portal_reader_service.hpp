#pragma once

#include <optional>
#include <string>
#include <vector>

#include "django/export.hpp"
#include "rewriting_json.hpp"

namespace django {

/// How the article of a base row stands here.
struct PortalArticle {
    enum class Kind {
        unknown,  ///< it never came
        removed,
        here
    };
    Kind kind = Kind::unknown;
    news::Article article{};
};

/// The same of somebody.
struct PortalAccount {
    bool erased = false;
    std::optional<PortalPerson> person{};
};

/// Who asks, for what readers do not see.
base::Context reading_context();

/// Asks the modules for what is exported, some at a time. Blocks.
class PortalReader {
public:
    explicit PortalReader(const Exported& exported) : exported_(exported) {}

    /// In the order of the ids. At most 500.
    /// Refused with `view_behind` if the view does not show all of them yet.
    base::Result<std::vector<PortalArticle>> articles(const std::vector<std::string>& legacy_ids);
    /// Whether such a row came once, also if it was removed.
    base::Result<std::vector<bool>> known(const std::vector<std::string>& legacy_ids);
    base::Result<std::vector<bool>> removed(const std::vector<std::string>& legacy_ids);
    base::Result<std::vector<PortalAccount>> accounts(const std::vector<std::string>& legacy_ids);

    /// Of the articles of a type that were made here, some after that position of its log, which is
    /// moved on; nothing more at its end.
    base::Result<std::optional<std::vector<news::Article>>> new_articles(const std::string& type,
                                                                         std::int64_t& position);
    /// Of the people, after that id.
    base::Result<std::vector<PortalPerson>> new_people(std::int64_t& after, bool& at_end);

private:
    base::Result<std::vector<PortalPerson>> named(std::vector<identity::ExportedAccount> accounts);

    const Exported exported_;
};

}  // namespace django
