#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "django/items.hpp"
#include "evaluation.hpp"
#include "identity/exports.hpp"
#include "mapping.hpp"
#include "news/article.hpp"
#include "news/workflow.hpp"
#include "reversal.hpp"

namespace django {

/// What is said of one article or person, member by member, so that what a row says and what portal
/// says can be compared: `title`, `tags`, `publication`, `extra.kicker`.
using Stand = std::map<std::string, Value>;

/// How the rows of one rule are read, and how to change what they say.
struct RowRules {
    /// Nothing: the rules make nothing of such a row.
    std::function<std::optional<Stand>(const RowPointer& row)> read;
    /// Ways to make a row give that member, the likeliest first.
    std::function<Edits(const RowPointer& row, const std::string& member)> edits;
    /// Whether what an edit has come to is good enough, if it is not all.
    std::function<bool(const std::string& member, const Value& given, const Value& wanted)>
        suffices;
    /// Whether a row says all of a member that its fields can hold, though not the same.
    std::function<bool(const RowPointer& row, const std::string& member)> agrees{};
};

/// The row as it has to be so that it says what portal says: changed only where it said something
/// else, and only so that nothing changes that was right. A member for which there is no such way
/// keeps what it had, and is named in `left`. Pure, as the rules are.
RowPointer rewritten(const RowPointer& row, const Stand& wanted, const RowRules& rules,
                     std::vector<std::string>& left);

/// The same with the first way for each member, whatever else that changes: for a row that says
/// nothing yet.
RowPointer begun(RowPointer row, const std::vector<std::string>& members, const RowRules& rules);

/// Of articles. What it is made of must outlive it, and what it gives; `now` may move on.
class ArticleRules {
public:
    ArticleRules(const ItemRules& rules, const Mapping& mapping, Evaluation& evaluation,
                 const Reversal& reversal, const std::vector<std::string>& embeds,
                 const base::Time& now, bool scheduled_is_draft);

    /// What the row says; nothing: the rules make nothing of it.
    std::optional<Stand> read(const RowPointer& row) const;
    RowRules of(const news::Article& article) const;
    /// Without members that no rule of the row says and that portal gives by itself.
    Stand stand(const news::Article& article, const RowPointer& row) const;
    /// Whether a row is to say that the article is public, now or at its time to come.
    bool is_public(const news::Article& article) const {
        auto stage = news::stage_of({article.status, article.published_at});
        bool is_scheduled = stage == news::Stage::scheduled && !article.embargo_until;
        return news::is_public(article, now_) || (is_scheduled && !scheduled_is_draft_);
    }
    /// Whether the row would be public now, though the article is not; also if that cannot be told.
    bool shows_hidden(const RowPointer& row, const news::Article& article) const;
    /// With the article's last change, where a rule says that of the row.
    RowPointer dated(const RowPointer& row, const news::Article& article) const;
    const ItemRules& rules() const { return rules_; }

private:
    Edits edits(const RowPointer& row, const std::string& member,
                const news::Article& article) const;
    bool has_its_day(const RowPointer& row, const news::Article& article) const;
    Edits publication(const RowPointer& row, const news::Article& article) const;
    const Expression* rule_of(const std::string& member) const;

    ItemRules rules_;  ///< without what is not compared
    const Mapping& mapping_;
    Evaluation& evaluation_;
    const Reversal& reversal_;
    const std::vector<std::string>& embeds_;
    const base::Time& now_;
    const bool scheduled_is_draft_;
};

/// Somebody with an account here.
struct PortalPerson {
    identity::ExportedAccount account{};
    std::string name{};
    std::optional<base::Time> registered_at{};  ///< told of who was made here
};

/// Of people.
class PersonRules {
public:
    PersonRules(const UserRules& rules, const Evaluation& evaluation, const Reversal& reversal)
        : rules_(rules), evaluation_(evaluation), reversal_(reversal) {}

    std::optional<Stand> read(const RowPointer& row) const;
    RowRules of(Stand wanted, std::optional<base::Time> registered_at = {}) const;
    /// Of somebody who came from that row only what was changed here: not all of it may have been
    /// taken.
    Stand stand(const PortalPerson& person, const RowPointer& row) const;
    /// Of somebody who was erased here: the row that others point to, with nothing of the person in
    /// it. Null: the rules cannot be turned round.
    RowPointer emptied(const RowPointer& row) const;
    /// Whether that row would let somebody in who may not log in here, or would let them do more.
    /// `left`: what it could not be made to say.
    bool lets_do_more(const RowPointer& row, const PortalPerson& person,
                      const std::vector<std::string>& left) const;
    /// The same row with that text as its password's hash; null: it has no place for one.
    RowPointer with_password(const RowPointer& row, const std::string& password) const;
    const UserRules& rules() const { return rules_; }

private:
    Edits edits(const RowPointer& row, const std::string& member, const Stand& wanted,
                const std::optional<base::Time>& registered_at) const;

    const UserRules& rules_;
    const Evaluation& evaluation_;
    const Reversal& reversal_;
};

}  // namespace django
