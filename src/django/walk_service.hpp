#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time_zone.hpp"
#include "django/import.hpp"
#include "item_rules.hpp"
#include "mapping.hpp"
#include "report_builder.hpp"
#include "staging_store.hpp"

namespace django {

/// The error of an import that is to end.
base::Error import_stopped();

/// The second pass: makes of all staged rows what the mapping says, in order of the rules and the
/// pks, and gives it to the receiver. While that takes a block, the next one is prepared, and the
/// one behind that is made.
class Walk {
public:
    /// All of it must outlive the walk.
    struct Parts {
        const Mapping& mapping;
        StagingStore& staging;
        const base::TimeZone& zone;
        bool naive_is_utc = false;
        base::Time now{};
        Receiver& receiver;
        ReportBuilder& told;
        const ImportProgress& progress;
        const std::atomic<bool>& stop;
    };
    explicit Walk(Parts parts);

    /// Refused with `stopped`, or as the receiver refuses.
    base::Result<void> run();

private:
    template <class T>
    struct Block;
    template <class T>
    class Pipeline;

    template <class T, class Make>
    base::Result<void> walk(const char* rule, const std::string& model, const Make& make);
    template <class T>
    void add(Block<T>& block, const RowPointer& row, Mapped<T> mapped, RuleReport& report);
    template <class T>
    void settle(const Block<T>& block, const std::vector<Taken>& outcomes, RuleReport& report);
    base::Result<void> look_at_types(Evaluation& evaluation);
    void count_type(const std::string& type);
    base::Result<void> walk_people(Evaluation& evaluation);
    base::Result<void> walk_items(Evaluation& evaluation);
    base::Result<void> walk_redirects(Evaluation& evaluation);
    template <class Rules>
    std::vector<std::string> whole_models(const std::vector<Rules>& rules);
    base::Result<void> look_for_vanished();
    void reject(const Row& row, const std::string& code, const std::string& message,
                RuleReport& report);

    Parts parts_;
};

}  // namespace django
