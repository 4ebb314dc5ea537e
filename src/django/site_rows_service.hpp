#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time_zone.hpp"
#include "evaluation.hpp"
#include "key_finder_service.hpp"
#include "new_rows_service.hpp"
#include "reversal.hpp"
#include "rewriting_json.hpp"
#include "staging_store.hpp"
#include "survey_service.hpp"

namespace django {

/// The rows that the old site has to have so that its rules say what stands here. Looks at the
/// staged rows of a base, whose relations are told. One thread.
class SiteRows {
public:
    /// All of it must outlive it.
    struct Parts {
        const Mapping& mapping;
        StagingStore& staging;
        const base::TimeZone& zone;
        bool naive_is_utc = false;
        const std::vector<std::string>& embeds;
        Passes& passes;  ///< over the same rows; once they are cut short, no outcome counts
        base::Time now{};
        bool own_pks = false;  ///< as ExportRequest has it
        PkTaken is_taken{};    ///< besides the pks of the base
        /// Else it is public with its time to come, for a site that looks at the time.
        bool scheduled_is_draft = false;
    };
    explicit SiteRows(const Parts& parts);
    SiteRows(const SiteRows&) = delete;

    /// It is later now: what is scheduled may be public.
    void at(base::Time now) { now_ = now; }

    struct Outcome {
        /// The row, or a sentence that says why there is none.
        std::variant<RowPointer, std::string> row{};
        std::size_t rule = 0;             ///< its place in articles(), people()
        std::vector<std::string> left{};  ///< members that the row could not be made to say
        bool stays_public = false;        ///< of a draft: no rule can make its row say so
    };
    /// That row, which this article or person came from; itself if it says what is here.
    Outcome changed(const RowPointer& row, const news::Article& article) const;
    Outcome changed(const RowPointer& row, const PortalPerson& person) const;
    /// Of somebody who was erased: with nothing of them, also not in fields that no rule says.
    /// Null: the rules cannot be turned round.
    RowPointer emptied(const RowPointer& row);
    /// The row that something made here has already.
    struct Given {
        std::string model;
        Value key;
    };
    /// A row of what was made here, by the first rule that can give its type; of the rules of that
    /// model alone if it is given one. With its pk, unless rows of the model have none: the given
    /// one, or the next.
    Outcome made(const news::Article& article, const std::optional<Given>& given = std::nullopt);
    Outcome made(const PortalPerson& person);

    /// As the rows of the base show it.
    bool may_be_null(const std::string& model, const std::string& field) {
        return new_rows_.may_be_null(model, field);
    }
    /// What the rule is called that a row of somebody is read by.
    std::size_t rule_of_person(const RowPointer& row) const;
    std::size_t rule_of_article(const RowPointer& row) const;
    /// Of the rows of the base.
    Survey& survey() { return survey_; }
    const std::vector<ArticleRules>& articles() const { return articles_; }
    const std::vector<PersonRules>& people() const { return people_; }

private:
    const Mapping& mapping_;
    const StagingStore& staging_;
    base::Time now_;
    Evaluation evaluation_;
    Survey survey_;
    KeyFinderService finder_;
    const base::TimeZone naive_zone_;
    Reversal reversal_;
    NewRows new_rows_;
    std::vector<PersonRules> people_;
    std::vector<ArticleRules> articles_;
};

}  // namespace django
