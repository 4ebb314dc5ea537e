#include "news/public_change.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;

const base::Time told_at = *base::parse_rfc3339("2026-03-01T12:00:00Z");

std::string word_of(bool was_public, const Event& event) {
    auto change = public_change(was_public, event);
    return change ? std::string(name_of(*change)) : "-";
}

ArticleCreated created_as(Status status, std::optional<base::Time> embargo_until = {}) {
    ArticleCreated created;
    created.status = status;
    created.published_at = told_at;
    created.embargo_until = embargo_until;
    return created;
}

ArticleRevised revised_to(Status status, std::optional<base::Time> embargo_until = {}) {
    ArticleRevised revised;
    revised.publication = Publication{status, told_at};
    if (embargo_until) revised.embargo_until = std::optional<base::Time>(embargo_until);
    return revised;
}

ArticleRestored restored_as(Status status) {
    ArticleRestored restored;
    restored.status = status;
    return restored;
}

}  // namespace

TEST_CASE("one table says what an event of an article is to its readers", "[news]") {
    auto later = told_at + 1h;
    ArticleRevised retitled;
    retitled.title = "Another";
    auto corrected_time = ArticlePublished{told_at};
    struct Row {
        const char* what;
        Event event;
        const char* unseen;  ///< if nobody saw the article before
        const char* seen;
    };
    const std::vector<Row> rows = {
        {"created as a draft", created_as(Status::draft), "-", "unpublished"},
        {"created and published", created_as(Status::published), "published", "updated"},
        {"created under embargo", created_as(Status::published, later), "-", "unpublished"},
        {"revised", retitled, "-", "updated"},
        {"revised and published", revised_to(Status::published), "published", "updated"},
        {"revised into an embargo", revised_to(Status::published, later), "-", "unpublished"},
        {"revised to a draft", revised_to(Status::draft), "-", "unpublished"},
        {"revised and approved", revised_to(Status::approved), "-", "unpublished"},
        {"revised and removed", revised_to(Status::removed), "-", "removed"},
        {"revised and killed", revised_to(Status::killed), "-", "killed"},
        {"published", corrected_time, "published", "updated"},
        {"published under embargo", ArticlePublished{told_at, later}, "-", "unpublished"},
        {"scheduled", ArticleScheduled{later}, "-", "unpublished"},
        {"unpublished", ArticleUnpublished{}, "-", "unpublished"},
        {"removed", ArticleRemoved{}, "-", "removed"},
        {"restored as a draft", restored_as(Status::draft), "-", "unpublished"},
        {"restored as published", restored_as(Status::published), "published", "updated"},
        {"restored as removed", restored_as(Status::removed), "-", "removed"},
        {"submitted", ArticleSubmitted{}, "-", "unpublished"},
        {"withdrawn", ArticleWithdrawn{}, "-", "unpublished"},
        {"returned", ArticleReturned{}, "-", "unpublished"},
        {"approved", ArticleApproved{}, "-", "unpublished"},
        {"corrected", ArticleCorrected{"A note", {}}, "-", "corrected"},
        {"killed", ArticleKilled{"A notice"}, "-", "killed"},
        {"its embargo ended", ArticleEmbargoEnded{{Status::published, told_at}}, "published",
         "updated"},
        {"the embargo of a draft ended", ArticleEmbargoEnded{{Status::draft, {}}}, "-",
         "unpublished"},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        CHECK(word_of(false, row.event) == row.unseen);
        CHECK(word_of(true, row.event) == row.seen);
        // The word and what is seen afterwards say the same.
        for (bool was_public : {false, true}) {
            auto change = public_change(was_public, row.event);
            bool is_public = public_after(row.event).value_or(was_public);
            CHECK((change ? is_public_after(*change) : false) == is_public);
        }
    }
}

TEST_CASE("the words of public changes are read as they are written", "[news]") {
    for (auto change : public_changes) CHECK(parse_public_change(name_of(change)) == change);
    for (const auto* word : {"", "Published", "publish", "*", "published ", "draft"}) {
        CHECK_FALSE(parse_public_change(word));
    }
}

}  // namespace news
