#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "graph_store.hpp"
#include "pseudonyms.hpp"
#include "reader_store.hpp"
#include "visit_log.hpp"

namespace recommendation {

/// What somebody has done with an article.
struct ReaderVisit {
    LogKind kind = LogKind::view;
    bool hides = false;  ///< instead: the user does not want to be offered it again
    std::optional<std::int64_t> user{};
    std::optional<ReaderHash> session{};  ///< of somebody who is not logged in
    /// Whose name it has, where it is nobody's.
    ReaderHash named_by = 0;
    ArticleName article;
    /// What it is about; nothing: what the log says. Then it must know the article.
    std::optional<std::vector<std::string>> tags{};
    base::Time at{};
    std::string name{};  ///< taken once, where it has one
};

/// What has become of visits.
struct VisitsTaken {
    std::int64_t taken = 0;
    std::int64_t repeated = 0;  ///< of a name that was taken before
    std::int64_t unknown = 0;   ///< of articles that there are not, or that nobody may read
    std::int64_t left_out = 0;  ///< of readers of whom nothing is kept
    std::int64_t edges_removed = 0;
    std::int64_t position = 0;  ///< of the log, when they were in it; 0: none is
};

/// What is kept at most.
struct VisitLimits {
    GraphLimits graph{};
    std::int64_t hidden_max = 0;
};

/// Visits → the log, and those of users that are views → the graph. Within one transaction.
class VisitWriter {
public:
    VisitWriter(database::Transaction& transaction, const Pseudonyms& pseudonyms,
                const Scale& scale, const VisitLimits& limits, base::Time now)
        : transaction_(transaction),
          pseudonyms_(pseudonyms),
          scale_(scale),
          limits_(limits),
          now_(now) {}

    /// A visit that claims to be of the future is of now.
    VisitsTaken take(const std::vector<ReaderVisit>& visits);

private:
    void take(const ReaderVisit& visit, VisitsTaken& all);
    struct KnownUser {
        ReaderHash reader = 0;
        bool is_left_out = false;
    };
    const KnownUser& known_user(std::int64_t user);
    const std::optional<LoggedArticle>& known(const ArticleName& article);

    database::Transaction& transaction_;
    const Pseudonyms& pseudonyms_;
    const Scale& scale_;
    const VisitLimits& limits_;
    const base::Time now_;
    std::map<ArticleName, std::optional<LoggedArticle>> known_;
    std::map<std::int64_t, KnownUser> users_;
    std::set<ArticleName> viewed_by_nobody_;
};

/// Takes a user out of everything in this file, for that reason. Gives how many edges are gone.
std::uint64_t erase_user(database::Transaction& transaction, const Pseudonyms& pseudonyms,
                         const GraphLimits& limits, std::int64_t user, LeftOut why);

}  // namespace recommendation
