#pragma once

#include <functional>
#include <string>

#include "erased_rows_service.hpp"
#include "export_told_service.hpp"
#include "left_out_service.hpp"

namespace django {

/// What is not given back: rows that are left out, and what is somebody's who was erased here; each
/// is told. One thread; what it is made of must outlive it.
class GoneRows {
public:
    GoneRows(LeftOutRows& left_out, ErasedRows& erased, ExportTold& told)
        : left_out_(left_out), erased_(erased), told_(told) {}

    void leave_out(const Row& row) {
        left_out_.add(row);
        told_.name_left_out(row);
    }

    /// With all that cannot be without them; how many more rows are left out.
    std::int64_t spread(const std::function<bool(const RowPointer& row)>& is_article) {
        std::int64_t count = 0;
        erased_.spread([&](const RowPointer& row, const std::string& field) {
            leave_out(*row);
            ++count;
            told_.add("of_erased", *row, field + " leads to somebody who was erased here");
        });
        return count + left_out_.spread([&](const RowPointer& row, const std::string& field) {
            told_.name_left_out(*row);
            auto text = field.empty()
                            ? "the row of its parent model is left out"
                            : field + " leads to a row that is left out, and cannot be null";
            if (is_article(row)) return told_.warn("article_left_out", *row, text);
            told_.add("left_out", *row, text);
        });
    }

    /// That row, as it can be given back.
    RowPointer without(const RowPointer& row) {
        auto now = erased_.without_person(row);
        if (now != row) {
            told_.add("emptied", *row, "leads to somebody who was erased here, and articles to it");
        }
        if (!left_out_.any()) return now;
        auto freed = left_out_.without(now);
        for (const auto& field : freed.emptied) {
            told_.add("key_emptied", *row, field + " led to a row that is left out: it is null");
        }
        for (const auto& field : freed.guessed) {
            told_.warn("may_lead_nowhere", *row,
                       field +
                           " may be the key of a row that is left out; if it is, say so in "
                           "`relations` of the mapping, or loaddata refuses the file");
        }
        return freed.row;
    }

private:
    LeftOutRows& left_out_;
    ErasedRows& erased_;
    ExportTold& told_;
};

}  // namespace django
