#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/command.hpp"
#include "base/context.hpp"
#include "base/task.hpp"

namespace site {

using base::Command;

/// Where an old address of the site leads.
struct Redirect {
    std::string from;                 ///< a path in its one spelling, see Redirects
    std::optional<std::string> to{};  ///< a path or an http(s) URL; nothing: gone for good
    bool permanent = true;            ///< what is gone always is
    /// The row of another site that it came from, `redirects.redirect:7`; empty: it was made here.
    std::string source{};

    bool operator==(const Redirect&) const = default;
};

/// What is to become of one address.
struct RedirectChange {
    Redirect redirect{};
    bool remove = false;  ///< forget it: of `redirect` only `from` counts
};

/// How many changes one call may have, so that it is one transaction that nobody waits long for.
inline constexpr std::size_t redirect_changes_max = 1000;

/// What became of the changes of one call.
struct RedirectsStored {
    std::int64_t stored = 0;     ///< new, or lead elsewhere now
    std::int64_t removed = 0;    ///< forgotten
    std::int64_t unchanged = 0;  ///< were so already, or were to be forgotten and were not there
    std::int64_t total = 0;      ///< redirects that there are now
};

/// Where a path leads in the end.
struct Resolution {
    std::string path;                 ///< that was asked for, in its one spelling
    std::optional<std::string> to{};  ///< nothing: gone
    bool permanent = true;            ///< every step is
};

/// The old addresses of the site. Thread-safe. Whoever calls change() and list() has checked that
/// the actor may.
///
/// A path has one spelling: it begins with one `/`, has neither query nor fragment, no `.` or `..`
/// segment and no control character, at most 2,048 bytes; an escape of an unreserved character
/// (RFC 3986) is that character, all others are escaped in capitals, also what was not escaped but
/// cannot stand in a path. Capitals and a slash at its end count: `/a` and `/a/` are two paths, and
/// may lead to two places; while only one of them leads anywhere, so does the other. A target may
/// have a query and a fragment; a URL no user name.
///
/// Refused besides as named: as database::Database::write and read are.
class Redirects {
public:
    virtual ~Redirects() = default;

    /// All of up to redirect_changes_max changes or none, as one event; none if nothing changes.
    /// Refused with `invalid_redirects` and all details (`redirects[3].to`), `redirect_loop`
    /// (conflict, names the circle), `redirect_chain_too_long` and `too_many_redirects` (conflict),
    /// `idempotency_key_reused`.
    virtual base::Task<RedirectsStored> change(std::vector<RedirectChange> changes,
                                               Command command) = 0;
    /// The `limit` ones that follow `after` in the order of their bytes.
    virtual base::Task<std::vector<Redirect>> list(std::string after, std::int64_t limit,
                                                   base::Context context) const = 0;
    /// The `limit` ones that follow `after` and whose source begins with `prefix`, as
    /// `redirects.redirect:` does: not empty, and with ASCII at its end.
    virtual base::Task<std::vector<Redirect>> imported_of(std::string prefix, std::string after,
                                                          std::int64_t limit,
                                                          base::Context context) const = 0;
    /// Follows up to Config::redirect_hops_max redirects; a target with a query or a fragment is
    /// not looked up again. Refused with `malformed_path`, `path_not_found`: also where it leads
    /// to an article of this server (`/v1/news/{type}/{id}`) that readers do not see.
    virtual base::Task<Resolution> resolve(std::string path, base::Context context) const = 0;
    /// How many there are; never counted for it.
    virtual std::int64_t total() const = 0;
};

}  // namespace site
