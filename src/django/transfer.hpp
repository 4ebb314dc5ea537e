#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "identity/imports.hpp"
#include "kept_import.hpp"
#include "legacy/login_use.hpp"
#include "owner.hpp"

namespace django {

/// A model of the mapping: what its source said last, and what is here now.
struct ModelTransfer {
    std::string rule;  ///< users, news, redirects
    std::string model;
    Owner owner = Owner::django;
    std::optional<KeptImport> last{};  ///< with the rules of `rule` alone; nothing: none has ended
    std::int64_t here = 0;             ///< of redirects: all that there are
    /// Since the last import, by a person; nothing: that cannot be told.
    std::optional<std::int64_t> changed_here{};
    std::optional<std::int64_t> removed_here{};
};

/// What a bridge has pushed.
struct BridgeTransfer {
    std::string source;  ///< its outbox
    base::Time pushed_at{};
    std::int64_t sequence = 0;
    std::int64_t since_import_max = 0;  ///< changes since the last import, at most
    std::int64_t refused = 0;           ///< changes, since the last import
};

/// How far a site has come over with its data, its people and their logins.
struct Transfer {
    base::Time counted_at{};
    bool has_mapping = false;
    std::vector<ModelTransfer> models{};  ///< as the mapping names them
    std::vector<BridgeTransfer> bridges{};
    identity::ImportedPeople people{};  ///< whichever model they came from
    legacy::LoginsUsed logins{};
};

/// Whether nothing would be lost if the site were switched off now. In sentences: what is missing,
/// and what is worth knowing.
struct TransferVerdict {
    bool ready = false;
    std::vector<std::string> missing{};
    std::vector<std::string> notes{};
};

/// Pure.
TransferVerdict verdict(const Transfer& transfer);

}  // namespace django
